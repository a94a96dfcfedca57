"""The house put together: each service built from those below it, each room furnished, the lists handed down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table

from menshen.accounts import room as accounts_room
from menshen.accounts.service import Accounts
from menshen.app.rules import (
    DEFAULT_CONFIG,
    DEFAULT_DATA,
    DEFAULT_LISTEN,
    DatabaseSettings,
    ServerSettings,
    base_address,
    database_url,
    host_of,
)
from menshen.codes import room as codes_room
from menshen.codes.service import Codes
from menshen.credentials import room as credentials_room
from menshen.credentials.rules import CredentialSettings
from menshen.credentials.service import Credentials, HashingLane, cores
from menshen.credentials.service.changing import Changing
from menshen.credentials.service.cost import settled
from menshen.credentials.service.forgetting import Forgetting
from menshen.credentials.service.sheet import PasswordSheet
from menshen.credentials.service.tries import Tries
from menshen.credentials.service.wrapping import Wrapping
from menshen.journal import room as journal_room
from menshen.journal.jobs import listening
from menshen.journal.service import Journal
from menshen.keys import room as keys_room
from menshen.keys.service import Keys, custody
from menshen.kit.brand import Brand
from menshen.kit.clock import Clock, SystemClock
from menshen.kit.database import Database
from menshen.kit.dice import Dice, SystemDice
from menshen.kit.marks import sealed_columns
from menshen.kit.places import Places
from menshen.kit.room import Act, Job, Room
from menshen.kit.settings import load
from menshen.kit.texts import Texts
from menshen.lifecycle import room as lifecycle_room
from menshen.lifecycle.room import Below
from menshen.messages import room as messages_room
from menshen.messages.service import Courier, Messages
from menshen.operators import room as operators_room
from menshen.operators.service import Operators
from menshen.policy import room as policy_room
from menshen.policy.service import Policy
from menshen.recovery import room as recovery_room
from menshen.recovery.service import Recovery
from menshen.rotation import room as rotation_room
from menshen.rotation.service import Rotation
from menshen.sessions import room as sessions_room
from menshen.sessions.rules import SessionSettings
from menshen.sessions.service import Sessions
from menshen.sessions.service.apps import Apps
from menshen.signin import room as signin_room
from menshen.signin.rules import NOT_ME
from menshen.signin.service import SignIn
from menshen.signin.service.arrival import Arrival
from menshen.throttle import room as throttle_room
from menshen.throttle.service import Throttle
from menshen.throttle.service.human import HumanCheck

SECTIONS: Mapping[str, type[msgspec.Struct]] = {
    "server": ServerSettings,
    "database": DatabaseSettings,
    "brand": Brand,
    "keys": keys_room.SETTINGS,
    "journal": journal_room.SETTINGS,
    "mail": messages_room.SETTINGS,
    "policy": policy_room.SETTINGS,
    "accounts": accounts_room.SETTINGS,
    "sessions": SessionSettings,
    "credentials": CredentialSettings,
    "lifecycle": lifecycle_room.SETTINGS,
}
"""All settings of the house by section, in the order of the reference."""

REST = 0.01
"""Seconds that whoever writes much rests between two transactions, so that sign-ins come through."""
PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Foundation:
    """What every command needs before any room: settings, data folder, database."""

    settings: Mapping[str, Any]
    data: Path
    listen: str
    database: Database
    clock: Clock
    dice: Dice


class House:
    """All services, each built from those below it; for `app` and the tests: rooms themselves never see it."""

    def __init__(self, foundation: Foundation) -> None:
        self.foundation = foundation
        self.brand: Brand = foundation.settings["brand"]
        self.base = base_address(foundation.settings["server"], foundation.listen)
        self.host = host_of(self.base)
        self.texts = Texts(sorted(file.parent for file in PACKAGE.glob("*/texts/en.po")))
        self._lay_ground()
        self._prove()
        self._sign_in()
        self._live()
        others = self._furnish()
        self.rooms = (*others, self._furnish_operators(others))
        self._hand_down()

    def _lay_ground(self) -> None:
        """Keys, journal, budgets, codes and messages."""
        ground, settings = self.foundation, self.foundation.settings
        database, clock, dice = ground.database, ground.clock, ground.dice
        self.keys = Keys(database, clock, dice, custody(settings["keys"], ground.data, dice))
        self.journal = Journal(clock, dice)
        self.throttle = Throttle(clock, self.keys)
        self.codes = Codes(clock, dice, self.keys)
        self.messages = Messages(clock, dice, self.keys, self.journal)
        self.lines = messages_room.lines(settings["mail"], self.texts, self.brand)
        self.courier = Courier(database, clock, dice, self.keys, self.journal, self.lines)

    def _prove(self) -> None:
        """People, the law book, sessions and passwords."""
        ground, settings = self.foundation, self.foundation.settings
        database, clock, dice, keys, journal = ground.database, ground.clock, ground.dice, self.keys, self.journal
        wanted: CredentialSettings = settings["credentials"]
        places = Places(Path(settings["sessions"].places) if settings["sessions"].places else None)
        cost = settled(database, clock, wanted)
        lane = HashingLane(
            width=wanted.lane_width or cores(), patience=wanted.lane_patience_s, longest=wanted.lane_longest
        )
        self.accounts = Accounts(clock, dice, keys, journal, self.messages.drop_for, settings["accounts"])
        self.policy = Policy(clock, dice, journal, self.accounts, settings["policy"])
        self.accounts.govern(self.policy.would_contradict)
        self.sessions = Sessions(clock, dice, journal, places)
        self.apps = Apps(database, clock, journal, self.base)
        self.credentials = Credentials(database, clock, dice, keys, journal, lane, cost)
        self.wrapping = Wrapping(database, dice, keys, journal, self.credentials, cost)
        self.tries = Tries(self.throttle, HumanCheck(clock, keys, self.throttle), wanted.strangers_a_minute)
        self.changing = Changing(
            database=database,
            clock=clock,
            credentials=self.credentials,
            tries=self.tries,
            accounts=self.accounts,
            sessions=self.sessions,
            codes=self.codes,
            policy=self.policy,
            journal=journal,
            messages=self.messages,
            base=self.base,
            context=(self.brand.name, self.brand.name_en, self.host.split(":")[0]),
            outliving=(NOT_ME,),
        )
        self.sheet = PasswordSheet(database, clock, dice, keys, self.accounts, self.policy, self.changing)
        self.rotation = Rotation(clock, dice, journal, self.accounts, self.policy)

    def _sign_in(self) -> None:
        """Signing in, and the door for applications."""
        ground = self.foundation
        self.signin = SignIn(
            database=ground.database,
            clock=ground.clock,
            dice=ground.dice,
            journal=self.journal,
            accounts=self.accounts,
            sessions=self.sessions,
            credentials=self.credentials,
            tries=self.tries,
            changing=self.changing,
            rotation=self.rotation,
            policy=self.policy,
            codes=self.codes,
            messages=self.messages,
            base=self.base,
        )
        self.arrival = Arrival(
            database=ground.database,
            clock=ground.clock,
            dice=ground.dice,
            journal=self.journal,
            accounts=self.accounts,
            sessions=self.sessions,
            apps=self.apps,
            codes=self.codes,
            policy=self.policy,
            rotation=self.rotation,
            base=self.base,
        )

    def _live(self) -> None:
        """Recovery, those who operate the house, and the life of an account."""
        ground = self.foundation
        self.recovery = Recovery(
            database=ground.database,
            clock=ground.clock,
            dice=ground.dice,
            keys=self.keys,
            journal=self.journal,
            throttle=self.throttle,
            codes=self.codes,
            messages=self.messages,
            accounts=self.accounts,
            policy=self.policy,
            sessions=self.sessions,
            tries=self.tries,
            changing=self.changing,
            rotation=self.rotation,
            base=self.base,
        )
        self.operators = Operators(
            database=ground.database,
            clock=ground.clock,
            dice=ground.dice,
            journal=self.journal,
            codes=self.codes,
            messages=self.messages,
            accounts=self.accounts,
            policy=self.policy,
            changing=self.changing,
            signin=self.signin,
            base=self.base,
        )
        self._below = self._below_lifecycle()
        self.lifecycle = lifecycle_room.build(
            self._below, ground.settings["lifecycle"], ground.data, lambda: all_tables(self.rooms)
        )

    def _below_lifecycle(self) -> Below:
        ground = self.foundation
        return Below(
            database=ground.database,
            clock=ground.clock,
            dice=ground.dice,
            keys=self.keys,
            journal=self.journal,
            throttle=self.throttle,
            codes=self.codes,
            messages=self.messages,
            accounts=self.accounts,
            policy=self.policy,
            sessions=self.sessions,
            apps=self.apps,
            credentials=self.credentials,
            tries=self.tries,
            changing=self.changing,
            sheet=self.sheet,
            rotation=self.rotation,
            signin=self.signin,
            arrival=self.arrival,
            texts=self.texts,
            base=self.base,
        )

    def _furnish(self) -> tuple[Room, ...]:
        """What each room gives the house, from the ground up."""
        ground, settings = self.foundation, self.foundation.settings
        database, clock = ground.database, ground.clock
        wanted: CredentialSettings = settings["credentials"]
        return (
            keys_room.furnish(self.keys, self.operators.note_rotation),
            journal_room.furnish(database, clock, self.journal, settings["journal"]),
            throttle_room.furnish(database, self.throttle),
            codes_room.furnish(database, self.codes),
            messages_room.furnish(database, self.messages, self.courier, self.lines, settings["mail"]),
            policy_room.furnish(database, self.policy, clock, self.texts),
            accounts_room.furnish(database, self.accounts, lambda: all_tables(self.rooms)),
            sessions_room.furnish(database, self.sessions, self.apps, self.policy, self.accounts),
            credentials_room.furnish(
                database,
                self.changing,
                self.sheet,
                self.throttle,
                self.credentials,
                self.wrapping,
                Forgetting(database, self.accounts, self.policy, self.credentials),
                wanted,
                self.texts,
            ),
            rotation_room.furnish(database, self.rotation, clock, self.texts),
            signin_room.furnish(database, clock, self.signin, self.arrival, self.apps, self.changing, self.sheet),
            recovery_room.furnish(database, clock, self.recovery, self.sheet),
            lifecycle_room.furnish(self._below, self.lifecycle, REST),
        )

    def _furnish_operators(self, others: Sequence[Room]) -> Room:
        """The room that makes a page and a permission of each act of the others, so it must know them first."""
        acts = [act for room in others for act in room.acts]
        self.policy.learn((act.verb, act.sensitive) for act in acts)
        self.operators.learn(acts)
        return operators_room.furnish(
            self.foundation.database,
            self.operators,
            self.accounts,
            self.journal,
            self.messages,
            self.sheet,
            self.arrival,
            self.texts,
            self.brand,
        )

    def _hand_down(self) -> None:
        """Give each list to the room that keeps it: event codes, message codes, sealed columns."""
        rooms = self.rooms
        self.journal.register(event.code for room in rooms for event in room.events)
        self.messages.register(message for room in rooms for message in room.messages)
        self.keys.register(sealed_columns(all_tables(rooms)))

    def is_own_host(self, host: str) -> bool:
        """Whether we answer at this host: the sign-in pages' own, or a registered application's."""
        return host in self.own_hosts or self.apps.of_host(host) is not None

    @property
    def own_hosts(self) -> frozenset[str]:
        """Hosts of the sign-in pages themselves."""
        server: ServerSettings = self.foundation.settings["server"]
        return frozenset({self.host, *server.hosts})

    def settled(self) -> bool:
        """Whether the first operator has signed in, which ends the set-up list."""
        with self.foundation.database.read() as tx:
            return self.operators.settled(tx)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The clocked work of all rooms, the readers of the journal included."""
        foundation = self.foundation
        listeners = [listener for room in self.rooms for listener in room.listeners]
        heard = listening(foundation.database, foundation.clock, listeners)
        return (*(job for room in self.rooms for job in room.jobs), *heard)

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything that can be done to a customer."""
        return tuple(act for room in self.rooms for act in room.acts)


def lay(
    data: Path,
    *,
    config: Path | None = None,
    listen: str,
    environment: Mapping[str, str],
    clock: Clock | None = None,
    dice: Dice | None = None,
) -> Foundation:
    """Read the settings and open the database; nothing is created but the connection."""
    settings = load(SECTIONS, config, environment)
    wanted: DatabaseSettings = settings["database"]  # type: ignore[assignment]
    server: ServerSettings = settings["server"]  # type: ignore[assignment]
    database = Database(
        database_url(wanted, data), threads=server.threads + 8, pooler=wanted.pooler, synchronous=wanted.synchronous
    )
    return Foundation(settings, data, listen, database, clock or SystemClock(), dice or SystemDice())


def ground_from(environment: Mapping[str, str]) -> Foundation:
    """The foundation that this process's environment names: MENSHEN_DATA, MENSHEN_LISTEN, MENSHEN_CONFIG."""
    config = environment.get("MENSHEN_CONFIG")
    fallback = Path(DEFAULT_CONFIG)
    return lay(
        Path(environment.get("MENSHEN_DATA") or DEFAULT_DATA),
        config=Path(config) if config else (fallback if fallback.exists() else None),
        listen=environment.get("MENSHEN_LISTEN") or DEFAULT_LISTEN,
        environment=environment,
    )


def build(ground: Foundation) -> House:
    """The whole house on its foundation; the schema is there already."""
    return House(ground)


def all_tables(rooms: Sequence[Room]) -> tuple[Table, ...]:
    """Every table of the house."""
    return tuple(table for room in rooms for table in room.tables)
