"""Ways through signing in: proving again, forced change, the human check, and what each leaves in the journal."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from altcha import v1 as altcha
from sqlalchemy import text

from menshen.kit.clock import DAY, MINUTE, SECOND
from menshen.kit.web.visitor import Proof
from menshen.signin import rules
from menshen.signin.rules import Facts, Refuse
from menshen.signin.service import proven_now
from tests.client import Client, Reply
from tests.houses import PASSWORD, Tested
from tests.letters import letters

NEW = "Quitten-9-Kelter?"
LIN = {"who": "lin@example.com", "password": PASSWORD}


def why(tested: Tested, account: str) -> list[str]:
    """Reasons of refusals, newest first."""
    with tested.house.foundation.database.read() as tx:
        entries = tested.house.journal.history(tx, account)
    return [str(entry.facts["why"]) for entry in entries if entry.code == "signin.refused"]


@pytest.mark.parametrize(
    "password", ["", " ", "\0", "x" * 200, "王" * 400, "\ud800".encode("utf-8", "replace").decode()]
)
def test_no_odd_password_opens_anything(tested_sqlite: Tested, password: str) -> None:
    """S-2, S-10: the same answer for known and unknown."""
    tested_sqlite.customer()
    tested_sqlite.customer("asleep@example.com", None)
    replies = {
        (reply.status, reply.text.replace(who, ""))
        for who in ("lin@example.com", "asleep@example.com", "nobody@example.com")
        for reply in [with_one_door(tested_sqlite).post("/sign-in", {"who": who, "password": password})]
    }
    assert len(replies) == 1
    assert replies.pop()[0] in (400, 401, 422)


def with_one_door(tested: Tested) -> Client:
    """Browsers whose form tokens are alike, so that pages can be compared whole."""
    if not tested.clients:
        tested.browser().get("/sign-in")
    return tested.browser(cookies=dict(tested.clients[0].cookies))


def test_an_exception_in_a_requirement_is_a_refusal(tested_sqlite: Tested, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-1."""

    def broken(facts: Facts) -> None:
        raise ZeroDivisionError

    account = tested_sqlite.customer()
    monkeypatch.setitem(rules.REQUIREMENTS, "the proofs are strong enough", broken)
    reply = tested_sqlite.browser().post("/sign-in", LIN)
    assert reply.status == 401
    assert why(tested_sqlite, account)[0] == "fault"


def test_the_journal_says_why_and_the_page_does_not(tested: Tested) -> None:
    account = tested.customer()
    pages = set()
    browser = with_one_door(tested)
    pages.add(browser.post("/sign-in", {**LIN, "password": "wrong"}).text)
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.suspend(tx, account, actor="test")
    tested.clock.advance(SECOND)
    pages.add(browser.post("/sign-in", LIN).text)
    assert why(tested, account)[:2] == ["state", "password"]
    assert len(pages) == 1


def test_a_shut_account_costs_no_second_hash(tested_sqlite: Tested) -> None:
    """Its password would be upgraded when it is right, and the time would tell."""
    account = tested_sqlite.customer()
    with tested_sqlite.house.foundation.database.write() as tx:
        tested_sqlite.house.accounts.suspend(tx, account, actor="test")
        tx.execute(text("update passwords set weak = 1"))
    lane = tested_sqlite.house.credentials.lane
    for password in (PASSWORD, "wrong"):
        before = lane.hashed
        assert tested_sqlite.browser().post("/sign-in", {**LIN, "password": password}).status == 401
        assert lane.hashed - before == 1


def test_an_account_suspended_while_the_hash_runs_stays_out(tested: Tested, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-21, S-76: the facts are read again inside; seen red with the standing row of the first transaction."""
    account = tested.customer()
    check = tested.house.credentials.check

    def suspended_meanwhile(*given: Any) -> Any:
        checked = check(*given)
        with tested.house.foundation.database.write() as tx:
            tested.house.accounts.suspend(tx, account, actor="test")
        return checked

    monkeypatch.setattr(tested.house.credentials, "check", suspended_meanwhile)
    assert tested.browser().post("/sign-in", LIN).status == 401


# --- proving again


def test_something_sensitive_asks_for_the_password_again(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    tested.clock.advance(11 * MINUTE)
    asked = browser.get("/account/password")
    assert asked.location == "/sign-in/again?to=%2Faccount%2Fpassword"
    wrong = browser.post("/sign-in/again", {"password": "wrong", "to": "/account/password"}, page=asked.location)
    assert wrong.status == 401
    tested.clock.advance(SECOND)
    before = browser.cookies["__Host-session"]
    right = browser.post("/sign-in/again", {"password": PASSWORD, "to": "/account/password"}, page=asked.location)
    assert (right.status, right.location) == (303, "/account/password")
    assert browser.cookies["__Host-session"] != before
    assert browser.get("/account/password").status == 200
    old = tested.browser(cookies={"__Host-session": before})
    assert old.get("/account/devices").location.startswith("/sign-in")
    assert tested.events(account)[:2] == ["signin.proven_again", "signin.refused"]


def test_wrong_tries_at_the_second_door_are_counted_like_those_at_the_first(tested_sqlite: Tested) -> None:
    """S-22."""
    account = tested_sqlite.customer()
    browser = tested_sqlite.signed_in()
    for _ in range(15):
        browser.post("/sign-in/again", {"password": "wrong"})
    assert "signin.throttled" in tested_sqlite.events(account)
    assert browser.post("/sign-in/again", {"password": PASSWORD}).status != 303


def test_a_proof_of_another_method_outlives_the_password_proven_again() -> None:
    proofs = (Proof("pwd", 1), Proof("otp", 2))
    assert proven_now(proofs, 9) == (Proof("otp", 2), Proof("pwd", 9))


# --- forced change


def due(tested: Tested, account: str) -> None:
    tested.clock.advance(SECOND)
    with tested.house.foundation.database.write() as tx:
        tested.house.rotation.require_change(tx, account, "incident", who="test")


def forced(tested: Tested, browser: Client, new: str = NEW) -> Reply:
    assert browser.post("/sign-in", LIN, page="/sign-in").location == "/sign-in/change"
    return browser.post("/sign-in/change", {"current": PASSWORD, "password": new})


def test_a_forced_change_keeps_a_known_device_and_writes_no_letter(tested: Tested) -> None:
    """Though a change forgets every device, and a stranger's would be told of."""
    account = tested.customer()
    browser = tested.signed_in()
    browser.post("/sign-out", page="/account/devices")
    due(tested, account)
    assert forced(tested, browser).location == "/account"
    assert letters(tested, "signin.new_device") == []
    with tested.house.foundation.database.read() as tx:
        assert account in tested.house.sessions.known_for(tx, browser.cookies["__Host-device"])


def test_a_forced_change_ends_in_the_same_requirements(tested: Tested, monkeypatch: pytest.MonkeyPatch) -> None:
    """One way in; seen red while the change opened its session by itself."""
    account = tested.customer()
    browser = tested.browser()
    due(tested, account)
    assert browser.post("/sign-in", LIN).location == "/sign-in/change"
    monkeypatch.setitem(rules.REQUIREMENTS, "the proofs are strong enough", lambda facts: Refuse("assurance"))
    reply = browser.post("/sign-in/change", {"current": PASSWORD, "password": NEW})
    assert reply.location == "/sign-in"
    assert "__Host-session" not in browser.cookies
    assert why(tested, account)[0] == "assurance"


def end_by_epoch(tested: Tested, account: str) -> None:
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.bump_epoch(tx, account)


def let_time_pass(tested: Tested, account: str) -> None:
    tested.clock.advance(15 * MINUTE)


@pytest.mark.parametrize("end", [end_by_epoch, let_time_pass])
def test_an_attempt_dies_with_the_epoch_and_with_time(tested: Tested, end: Callable[[Tested, str], None]) -> None:
    account = tested.customer()
    browser = tested.browser()
    due(tested, account)
    assert browser.post("/sign-in", LIN).location == "/sign-in/change"
    end(tested, account)
    assert browser.get("/sign-in/change").location == "/sign-in"
    sent = {"current": PASSWORD, "password": NEW, "form_token": browser.get("/sign-in").hidden("form_token")}
    assert browser.submit("/sign-in/change", sent).location == "/sign-in"
    assert "password.changed" not in tested.events(account)


def test_an_attempt_of_one_realm_is_nothing_in_the_other(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    browser = tested_sqlite.browser()
    due(tested_sqlite, account)
    browser.post("/sign-in", LIN)
    assert browser.get("/console/sign-in/change").location == "/console/sign-in"


def test_attempts_are_swept(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    due(tested_sqlite, account)
    tested_sqlite.browser().post("/sign-in", LIN)
    (sweep,) = [job for job in tested_sqlite.house.jobs if job.name == "signin.sweep"]
    assert sweep.run() == 0
    tested_sqlite.clock.advance(DAY)
    assert sweep.run() == 1


# --- the human check


def attacked(tested: Tested, address: str = "203.0.113.7") -> Client:
    """A browser in a network from which many guess."""
    for number in range(9):
        tested.browser(address=address).post("/sign-in", {"who": f"guess{number}@example.com", "password": "wrong"})
    return tested.browser(address=address)


def solved(task: str) -> str:
    """What our module in the browser would send."""
    given = json.loads(task)
    found = altcha.solve_challenge(given["challenge"], given["salt"], given["algorithm"], given["maxNumber"], 0)
    assert found is not None
    payload = altcha.Payload(
        algorithm=given["algorithm"],
        challenge=given["challenge"],
        number=found.number,
        salt=given["salt"],
        signature=given["signature"],
    )
    return payload.to_base64()


def test_under_attack_a_stranger_works_once_for_each_try(tested: Tested) -> None:
    tested.customer()
    browser = attacked(tested)
    asked = browser.post("/sign-in", LIN)
    assert asked.status == 403
    task = asked.hidden("human_task")
    assert browser.post("/sign-in", {**LIN, "human_task": task, "human": "e30="}).status == 403
    task = browser.post("/sign-in", LIN).hidden("human_task")
    answer = {"human_task": task, "human": solved(task)}
    assert browser.post("/sign-in", {**LIN, "password": "wrong", **answer}).status == 401
    assert browser.post("/sign-in", {**LIN, **answer}).status == 403
    task = browser.post("/sign-in", LIN).hidden("human_task")
    assert browser.post("/sign-in", {**LIN, "human_task": task, "human": solved(task)}).status == 303


def test_under_attack_a_known_device_is_asked_nothing(tested_sqlite: Tested) -> None:
    """Seen red with the device left out of the question."""
    tested_sqlite.customer()
    owner = tested_sqlite.signed_in(address="203.0.113.7")
    owner.post("/sign-out", page="/account/devices")
    attacked(tested_sqlite)
    assert owner.post("/sign-in", LIN).status == 303


def test_without_scripts_patience_does(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    browser = attacked(tested_sqlite)
    task = browser.post("/sign-in", LIN).hidden("human_task")
    assert browser.post("/sign-in", {**LIN, "human_task": task}).status == 403
    task = browser.post("/sign-in", LIN).hidden("human_task")
    tested_sqlite.clock.advance(20 * SECOND)
    assert browser.post("/sign-in", {**LIN, "human_task": task}).status == 303


# --- order in the lane


def test_a_made_up_device_cookie_buys_no_place_before_others(
    tested_sqlite: Tested, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-171: seen red while any 43 characters passed for a known device."""
    tested_sqlite.customer()
    seen: list[str] = []
    run = tested_sqlite.house.credentials.lane.run

    async def watched(call: Callable[[], Any], *, device: str = "") -> Any:
        seen.append(device)
        return await run(call, device=device)

    monkeypatch.setattr(tested_sqlite.house.credentials.lane, "run", watched)
    known = tested_sqlite.signed_in()
    known.post("/sign-out", page="/account/devices")
    known.post("/sign-in", LIN)
    tested_sqlite.browser(cookies={"__Host-device": "x" * 43}).post("/sign-in", LIN)
    assert seen == ["", known.cookies["__Host-device"], ""]
