"""Sessions and remembered devices: opened afresh, listed while they live, ended at once, never taken over."""

import threading

import pytest
from sqlalchemy import text

from menshen.kit.clock import DAY, HOUR, MINUTE
from menshen.kit.web.visitor import Proof, Visitor
from menshen.sessions.rules import DEVICE_LASTS, Limits
from menshen.sessions.service import hashed
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.letters import letters

LIMITS = Limits(idle=15 * MINUTE, absolute=12 * HOUR, parallel=3)
VISITOR = Visitor(host="localhost:8080", source="192.0.2.1")


def opened(tested: Tested, account: str) -> str:
    """A session of its own; returns its public id."""
    with tested.house.foundation.database.write() as tx:
        standing, proofs = tested.house.accounts.standing(tx, account), (Proof("pwd", tested.clock.now()),)
        assert standing is not None
        _, session = tested.house.sessions.open(
            tx, account, epoch=standing.epoch, proofs=proofs, visitor=VISITOR, limits=LIMITS, host="localhost:8080"
        )
    return session


def live(tested: Tested, account: str) -> list[str]:
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
        assert standing is not None
        found = tested.house.sessions.of_account(tx, account, epoch=standing.epoch, limits=LIMITS)
        return [session.id for session in found]


def devices(tested: Tested, account: str) -> int:
    with tested.house.foundation.database.read() as tx:
        return len(tested.house.sessions.devices(tx, account))


def test_a_token_from_the_database_signs_nobody_in(tested: Tested) -> None:
    """S-75: only hashes lie there."""
    tested.customer()
    browser = tested.signed_in()
    with tested.house.foundation.database.read() as tx:
        (kept,) = tx.all(text("select token_hash from sessions"))
    assert bytes(kept.token_hash) == hashed(browser.cookies["__Host-session"])
    thief = tested.browser(cookies={"__Host-session": bytes(kept.token_hash).hex()})
    assert thief.get("/account").location.startswith("/sign-in")


@pytest.mark.parametrize("cookie", ["", "%00", "A" * 4096, "x", "\u00e9", "null", '{"account":"a"}'])
def test_what_is_no_token_is_nobody(tested_sqlite: Tested, cookie: str) -> None:
    """S-6, S-74."""
    tested_sqlite.customer()
    tested_sqlite.signed_in()
    browser = tested_sqlite.browser(cookies={"__Host-session": cookie})
    assert browser.get("/account").status in (303, 400)


def test_those_longest_unused_make_room_for_the_newest(tested: Tested) -> None:
    """Not the oldest, and not the newest after the clock jumped back."""
    account = tested.customer()
    first = opened(tested, account)
    for _ in range(2):
        tested.clock.advance(MINUTE)
        opened(tested, account)
    tested.clock.advance(MINUTE)
    with tested.house.foundation.database.write() as tx:
        session = tested.house.sessions.find(tx, account, first)
        assert session is not None
        tested.house.sessions.see(tx, session)
    tested.clock.advance(-10)
    newest = opened(tested, account)
    assert len(live(tested, account)) == 3
    assert {first, newest} < set(live(tested, account))
    assert tested.events(account).count("session.ended") == 1


def test_many_at_once_stay_within_the_limit(tested_postgres: Tested) -> None:
    """Ten may be open at once under the profile classic."""
    tested, account = tested_postgres, tested_postgres.customer()
    browsers = [tested.browser(address=f"198.51.100.{number}") for number in range(14)]
    pages = [browser.get("/sign-in").hidden("form_token") for browser in browsers]

    def sign_in(browser: Client, token: str) -> None:
        browser.submit("/sign-in", {"who": "lin@example.com", "password": PASSWORD, "form_token": token})

    threads = [threading.Thread(target=sign_in, args=pair) for pair in zip(browsers, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 1 <= len(live(tested, account)) <= 10


def test_what_is_over_by_itself_is_not_shown(tested: Tested) -> None:
    """Its row lies there until it is swept."""
    account = tested.customer()
    opened(tested, account)
    tested.clock.advance(15 * MINUTE)
    assert live(tested, account) == []
    second = opened(tested, account)
    assert live(tested, account) == [second]
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.bump_epoch(tx, account)
    assert live(tested, account) == []


def test_a_shorter_limit_binds_sessions_that_live(tested_sqlite: Tested) -> None:
    """S-78."""
    tested, policy = tested_sqlite, tested_sqlite.house.policy
    tested.customer(groups=("vip",))
    with tested.house.foundation.database.write() as tx:
        assert policy.assign(tx, "vip", "modern", actor="test") is None
    browser = tested.signed_in()
    tested.clock.advance(20 * MINUTE)
    assert browser.get("/account/devices").status == 200
    tested.clock.advance(20 * MINUTE)
    with tested.house.foundation.database.write() as tx:
        assert policy.release(tx, "vip", actor="test") is None
    assert browser.get("/account/devices").location.startswith("/sign-in")


def test_ending_all_others_keeps_this_browser_and_its_device(tested: Tested) -> None:
    account = tested.customer()
    here, others = tested.signed_in(), [tested.signed_in() for _ in range(2)]
    assert devices(tested, account) == 3
    assert here.post("/account/devices/others/end", page="/account/devices").status == 303
    assert here.get("/account/devices").status == 200
    assert [each.get("/account/devices").location[:8] for each in others] == ["/sign-in"] * 2
    assert devices(tested, account) == 1
    assert tested.events(account)[0] == "sessions.ended"
    known = others[0].cookies["__Host-device"]
    with tested.house.foundation.database.read() as tx:
        assert tested.house.sessions.known_for(tx, known) == {}


def test_forgetting_devices_alone_is_journaled_too(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    browser = tested_sqlite.signed_in()
    browser.post("/sign-out", page="/account/devices")
    with tested_sqlite.house.foundation.database.write() as tx:
        assert tested_sqlite.house.sessions.end_all(tx, account) == 0
    assert tested_sqlite.events(account)[0] == "sessions.ended"
    assert devices(tested_sqlite, account) == 0


def test_forgetting_a_device_ends_its_sessions_and_no_other(tested: Tested) -> None:
    """S-79: two devices, two tokens."""
    account = tested.customer()
    one, two = tested.signed_in(), tested.signed_in()
    assert one.cookies["__Host-device"] != two.cookies["__Host-device"]
    with tested.house.foundation.database.read() as tx:
        gone = tested.house.sessions.known_for(tx, two.cookies["__Host-device"])[account]
    one.post(f"/account/devices/{gone}/forget", page="/account/devices")
    assert one.get("/account/devices").status == 200
    assert two.get("/account/devices").location.startswith("/sign-in")


def test_nobody_ends_or_forgets_what_is_anothers(tested: Tested) -> None:
    """S-71."""
    lin, wang = tested.customer(), tested.customer("wang@example.com")
    tested.signed_in()
    thief = tested.signed_in("wang@example.com")
    (session,) = live(tested, lin)
    with tested.house.foundation.database.read() as tx:
        (device,) = tested.house.sessions.devices(tx, lin)
    thief.post(f"/account/devices/{session}/end", page="/account/devices")
    thief.post(f"/account/devices/{device.id}/forget", page="/account/devices")
    assert live(tested, lin) == [session]
    assert devices(tested, lin) == 1
    assert "session.ended" not in tested.events(lin) + tested.events(wang)


def test_a_planted_device_cookie_knows_nothing_of_who_signs_in_with_it(tested: Tested) -> None:
    """S-72: an account that joins a browser gives it a new token."""
    tested.customer()
    tested.customer("thief@example.com")
    thief = tested.signed_in("thief@example.com")
    planted = thief.cookies["__Host-device"]
    victim = tested.browser(cookies={"__Host-device": planted})
    victim.post("/sign-in", {"who": "lin@example.com", "password": PASSWORD, "remember": "1"})
    assert victim.cookies["__Host-device"] != planted
    with tested.house.foundation.database.read() as tx:
        assert tested.house.sessions.known_for(tx, planted) == {}
        assert len(tested.house.sessions.known_for(tx, victim.cookies["__Host-device"])) == 2
    made_up = tested.browser(cookies={"__Host-device": "x" * 43})
    made_up.post("/sign-in", {"who": "lin@example.com", "password": PASSWORD, "remember": "1"})
    assert made_up.cookies["__Host-device"] != "x" * 43


def test_a_known_device_brings_no_letter_and_a_new_one_does(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    known = tested_sqlite.signed_in()
    assert letters(tested_sqlite, "signin.new_device") == []
    known.post("/sign-in", {"who": "lin@example.com", "password": PASSWORD}, page="/account/devices")
    assert letters(tested_sqlite, "signin.new_device") == []
    tested_sqlite.browser().post("/sign-in", {"who": "lin@example.com", "password": PASSWORD})
    assert len(letters(tested_sqlite, "signin.new_device")) == 1


def test_what_nobody_can_use_any_more_is_swept(tested: Tested) -> None:
    account = tested.customer()
    tested.signed_in()
    opened(tested, account)
    (sweep,) = [job for job in tested.house.jobs if job.name == "sessions.purge"]
    assert sweep.run() == 0
    tested.clock.advance(31 * DAY)
    assert (sweep.run(), devices(tested, account)) == (2, 1)
    tested.clock.advance(DEVICE_LASTS)
    assert (sweep.run(), devices(tested, account)) == (0, 0)
