"""Clocked work: carrying the outbox out, blanking what expired, sweeping out what is long done."""

from collections.abc import Callable

from menshen.kit.database import Database, Tx
from menshen.messages.service import Courier, Messages

BATCH = 500


def deliver(courier: Courier) -> int:
    """Send what is due; tells how many messages were sent."""
    return courier.deliver()


def tidy(database: Database, messages: Messages) -> int:
    """Blank what lost its worth and delete what is long done; tells how many rows were touched."""
    return _in_batches(database, messages.expire) + _in_batches(database, messages.forget_done)


def _in_batches(database: Database, work: Callable[[Tx, int], int]) -> int:
    done = 0
    while True:
        with database.write() as tx:
            batch = work(tx, BATCH)
        done += batch
        if batch < BATCH:
            return done
