"""Retention, batch by batch: who holds the claim deletes what is past its time, and rests in between."""

from collections.abc import Callable

from menshen.journal.service import Journal
from menshen.journal.store import keeping
from menshen.kit.clock import DAY, MINUTE, Clock
from menshen.kit.database import Database

WORK = "journal.retention"
LEASE = 10 * MINUTE
COUNTS_KEPT = {"minute": 7 * DAY, "hour": 100 * DAY, "day": 3650 * DAY}
"""How long roll-ups are kept: they tell of no person."""


def sweep(database: Database, clock: Clock, journal: Journal, retention: int, pause: Callable[[], None]) -> int:
    """Delete events older than `retention` microseconds that no hold covers; tells how many."""
    total = 0
    before = clock.now() - retention
    while True:
        with database.write() as tx:
            if not journal.claim(tx, WORK, LEASE):
                return total
            trimmed = journal.trim(tx, before)
            journal.release(tx, WORK)
        total += trimmed
        if not trimmed:
            break
        pause()
    with database.write() as tx:
        for grain, kept in COUNTS_KEPT.items():
            keeping.trim_counts(tx, grain, clock.now() - kept)
        keeping.forget_lapsed(tx, clock.now() - DAY)
    with database.write() as tx:
        keeping.drop_empty_weeks(tx.connection, before)
    return total
