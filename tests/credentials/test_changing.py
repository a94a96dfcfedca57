"""Changing a password: proven, judged, kept from coming back, and everything that follows in one transaction."""

import json
import threading

import msgspec
import pytest

from menshen.accounts.rules import read
from menshen.credentials.service.changing import Changed, NotAllowed
from menshen.kit.web.visitor import Proof, Visitor
from menshen.passwords import named
from menshen.sessions.rules import limits_of
from tests.client import Client, Reply
from tests.credentials.people import count
from tests.houses import PASSWORD, Tested
from tests.letters import letters

NEW = "Quitten-9-Kelter?"
OTHERS = ("Faltboot-3-Ziegel!", "Nordwind-5-Kachel!", "Rübsen-8-Mörtel!", "Lerche-2-Gondel!", "Moorbad-6-Speiche!")


def visitor(source: str = "192.0.2.1") -> Visitor:
    return Visitor(host="localhost:8080", source=source)


def change(tested: Tested, account: str, current: str, new: str) -> Changed | NotAllowed:
    return tested.house.changing.change(account, visitor(), current, new, device=None)


def test_the_last_five_passwords_do_not_come_back(tested: Tested) -> None:
    """The present one and four before it; what is older is purged."""
    account = tested.customer()
    present = PASSWORD
    for new in OTHERS:
        tested.clock.advance(1)
        assert isinstance(change(tested, account, present, new), Changed)
        present = new
    assert count(tested, "password_history") == 4
    for used in (*OTHERS, NEW):
        outcome = change(tested, account, present, used)
        if used == NEW:
            assert isinstance(outcome, Changed)
        else:
            assert isinstance(outcome, NotAllowed)
            assert outcome.code in ("password.used_before", "password.not_good")


def test_a_history_that_the_profile_drops_is_purged(tested: Tested) -> None:
    """Also where nobody changes the password again."""
    account = tested.customer(groups=("vip",))
    assert isinstance(change(tested, account, PASSWORD, NEW), Changed)
    (job,) = [each for each in tested.house.jobs if each.name == "credentials.forget"]
    assert (job.run(), count(tested, "password_history")) == (0, 1)
    short = msgspec.structs.replace(
        named("classic"), name="short", password=msgspec.structs.replace(named("classic").password, history=1)
    )
    with tested.house.foundation.database.write() as tx:
        tested.house.policy.save(tx, short, based_on=0, actor="test")
        assert tested.house.policy.assign(tx, "vip", "short", actor="test") is None
    assert (job.run(), count(tested, "password_history")) == (1, 0)


def test_a_new_password_is_compared_with_the_one_just_given(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    outcome = change(tested_sqlite, account, PASSWORD, PASSWORD[:-1] + "?")
    assert isinstance(outcome, NotAllowed)
    assert [reason.code for reason in outcome.reasons] == ["passwords.too_alike"]


def test_a_change_overtaken_by_another_does_nothing(tested: Tested, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody with the old password stands in the change while the owner changes it: theirs must not win."""
    account = tested.customer()
    propose = tested.house.changing.propose

    def overtaken(*given: object, **more: object) -> object:
        monkeypatch.undo()
        tested.clock.advance(1)
        assert isinstance(change(tested, account, PASSWORD, NEW), Changed)
        return propose(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(tested.house.changing, "propose", overtaken)
    outcome = change(tested, account, PASSWORD, OTHERS[0])
    assert isinstance(outcome, NotAllowed)
    assert outcome.code == "password.changed_meanwhile"
    assert tested.events(account)[0] == "password.change_refused"
    assert tested.browser().post("/sign-in", {"who": "lin@example.com", "password": NEW}).status == 303


def test_no_session_of_the_old_password_outlives_a_change_beside_it(tested_postgres: Tested) -> None:
    """A change waits for a sign-in that used the old password, and then ends its session. Seen red with the row only
    read: the change passed by, and the session stood."""
    tested, account = tested_postgres, tested_postgres.customer()
    database, credentials, sessions = tested.house.foundation.database, tested.house.credentials, tested.house.sessions
    with database.read() as tx:
        kept = credentials.kept(tx, account)
    checked = credentials.check(kept, account, PASSWORD)
    changed: list[object] = []
    owner = threading.Thread(target=lambda: changed.append(change(tested, account, PASSWORD, NEW)))
    with database.write() as tx:
        assert credentials.burn(tx, checked)
        owner.start()
        owner.join(1)
        assert changed == []
        proofs = (Proof("pwd", tested.clock.now()),)
        limits = limits_of(named("classic"))
        sessions.open(tx, account, epoch=0, proofs=proofs, visitor=visitor(), limits=limits, host="localhost:8080")
    owner.join(30)
    assert isinstance(changed[0], Changed)
    assert count(tested, "sessions") == 0


def reasons(reply: Reply) -> dict[str, str]:
    return {rule["code"]: f"{rule['state']} {rule['text']}" for rule in json.loads(reply.body)["rules"]}


def verdict(browser: Client, page: Reply, password: str) -> Reply:
    sent = {"password": password, "context": context(page), "form_token": page.hidden("form_token")}
    return browser.submit("/password/verdict", sent)


def context(page: Reply) -> str:
    return page.text.split('data-context="')[1].split('"')[0]


def test_the_verdict_tells_what_to_do_and_how_much_is_left(tested_sqlite: Tested) -> None:
    tested_sqlite.customer(display_name="Lin Wei")
    for language, left, met, remove in (
        ("zh-CN", "还差1条", "规则都满足了", "not 不能含您的姓名、生日等个人信息：去掉“linwei”"),
        ("en", "1 rule to go", "All rules are met", "remove “linwei”"),
    ):
        browser = tested_sqlite.signed_in(language=language)
        page = browser.get("/account/password")
        nearly = verdict(browser, page, "linwei#Vq7z!Kx2")
        assert json.loads(nearly.body)["status"] == left
        assert remove in reasons(nearly)["passwords.rule.personal_part"]
        assert json.loads(verdict(browser, page, NEW).body)["status"] == met


def test_a_refused_form_says_it_in_the_list_too(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer(display_name="Lin Wei")
    browser = tested_sqlite.signed_in()
    refused = browser.post("/account/password", {"current": PASSWORD, "password": "linwei#Vq7z!Kx2"})
    assert refused.status == 422
    assert refused.text.count("去掉“linwei”") == 2
    assert "password.change_refused" in tested_sqlite.events(account)


def test_a_context_is_of_this_house_and_of_this_hour(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    browser = tested_sqlite.signed_in()
    page = browser.get("/account/password")
    for forged in ("", "é", "AAAA", context(page)[:-4], context(page) + "AAAA"):
        sent = {"password": "x", "context": forged, "form_token": page.hidden("form_token")}
        assert browser.submit("/password/verdict", sent).status == 400
    assert verdict(browser, page, "x").status == 200


def test_a_change_ends_the_others_and_voids_what_waits(tested: Tested) -> None:
    """S-33, S-34: other sessions, remembered devices and links are refused at once; this session goes on."""
    account = tested.customer()
    here, other = tested.signed_in(), tested.signed_in()
    with tested.house.foundation.database.write() as tx:
        link = tested.house.codes.link(tx, "recovery", account, lasts=60_000_000)
    assert here.post("/account/password", {"current": PASSWORD, "password": NEW}).status == 303
    assert here.get("/account/devices").status == 200
    assert other.get("/account/devices").location.startswith("/sign-in")
    with tested.house.foundation.database.read() as tx:
        assert tested.house.codes.find_link(tx, "recovery", link) is None
        assert len(tested.house.sessions.devices(tx, account)) == 1


def test_wrong_tries_of_the_present_password_are_counted(tested_sqlite: Tested) -> None:
    """S-22: the change page is a door like any other."""
    account = tested_sqlite.customer()
    outcomes = [change(tested_sqlite, account, "wrong", NEW) for _ in range(12)]
    assert {outcome.code for outcome in outcomes if isinstance(outcome, NotAllowed)} == {
        "password.current_wrong",
        "password.throttled",
    }
    last = change(tested_sqlite, account, PASSWORD, NEW)
    assert isinstance(last, NotAllowed)
    assert last.wait > 0


def test_every_verified_address_is_told_of_a_change(tested: Tested) -> None:
    account = tested.customer()
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.add_identifier(tx, account, read("email", "second@example.com", "CN").verified())
    browser = tested.signed_in()
    done = browser.post("/account/password", {"current": PASSWORD, "password": "Quitten-9-Kelter?"})
    assert done.status == 303
    told = sorted(letter.to[0] for letter in letters(tested, "password.told"))
    assert told == ["lin@example.com", "second@example.com"]
