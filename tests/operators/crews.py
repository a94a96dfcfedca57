"""Operators for tests: invited and come in as a person would."""

from menshen.operators.rules import Refusal
from tests.client import Client
from tests.houses import Tested

OWNER = "owner@example.com"
PASSWORD = "Findling-Brause-42!"


def invite(tested: Tested, email: str = OWNER) -> str | None:
    """The path of a printed link; None where it left by mail."""
    with tested.house.foundation.database.write() as tx:
        invited = tested.house.operators.invite(tx, email, actor="cli", locale="en")
    if isinstance(invited, Refusal):
        raise AssertionError(invited)
    return invited.link.removeprefix(tested.house.base) if invited.link else None


def owner(tested: Tested, email: str = OWNER) -> Client:
    """A browser in which the first operator has come in."""
    link = invite(tested, email)
    browser = tested.browser()
    reply = browser.post(link or "", {"password": PASSWORD})
    if reply.location != "/console":
        raise AssertionError(f"{reply.status}: {reply.words[:300]}")
    return browser


def operator_id(tested: Tested, email: str = OWNER) -> str:
    """The account of an operator."""
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.find(tx, "operator", email)
    if standing is None:
        raise AssertionError(email)
    return standing.account_id


def without_role(tested: Tested, email: str = "new@example.com") -> Client:
    """A browser in which an operator is signed in who has no role."""
    tested.customer(email, PASSWORD, realm="operator")
    browser = tested.browser()
    reply = browser.post("/console/sign-in", {"who": email, "password": PASSWORD})
    if reply.location != "/console":
        raise AssertionError(f"{reply.status}: {reply.words[:300]}")
    return browser


def state_of(tested: Tested, account: str) -> str:
    """The state of an account."""
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
    return standing.state if standing else "gone"
