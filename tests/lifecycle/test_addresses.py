"""Changing addresses: proof at the new one, notice to the old ones, a way back; and what must not work there."""

from menshen.accounts.rules import read
from menshen.kit.clock import DAY, HOUR, MINUTE, SECOND
from tests.client import Client
from tests.houses import PASSWORD, Tested
from tests.letters import letters

PROOF = "lifecycle.address_letter"
CHANGED = "lifecycle.address_changed"
TOLD = "lifecycle.address_told"


def addresses(tested: Tested, account: str) -> tuple[str, ...]:
    """The proven addresses."""
    with tested.house.foundation.database.read() as tx:
        return tested.house.accounts.addresses(tx, account, True)


def asked(tested: Tested, browser: Client, email: str, old: str = "") -> str:
    """Ask for an address; returns the path of the page that wants the code."""
    tested.clock.advance(SECOND)
    reply = browser.post("/account/email", {"email": email, "old": old})
    assert reply.status == 303, reply.words[:200]
    return reply.location


def changed(tested: Tested, browser: Client, email: str, old: str = "") -> None:
    """Ask and prove."""
    page = asked(tested, browser, email, old)
    code = letters(tested, PROOF)[-1].facts["code"]
    assert browser.post(page, {"code": code}).location == "/account?done=address"


def test_a_replaced_address_is_proven_first_and_the_old_one_is_told(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    page = asked(tested, browser, "new@example.com", "lin@example.com")
    assert addresses(tested, account) == ("lin@example.com",)
    assert "4次" in browser.post(page, {"code": "00000000"}).words
    code = letters(tested, PROOF)[-1].facts["code"]
    assert browser.post(page, {"code": code}).location == "/account?done=address"
    assert addresses(tested, account) == ("new@example.com",)
    told = {letter.to[0]: letter.code for letter in letters(tested) if letter.code in (CHANGED, TOLD)}
    assert told == {"lin@example.com": CHANGED, "new@example.com": TOLD}
    assert tested.browser().post("/sign-in", {"who": "new@example.com", "password": PASSWORD}).status == 303


def test_a_second_address_is_added_by_its_link_in_the_owner_s_session_only(tested: Tested) -> None:
    account = tested.customer()
    tested.customer("other@example.com")
    browser = tested.signed_in()
    asked(tested, browser, "second@example.com")
    link = letters(tested, PROOF)[0].path
    assert tested.browser().get(link).location.startswith("/sign-in?to=")
    other = tested.signed_in("other@example.com")
    assert other.get(link).status == 422
    assert other.post(link, page="/account/email").status == 422
    assert browser.get(link).status == 200
    assert browser.post(link).location == "/account?done=address"
    assert addresses(tested, account) == ("lin@example.com", "second@example.com")


def test_s47_each_code_confirms_only_the_address_it_was_sent_to(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    mine = asked(tested, browser, "mine@example.com")
    mine_code = letters(tested, PROOF)[-1].facts["code"]
    victim = asked(tested, browser, "victim@example.com")
    assert browser.post(victim, {"code": mine_code}).status == 422
    assert browser.post(mine, {"code": mine_code}).location == "/account?done=address"
    assert addresses(tested, account) == ("lin@example.com", "mine@example.com")


def test_an_address_of_another_account_reads_the_same_and_stays_there(tested: Tested) -> None:
    tested.customer()
    holder = tested.customer("held@example.com")
    browser = tested.signed_in()
    seen = set()
    for email in ("held@example.com", "free@example.com"):
        page = browser.get(asked(tested, browser, email))
        seen.add((page.status, page.words.replace(email, "")))
    assert len(seen) == 1
    assert addresses(tested, holder) == ("held@example.com",)
    assert [letter.code for letter in letters(tested) if "held@example.com" in letter.to] == ["lifecycle.address_known"]


def test_the_password_is_asked_for_again_before_addresses(tested: Tested) -> None:
    tested.customer()
    browser = tested.signed_in()
    tested.clock.advance(11 * MINUTE)
    assert browser.get("/account/email").location.startswith("/sign-in/again")
    reply = browser.post("/account/email", {"email": "new@example.com"}, page="/account")
    assert reply.location.startswith("/sign-in/again")
    assert letters(tested) == []


def test_s48_no_form_makes_an_address_verified(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    for form in ({"email": "x@example.com", "state": "verified"}, {"email": "x@example.com", "email_verified": "1"}):
        assert browser.post("/account/email", form).status == 400
    assert addresses(tested, account) == ("lin@example.com",)


def test_revert_undoes_a_thief_s_visit_whole(tested: Tested) -> None:
    account = tested.customer()
    tested.clock.advance(30 * DAY)
    thief = tested.signed_in()
    changed(tested, thief, "thief@example.com")
    tested.clock.advance(MINUTE)
    assert thief.post("/account/email/remove", {"email": "lin@example.com"}, page="/account/email").status == 303
    assert addresses(tested, account) == ("thief@example.com",)
    back = [letter for letter in letters(tested, CHANGED) if letter.to == ["lin@example.com"]]
    assert not [letter for letter in letters(tested, CHANGED) if "thief@example.com" in letter.to]
    owner = tested.browser()
    tested.clock.advance(6 * DAY)
    assert owner.get(back[-1].path).status == 200
    assert addresses(tested, account) == ("thief@example.com",)
    assert owner.post(back[-1].path).status == 200
    assert addresses(tested, account) == ("lin@example.com",)
    assert thief.get("/account").status == 303
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
    assert standing
    assert standing.must_change_why == "owner"
    assert owner.get(back[-1].path).status == 410


def test_a_revert_link_dies_after_a_week_and_survives_a_password_change(tested: Tested) -> None:
    account = tested.customer()
    tested.clock.advance(30 * DAY)
    browser = tested.signed_in()
    changed(tested, browser, "new@example.com", "lin@example.com")
    link = letters(tested, CHANGED)[0].path
    browser.post("/account/password", {"current": PASSWORD, "password": "Kranich-9-Laternen?"})
    assert tested.browser().get(link).status == 200
    tested.clock.advance(7 * DAY + HOUR)
    assert tested.browser().post(link, page="/sign-in").status == 410
    assert addresses(tested, account) == ("new@example.com",)


def test_the_last_proven_address_stays(tested: Tested) -> None:
    account = tested.customer()
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.add_identifier(tx, account, read("email", "claimed@example.com", "CN"))
    browser = tested.signed_in()
    reply = browser.post("/account/email/remove", {"email": "lin@example.com"}, page="/account/email")
    assert reply.status == 422
    assert addresses(tested, account) == ("lin@example.com",)
