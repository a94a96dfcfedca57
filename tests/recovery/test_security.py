"""What must not work in recovery: each case was seen to fail with its guard off."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from menshen.accounts.rules import Standing, read
from menshen.credentials.service.changing import Proposal
from menshen.kit.clock import SECOND
from menshen.kit.web.visitor import Visitor
from menshen.recovery.rules import Proven
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.letters import letters
from tests.recovery.test_flow import LETTER, NEW, asked, proven, signs_in


def test_s37_no_order_of_pages_reaches_a_new_password_without_the_code(tested: Tested) -> None:
    tested.customer()
    steps: list[Callable[[Client], object]] = [
        lambda b: b.post("/recover", {"who": "lin@example.com"}),
        lambda b: b.post("/recover/code", {"code": ""}, page="/recover"),
        lambda b: b.post("/recover/code", {"code": "12345678"}, page="/recover"),
        lambda b: b.post("/recover/again", page="/recover"),
        lambda b: b.post("/recover/link/" + "A" * 43, page="/recover"),
        lambda b: b.get("/recover/password"),
    ]
    for start in range(len(steps)):
        browser = tested.browser()
        for step in (*steps[start:], *steps[:start]):
            step(browser)
            reply = browser.post("/recover/password", {"password": NEW}, page="/recover")
            assert reply.location == "/recover?gone=1"
            browser.cookies.pop("__Host-recovery", None)
            if start == 0:
                browser.post("/recover", {"who": "lin@example.com"})
    assert signs_in(tested, PASSWORD)


def test_s37_the_verb_itself_sets_no_password_at_the_step_before_the_proof(tested: Tested) -> None:
    tested.customer()
    visitor = Visitor(host="localhost:8080", source="203.0.113.9")
    token = tested.house.recovery.begin(visitor, "lin@example.com", "", "")
    assert isinstance(token, str)
    assert tested.house.recovery.choose(visitor, token, NEW, None) is None
    assert signs_in(tested, PASSWORD)


@pytest.mark.parametrize("body", ["who[]=lin%40example.com&who[]=me%40evil.example", "who=a&who=b"])
def test_s38_lists_of_addresses_are_refused(tested: Tested, body: str) -> None:
    tested.customer()
    browser = tested.browser()
    token = browser.get("/recover").hidden("form_token")
    headers = {"origin": "http://localhost:8080", "content-type": "application/x-www-form-urlencoded"}
    reply = browser.send("POST", "/recover", f"{body}&form_token={token}".encode(), headers)
    assert reply.status == 400
    assert letters(tested) == []


@pytest.mark.parametrize(
    "typed", ["lin@example.com,me@evil.example", "lin@example.com\nBcc:me@evil.example", "lın@example.com"]
)
def test_s38_s39_only_the_stored_address_is_ever_written_to(tested: Tested, typed: str) -> None:
    tested.customer()
    asked(tested, typed)
    assert {address for letter in letters(tested) for address in letter.to} <= {"lin@example.com"}


def test_s40_links_have_the_configured_base_whatever_headers_say(tested: Tested) -> None:
    tested.customer()
    browser = tested.browser()
    token = browser.get("/recover").hidden("form_token")
    evil = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "forwarded": "host=evil.example"}
    browser.submit("/recover", {"who": "lin@example.com", "form_token": token}, evil)
    assert letters(tested, LETTER)[0].facts["link"].startswith("http://localhost:8080/recover/link/")


@pytest.mark.parametrize("link", ["", "null", "0", "A" * 43, "%00", "x" * 300])
def test_s43_an_empty_or_foreign_link_opens_nothing(tested: Tested, link: str) -> None:
    tested.customer()
    asked(tested)
    browser = tested.browser()
    for path in (f"/recover/link/{link}", f"/not-me/{link}"):
        assert browser.get(path).status in (303, 400, 404)
        assert browser.post(path, page="/recover").status in (303, 400, 404)
    assert "__Host-recovery" not in browser.cookies


def test_s33_a_password_change_kills_links_codes_and_proven_attempts(tested: Tested) -> None:
    account = tested.customer()
    proven_one, waiting = proven(tested), asked(tested)
    letter = letters(tested, LETTER)[-1]
    standing = _standing(tested, account)
    proposal = tested.house.changing.propose(standing, "Seerose-5-Kapitel!", current=None)
    tested.clock.advance(SECOND)
    with tested.house.foundation.database.write() as tx:
        assert isinstance(proposal, Proposal)
        assert tested.house.changing.put(tx, proposal, None)
    assert tested.browser().get(letter.path).location == "/recover?gone=1"
    assert waiting.post("/recover/code", {"code": letter.facts["code"]}).location == "/recover?gone=1"
    reply = proven_one.post("/recover/password", {"password": NEW}, page="/recover")
    assert reply.location == "/recover?gone=1"
    assert signs_in(tested, "Seerose-5-Kapitel!")


def test_s33_an_address_that_left_the_account_recovers_it_no_longer(tested: Tested) -> None:
    account = tested.customer()
    browser = proven(tested)
    with tested.house.foundation.database.write() as tx:
        old, new = read("email", "lin@example.com", "CN"), read("email", "new@example.com", "CN").verified()
        tested.house.accounts.replace_identifier(tx, account, old, new)
    assert browser.post("/recover/password", {"password": NEW}).location == "/recover?gone=1"
    assert signs_in(tested, PASSWORD, "new@example.com")


@pytest.mark.parametrize("state", ["suspend", "erase"])
def test_s21_an_account_shut_meanwhile_ends_a_proven_attempt(tested: Tested, state: str) -> None:
    account = tested.customer()
    browser = proven(tested)
    with tested.house.foundation.database.write() as tx:
        if state == "suspend":
            tested.house.accounts.suspend(tx, account, actor="test")
        else:
            tables = [table for room in tested.house.rooms for table in room.tables]
            tested.house.accounts.erase(tx, account, tables, actor="test")
    assert browser.post("/recover/password", {"password": NEW}, page="/recover").location == "/recover?gone=1"


def test_asking_is_limited_alike_for_known_and_unknown_and_never_shuts_out_a_known_device(tested: Tested) -> None:
    tested.customer()
    owner = tested.signed_in()
    seen = []
    for who in ("lin@example.com", "nobody@example.com"):
        browser = tested.browser(address="203.0.113.5")
        replies = [browser.post("/recover", {"who": who}) for _ in range(6)]
        seen.append([(reply.status, reply.words.replace(who, "")) for reply in replies])
    assert seen[0] == seen[1]
    assert [status for status, _ in seen[0]] == [303] * 5 + [429]
    assert owner.post("/recover", {"who": "lin@example.com"}).status == 303


def test_an_anonymous_look_writes_nothing(tested: Tested) -> None:
    tested.customer()
    browser = tested.browser()
    for path in ("/recover", "/recover/code", "/recover/password", "/recover/link/" + "A" * 43):
        browser.get(path)
    with tested.house.foundation.database.read() as tx:
        assert tx.scalar(text("select count(*) from recoveries")) == 0


def test_many_uses_of_one_code_prove_once(tested_postgres: Tested) -> None:
    tested, recovery = tested_postgres, tested_postgres.house.recovery
    tested.customer()
    visitor = Visitor(host="localhost:8080", source="203.0.113.9")
    token = recovery.begin(visitor, "lin@example.com", "", "")
    assert isinstance(token, str)
    code = letters(tested, LETTER)[0].facts["code"]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: recovery.try_code(visitor, token, code), range(200)))
    assert sum(isinstance(each, Proven) for each in found) == 1


def _standing(tested: Tested, account: str) -> Standing:
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
    assert standing is not None
    return standing
