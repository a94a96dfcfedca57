"""Signing up from the address to the first session, on both databases, and what must not work there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from menshen.accounts.rules import read
from menshen.kit.clock import HOUR, MINUTE, SECOND
from menshen.kit.web.visitor import Visitor
from menshen.signin.rules import Wish
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.letters import letters

LETTER = "lifecycle.letter"


def asked(tested: Tested, email: str = "new@example.com", to: str = "") -> Client:
    """A browser that asked for an account, on its way to a page."""
    tested.clock.advance(SECOND)
    browser = tested.browser()
    assert f'name="to" value="{to}"' in browser.get(f"/sign-up?to={to}").text
    reply = browser.post("/sign-up", {"email": email, "to": to})
    assert (reply.status, reply.location) == (303, "/sign-up/code")
    return browser


def proven(tested: Tested, email: str = "new@example.com", to: str = "") -> Client:
    """A browser that typed the code."""
    browser = asked(tested, email, to)
    reply = browser.post("/sign-up/code", {"code": letters(tested, LETTER)[-1].facts["code"]})
    assert reply.location == "/sign-up/password"
    return browser


def accounts(tested: Tested) -> int:
    """How many accounts there are."""
    with tested.house.foundation.database.read() as tx:
        return int(tx.scalar(text("select count(*) from accounts")))


def test_address_code_and_password_lead_in(tested: Tested) -> None:
    browser = proven(tested, to="/account/devices")
    assert accounts(tested) == 0
    assert "旧密码" not in browser.get("/sign-up/password").words
    reply = browser.post("/sign-up/password", {"name": "陈晨", "password": PASSWORD})
    assert (reply.status, reply.location) == (303, "/account/devices")
    assert browser.get("/account").status == 200
    assert "陈晨" in browser.get("/account").words
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.find(tx, "customer", "new@example.com")
        assert standing
        assert tested.house.accounts.addresses(tx, standing.account_id, True) == ("new@example.com",)
    assert tested.browser().post("/sign-in", {"who": "new@example.com", "password": PASSWORD}).status == 303
    assert browser.post("/sign-up/password", {"password": PASSWORD}, page="/sign-up").location == "/sign-up?gone=1"


def test_s14_a_known_address_reads_the_same_and_its_owner_is_told(tested: Tested) -> None:
    tested.customer()
    seen = set()
    for email in ("lin@example.com", "new@example.com"):
        browser = asked(tested, email)
        page = browser.get("/sign-up/code")
        wrong = browser.post("/sign-up/code", {"code": "00000000"})
        seen.add((page.status, page.words.replace(email, ""), wrong.status, wrong.words.replace(email, "")))
    assert len(seen) == 1
    assert [(letter.code, letter.to) for letter in letters(tested)] == [
        ("lifecycle.known", ["lin@example.com"]),
        (LETTER, ["new@example.com"]),
    ]


def test_s49_a_stranger_s_sign_up_leaves_nothing_for_the_owner_of_the_address(tested: Tested) -> None:
    stranger = asked(tested, "victim@example.com")
    assert accounts(tested) == 0
    owner = tested.browser()
    link = letters(tested, LETTER)[0].path
    assert owner.get(link).status == 200
    assert owner.post(link).location == "/sign-up/password"
    assert stranger.get("/sign-up/password").location == "/sign-up?gone=1"
    reply = stranger.post("/sign-up/password", {"password": PASSWORD}, page="/sign-up")
    assert reply.location == "/sign-up?gone=1"
    assert accounts(tested) == 0


def test_an_address_proven_elsewhere_meanwhile_is_not_given_twice(tested: Tested) -> None:
    browser = proven(tested)
    tested.customer("new@example.com")
    reply = browser.post("/sign-up/password", {"password": PASSWORD})
    assert reply.status == 409
    assert accounts(tested) == 1


def test_a_claim_of_somebody_else_falls_to_whoever_proves_the_address(tested: Tested) -> None:
    claimed = read("email", "new@example.com", "CN")
    own = read("email", "other@example.com", "CN").verified()
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.create(tx, "customer", identifiers=(own, claimed))
    browser = proven(tested)
    assert browser.post("/sign-up/password", {"password": PASSWORD}).status == 303


@pytest.mark.parametrize(
    "email", ["a@evil.com@corp.com", '"x@corp.com"@evil.com', "a(b)@corp.com", "a@[127.0.0.1]", "v@x.cn,me@y.cn", "a"]
)
def test_s51_ambiguous_addresses_are_refused(tested: Tested, email: str) -> None:
    reply = tested.browser().post("/sign-up", {"email": email})
    assert reply.status == 422
    assert letters(tested) == []


def test_s27_s48_long_passwords_and_unknown_fields_are_refused(tested: Tested) -> None:
    browser = proven(tested)
    assert browser.post("/sign-up/password", {"password": "a" * 60_000}).status in (413, 422)
    assert browser.post("/sign-up/password", {"password": PASSWORD, "email_verified": "1"}).status == 400
    assert accounts(tested) == 0


def test_a_sign_up_ends_after_half_an_hour(tested: Tested) -> None:
    browser = proven(tested)
    tested.clock.advance(30 * MINUTE + SECOND)
    reply = browser.post("/sign-up/password", {"password": PASSWORD}, page="/sign-up")
    assert reply.location == "/sign-up?gone=1"


def test_asking_is_limited_alike_for_known_and_unknown_addresses(tested: Tested) -> None:
    tested.customer()
    seen = []
    for email in ("lin@example.com", "new@example.com"):
        browser = tested.browser()
        seen.append([browser.post("/sign-up", {"email": email}).status for _ in range(6)])
        tested.clock.advance(2 * HOUR)
    assert seen == [[303] * 5 + [429]] * 2


def test_many_uses_of_one_sign_up_make_one_account(tested_postgres: Tested) -> None:
    tested, joining = tested_postgres, tested_postgres.house.lifecycle.joining
    visitor = Visitor(host="localhost:8080", source="203.0.113.9")
    token = joining.begin(visitor, "new@example.com", Wish("customer"))
    assert isinstance(token, str)
    code = letters(tested, LETTER)[0].facts["code"]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: joining.try_code(visitor, token, code), range(200)))
    assert sum(isinstance(each, str) for each in found) == 1
