"""Clocked work: sweeping out budgets that are whole again."""

from menshen.kit.database import Database
from menshen.throttle.service import Throttle

BATCH = 500


def sweep(database: Database, throttle: Throttle) -> int:
    """Delete stale rows in short transactions; tells how many went."""
    swept = 0
    while True:
        with database.write() as tx:
            gone = throttle.forget_stale(tx, BATCH)
        swept += gone
        if gone < BATCH:
            return swept
