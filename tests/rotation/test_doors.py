"""`menshen rotation`, the act and the parts of pages, as operators and customers meet them."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

import menshen
from menshen.kit.brand import Brand
from menshen.kit.clock import DAY, from_datetime
from menshen.kit.marks import mark_of
from menshen.kit.room import Act, Room
from menshen.kit.texts import LOCALES, Texts
from menshen.kit.web.pages import Pages
from menshen.kit.web.routes import Page
from menshen.kit.web.visitor import Visitor
from menshen.rotation.room import RequireChange, furnish
from menshen.rotation.rules import CAUSES
from tests.rotation.houses import House

ROOMS = Path(menshen.__file__).parent
TEXTS = Texts([ROOMS / "kit" / "texts", ROOMS / "rotation" / "texts"])
OPERATOR = Visitor(host="localhost", source="127.0.0.1", realm="operator", account_id="op1", locale="en")


def room_of(house: House) -> Room:
    """The room furnished."""
    return furnish(house.database, house.rotation, house.clock, TEXTS)


def run(house: House, *words: str) -> Result:
    """Run `menshen rotation ...`."""
    return CliRunner().invoke(room_of(house).commands["rotation"], words, env={"COLUMNS": "250"})


def act_of(house: House) -> Act:
    """The act that the room offers."""
    (act,) = room_of(house).acts
    return act


@pytest.mark.parametrize("whom", [("--group", "shop"), ("--all",), ("--account",)])
def test_a_change_is_required_listed_and_lifted(house: House, whom: tuple[str, ...]) -> None:
    account = house.customer("shop", age=DAY)
    named = whom if whom != ("--account",) else ("--account", account)
    done = run(house, "require", *named, "--cause", "incident", "--by", "2026-12-24")
    assert done.exit_code == 0, done.output
    reason = done.stdout.strip()
    found = house.due(account)
    assert found is not None
    assert (found.cause, found.by) == ("incident", from_datetime(datetime(2026, 12, 24, tzinfo=UTC)))
    assert reason in run(house, "list", "--account", account).stdout
    assert (reason in run(house, "list").stdout) == (whom != ("--account",))
    assert run(house, "lift", reason).exit_code == 0
    assert house.due(account) is None
    again = run(house, "lift", reason)
    assert again.exit_code == 1
    assert reason in again.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--cause", "incident"),
        ("--cause", "incident", "--all", "--group", "shop"),
        ("--cause", "boredom", "--all"),
        ("--cause", "incident", "--all", "--by", "tomorrow"),
        ("--cause", "incident", "--all", "--by", "2020-01-01"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(house: House, words: tuple[str, ...]) -> None:
    account = house.customer(age=DAY)
    assert run(house, "require", *words).exit_code == 2
    assert house.due(account) is None


def test_the_act_shows_what_it_does_does_it_and_undoes_it(house: House) -> None:
    account, act = house.customer(age=DAY), act_of(house)
    arguments = RequireChange(cause="help_desk", days=3)
    with house.database.read() as tx:
        preview = act.preview(tx, account, arguments)
    assert preview.count == 1
    assert TEXTS.say(preview.sentence, "en", **preview.values)
    with house.database.write() as tx:
        kept = act.do(tx, account, arguments, OPERATOR)
    found = house.due(account)
    assert found is not None
    assert found.by == house.clock.now() + 3 * DAY
    assert act.undo is not None
    with house.database.write() as tx:
        act.undo(tx, account, msgspec.json.decode(msgspec.json.encode(kept)), OPERATOR)
    assert house.due(account) is None
    assert "rotation.lifted" in house.below.events(account)


def test_the_act_tells_before_why_it_would_be_refused(house: House) -> None:
    account, act = house.customer(), act_of(house)
    with house.database.write() as tx:
        house.accounts.set_password_facts(tx, account, None, None)
        preview = act.preview(tx, account, RequireChange(cause="incident"))
    assert (preview.sentence, preview.count) == ("rotation.no_password", 0)


@pytest.mark.parametrize(
    "wrong", [{"cause": "boredom"}, {"cause": "weak", "days": 181}, {"cause": "weak", "day": 1}, {}]
)
def test_wrong_arguments_of_the_act_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, RequireChange)


def test_the_customer_reads_why_and_by_when(house: House) -> None:
    account = house.customer(age=170 * DAY)
    assert "due on 11 Dec 2026" in shown(house, "account.security", account, "en")
    assert "2026年12月11日到期" in shown(house, "account.security", account, "zh_CN")
    house.require(account, "leaked", house.clock.now() + DAY)
    assert "in a list of leaked ones. Please change it before 2 Dec 2026." in shown(
        house, "account.security", account, "en"
    )
    house.require(account, "owner")
    assert "changed at the next sign-in" in shown(house, "account.security", account, "en")


def test_the_operator_reads_what_is_due_and_who_asked(house: House) -> None:
    account = house.customer(age=DAY)
    house.require(account, "incident")
    seen = shown(house, "console.customer", account, "en")
    assert "asked by tester" in seen
    assert "asked by the system" in seen


def test_nothing_is_shown_where_nothing_is_coming(house: House) -> None:
    account = house.customer("staff")
    with house.database.write() as tx:
        house.policy.assign(tx, "staff", "nist-800-63b-4", actor="tester")
    assert shown(house, "account.security", account, "en") == ""
    assert "No change of password" in shown(house, "console.customer", account, "en")


def test_every_column_is_marked_and_every_code_has_its_sentence(house: House) -> None:
    room = room_of(house)
    assert all(mark_of(column) for table in room.tables for column in table.columns)
    assert all(TEXTS.knows(f"event.{event.code}") for event in room.events)
    assert all(TEXTS.knows(f"rotation.cause.{cause}") for cause in CAUSES)
    assert TEXTS.codes(LOCALES[0]).keys() == TEXTS.codes(LOCALES[1]).keys()


def shown(house: House, place: str, account: str, locale: str) -> str:
    """The part of a place as HTML, empty where it has nothing to show."""
    room = room_of(house)
    visitor = Visitor(host="localhost", source="127.0.0.1", account_id=account, locale=locale)
    (part,) = [part for part in room.parts if part.place == place]
    values = part.render(visitor, {"account_id": account})
    if values is None:
        return ""
    return Pages([room], TEXTS, Brand(), house.clock).render(Page(part.template, {"part": values}), visitor, "token")
