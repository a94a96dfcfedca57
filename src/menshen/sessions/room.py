"""What sessions give the house."""

from menshen.accounts.service import Accounts
from menshen.kit.clock import HOUR
from menshen.kit.database import Database
from menshen.kit.room import Job, Room
from menshen.policy.service import Policy
from menshen.sessions import cli, jobs, store
from menshen.sessions.events import CODES
from menshen.sessions.pages import SessionPages
from menshen.sessions.rules import SessionSettings
from menshen.sessions.service import Sessions
from menshen.sessions.service.apps import Apps

SETTINGS = SessionSettings


def furnish(database: Database, sessions: Sessions, apps: Apps, policy: Policy, accounts: Accounts) -> Room:
    """The room with its services filled in."""
    pages = SessionPages(database, sessions, accounts, policy)
    return Room(
        name="sessions",
        tables=store.TABLES,
        routes=pages.routes(),
        parts=(*pages.parts(), pages.setup_step(apps)),
        acts=(pages.end_all_act(),),
        events=CODES,
        jobs=(Job("sessions.purge", HOUR, lambda: jobs.purge(database, sessions)),),
        commands={"apps": cli.commands(database, apps)},
    )
