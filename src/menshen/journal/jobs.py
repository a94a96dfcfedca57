"""The journal's clocked work: weeks ahead, roll-ups, retention, and the listeners of all rooms."""

from collections.abc import Callable, Iterable
from functools import partial

from menshen.journal.rules import Settings
from menshen.journal.service import Counting, Journal, create_partitions, listen
from menshen.journal.service.retention import sweep
from menshen.kit.clock import DAY, HOUR, SECOND, Clock
from menshen.kit.database import Database
from menshen.kit.room import Job, Listener


def jobs(
    database: Database, clock: Clock, journal: Journal, settings: Settings, pause: Callable[[], None]
) -> tuple[Job, ...]:
    """The journal's own work; `pause` rests between two batches."""
    return (
        Job("journal.weeks", DAY, lambda: _weeks(database, clock)),
        Job("journal.counts", 10 * SECOND, lambda: _count(database, Counting(clock))),
        Job("journal.retention", HOUR, lambda: sweep(database, clock, journal, settings.retention_days * DAY, pause)),
    )


def listening(database: Database, clock: Clock, listeners: Iterable[Listener]) -> tuple[Job, ...]:
    """One job for each listener of the house."""
    return tuple(
        Job(f"listen.{listener.name}", SECOND, partial(listen, database, clock, listener)) for listener in listeners
    )


def _weeks(database: Database, clock: Clock) -> int:
    with database.write() as tx:
        return create_partitions(tx.connection, clock.now())


def _count(database: Database, counting: Counting) -> int:
    total = 0
    while True:
        with database.write() as tx:
            counted = counting.count_up(tx)
        total += counted
        if not counted:
            return total
