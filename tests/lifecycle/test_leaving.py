"""Closing an account, coming back in time, being erased after it, and the list of erasures."""

import stat
from pathlib import Path

from sqlalchemy import text

from menshen.kit.clock import DAY, MINUTE
from menshen.lifecycle.store.erasures import Erased, Erasures
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.letters import letters


def closed(tested: Tested) -> Client:
    """A browser whose customer closed the account."""
    browser = tested.signed_in()
    reply = browser.post("/account/close")
    assert (reply.status, reply.location) == (303, "/closed")
    return browser


def hear(tested: Tested) -> None:
    """Let the listeners hear what they have not heard."""
    for job in tested.house.jobs:
        if job.name == "listen.lifecycle.erasures":
            job.run()


def test_closing_ends_sessions_and_signing_in_calls_it_back(tested: Tested) -> None:
    account = tested.customer()
    other = tested.signed_in()
    browser = closed(tested)
    assert "14天" in browser.get("/closed").words
    assert other.get("/account").status == 303
    assert [letter.to for letter in letters(tested, "lifecycle.closing")] == [["lin@example.com"]]
    tested.clock.advance(13 * DAY)
    assert tested.house.lifecycle.leaving.erase_due() == 0
    assert tested.browser().post("/sign-in", {"who": "lin@example.com", "password": PASSWORD}).location == "/account"
    tested.clock.advance(30 * DAY)
    assert tested.house.lifecycle.leaving.erase_due() == 0
    assert "account.closing_cancelled" in tested.events(account)


def test_after_the_grace_period_the_person_is_gone_and_the_list_says_so(tested: Tested) -> None:
    account = tested.customer()
    closed(tested)
    tested.clock.advance(14 * DAY)
    assert tested.house.lifecycle.leaving.erase_due() == 1
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
        assert standing
        assert standing.state == "erased"
        assert tx.scalar(text("select count(*) from accounts_identifiers")) == 0
        assert tx.scalar(text("select count(*) from outbox where addresses is not null")) == 0
    hear(tested)
    hear(tested)
    listed = Erasures(tested.data)
    assert [each.account for each in listed.read()] == [account]
    assert stat.S_IMODE(listed.file.stat().st_mode) == 0o600
    assert "lin" not in listed.file.read_text()


def test_a_restored_person_is_erased_again_by_the_list(tested: Tested) -> None:
    gone, stays = tested.customer(), tested.customer("stays@example.com")
    Erasures(tested.data).append(Erased(gone, 1, "event"))
    assert tested.house.lifecycle.leaving.replay() == 1
    assert tested.house.lifecycle.leaving.replay() == 0
    with tested.house.foundation.database.read() as tx:
        assert tested.house.accounts.find(tx, "customer", "lin@example.com") is None
        assert tested.house.accounts.find(tx, "customer", "stays@example.com")
    assert stays


def test_a_legal_hold_keeps_the_account(tested: Tested) -> None:
    account = tested.customer()
    closed(tested)
    with tested.house.foundation.database.write() as tx:
        tested.house.journal.place_hold(tx, reason="court", actor="test", account=account)
    tested.clock.advance(20 * DAY)
    assert tested.house.lifecycle.leaving.erase_due() == 0


def test_the_password_is_asked_for_again_before_closing(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    tested.clock.advance(11 * MINUTE)
    assert browser.post("/account/close", page="/account").location.startswith("/sign-in/again")
    assert "account.closing" not in tested.events(account)


def test_a_line_cut_short_spoils_no_other(tmp_path: Path) -> None:
    listed = Erasures(tmp_path)
    listed.append(Erased("a", 1, "e1"))
    with listed.file.open("ab") as file:
        file.write(b'{"account":"b","at":2,"ev')
    listed.append(Erased("b", 2, "e2"))
    assert [each.account for each in listed.read()] == ["a", "b"]
    listed.append(Erased("b", 2, "e2"))
    assert [each.account for each in listed.read()] == ["a", "b"]
