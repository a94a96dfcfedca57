"""What a review with fresh eyes found: each was a hole once, and each test was red before its hole was closed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from menshen.accounts.rules.newcomer import LONGEST_NAME
from menshen.accounts.store import accounts
from menshen.kit.clock import DAY
from menshen.kit.database import Database, DatabaseTrouble, HotRead
from menshen.kit.web.visitor import Visitor
from menshen.operators.cli import VISITOR
from menshen.operators.rules import Refusal
from tests.houses import PASSWORD, Tested, opened_house
from tests.letters import letters

NEW = "Kranich-9-Wiesen!"


def test_an_address_in_any_script_gets_its_mail(tested: Tested) -> None:
    """Vowel signs and tone marks are no letters to a regular expression, and were a fault for whoever has them."""
    reply = tested.browser().post("/sign-up", {"email": "a@उदाहरण.com"})
    assert reply.location == "/sign-up/code"
    assert letters(tested, "lifecycle.letter")[0].to == ["a@उदाहरण.com"]


def test_no_log_line_shows_a_link_that_still_opens(tested_sqlite: Tested) -> None:
    """A page that breaks names its path, and the path of a link is the link."""
    tested_sqlite.customer()
    tested_sqlite.browser().post("/recover", {"who": "lin@example.com"})
    link = letters(tested_sqlite, "recovery.letter")[0].path
    with tested_sqlite.house.foundation.database.write() as tx:
        tx.execute(text("alter table codes rename to hidden_away"))
    with capture_logs() as lines:
        assert tested_sqlite.browser().get(link).status == 500
    assert [line["path"] for line in lines if "path" in line] == ["/recover/link/…"]
    assert link.rpartition("/")[2] not in str(lines)


def test_a_name_as_long_as_a_form_costs_no_judging(tested_sqlite: Tested) -> None:
    """A newcomer's name is read into pinyin at each verdict, before anything has refused it."""
    subject = tested_sqlite.house.sheet.newcomer("lin@example.com", "林" * 5000)
    assert subject.person
    assert len(subject.person.name or "") == len(subject.context.name) == LONGEST_NAME


def test_a_thief_who_changes_the_password_does_not_silence_the_owner(tested: Tested) -> None:
    """Whoever has just signed in may change the password: the link that says "not me" must outlive that."""
    tested.customer()
    tested.signed_in()
    thief = tested.signed_in(address="198.51.100.7")
    link = letters(tested, "signin.new_device")[0].path
    assert thief.post("/account/password", {"current": PASSWORD, "password": NEW}).location.startswith("/account?")
    owner = tested.browser()
    assert owner.post(link).location == "/recover/password"
    assert thief.get("/account/devices").status == 303


def test_links_to_disown_end_once_the_owner_is_back(tested: Tested) -> None:
    """The other side of the same: after a recovery no older mail opens anything."""
    tested.customer()
    tested.signed_in()
    tested.signed_in(address="198.51.100.7")
    link = letters(tested, "signin.new_device")[0].path
    owner = tested.browser()
    owner.post("/recover", {"who": "lin@example.com"})
    owner.post("/recover/code", {"code": letters(tested, "recovery.letter")[0].facts["code"]})
    assert owner.post("/recover/password", {"password": NEW}).location == "/sign-in?changed=1"
    assert tested.browser().get(link).location == "/recover?gone=1"


def test_an_operator_who_disowns_a_sign_in_comes_back_at_the_console(tested_sqlite: Tested) -> None:
    """By the operators' own policy, and to their own door."""
    tested_sqlite.customer("op@example.com", realm="operator")
    form = {"who": "op@example.com", "password": PASSWORD}
    tested_sqlite.browser().post("/console/sign-in", form)
    tested_sqlite.browser(address="198.51.100.7").post("/console/sign-in", form)
    link = letters(tested_sqlite, "signin.new_device")[0].path
    owner = tested_sqlite.browser()
    assert owner.post(link).location == "/recover/password"
    assert owner.post("/recover/password", {"password": NEW}).location == "/console/sign-in?changed=1"


def test_who_comes_back_in_the_last_moment_is_not_erased(tested_postgres: Tested) -> None:
    """The sweep asks how the account stands and erases it: nobody may come back in between unseen."""
    house, account = tested_postgres.house, tested_postgres.customer()
    assert house.lifecycle.leaving.close(Visitor("localhost", "127.0.0.1"), account)
    tested_postgres.clock.advance(31 * DAY)
    came, swept = Event(), Event()

    def come_back() -> None:
        with house.foundation.database.write() as tx:
            house.accounts.cancel_closing(tx, account, actor=account)
            came.set()
            swept.wait(1)

    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(come_back)
        came.wait(10)
        erased = house.lifecycle.leaving.erase_due()
        swept.set()
        coming.result()
    with house.foundation.database.read() as tx:
        state = tx.scalar(select(accounts.c.state).where(accounts.c.account_id == account))
    assert (state, erased) == ("active", 0)


def test_a_legal_hold_binds_operators_too(tested: Tested) -> None:
    """The grace period's end asked for it, and the act was a second way to the same."""
    house, account = tested.house, tested.customer()
    with house.foundation.database.write() as tx:
        hold = house.journal.place_hold(tx, account=account, reason="court", actor="test")
        refused = house.operators.run(tx, VISITOR, "accounts.erase", account, {}, "asked to")
        assert refused == Refusal("accounts.act.held")
        assert house.journal.lift_hold(tx, hold, actor="test")
        assert not isinstance(house.operators.run(tx, VISITOR, "accounts.erase", account, {}, "asked to"), Refusal)


@pytest.fixture
def two_hosts(sqlite_url: str, tmp_path: Path) -> Iterator[Tested]:
    """A house that is known by a second name."""
    with opened_house(sqlite_url, tmp_path, settings={"MENSHEN_SERVER_HOSTS": "id.example.com"}) as opened:
        yield opened


def test_a_session_is_the_host_s_whose_cookie_it_is(two_hosts: Tested) -> None:
    """Else nobody who signs in by the second name ever comes in."""
    two_hosts.customer()
    browser = two_hosts.signed_in(host="id.example.com")
    assert browser.get("/account/devices").status == 200
    stolen = two_hosts.browser()
    stolen.cookies |= browser.cookies
    assert stolen.get("/account/devices").status == 303


def test_the_hot_read_says_that_the_database_is_gone() -> None:
    """As every other read does: a door that says 503 is asked again, one that says 500 is mended."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseTrouble):
        HotRead(database, select(accounts.c.state).limit(1)).one()
