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
}
"""All settings of the house by section, in the order of the reference."""

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


@dataclass(frozen=True)
class House:
    """All services, for `app` and the tests; rooms themselves never see it."""

    foundation: Foundation
    texts: Texts
    brand: Brand
    keys: Keys
    journal: Journal
    throttle: Throttle
    codes: Codes
    messages: Messages
    courier: Courier
    accounts: Accounts
    policy: Policy
    sessions: Sessions
    apps: Apps
    credentials: Credentials
    tries: Tries
    changing: Changing
    sheet: PasswordSheet
    wrapping: Wrapping
    rotation: Rotation
    signin: SignIn
    arrival: Arrival
    recovery: Recovery
    operators: Operators
    base: str
    host: str
    rooms: tuple[Room, ...]

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
    """Build every service upwards and furnish the rooms; the schema is there already."""
    database, clock, dice, settings = ground.database, ground.clock, ground.dice, ground.settings
    brand: Brand = settings["brand"]
    base = base_address(settings["server"], ground.listen)
    host = host_of(base)
    texts = Texts(sorted(file.parent for file in PACKAGE.glob("*/texts/en.po")))

    keys = Keys(database, clock, dice, custody(settings["keys"], ground.data, dice))
    journal = Journal(clock, dice)
    throttle = Throttle(clock, keys)
    codes = Codes(clock, dice, keys)
    messages = Messages(clock, dice, keys, journal)
    lines = messages_room.lines(settings["mail"], texts, brand)
    courier = Courier(database, clock, dice, keys, journal, lines)
    accounts = Accounts(clock, dice, keys, journal, messages.drop_for, settings["accounts"])
    policy = Policy(clock, dice, journal, accounts, settings["policy"])
    places = Places(Path(settings["sessions"].places) if settings["sessions"].places else None)
    sessions = Sessions(clock, dice, journal, places)
    apps = Apps(database, clock, journal, base)
    wanted: CredentialSettings = settings["credentials"]
    lane = HashingLane(width=wanted.lane_width or cores(), patience=wanted.lane_patience_s, longest=wanted.lane_longest)
    cost = settled(database, clock, wanted)
    credentials = Credentials(database, clock, dice, keys, journal, lane, cost)
    tries = Tries(throttle, HumanCheck(clock, keys, throttle), wanted.strangers_a_minute)
    changing = Changing(
        database=database,
        clock=clock,
        credentials=credentials,
        tries=tries,
        accounts=accounts,
        sessions=sessions,
        codes=codes,
        policy=policy,
        journal=journal,
        context=(brand.name, brand.name_en, host.split(":")[0]),
    )
    sheet = PasswordSheet(database, clock, dice, keys, accounts, policy, changing)
    wrapping = Wrapping(database, dice, keys, journal, credentials, cost)
    rotation = Rotation(clock, dice, journal, accounts, policy)
    signin = SignIn(
        database=database,
        clock=clock,
        dice=dice,
        journal=journal,
        accounts=accounts,
        sessions=sessions,
        credentials=credentials,
        tries=tries,
        changing=changing,
        rotation=rotation,
        policy=policy,
        codes=codes,
        messages=messages,
        base=base,
        host=host,
    )
    arrival = Arrival(
        database=database,
        clock=clock,
        dice=dice,
        journal=journal,
        accounts=accounts,
        sessions=sessions,
        apps=apps,
        codes=codes,
        policy=policy,
        rotation=rotation,
        base=base,
    )
    recovery = Recovery(
        database=database,
        clock=clock,
        dice=dice,
        keys=keys,
        journal=journal,
        throttle=throttle,
        codes=codes,
        messages=messages,
        accounts=accounts,
        policy=policy,
        sessions=sessions,
        tries=tries,
        changing=changing,
        rotation=rotation,
        base=base,
    )
    operators = Operators(
        database=database,
        clock=clock,
        dice=dice,
        journal=journal,
        codes=codes,
        messages=messages,
        accounts=accounts,
        policy=policy,
        changing=changing,
        signin=signin,
        base=base,
    )
    rooms: list[Room] = [
        keys_room.furnish(keys),
        journal_room.furnish(database, clock, journal, settings["journal"]),
        throttle_room.furnish(database, throttle),
        codes_room.furnish(database, codes),
        messages_room.furnish(database, messages, courier, lines, settings["mail"]),
        policy_room.furnish(database, policy, clock, texts),
        accounts_room.furnish(database, accounts, lambda: all_tables(rooms)),
        sessions_room.furnish(database, sessions, apps, policy, accounts),
        credentials_room.furnish(database, changing, sheet, throttle, credentials, wrapping, wanted),
        rotation_room.furnish(database, rotation, clock, texts),
        signin_room.furnish(database, clock, signin, arrival, apps, changing, sheet),
        recovery_room.furnish(database, clock, recovery, sheet),
    ]
    hand_acts_down([act for room in rooms for act in room.acts], policy, operators)
    rooms.append(operators_room.furnish(database, operators, accounts, journal, messages, sheet, arrival, texts, brand))
    house = House(
        ground,
        texts,
        brand,
        keys,
        journal,
        throttle,
        codes,
        messages,
        courier,
        accounts,
        policy,
        sessions,
        apps,
        credentials,
        tries,
        changing,
        sheet,
        wrapping,
        rotation,
        signin,
        arrival,
        recovery,
        operators,
        base,
        host,
        tuple(rooms),
    )
    return hand_down(house)


def all_tables(rooms: Sequence[Room]) -> tuple[Table, ...]:
    """Every table of the house."""
    return tuple(table for room in rooms for table in room.tables)


def hand_acts_down(acts: Sequence[Act], policy: Policy, operators: Operators) -> None:
    """Give what can be done to a customer to those who run it, each verb being a permission too."""
    policy.learn((act.verb, act.sensitive) for act in acts)
    operators.learn(acts)


def hand_down(house: House) -> House:
    """Give each list to the room that keeps it: event codes, message codes, sealed columns."""
    rooms = house.rooms
    house.journal.register(event.code for room in rooms for event in room.events)
    house.messages.register(message for room in rooms for message in room.messages)
    house.keys.register(sealed_columns(tuple(table for room in rooms for table in room.tables)))
    return house
