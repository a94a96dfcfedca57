"""Running acts: right, fresh proof, reason, preview, do, journal, undo; and always an owner left."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from typer.testing import CliRunner

from menshen.kit.clock import DAY, MINUTE
from menshen.kit.web.visitor import Proof, Visitor
from menshen.operators.rules import Done, Refusal, fields_of
from tests.houses import Tested
from tests.operators.crews import PASSWORD, invite, operator_id, owner, state_of, without_role
from tests.operators.test_inviting import mailed


def visitor_of(tested: Tested, account: str, *, age: int = 0) -> Visitor:
    """An operator as the keeper would show them, with a proof of that age."""
    proofs = (Proof("pwd", tested.clock.now() - age),)
    return Visitor(host="localhost:8080", source="127.0.0.1", realm="operator", account_id=account, proofs=proofs)


def run(tested: Tested, visitor: Visitor, verb: str, account: str, why: str = "because", **given: str) -> Any:
    """Run an act in a transaction of its own."""
    with tested.house.foundation.database.write() as tx:
        return tested.house.operators.run(tx, visitor, verb, account, given, why)


def second_owner(tested: Tested, email: str = "second@example.com") -> str:
    """A further owner, who came by mail."""
    invite(tested, email)
    tested.browser().post(mailed(tested, email), {"password": PASSWORD})
    return operator_id(tested, email)


def test_act_is_shown_done_told_and_undone_from_the_page(tested: Tested) -> None:
    browser = owner(tested)
    account = tested.customer()
    signed_in = tested.signed_in()
    path = f"/console/customers/{account}/acts/accounts.suspend"
    assert path in browser.get(f"/console/customers/{account}").text
    assert "停用" in browser.get(path).words
    done = browser.post(path, {"why": "asked us by phone"})
    assert done.status == 303
    assert state_of(tested, account) == "suspended"
    assert signed_in.get("/account/devices").location.startswith("/sign-in")
    page = browser.get(done.location)
    assert "已完成：停用账号。" in page.words
    run_id = done.location.partition("ran=")[2].partition("&")[0]
    undone = browser.post(f"/console/acts/{run_id}/undo", {}, page=done.location)
    assert undone.location.endswith("told=undone")
    assert state_of(tested, account) == "active"
    again = browser.post(f"/console/acts/{run_id}/undo", {}, page=done.location)
    assert again.location.endswith("told=not_undone")
    told = tested.events(account)
    assert told.count("act.done") == 1
    assert told.count("act.undone") == 1


def test_act_with_arguments_asks_for_them_first(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    account = tested.customer()
    path = f"/console/customers/{account}/acts/rotation.require_change"
    assert 'name="cause"' in browser.get(path).text
    shown = browser.get(f"{path}?cause=incident&days=2")
    assert "将会发生" in shown.words
    assert browser.post(path, {"cause": "incident", "days": "2", "why": "list of leaks"}).status == 303
    assert browser.post(path, {"cause": "nonsense", "days": "2", "why": "x"}).status == 409
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
    assert standing is not None
    assert standing.must_change_why == "incident"


def test_reason_is_needed(tested_sqlite: Tested) -> None:
    browser = owner(tested_sqlite)
    account = tested_sqlite.customer()
    path = f"/console/customers/{account}/acts/accounts.suspend"
    assert browser.post(path, {"why": "  "}).status == 422
    assert state_of(tested_sqlite, account) == "active"


def test_erasing_asks_whom_and_takes_the_reason_along(tested: Tested) -> None:
    browser = owner(tested)
    account = tested.customer()
    path = f"/console/customers/{account}/acts/accounts.erase"
    assert browser.post(path, {"why": "asked by 林薇", "sure": "林"}).status == 422
    assert state_of(tested, account) == "active"
    assert browser.post(path, {"why": "asked by 林薇", "sure": "林薇"}).status == 303
    assert state_of(tested, account) == "erased"
    page = browser.get(f"/console/customers/{account}")
    assert page.status == 200
    assert "林薇" not in page.text


def test_sensitive_act_asks_for_the_password_again(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    browser = owner(tested)
    account = tested.customer()
    tested.clock.advance(11 * MINUTE)
    path = f"/console/customers/{account}/acts/accounts.erase"
    asked = browser.get(path)
    assert asked.location.startswith("/console/sign-in/again?to=")
    reply = browser.post(asked.location, {"password": PASSWORD, "to": path}, page=asked.location)
    assert reply.location == path
    assert browser.get(path).status == 200


def test_run_itself_wants_right_and_fresh_proof(tested: Tested) -> None:
    """Bulk, playbooks and the API call it without a page before it."""
    owner(tested)
    without_role(tested)
    account = tested.customer()
    chief, roleless = operator_id(tested), operator_id(tested, "new@example.com")
    for visitor, verb, code in (
        (visitor_of(tested, roleless), "accounts.suspend", "operators.act.no_right"),
        (visitor_of(tested, account), "accounts.suspend", "operators.act.no_right"),
        (Visitor(host="h", source="s", realm="operator"), "accounts.suspend", "operators.act.no_right"),
        (Visitor(host="h", source="s", account_id=chief), "accounts.suspend", "operators.act.no_right"),
        (visitor_of(tested, chief, age=11 * MINUTE), "accounts.erase", "operators.act.again"),
        (visitor_of(tested, chief), "accounts.unlock", "accounts.act.no_change"),
        (visitor_of(tested, chief), "accounts.vanish", "operators.act.unknown"),
    ):
        refused = run(tested, visitor, verb, account)
        assert isinstance(refused, Refusal), verb
        assert refused.code == code
    assert state_of(tested, account) == "active"
    assert tested.events(account).count("act.refused") == 7


def test_undo_ends_after_a_day(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    owner(tested)
    account = tested.customer()
    chief = operator_id(tested)
    done = run(tested, visitor_of(tested, chief), "accounts.suspend", account)
    assert isinstance(done, Done)
    tested.clock.advance(DAY)
    with tested.house.foundation.database.write() as tx:
        late = tested.house.operators.undo(tx, visitor_of(tested, chief), done.run_id)
    assert late == Refusal("operators.undo.not_possible")
    assert state_of(tested, account) == "suspended"


def test_undo_wants_the_right_to_the_act(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    owner(tested)
    without_role(tested)
    account = tested.customer()
    done = run(tested, visitor_of(tested, operator_id(tested)), "accounts.suspend", account)
    visitor = visitor_of(tested, operator_id(tested, "new@example.com"))
    with tested.house.foundation.database.write() as tx:
        refused = tested.house.operators.undo(tx, visitor, done.run_id)
    assert refused == Refusal("operators.act.no_right")
    assert state_of(tested, account) == "suspended"


@pytest.mark.parametrize("verb", ["accounts.suspend", "accounts.lock", "accounts.erase"])
def test_last_owner_stays(tested: Tested, verb: str) -> None:
    owner(tested)
    chief = operator_id(tested)
    refused = run(tested, visitor_of(tested, chief), verb, chief)
    assert refused == Refusal("operators.act.last_owner")
    assert state_of(tested, chief) == "active"
    assert "act.done" not in tested.events(chief)
    assert "act.refused" in tested.events(chief)


def test_one_of_two_owners_may_go(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    owner(tested)
    second = second_owner(tested)
    assert isinstance(run(tested, visitor_of(tested, second), "accounts.suspend", operator_id(tested)), Done)


def test_two_owners_cannot_shut_each_other_out_at_once(tested_postgres: Tested) -> None:
    tested = tested_postgres
    owner(tested)
    pair = (operator_id(tested), second_owner(tested))

    def shut(at: int) -> Any:
        return run(tested, visitor_of(tested, pair[at]), "accounts.suspend", pair[1 - at])

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(shut, (0, 1)))
    assert sum(isinstance(outcome, Done) for outcome in outcomes) == 1
    assert sorted(state_of(tested, each) for each in pair) == ["active", "suspended"]


def test_undoing_twice_at_once_undoes_once(tested_postgres: Tested) -> None:
    tested = tested_postgres
    owner(tested)
    account = tested.customer()
    visitor = visitor_of(tested, operator_id(tested))
    done = run(tested, visitor, "accounts.suspend", account)

    def undo(_: int) -> Any:
        with tested.house.foundation.database.write() as tx:
            return tested.house.operators.undo(tx, visitor, done.run_id)

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(undo, range(6)))
    assert sum(isinstance(outcome, Done) for outcome in outcomes) == 1
    assert tested.events(account).count("act.undone") == 1


def test_command_line_runs_the_same_acts(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    account = tested.customer()
    act = next(room for room in tested.house.rooms if room.name == "operators").commands["act"]
    shown = CliRunner().invoke(act, ["accounts.suspend", "--account", "lin@example.com", "--dry-run"])
    assert (shown.exit_code, state_of(tested, account)) == (0, "active")
    assert CliRunner().invoke(act, ["accounts.suspend", "--account", account]).exit_code == 1
    done = CliRunner().invoke(act, ["accounts.suspend", "--account", account, "--why", "test"])
    assert (done.exit_code, state_of(tested, account)) == (0, "suspended")
    with tested.house.foundation.database.read() as tx:
        told = {entry.code: entry.actor for entry in tested.house.journal.history(tx, account)}
    assert told["act.done"] == told["account.suspended"] == "cli"
    given = ["accounts.join_group", "--account", account, "--why", "test", "--argument", "group=gold"]
    assert CliRunner().invoke(act, given).exit_code == 0
    assert "accounts.suspend" in CliRunner().invoke(act, ["list"]).output


def test_every_act_has_words_in_both_languages(tested_sqlite: Tested) -> None:
    texts = tested_sqlite.house.texts
    acts = tested_sqlite.house.acts
    assert len(acts) >= 9
    for act in acts:
        assert texts.knows(f"act.{act.verb}"), act.verb
        for each in fields_of(act.arguments):
            assert texts.knows(f"act.{act.verb}.{each.name}"), (act.verb, each.name)
            for choice in each.choices:
                assert texts.knows(f"{act.verb.partition('.')[0]}.{each.name}.{choice}"), choice


def test_every_event_of_the_house_can_be_told(tested_sqlite: Tested) -> None:
    house = tested_sqlite.house
    untold = [e.code for room in house.rooms for e in room.events if not house.texts.knows(f"event.{e.code}")]
    assert untold == []
