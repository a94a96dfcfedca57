"""Builds the rooms that the tests of `accounts` need."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from menshen.accounts.events import EVENTS
from menshen.accounts.rules import Identifier, Taken, read
from menshen.accounts.rules.identifiers import Kind
from menshen.accounts.service import Accounts
from menshen.journal.service import Journal
from menshen.keys.service import KeyFile, Keys
from menshen.kit.clock import SetClock, from_datetime
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice

NOON = from_datetime(datetime(2026, 12, 1, 12, tzinfo=UTC))


def name(kind: Kind, typed: str, *, verified: bool = False) -> Identifier:
    """An identifier as read from a form."""
    read_so = read(kind, typed, "CN")
    return read_so.verified() if verified else read_so


@dataclass
class House:
    """The rooms below and the accounts in them."""

    database: Database
    clock: SetClock
    keys: Keys
    journal: Journal
    accounts: Accounts
    dropped: list[str] = field(default_factory=list)

    @classmethod
    def build(cls, database: Database, folder: Path) -> "House":
        clock, dice = SetClock(NOON), SystemDice()
        custody = KeyFile(folder / "master.key", dice)
        custody.create()
        keys = Keys(database, clock, dice, custody)
        keys.establish()
        journal = Journal(clock, dice)
        journal.register(event.code for event in EVENTS)
        dropped: list[str] = []
        accounts = Accounts(clock, dice, keys, journal, lambda tx, account: dropped.append(account))
        return cls(database, clock, keys, journal, accounts, dropped)

    def create(self, *names: Identifier, **more: object) -> str:
        """A customer with these names; a collision fails the test."""
        with self.database.write() as tx:
            created = self.accounts.create(tx, "customer", identifiers=names, **more)  # type: ignore[arg-type]
        if isinstance(created, Taken):
            raise AssertionError(created)
        return created

    def events(self, account: str) -> list[str]:
        """What the journal says of an account, the newest first."""
        with self.database.read() as tx:
            return [entry.code for entry in self.journal.history(tx, account)]


def find(house: House, typed: str) -> str | None:
    """The account id found by a typed name."""
    with house.database.read() as tx:
        found = house.accounts.find(tx, "customer", typed)
    return found.account_id if found else None
