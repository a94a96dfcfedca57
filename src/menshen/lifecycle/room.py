"""What `lifecycle` gives the house: how customers come, change where mail reaches them, and leave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from menshen.accounts.service import Accounts
from menshen.codes.service import Codes
from menshen.credentials.service import Credentials
from menshen.credentials.service.changing import Changing
from menshen.credentials.service.sheet import PasswordSheet
from menshen.credentials.service.tries import Tries
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import DAY, HOUR, MINUTE, Clock
from menshen.kit.database import Database
from menshen.kit.dice import Dice
from menshen.kit.room import Job, Listener, MessageCode, Room
from menshen.kit.texts import Texts
from menshen.lifecycle import events, jobs, store
from menshen.lifecycle.cli import account_commands
from menshen.lifecycle.pages.addresses import AddressPages
from menshen.lifecycle.pages.home import HomePages
from menshen.lifecycle.pages.joining import JoiningPages
from menshen.lifecycle.pages.leaving import LeavingPages
from menshen.lifecycle.rules import addresses as address_rules
from menshen.lifecycle.rules import joining as joining_rules
from menshen.lifecycle.rules.settings import LifecycleSettings
from menshen.lifecycle.service.addresses import CHANGED, HELD_ALREADY, PROOF, TOLD, Addresses
from menshen.lifecycle.service.importing import Rooms
from menshen.lifecycle.service.joining import KNOWN, LETTER, Joining
from menshen.lifecycle.service.leaving import CLOSING, Leaving
from menshen.lifecycle.store.erasures import Erasures
from menshen.messages.service import Messages
from menshen.policy.service import Policy
from menshen.rotation.service import Rotation
from menshen.sessions.service import Sessions
from menshen.sessions.service.apps import Apps
from menshen.signin.service import SignIn
from menshen.signin.service.arrival import Arrival
from menshen.throttle.service import Throttle

SETTINGS = LifecycleSettings

MESSAGES = (
    MessageCode(LETTER, joining_rules.LASTS, to_unverified=True),
    MessageCode(KNOWN, DAY, to_unverified=True),
    MessageCode(PROOF, address_rules.LASTS, to_unverified=True),
    MessageCode(HELD_ALREADY, DAY, to_unverified=True),
    MessageCode(CHANGED, address_rules.REVERT_LASTS),
    MessageCode(TOLD, 3 * DAY),
    MessageCode(CLOSING, 3 * DAY),
)


@dataclass(frozen=True, kw_only=True)
class Below:
    """The services this room stands on; it has three of its own, which share most of them."""

    database: Database
    clock: Clock
    dice: Dice
    keys: Keys
    journal: Journal
    throttle: Throttle
    codes: Codes
    messages: Messages
    accounts: Accounts
    policy: Policy
    sessions: Sessions
    apps: Apps
    credentials: Credentials
    tries: Tries
    changing: Changing
    sheet: PasswordSheet
    rotation: Rotation
    signin: SignIn
    arrival: Arrival
    texts: Texts
    base: str


@dataclass(frozen=True)
class Lifecycle:
    """The room's services."""

    joining: Joining
    addresses: Addresses
    leaving: Leaving


def build(below: Below, settings: LifecycleSettings, data: Path, tables: Callable[[], Sequence[Table]]) -> Lifecycle:
    """Build the services; `data` is the folder of the list of erasures, `tables` tells all tables of the house."""
    joining = Joining(
        database=below.database,
        clock=below.clock,
        dice=below.dice,
        keys=below.keys,
        journal=below.journal,
        throttle=below.throttle,
        codes=below.codes,
        messages=below.messages,
        accounts=below.accounts,
        policy=below.policy,
        tries=below.tries,
        changing=below.changing,
        signin=below.signin,
        settings=settings,
        base=below.base,
    )
    addresses = Addresses(
        database=below.database,
        clock=below.clock,
        dice=below.dice,
        keys=below.keys,
        journal=below.journal,
        throttle=below.throttle,
        codes=below.codes,
        messages=below.messages,
        accounts=below.accounts,
        sessions=below.sessions,
        rotation=below.rotation,
        base=below.base,
    )
    leaving = Leaving(
        database=below.database,
        clock=below.clock,
        codes=below.codes,
        messages=below.messages,
        accounts=below.accounts,
        sessions=below.sessions,
        erasures=Erasures(data),
        tables=tables,
        grace=settings.grace,
        base=below.base,
    )
    return Lifecycle(joining, addresses, leaving)


def furnish(below: Below, services: Lifecycle, rest: float) -> Room:
    """The room with its services filled in; `rest`: seconds that an import leaves between two transactions."""
    database, accounts, texts = below.database, below.accounts, below.texts
    gap = rest if database.embedded else 0
    home = HomePages(database, accounts, below.journal, below.rotation, below.clock, texts)
    return Room(
        name="lifecycle",
        tables=store.TABLES,
        routes=(
            *JoiningPages(services.joining, below.sheet, below.arrival, below.apps).routes(),
            *AddressPages(services.addresses).routes(),
            *LeavingPages(services.leaving).routes(),
            *home.routes(),
        ),
        parts=home.parts(),
        events=events.EVENTS,
        messages=MESSAGES,
        listeners=(Listener("lifecycle.erasures", ("account.erased",), services.leaving.hear),),
        jobs=(
            Job("lifecycle.sweep", 5 * MINUTE, lambda: jobs.sweep(database, below.clock)),
            Job("lifecycle.erase", HOUR, services.leaving.erase_due),
        ),
        commands={"accounts": account_commands(lambda: importing(below), texts, gap, accounts.settings.region)},
    )


def importing(below: Below) -> Rooms:
    """What an import works with."""
    return Rooms(
        below.database,
        below.clock,
        below.dice,
        below.keys,
        below.journal,
        below.policy,
        below.accounts,
        below.credentials,
    )
