"""Signing in from page to database and back, on both databases."""

from menshen.kit.clock import DAY, MINUTE
from tests.houses import PASSWORD, Tested


def test_right_password_opens_a_session_with_a_fresh_token(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.browser()
    browser.cookies["__Host-session"] = "chosen-by-somebody-else-0000000000000000000"
    reply = browser.post("/sign-in", {"who": "LIN@example.com ", "password": PASSWORD})
    assert (reply.status, reply.location) == (303, "/account")
    assert browser.cookies["__Host-session"] != "chosen-by-somebody-else-0000000000000000000"
    assert browser.get("/account/devices").status == 200
    assert "session.started" in tested.events(account)


def test_everyone_who_is_refused_reads_the_same(tested: Tested) -> None:
    suspended, asleep = tested.customer("suspended@example.com"), tested.customer("asleep@example.com", None)
    tested.customer()
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.suspend(tx, suspended, actor="test")
    browser = tested.browser()
    seen = set()
    for who, password in (
        ("lin@example.com", "wrong"),
        ("nobody@example.com", "wrong"),
        ("suspended@example.com", PASSWORD),
        ("asleep@example.com", "anything"),
    ):
        before = tested.house.credentials.lane.hashed
        reply = browser.post("/sign-in", {"who": who, "password": password})
        assert tested.house.credentials.lane.hashed - before == 1, who
        seen.add((reply.status, reply.text.replace(who, "")))
    assert len(seen) == 1
    assert asleep


def test_expired_password_leads_through_the_change_page_and_then_in(tested: Tested) -> None:
    account = tested.customer()
    tested.clock.advance(181 * DAY)
    browser = tested.browser()
    reply = browser.post("/sign-in", {"who": "lin@example.com", "password": PASSWORD, "to": "/account/devices"})
    assert reply.location == "/sign-in/change"
    assert "__Host-session" not in browser.cookies
    reused = browser.post("/sign-in/change", {"current": PASSWORD, "password": PASSWORD})
    assert reused.status == 422
    done = browser.post("/sign-in/change", {"current": PASSWORD, "password": "Quitten-9-Kelter?"})
    assert (done.status, done.location) == (303, "/account/devices")
    assert browser.get("/account/devices").status == 200
    assert "password.changed" in tested.events(account)


def test_forced_change_holds_for_a_live_session_at_the_next_request(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    assert browser.get("/account/devices").status == 200
    tested.clock.advance(1_000)
    with tested.house.foundation.database.write() as tx:
        tested.house.rotation.require_change(tx, account, "incident", who="test")
    assert browser.get("/account/devices").location == "/account/password"
    assert browser.get("/account/password").status == 200


def test_idle_session_is_over(tested: Tested) -> None:
    tested.customer()
    browser = tested.signed_in()
    tested.clock.advance(14 * MINUTE)
    assert browser.get("/account/devices").status == 200
    tested.clock.advance(16 * MINUTE)
    assert browser.get("/account/devices").location == "/sign-in?to=%2Faccount%2Fdevices"


def test_strangers_spend_their_own_budget_and_the_owner_comes_in(tested: Tested) -> None:
    tested.customer()
    owner = tested.signed_in()
    owner.post("/sign-out", page="/account/devices")
    for number in range(20):
        tested.browser(address=f"198.51.{number}.7").post("/sign-in", {"who": "lin@example.com", "password": "wrong"})
    stranger = tested.browser(address="203.0.113.9").post("/sign-in", {"who": "lin@example.com", "password": PASSWORD})
    assert stranger.status == 429
    assert owner.post("/sign-in", {"who": "lin@example.com", "password": PASSWORD}).status == 303
