"""Builds the rooms that bringing customers in needs."""

from contextlib import nullcontext
from pathlib import Path
from zoneinfo import available_timezones

from menshen.accounts.events import EVENTS as ACCOUNT_EVENTS
from menshen.accounts.service import Accounts
from menshen.credentials.events import CODES as CREDENTIAL_EVENTS
from menshen.credentials.service import Cost, Credentials, HashingLane
from menshen.journal.service import Journal
from menshen.keys.service import KeyFile, Keys
from menshen.kit.clock import SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from menshen.lifecycle.events import EVENTS
from menshen.lifecycle.rules.lines import Options
from menshen.lifecycle.service.importing import Counts, Importing, Rooms
from menshen.policy.events import EVENTS as POLICY_EVENTS
from menshen.policy.rules import PolicySettings
from menshen.policy.service import Policy
from tests.accounts.houses import NOON

ZONES = frozenset(available_timezones())


def build(database: Database, folder: Path) -> Rooms:
    """All rooms below `lifecycle`."""
    clock, dice = SetClock(NOON), SystemDice()
    custody = KeyFile(folder / "master.key", dice)
    custody.create()
    keys = Keys(database, clock, dice, custody)
    keys.establish()
    journal = Journal(clock, dice)
    for events in (ACCOUNT_EVENTS, CREDENTIAL_EVENTS, POLICY_EVENTS, EVENTS):
        journal.register(event.code for event in events)
    accounts = Accounts(clock, dice, keys, journal, lambda tx, account: None)
    policy = Policy(clock, dice, journal, accounts, PolicySettings())
    lane = HashingLane(width=2, patience=1, longest=1)
    credentials = Credentials(database, clock, dice, keys, journal, lane, Cost())
    return Rooms(database, clock, dice, keys, journal, policy, accounts, credentials)


def bring(rooms: Rooms, file: Path, *, dry_run: bool = False, processes: int = 0, **options: object) -> Counts:
    """Import a file."""
    chosen = Options(zones=ZONES, **options)  # type: ignore[arg-type]
    importing = Importing(
        rooms, chosen, pace=nullcontext(), say=lambda refused: refused.code, tell=lambda *_: None, processes=processes
    )
    return importing.run(file, dry_run=dry_run)
