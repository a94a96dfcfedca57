"""Clocked work: sweeping out codes long expired. Nothing waits for it: a code is dead the instant it expires."""

from menshen.codes.service import Codes
from menshen.kit.database import Database

BATCH = 500


def sweep(database: Database, codes: Codes) -> int:
    """Blank and delete in short transactions; tells how many rows were touched."""
    swept = 0
    while True:
        with database.write() as tx:
            done = codes.forget_old(tx, BATCH)
        swept += done
        if done < BATCH:
            return swept
