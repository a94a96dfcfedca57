"""The console: who may see which page, what a hostile customer can bring into it, and that no page serves another."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from menshen.kit.clock import MINUTE
from menshen.kit.web.routes import PUBLIC, Route
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.operators.crews import operator_id, owner, without_role

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
OWN = ("/console/password", "/console/sign-in/again")
"""What every operator may do without a role: look after the own password."""


def console_routes(tested: Tested) -> Iterator[Route]:
    """All doors of the console that are not open to everybody, those of every room."""
    from menshen.app.pages import RoofPages

    for route in (
        *RoofPages(tested.house, lambda: True).routes(),
        *(route for room in tested.house.rooms for route in room.routes),
    ):
        if route.path.startswith("/console") and route.needs != PUBLIC:
            yield route


def address(route: Route, account: str) -> str:
    """The route's address for one customer; other ids name nothing."""
    return re.sub(r"\{\w+\}", "0" * 32, route.path.replace("{account_id}", account))


def knock(browser: Client, route: Route, account: str) -> int:
    """How a console route answers a browser: 0 where it asks to sign in, else the status."""
    if route.method == "GET":
        reply = browser.get(address(route, account))
    else:
        token = browser.get("/console/sign-in/again").hidden("form_token") or browser.get("/console/sign-in").hidden(
            "form_token"
        )
        reply = browser.submit(address(route, account), {"form_token": token})
    if reply.status == 303 and reply.location.startswith("/console/sign-in"):
        return 0
    return reply.status


def test_console_is_closed_to_all_but_operators_with_a_role(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    owner(tested)
    account = tested.customer()
    routes = list(console_routes(tested))
    assert len(routes) >= 20
    customer, stranger, roleless = tested.signed_in(), tested.browser(), without_role(tested)
    forged = tested.browser()
    forged.cookies["__Host-console"] = customer.cookies["__Host-session"]
    for route in routes:
        for who in (stranger, customer, forged):
            assert knock(who, route, account) == 0, (route.method, route.path)
        wanted = {200, 401, 422} if route.path in OWN else {403}
        assert knock(roleless, route, account) in wanted, (route.method, route.path)


def test_owner_is_let_in_everywhere(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    account = tested.customer()
    for route in console_routes(tested):
        if route.method == "GET":
            assert browser.get(address(route, account)).status == 200, route.path


def test_role_taken_away_is_gone_at_the_next_request(tested: Tested) -> None:
    from menshen.operators import store

    browser = owner(tested)
    assert browser.get("/console/customers").status == 200
    with tested.house.foundation.database.write() as tx:
        tx.execute(store.roles.delete())
    assert browser.get("/console/customers").status == 403
    assert browser.get("/console/password").status == 200


def test_operator_has_no_customer_page(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    for account in (operator_id(tested), "0" * 32, "x"):
        assert browser.get(f"/console/customers/{account}").status == 404
        assert browser.get(f"/console/customers/{account}/acts/accounts.suspend").status == 404
        token = browser.get("/console").hidden("form_token")
        form = {"why": "because", "form_token": token}
        assert browser.submit(f"/console/customers/{account}/acts/accounts.suspend", form).status == 404


@pytest.mark.parametrize("typed", ["林薇", "linwei", "lw", "lin", "example.com", "0000", "A-17"])
def test_customers_are_found(tested: Tested, typed: str) -> None:
    from menshen.accounts.rules import read

    account = tested.customer(external_ids={"crm": "A-17"})
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.add_identifier(tx, account, read("phone", "+8613800000000", "CN"))
    browser = owner(tested)
    assert f"/console/customers/{account}" in browser.get(f"/console/customers?q={quote(typed)}").text
    assert account not in browser.get("/console/customers?q=zzzz").text


def test_nothing_a_customer_wrote_runs_in_the_console(tested: Tested) -> None:
    browser = owner(tested)
    account = tested.customer(display_name=HOSTILE)
    tested.signed_in(agent=f"Mozilla {HOSTILE}")
    reason = browser.post(
        f"/console/customers/{account}/acts/accounts.suspend",
        {"why": HOSTILE},
    )
    assert reason.status == 303
    pages = [
        browser.get(f"/console/customers/{account}?told=done&ran={HOSTILE.replace('#', '')}".replace(" ", "%20")),
        browser.get("/console/customers?q=alert"),
        browser.get("/console/customers?q=" + HOSTILE.replace(" ", "%20")),
        browser.get(f"/console/customers/{account}/acts/accounts.resume"),
        browser.get(f"/console/customers/{account}/acts/accounts.join_group?group={HOSTILE}".replace(" ", "%20")),
    ]
    for page in pages:
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text.replace('<img src="/static/', "")
        assert "49" not in re.sub(r"[0-9a-f]{32,}|[\d,:]{3,}", "", page.words)
    assert HOSTILE in pages[0].words


def test_story_is_told_in_plain_words(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    account = tested.customer()
    tested.signed_in()
    browser.post(f"/console/customers/{account}/acts/accounts.suspend", {"why": "called us"})
    words = browser.get(f"/console/customers/{account}").words
    assert "操作员：停用账号" in words
    assert "called us" in words
    assert "Linux · Chrome" in words
    assert "event." not in words


def test_long_story_has_pages(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    account = tested.customer()
    with tested.house.foundation.database.write() as tx:
        for number in range(60):
            tested.house.accounts.mark_must_change(tx, account, "policy", None, actor=f"test{number}")
    page = browser.get(f"/console/customers/{account}")
    older = re.search(rf"/console/customers/{account}\?before=\w+", page.text)
    assert older
    assert browser.get(older[0]).status == 200


def test_every_form_of_the_console_wants_its_token(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    account = tested.customer()
    path = f"/console/customers/{account}/acts/accounts.suspend"
    for token in ("", "0" * 64, tested.browser().get("/console/sign-in").hidden("form_token")):
        assert browser.submit(path, {"why": "because", "form_token": token}).status == 403
    good = browser.get(path).hidden("form_token")
    foreign = browser.submit(path, {"why": "because", "form_token": good}, {"origin": "https://evil.example"})
    assert foreign.status == 403
    assert "account.suspended" not in tested.events(account)


def test_idle_operator_signs_in_again(tested_sqlite: Tested) -> None:
    browser = owner(tested_sqlite)
    tested_sqlite.clock.advance(31 * MINUTE)
    assert browser.get("/console").location == "/console/sign-in?to=%2Fconsole"


def test_customers_password_opens_no_console(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    reply = tested_sqlite.browser().post("/console/sign-in", {"who": "lin@example.com", "password": PASSWORD})
    assert reply.status == 401
