"""The ticket that brings a session to a shop's host: where it opens, where it does not, and what hangs on it (S-82)."""

import hashlib

import pytest

from menshen.kit.clock import DAY, HOUR, MINUTE, SECOND
from menshen.kit.web.visitor import Visitor
from menshen.sessions.rules import WrongOrigin
from menshen.signin.rules import Granted
from tests.door.shop import ARRIVAL, SESSION, SHOP, local, open_shop, person, sign_in_path, ticket_of
from tests.houses import PASSWORD, Tested

DEEP = "/orders/7?list=%E6%96%B0+old&at=10:30,(a)!&x='*$;@~[1]"


def test_the_way_leads_to_sign_in_and_back_to_the_very_deep_link(tested: Tested) -> None:
    account = tested.customer()
    open_shop(tested)
    lin = person(tested)
    refused = lin.check(DEEP)
    assert (refused.status, refused.header("content-type")) == (401, "text/plain")
    sent = lin.sign_in(lin.leave(DEEP))
    assert sent.location.startswith(f"{SHOP}/session/arrive?ticket=")
    arrived = lin.arrive(sent)
    assert (arrived.status, arrived.location) == (303, SHOP + DEEP)
    assert ARRIVAL not in lin.shop.cookies
    seen = lin.check(DEEP)
    assert seen.status == 204
    assert seen.header("menshen-account") == account
    assert seen.header("menshen-name") == "%E6%9E%97%E8%96%87"
    assert seen.header("menshen-assurance") == "aal1"
    assert seen.header("menshen-methods") == "pwd"
    assert (seen.header("menshen-since") or "").startswith("2026-12-01T04:00:00")
    assert "signin.arrived" in tested.events(account)


def test_who_is_signed_in_already_comes_through_without_a_page(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    lin.come_in()
    lin.shop.cookies.clear()
    assert lin.arrive(lin.ours.get(lin.leave("/again"))).location == f"{SHOP}/again"
    assert lin.check().status == 204


def test_the_page_lets_its_form_lead_to_that_shop_alone(tested_sqlite: Tested) -> None:
    open_shop(tested_sqlite)
    open_shop(tested_sqlite, "https://other.menshen.test")
    page = person(tested_sqlite).ours.get(sign_in_path(f"{SHOP}/x"))
    assert f"form-action 'self' {SHOP};" in f"{page.header('content-security-policy')};"
    assert "小店" in page.words


def test_a_ticket_opens_once(tested: Tested) -> None:
    tested.customer()
    open_shop(tested)
    lin = person(tested)
    sent = lin.sign_in(lin.leave())
    kept = dict(lin.shop.cookies)
    lin.arrive(sent)
    lin.shop.cookies.clear()
    lin.shop.cookies |= kept
    assert lin.arrive(sent).location == "/"
    assert SESSION not in lin.shop.cookies


def test_a_ticket_opens_for_a_minute(tested: Tested) -> None:
    tested.customer()
    open_shop(tested)
    lin = person(tested)
    sent = lin.sign_in(lin.leave())
    tested.clock.advance(60 * SECOND)
    assert lin.arrive(sent).location == "/"
    assert SESSION not in lin.shop.cookies
    again = lin.ours.get(lin.leave())
    tested.clock.advance(59 * SECOND)
    lin.arrive(again)
    assert lin.check().status == 204


@pytest.mark.parametrize("cookie", ["", "A" * 43, "\u4f60"], ids=["none", "of-another-browser", "no-cookie-of-ours"])
def test_s82_a_ticket_of_another_browser_opens_nothing(tested_sqlite: Tested, cookie: str) -> None:
    tested_sqlite.customer("mallory@example.com")
    open_shop(tested_sqlite)
    mallory, victim = person(tested_sqlite), person(tested_sqlite)
    sent = mallory.sign_in(mallory.leave("/cart"), "mallory@example.com")
    if cookie:
        victim.shop.cookies[ARRIVAL] = cookie
    reply = victim.arrive(sent)
    assert SESSION not in victim.shop.cookies
    assert reply.location == f"{SHOP}/cart"
    mallory.arrive(sent)
    assert mallory.check().status == 204


def test_s82_a_ticket_bound_to_no_cookie_opens_in_no_browser(tested_sqlite: Tested) -> None:
    tested_sqlite.customer("mallory@example.com")
    open_shop(tested_sqlite)
    mallory, victim = person(tested_sqlite), person(tested_sqlite)
    nobody = hashlib.sha256(b"").hexdigest()
    sent = mallory.sign_in(sign_in_path(f"{SHOP}/cart", nobody), "mallory@example.com")
    assert ticket_of(sent)
    victim.arrive(sent)
    assert SESSION not in victim.shop.cookies


def test_a_sign_in_that_began_elsewhere_carries_no_ticket(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    for bound in ("", "x", "\u4f60" * 64, "A" * 64):
        sent = person(tested_sqlite).sign_in(sign_in_path(f"{SHOP}/cart", bound))
        assert sent.location == f"{SHOP}/cart", bound


def test_a_ticket_of_another_host_opens_nothing(tested: Tested) -> None:
    tested.customer()
    open_shop(tested)
    open_shop(tested, "https://other.menshen.test")
    lin = person(tested)
    sent = lin.sign_in(lin.leave())
    for host in ("other.menshen.test", "localhost:8080"):
        elsewhere = tested.browser(host=host, scheme="https", cookies=dict(lin.shop.cookies))
        assert elsewhere.get(local(sent.location)).location == "/"
        assert SESSION not in elsewhere.cookies
    lin.arrive(sent)
    assert lin.check().status == 204


def test_s37_a_session_of_one_host_is_none_at_another(tested: Tested) -> None:
    tested.customer()
    open_shop(tested)
    open_shop(tested, "https://other.menshen.test")
    lin = person(tested)
    lin.come_in()
    ours, shop = lin.ours.cookies[SESSION], lin.shop.cookies[SESSION]
    for host, cookie in (("shop.menshen.test", ours), ("other.menshen.test", shop), ("localhost:8080", shop)):
        thief = tested.browser(host=host, scheme="https", cookies={SESSION: cookie})
        assert thief.get("/session/check").status == 401, host
    assert tested.browser(cookies={SESSION: shop}).get("/account/devices").status == 303


def test_an_operator_is_nobody_at_a_shop(tested_sqlite: Tested) -> None:
    tested_sqlite.customer("boss@example.com", realm="operator")
    open_shop(tested_sqlite)
    boss = person(tested_sqlite)
    left = boss.leave()
    sent = boss.ours.post(
        "/console/sign-in",
        {"who": "boss@example.com", "password": PASSWORD, "to": f"{SHOP}/", "bound": left.rpartition("=")[2]},
    )
    assert "__Host-console" in boss.ours.cookies
    boss.arrive(sent)
    assert SESSION not in boss.shop.cookies
    token = boss.ours.cookies["__Host-console"]
    assert tested_sqlite.browser(cookies={SESSION: token}).get("/session/check").status == 401


def test_signing_out_ends_the_sessions_at_all_hosts(tested: Tested) -> None:
    tested.customer()
    open_shop(tested)
    lin, elsewhere = person(tested), person(tested)
    lin.come_in()
    elsewhere.come_in()
    lin.ours.post("/sign-out", page="/account/devices")
    assert lin.check().status == 401
    assert elsewhere.check().status == 204


def test_another_account_in_the_same_browser_takes_the_shop_over(tested: Tested) -> None:
    tested.customer()
    wang = tested.customer("wang@example.com")
    open_shop(tested)
    lin = person(tested)
    second_tab = lin.ours.get(lin.leave())
    lin.come_in()
    lin.ours.submit(
        "/sign-in",
        {
            "who": "wang@example.com",
            "password": PASSWORD,
            "form_token": lin.ours.get("/account/devices").hidden("form_token"),
        },
    )
    assert second_tab.status == 200
    assert lin.check().status == 401
    lin.arrive(lin.ours.get(lin.leave()))
    assert lin.check().header("menshen-account") == wang


def test_a_second_tab_does_not_undo_the_way_of_the_first(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    first, second = lin.leave("/first"), lin.leave("/second")
    assert lin.arrive(lin.sign_in(first)).location == f"{SHOP}/first"
    assert lin.check().status == 204
    assert lin.arrive(lin.ours.get(second)).location == f"{SHOP}/second"


def test_a_forced_change_is_led_to_the_change_page_and_back_to_the_shop(tested: Tested) -> None:
    account = tested.customer()
    open_shop(tested)
    lin = person(tested)
    lin.come_in()
    tested.clock.advance(1_000)
    with tested.house.foundation.database.write() as tx:
        tested.house.rotation.require_change(tx, account, "incident", who="test")
    left = lin.leave(DEEP)
    assert lin.ours.get(left).location == "/sign-in/change"
    sent = lin.ours.post("/sign-in/change", {"current": PASSWORD, "password": "Quitten-9-Kelter?"})
    assert lin.arrive(sent).location == SHOP + DEEP
    assert lin.check().status == 204


def test_an_expired_password_is_led_to_the_change_page_and_back_to_the_shop(tested: Tested) -> None:
    tested.customer()
    open_shop(tested)
    lin = person(tested)
    tested.clock.advance(181 * DAY)
    assert lin.sign_in(lin.leave(DEEP)).location == "/sign-in/change"
    sent = lin.ours.post("/sign-in/change", {"current": PASSWORD, "password": "Quitten-9-Kelter?"})
    assert lin.arrive(sent).location == SHOP + DEEP


def test_no_shop_outlasts_the_session_at_the_sign_in_host(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    lin.sign_in("/sign-in")
    with tested_sqlite.house.foundation.database.read() as tx:
        limit = tested_sqlite.house.policy.effective(tx, ()).sessions.absolute_minutes * MINUTE
    passed = 0
    while passed + 10 * MINUTE < limit:
        assert lin.ours.get("/account/devices").status == 200
        tested_sqlite.clock.advance(10 * MINUTE)
        passed += 10 * MINUTE
    lin.arrive(lin.ours.get(lin.leave()))
    assert lin.check().status == 204
    tested_sqlite.clock.advance(10 * MINUTE)
    assert lin.check().status == 401


def test_using_the_shop_keeps_the_session_at_the_sign_in_host(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    lin.come_in()
    for _ in range(6):
        tested_sqlite.clock.advance(10 * MINUTE)
        assert lin.check().status == 204
    assert lin.ours.get("/account/devices").status == 200
    tested_sqlite.clock.advance(HOUR)
    assert lin.check().status == 401


def test_ended_while_the_ticket_was_on_its_way(tested: Tested) -> None:
    account = tested.customer()
    open_shop(tested)
    lin = person(tested)
    sent = lin.sign_in(lin.leave())
    with tested.house.foundation.database.write() as tx:
        tested.house.sessions.end_all(tx, account)
    lin.arrive(sent)
    assert SESSION not in lin.shop.cookies


def test_a_ticket_stands_nowhere_in_the_clear(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    ticket = ticket_of(lin.sign_in(lin.leave()))
    files = [file.read_bytes() for file in tested_sqlite.data.rglob("*") if file.is_file()]
    assert files
    assert len(ticket) == 43
    assert not any(ticket.encode() in content for content in files)


def test_an_application_taken_off_the_list_gets_no_more_tickets(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    open_shop(tested_sqlite)
    house = tested_sqlite.house
    granted = Granted("", "0" * 32, account, f"{SHOP}/x", "0" * 64)
    assert house.arrival.onward(granted).startswith(f"{SHOP}/session/arrive?ticket=")
    with house.foundation.database.write() as tx:
        assert house.apps.remove(tx, SHOP)
    assert house.arrival.onward(granted) == ""
    assert house.arrival.arrive(Visitor("shop.menshen.test", "203.0.113.7"), "x" * 43, "y" * 43) is None


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://localhost", "https://LOCALHOST:8080"])
def test_an_application_at_the_name_of_the_sign_in_host_is_refused(tested_sqlite: Tested, origin: str) -> None:
    with pytest.raises(WrongOrigin, match="host name of its own"):
        open_shop(tested_sqlite, origin)
    assert tested_sqlite.house.apps.all() == []
