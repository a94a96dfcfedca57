"""Sweeping sessions that no policy lets live any longer; whether one lives is asked at each use, not here."""

from menshen.kit.clock import DAY
from menshen.kit.database import Database
from menshen.sessions.rules import Limits
from menshen.sessions.service import Sessions

BATCH = 500
LONGEST = Limits(idle=30 * DAY, absolute=90 * DAY)


def purge(database: Database, sessions: Sessions) -> int:
    """Delete sessions beyond every limit, a batch a transaction."""
    swept = 0
    while True:
        with database.write() as tx:
            gone = sessions.purge(tx, LONGEST, BATCH)
        swept += gone
        if gone < BATCH:
            return swept
