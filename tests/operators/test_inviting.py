"""The first operator and later ones: one link, one use, one owner; no link in any answer once somebody is there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from menshen.kit.clock import DAY, MINUTE, SECOND
from menshen.operators.rules import INVITATION, MAILED_LASTS, PRINTED_LASTS
from tests.houses import Tested
from tests.letters import letters
from tests.operators.crews import OWNER, PASSWORD, invite, operator_id, owner, state_of


def mailed(tested: Tested, email: str) -> str:
    """The path of the link in the one invitation that waits for an address."""
    (letter,) = [each for each in letters(tested, INVITATION) if list(each.to) == [email]]
    return letter.path


def test_first_operator_comes_in_by_a_printed_link_and_owns_the_house(tested: Tested) -> None:
    browser = owner(tested)
    assert browser.get("/console").status == 200
    account = operator_id(tested)
    assert state_of(tested, account) == "active"
    assert {"operator.invited", "operator.came", "operator.role_given", "session.started"} <= set(
        tested.events(account)
    )
    again = tested.browser().post("/console/sign-in", {"who": OWNER, "password": PASSWORD})
    assert again.location == "/console"


def test_looking_at_a_link_uses_nothing_up(tested_sqlite: Tested) -> None:
    link = invite(tested_sqlite) or ""
    for _ in range(3):
        assert tested_sqlite.browser().get(link).status == 200
    assert tested_sqlite.browser().post(link, {"password": PASSWORD}).location == "/console"


def test_link_works_once(tested: Tested) -> None:
    link = invite(tested) or ""
    first, second = tested.browser(), tested.browser()
    token = second.get(link).hidden("form_token")
    assert first.post(link, {"password": PASSWORD}).location == "/console"
    late = second.submit(link, {"password": "Another-Word-77!", "form_token": token})
    assert late.status == 410
    assert "__Host-console" not in second.cookies


def test_link_is_worthless_a_second_after_its_hour(tested_sqlite: Tested) -> None:
    link = invite(tested_sqlite) or ""
    tested_sqlite.clock.advance(PRINTED_LASTS - SECOND)
    assert tested_sqlite.browser().get(link).status == 200
    tested_sqlite.clock.advance(2 * SECOND)
    assert tested_sqlite.browser().get(link).status == 410


def test_newest_printed_link_voids_the_others(tested_sqlite: Tested) -> None:
    older, newer = invite(tested_sqlite, "a@example.com"), invite(tested_sqlite, "b@example.com")
    assert tested_sqlite.browser().get(older or "").status == 410
    assert tested_sqlite.browser().get(newer or "").status == 200


def test_weak_password_is_refused_and_the_link_lives_on(tested_sqlite: Tested) -> None:
    link = invite(tested_sqlite) or ""
    browser = tested_sqlite.browser()
    assert browser.post(link, {"password": "short"}).status == 422
    assert browser.post(link, {"password": PASSWORD}).location == "/console"


def test_two_uses_at_once_make_one_owner(tested_postgres: Tested) -> None:
    tested = tested_postgres
    link = invite(tested) or ""
    browsers = [tested.browser() for _ in range(8)]
    tokens = [browser.get(link).hidden("form_token") for browser in browsers]

    def use(at: int) -> str:
        form = {"password": f"{PASSWORD}{at}x", "form_token": tokens[at]}
        return browsers[at].submit(link, form).location

    with ThreadPoolExecutor(8) as pool:
        ways = list(pool.map(use, range(8)))
    assert ways.count("/console") == 1
    assert tested.events(operator_id(tested)).count("operator.role_given") == 1


def test_two_links_printed_at_once_make_one_owner(tested_postgres: Tested) -> None:
    """Neither invitation saw the other; only one of their guests may become the first operator."""
    from menshen.operators import store

    tested = tested_postgres
    emails = ("a@example.com", "b@example.com")
    with ThreadPoolExecutor(2) as pool:
        links = list(pool.map(lambda email: invite(tested, email), emails))
    living = [link for link in links if link and tested.browser().get(link).status == 200]
    browsers = [tested.browser() for _ in living]
    tokens = [browser.get(link).hidden("form_token") for browser, link in zip(browsers, living, strict=True)]
    with ThreadPoolExecutor(2) as pool:
        replies = list(
            pool.map(
                lambda each: each[0].submit(each[1], {"password": PASSWORD, "form_token": each[2]}),
                zip(browsers, living, tokens, strict=True),
            )
        )
    assert [reply.location for reply in replies].count("/console") == 1
    with tested.house.foundation.database.read() as tx:
        assert len(tx.all(store.roles.select())) == 1


def test_later_invitations_leave_by_mail_alone(tested: Tested) -> None:
    owner(tested)
    commands = next(room for room in tested.house.rooms if room.name == "operators").commands["operator"]
    said = CliRunner().invoke(commands, ["invite", "second@example.com"])
    assert said.exit_code == 0
    assert "welcome" not in said.output
    account = operator_id(tested, "second@example.com")
    link = mailed(tested, "second@example.com")
    token = link.rpartition("/")[2]
    with tested.house.foundation.database.read() as tx:
        told = tested.house.journal.history(tx, account)
    assert token not in repr(told)
    tested.clock.advance(2 * DAY)
    reply = tested.browser().post(link, {"password": PASSWORD})
    assert reply.location == "/console"


def test_mailed_link_ends_too(tested_sqlite: Tested) -> None:
    owner(tested_sqlite)
    assert invite(tested_sqlite, "second@example.com") is None
    link = mailed(tested_sqlite, "second@example.com")
    tested_sqlite.clock.advance(MAILED_LASTS + SECOND)
    assert tested_sqlite.browser().get(link).status == 410


def test_suspended_operator_is_not_invited_back(tested_sqlite: Tested) -> None:
    tested = tested_sqlite
    owner(tested)
    invite(tested, "second@example.com")
    second = operator_id(tested, "second@example.com")
    link = mailed(tested, "second@example.com")
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.suspend(tx, second, actor="test")
    assert tested.browser().get(link).status == 410
    commands = next(room for room in tested.house.rooms if room.name == "operators").commands["operator"]
    assert CliRunner().invoke(commands, ["invite", "second@example.com"]).exit_code == 1


@pytest.mark.parametrize("typed", ["no address", "", "a@", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_not_invited(tested_sqlite: Tested, typed: str) -> None:
    commands = next(room for room in tested_sqlite.house.rooms if room.name == "operators").commands["operator"]
    assert CliRunner().invoke(commands, ["invite", "--", typed]).exit_code == 1


def test_set_up_list_is_for_this_very_machine_until_an_operator_came(tested: Tested) -> None:
    assert "menshen operator invite" in tested.browser().get("/").text
    assert tested.browser(address="198.51.100.7").get("/").location == "/sign-in"
    for header in (
        "X-Forwarded-For",
        "Forwarded",
        "X-Real-IP",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Via",
        "Cf-Connecting-Ip",
    ):
        assert tested.browser().get("/", {header: "127.0.0.1"}).location == "/sign-in", header
    browser = owner(tested)
    assert tested.browser().get("/").location == "/sign-in"
    assert tested.browser().get("/console/setup").location.startswith("/console/sign-in")
    assert "menshen apps add" in browser.get("/console/setup").text
    assert tested.browser(address="198.51.100.7").post("/sign-in", {"who": "x", "password": "y"}).status == 401


def test_erased_first_operator_does_not_open_the_house_again(tested_sqlite: Tested) -> None:
    from menshen.app.house import all_tables

    tested = tested_sqlite
    owner(tested)
    chief = operator_id(tested)
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.erase(tx, chief, all_tables(tested.house.rooms), actor="test")
    assert tested.browser().get("/").location == "/sign-in"
    assert invite(tested, "thief@example.com") is None


def test_operator_changes_the_own_password_and_stays(tested_sqlite: Tested) -> None:
    browser = owner(tested_sqlite)
    tested_sqlite.clock.advance(MINUTE)
    reply = browser.post("/console/password", {"current": PASSWORD, "password": "Kornblume-Trichter-8?"})
    assert reply.location == "/console?done=password"
    assert browser.get("/console").status == 200
    answer = browser.submit(
        "/console/password/verdict",
        {
            "password": "abc",
            "context": _context(browser.get("/console/password").text),
            "form_token": browser.get("/console/password").hidden("form_token"),
        },
    )
    assert answer.status == 200


def test_language_is_changed_within_the_console(tested_sqlite: Tested) -> None:
    browser = owner(tested_sqlite)
    page = browser.get("/console")
    back = {"referer": "http://localhost:8080/console/customers"}
    reply = browser.submit("/console/language", {"to": "en", "form_token": page.hidden("form_token")}, back)
    assert (reply.status, reply.location) == (303, "/console/customers")
    assert "Find a customer" in browser.get("/console").words


def _context(html: str) -> str:
    import re

    found = re.search(r'data-context="([^"]+)"', html)
    return found[1] if found else ""
