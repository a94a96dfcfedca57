"""The whole house at a real port for a real browser, with customers, an operator, and some history."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from sqlalchemy import text

from menshen.kit.clock import DAY, SystemClock
from tests.client import Client
from tests.houses import PASSWORD, Tested, opened_house
from tests.letters import letters

OPERATOR = "operator@example.com"
CUSTOMER = "lin@example.com"
OLD = "old@example.com"
"""A customer whose password has grown too old."""


@dataclass(frozen=True)
class Served:
    """A house that a browser can reach."""

    tested: Tested
    base: str

    def link(self, code: str) -> str:
        """The address in the newest message of a code."""
        path = letters(self.tested, code)[-1].facts["link"]
        return self.base + "/" + path.split("/", 3)[3]

    def forgive(self) -> None:
        """Make all budgets whole, so that no page meets the tries of the pages before it."""
        with self.tested.house.foundation.database.write() as tx:
            tx.execute(text("delete from throttle_budgets"))

    def code(self, message: str) -> str:
        """The typed code in the newest message of a code."""
        return letters(self.tested, message)[-1].facts["code"]


@contextmanager
def served_house(url: str, data: Path) -> Iterator[Served]:
    """Serve the house from a thread of this process, on the machine's own clock."""
    port = free_port()
    base = f"http://localhost:{port}"
    with opened_house(url, data, clock=SystemClock(), settings={"MENSHEN_SERVER_BASE": base}) as tested:  # type: ignore[arg-type]
        server = uvicorn.Server(
            uvicorn.Config(tested.app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        people(tested)
        try:
            yield Served(tested, base)
        finally:
            server.should_exit = True
            thread.join(10)


def people(tested: Tested) -> None:
    """A customer with some history, one with an old password, and the first operator."""
    house = tested.house
    tested.customer(CUSTOMER, display_name="林薇")
    old = tested.customer(OLD, display_name="陈旧")
    with house.foundation.database.write() as tx:
        house.accounts.set_password_facts(tx, old, house.foundation.clock.now() - 200 * DAY, "policy:classic")
    host = house.host
    for agent in ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1", "Mozilla/5.0 (Windows NT 10.0) Edg/130.0"):
        browser = Client(tested.app, tested.loop, host=host, agent=agent)
        browser.post("/sign-in", {"who": CUSTOMER, "password": "wrong"})
        browser.post("/sign-in", {"who": CUSTOMER, "password": PASSWORD, "remember": "1"})
    operator(tested)


def operator(tested: Tested) -> None:
    """The first operator comes by the printed link."""
    house = tested.house
    with house.foundation.database.write() as tx:
        invited = house.operators.invite(tx, OPERATOR, actor="cli", locale="zh_CN")
    token = str(invited.link).rsplit("/", 1)[-1]  # type: ignore[union-attr]
    browser = Client(tested.app, tested.loop, host=house.host)
    browser.post(f"/console/welcome/{token}", {"password": PASSWORD})


def free_port() -> int:
    """A loopback port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
