"""Time as a value: instants are whole microseconds since 1970 UTC, and a clock is passed in, never asked for."""

import time
from datetime import UTC, datetime
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Where rooms read the time."""

    def now(self) -> int:
        """The present instant in microseconds since 1970 UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """The present instant in microseconds since 1970 UTC."""
        return time.time_ns() // 1000


class SetClock:
    """A clock that stands until it is moved: for tests, rehearsals and simulated years."""

    def __init__(self, instant: int) -> None:
        self._instant = instant

    def now(self) -> int:
        """The instant it was last set to."""
        return self._instant

    def advance(self, microseconds: int) -> None:
        """Move on (or back, with a negative number)."""
        self._instant += microseconds


def as_datetime(instant: int) -> datetime:
    """The instant as an aware datetime in UTC."""
    return datetime.fromtimestamp(instant // SECOND, UTC).replace(microsecond=instant % SECOND)


def from_datetime(moment: datetime) -> int:
    """The instant of an aware datetime; a naive one is refused, since it names no instant."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone names no instant")
    seconds = int(moment.replace(microsecond=0).timestamp())
    return seconds * SECOND + moment.microsecond


def iso(instant: int) -> str:
    """The instant as RFC 3339 in UTC, to the second."""
    return as_datetime(instant).strftime("%Y-%m-%dT%H:%M:%SZ")
