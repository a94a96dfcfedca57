"""The hashing lane: how many passwords are hashed at once, who waits, in which order, and who is told to come back."""

import asyncio
import contextlib
import os
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from menshen.kit.database import Fault, in_transaction
from menshen.kit.web.wire import Bad

T = TypeVar("T")

MOST_OF_ONE = 2
"""Places in the line of known devices that one device may hold, so that a single cookie cannot fill it."""


class HashingLane:
    """Admits sign-ins on the event loop, holding no thread while they wait; known devices first, each queue in order.

    An admitted call runs whole on an ordinary lane thread and hands the bare hash to a partner thread at idle priority:
    no transaction ever runs at idle priority, because an ordinary user cannot raise a thread again.
    """

    def __init__(self, *, width: int, patience: float, longest: int) -> None:
        """`width` hashes at once; a waiter is refused after `patience` seconds; at most `longest` wait."""
        self.width = width
        self._patience = patience
        self._longest = longest
        self._free = width
        self._known: deque[asyncio.Future[None]] = deque()
        self._strangers: deque[asyncio.Future[None]] = deque()
        self._waiting_of: Counter[str] = Counter()
        self._calls = ThreadPoolExecutor(width, thread_name_prefix="lane")
        self._hashes = ThreadPoolExecutor(width, thread_name_prefix="hash", initializer=_be_idle)
        self.refused = 0
        self.hashed = 0

    async def run(self, call: Callable[[], Any], *, device: str = "") -> Any:
        """Wait for a place, then run `call` on a lane thread. Raises Bad 503 with Retry-After when there is none.

        `device` names the known device that asks; empty for a stranger.
        """
        await self._admission(device)
        try:
            work = asyncio.get_running_loop().run_in_executor(self._calls, call)
        except RuntimeError:  # closing: no thread takes work any more
            self._leave()
            raise self._busy() from None
        # The place is free when the thread is, not when the browser goes away: cancelling stops no hash.
        work.add_done_callback(lambda _: self._leave())
        return await asyncio.shield(work)

    def hash(self, work: Callable[[], T]) -> T:
        """Run one hash at idle priority and wait for it. Refused inside a transaction, whoever asks."""
        if in_transaction():
            raise Fault("hashing inside a transaction: prepare the hash first, then open the transaction")
        self.hashed += 1
        return self._hashes.submit(work).result()

    def waiting(self) -> int:
        """How many wait for admission now."""
        return len(self._known) + len(self._strangers)

    def busy(self) -> int:
        """How many stand in the lane now."""
        return self.width - self._free

    def close(self) -> None:
        """End the threads once their work is done."""
        self._calls.shutdown(wait=True)
        self._hashes.shutdown(wait=True)

    async def _admission(self, device: str) -> None:
        if self._free > 0 and not self.waiting():
            self._free -= 1
            return
        known = bool(device) and self._waiting_of[device] < MOST_OF_ONE
        queue = self._known if known else self._strangers
        if len(queue) >= self._longest:
            raise self._busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._waiting_of[device] += known
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except TimeoutError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the place came in the same instant as the deadline: pass it on
            raise self._busy() from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise
        finally:
            if turn in queue:
                queue.remove(turn)
            self._waiting_of[device] -= known
            if not self._waiting_of[device]:
                del self._waiting_of[device]

    def _leave(self) -> None:
        """Give the place to the next in line, known devices first."""
        for queue in (self._known, self._strangers):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1

    def _busy(self) -> Bad:
        self.refused += 1
        return Bad(503, "kit.error.busy", headers={"Retry-After": "5"})


def _be_idle() -> None:
    """Let everything else go first on Linux; elsewhere the threads stay ordinary."""
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):  # a sandbox that forbids it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
