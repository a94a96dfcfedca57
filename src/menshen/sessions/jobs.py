"""Sweeping sessions that no policy lets live any longer; whether one lives is asked at each use, not here."""

from menshen.kit.clock import DAY
from menshen.kit.database import Database
from menshen.sessions.rules import Limits
from menshen.sessions.service import Sessions

LONGEST = Limits(idle=30 * DAY, absolute=90 * DAY)


def purge(database: Database, sessions: Sessions) -> int:
    """Delete a batch of sessions beyond every limit."""
    with database.write() as tx:
        return sessions.purge(tx, LONGEST)
