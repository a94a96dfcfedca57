"""Recovery from page to database and back, on both databases."""

import pytest

from menshen.accounts.rules import read
from menshen.kit.clock import MINUTE, SECOND
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.letters import letters

NEW = "Kranich-9-Laternen?"
LETTER = "recovery.letter"


def asked(tested: Tested, who: str = "lin@example.com", **more: str) -> Client:
    """A browser that asked to recover."""
    tested.clock.advance(SECOND)
    browser = tested.browser(**more)
    reply = browser.post("/recover", {"who": who})
    assert (reply.status, reply.location) == (303, "/recover/code")
    return browser


def proven(tested: Tested, who: str = "lin@example.com") -> Client:
    """A browser that typed the code."""
    browser = asked(tested, who)
    reply = browser.post("/recover/code", {"code": letters(tested, LETTER)[-1].facts["code"]})
    assert (reply.status, reply.location) == (303, "/recover/password")
    return browser


def signs_in(tested: Tested, password: str, who: str = "lin@example.com") -> bool:
    """Whether this password opens a session."""
    return tested.browser().post("/sign-in", {"who": who, "password": password}).status == 303


def test_typed_code_leads_to_a_new_password_and_signs_nobody_in(tested: Tested) -> None:
    account = tested.customer()
    elsewhere = tested.signed_in()
    browser = proven(tested)
    page = browser.get("/recover/password").words
    assert "不是最近5个密码之一" in page
    assert "和旧密码至少差" not in page
    assert "不比较新旧密码" in page
    reply = browser.post("/recover/password", {"password": NEW})
    assert (reply.status, reply.location) == (303, "/sign-in?changed=1")
    assert "__Host-session" not in browser.cookies
    assert "__Host-recovery" not in browser.cookies
    assert "__Host-device" in browser.cookies
    assert elsewhere.get("/account/devices").status == 303
    assert not signs_in(tested, PASSWORD)
    assert signs_in(tested, NEW)
    assert "recovery.finished" in tested.events(account)
    assert [letter.to for letter in letters(tested, "recovery.done")] == [["lin@example.com"]]


def test_link_opens_in_any_browser_and_only_by_its_button(tested: Tested) -> None:
    tested.customer()
    asking = asked(tested)
    link = letters(tested, LETTER)[0].path
    phone = tested.browser()
    for _ in range(3):
        assert phone.get(link).status == 200
    reply = phone.post(link)
    assert (reply.status, reply.location) == (303, "/recover/password")
    assert asking.get("/recover/password").location == "/recover?gone=1"
    assert phone.post("/recover/password", {"password": NEW}).location == "/sign-in?changed=1"
    assert tested.browser().get(link).location == "/recover?gone=1"


def test_everyone_reads_the_same_and_only_the_owner_gets_mail(tested: Tested) -> None:
    states = {who: tested.customer(who) for who in ("a@example.com", "s@example.com", "k@example.com")}
    invited = tested.customer("i@example.com", None, state="invited")
    bare = tested.customer("b@example.com", None)
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.suspend(tx, states["s@example.com"], actor="test")
        tested.house.accounts.lock(tx, states["k@example.com"], actor="test")
    seen = set()
    for who in (*states, "i@example.com", "b@example.com", "nobody@example.com", "no name", "a@b,c@d"):
        browser = asked(tested, who)
        page = browser.get("/recover/code")
        wrong = browser.post("/recover/code", {"code": "00000000"}, page="/recover/code")
        masked = [reply.words.replace(who, "") for reply in (page, wrong)]
        seen.add((page.status, wrong.status, *masked, tuple(sorted(browser.cookies))))
    assert len(seen) == 1
    told = {letter.to[0] for letter in letters(tested, LETTER)}
    assert told == {"a@example.com", "k@example.com", "b@example.com"}
    assert invited
    assert bare


def test_a_lock_is_lifted_and_a_stranger_s_tries_are_forgiven(tested: Tested) -> None:
    account = tested.customer()
    stranger = tested.browser(address="203.0.113.9")
    for _ in range(12):
        stranger.post("/sign-in", {"who": "lin@example.com", "password": "wrong"})
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.lock(tx, account, actor="test")
    browser = proven(tested)
    assert browser.post("/recover/password", {"password": NEW}).status == 303
    assert signs_in(tested, NEW)


def test_an_account_without_a_password_and_a_claimed_address_recovers_and_is_verified(tested: Tested) -> None:
    with tested.house.foundation.database.write() as tx:
        account = tested.house.accounts.create(tx, "customer", identifiers=(read("email", "old@example.com", "CN"),))
    assert isinstance(account, str)
    browser = proven(tested, "old@example.com")
    with tested.house.foundation.database.read() as tx:
        assert tested.house.accounts.addresses(tx, account, True) == ()
    assert browser.post("/recover/password", {"password": NEW}).status == 303
    with tested.house.foundation.database.read() as tx:
        assert tested.house.accounts.addresses(tx, account, True) == ("old@example.com",)
    assert signs_in(tested, NEW, "old@example.com")


def test_five_wrong_codes_end_the_attempt_s_code_and_a_second_mail_brings_no_new_tries(tested: Tested) -> None:
    tested.customer()
    browser = asked(tested)
    answers = [browser.post("/recover/code", {"code": "0000000"}).words for _ in range(4)]
    assert "4次" in answers[0]
    assert "1次" in answers[3]
    tested.clock.advance(SECOND)
    assert browser.post("/recover/again", page="/recover/code").location == "/recover/code?again=1"
    kept = dict(browser.cookies)
    assert browser.post("/recover/code", {"code": "0000000"}).location == "/recover?gone=1"
    newest = letters(tested, LETTER)[-1]
    browser.cookies |= kept
    assert browser.post("/recover/code", {"code": newest.facts["code"]}).location == "/recover?gone=1"
    assert tested.browser().get(newest.path).status == 200


def test_a_bad_new_password_changes_nothing_and_may_be_tried_again(tested: Tested) -> None:
    tested.customer()
    browser = proven(tested)
    reply = browser.post("/recover/password", {"password": "linlin1"})
    assert reply.status == 422
    assert signs_in(tested, PASSWORD)
    assert browser.post("/recover/password", {"password": NEW}).status == 303


@pytest.mark.parametrize("late", [30 * MINUTE - SECOND, 30 * MINUTE + SECOND])
def test_what_the_mail_says_is_how_long_it_lasts(tested: Tested, late: int) -> None:
    tested.customer()
    browser = asked(tested)
    letter = letters(tested, LETTER)[0]
    assert letter.facts["minutes"] == "30"
    tested.clock.advance(late)
    lives = late < 30 * MINUTE
    assert (tested.browser().get(letter.path).status == 200) is lives
    reply = browser.post("/recover/code", {"code": letter.facts["code"]}, page="/recover")
    assert reply.location == ("/recover/password" if lives else "/recover?gone=1")


def test_not_me_ends_everything_and_goes_on_at_the_new_password(tested: Tested) -> None:
    account = tested.customer()
    tested.signed_in()
    thief = tested.signed_in(address="198.51.100.7")
    link = letters(tested, "signin.new_device")[0].path
    owner = tested.browser()
    assert owner.get(link).status == 200
    assert thief.get("/account/devices").status == 200
    assert owner.post(link).location == "/recover/password"
    assert thief.get("/account/devices").status == 303
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
    assert standing
    assert standing.must_change_why == "owner"
    assert owner.post("/recover/password", {"password": NEW}).location == "/sign-in?changed=1"
    assert owner.post("/sign-in", {"who": "lin@example.com", "password": NEW}).location == "/account"
    assert tested.browser().get(link).location == "/recover?gone=1"
