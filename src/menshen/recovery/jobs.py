"""Sweeping recoveries that have expired; whether one is live is asked at each use, not here."""

from sqlalchemy import delete, select

from menshen.kit.clock import Clock
from menshen.kit.database import Database
from menshen.recovery.store import recoveries

MOST = 1000


def sweep(database: Database, clock: Clock) -> int:
    """Delete a batch of expired attempts."""
    with database.write() as tx:
        old = select(recoveries.c.id).where(recoveries.c.expires_at <= clock.now()).limit(MOST)
        return tx.change(delete(recoveries).where(recoveries.c.id.in_(old)))
