"""The whole house for tests: every room real, on either database, a clock that is set, hashes that cost little."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from menshen.accounts.rules import Taken, read
from menshen.app.house import House, build, lay
from menshen.app.opening import open_house
from menshen.keys.service import Keys, custody
from menshen.kit.clock import SetClock, from_datetime
from menshen.kit.web.wire import AsgiApp
from tests.client import Client, Loop

NOON = from_datetime(datetime(2026, 12, 1, 4, tzinfo=UTC))
"""Noon in Shanghai."""
PASSWORD = "Dorschau-7-Lampen!"
CHEAP = {"MENSHEN_CREDENTIALS_MEMORY_KIB": "8", "MENSHEN_CREDENTIALS_ITERATIONS": "1"}


@dataclass
class Tested:
    """A house with its clock, its application and as many browsers as a test opens."""

    house: House
    clock: SetClock
    app: AsgiApp
    loop: Loop
    data: Path
    clients: list[Client] = field(default_factory=list)
    __test__ = False

    def browser(self, **more: Any) -> Client:
        """A fresh browser."""
        client = Client(self.app, self.loop, **more)
        self.clients.append(client)
        return client

    def customer(
        self, email: str = "lin@example.com", password: str | None = PASSWORD, *, realm: Any = "customer", **more: Any
    ) -> str:
        """A customer with a verified address and a password."""
        prepared = self.house.credentials.prepare(password) if password else None
        with self.house.foundation.database.write() as tx:
            name = read("email", email, "CN").verified()
            account = self.house.accounts.create(tx, realm, identifiers=(name,), **{"display_name": "林薇", **more})
            if isinstance(account, Taken):
                raise AssertionError(account)
            if prepared:
                self.house.credentials.replace(tx, account, prepared, keep_former=0, expected=None, visitor=None)
                self.house.accounts.set_password_facts(tx, account, self.clock.now(), "policy:classic")
                self.house.accounts.set_method(tx, account, "password", True)
        return account

    def signed_in(self, email: str = "lin@example.com", password: str = PASSWORD, **more: Any) -> Client:
        """A browser in which this customer has signed in and is remembered."""
        client = self.browser(**more)
        reply = client.post("/sign-in", {"who": email, "password": password, "remember": "1"})
        if reply.status != 303:
            raise AssertionError(f"{reply.status}: {reply.words[:300]}")
        return client

    def events(self, account: str) -> list[str]:
        """Codes of the journal's events of an account, newest first."""
        with self.house.foundation.database.read() as tx:
            return [entry.code for entry in self.house.journal.history(tx, account, limit=200)]


@contextmanager
def opened_house(
    url: str, data: Path, *, clock: SetClock | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Tested]:
    """The house on a database whose schema is there; closed at the end."""
    clock = clock or SetClock(NOON)
    environment = {**CHEAP, **(settings or {})}
    if not url.startswith("sqlite"):
        environment["MENSHEN_DATABASE_URL"] = url.replace("postgresql+psycopg://", "postgresql://")
    foundation = lay(data, listen="127.0.0.1:8080", environment=environment, clock=clock)
    keeper = custody(foundation.settings["keys"], data, foundation.dice)
    if not (data / "master.key").exists():
        keeper.create()
    Keys(foundation.database, clock, foundation.dice, keeper).establish()
    house = build(foundation)
    loop = Loop()
    try:
        yield Tested(house, clock, open_house(house, jobs=False), loop, data)
    finally:
        loop.close()
        house.credentials.lane.close()
        foundation.database.close()
