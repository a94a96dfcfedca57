"""Clocked work: erasing closed accounts in time, sweeping what has expired."""

from sqlalchemy import Table, delete, select

from menshen.kit.clock import Clock
from menshen.kit.database import Database
from menshen.lifecycle.store.rows import TABLES

MOST = 1000


def sweep(database: Database, clock: Clock) -> int:
    """Delete a batch of expired sign-ups and changes of addresses."""
    return sum(_swept(database, clock, table) for table in TABLES)


def _swept(database: Database, clock: Clock, table: Table) -> int:
    with database.write() as tx:
        old = select(table.c.id).where(table.c.expires_at <= clock.now()).limit(MOST)
        return tx.change(delete(table).where(table.c.id.in_(old)))
