"""What recovery gives the house."""

from menshen.credentials.service.sheet import PasswordSheet
from menshen.kit.clock import DAY, MINUTE, Clock
from menshen.kit.database import Database
from menshen.kit.room import Job, MessageCode, Room
from menshen.recovery import events, jobs, store
from menshen.recovery.pages import RecoveryPages
from menshen.recovery.rules import MAIL_WORTH
from menshen.recovery.service import DONE, TELLING, Recovery

SETTINGS = None


def furnish(database: Database, clock: Clock, recovery: Recovery, sheet: PasswordSheet) -> Room:
    """The room with its services filled in."""
    return Room(
        name="recovery",
        tables=store.TABLES,
        routes=RecoveryPages(recovery, sheet).routes(),
        events=events.CODES,
        messages=(MessageCode(TELLING, MAIL_WORTH, to_unverified=True), MessageCode(DONE, 3 * DAY)),
        jobs=(Job("recovery.sweep", 5 * MINUTE, lambda: jobs.sweep(database, clock)),),
    )
