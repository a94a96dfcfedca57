"""The pace of a writer beside a serving process: transactions some milliseconds apart, so that sign-ins come in."""

import time
from collections.abc import Callable
from types import TracebackType


class Pace:
    """Entered around each transaction; waits until `gap` seconds have passed since the last one ended.

    What was done in between counts: only a writer without anything else to do has to wait.
    """

    def __init__(
        self, gap: float, *, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._gap = gap
        self._now = now
        self._sleep = sleep
        self._ended: float | None = None

    def __enter__(self) -> None:
        if self._ended is not None:
            left = self._ended + self._gap - self._now()
            if left > 0:
                self._sleep(left)

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = self._now()
