"""`menshen policy` and the set-up step, as an operator meets them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import menshen
from menshen.kit.brand import Brand
from menshen.kit.marks import mark_of
from menshen.kit.texts import LOCALES, Texts
from menshen.kit.web.pages import Pages
from menshen.kit.web.routes import Page
from menshen.kit.web.visitor import Visitor
from menshen.policy.room import furnish
from tests.policy.books import House

ROOMS = Path(menshen.__file__).parent
TEXTS = Texts([ROOMS / "kit" / "texts", ROOMS / "policy" / "texts"])


def run(house: House, *words: str) -> Result:
    """Run `menshen policy ...`."""
    room = furnish(house.database, house.policy, house.clock, TEXTS)
    return CliRunner().invoke(room.commands["policy"], words, env={"COLUMNS": "200"})


def test_list_shows_every_policy_with_its_groups(house: House) -> None:
    house.assign("staff", "mlps-3")
    done = run(house, "list")
    assert done.exit_code == 0
    assert "(all others)" in line_of(done, "classic")
    assert "staff" in line_of(done, "mlps-3")


def test_a_policy_goes_out_as_toml_and_comes_in_as_a_new_version(house: House, tmp_path: Path) -> None:
    file = tmp_path / "classic.toml"
    file.write_text(
        run(house, "show", "classic").stdout.replace(
            'value = 180, clause = "mission"', 'value = 120, clause = "mission"'
        )
    )
    done = run(house, "save", str(file))
    assert done.exit_code == 0, done.output
    assert house.effective().rotation.change_after_days == 120
    again = run(house, "save", str(file))
    assert again.exit_code == 1
    assert "version 1" in again.stderr
    assert run(house, "save", str(file), "--based-on", "1", "--valid-from", "2030-01-02").exit_code == 0
    assert "2 from 2030-01-02" in line_of(run(house, "list"), "classic")


@pytest.mark.parametrize(
    "text", ["[password", "name = 3", 'name = "x"\n[pasword]', 'name = "x"\n[password]\nlongest = 3']
)
def test_a_file_that_is_no_policy_is_refused_with_the_reason(house: House, tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    done = run(house, "save", str(tmp_path / "wrong.toml"))
    assert done.exit_code == 2
    assert "wrong.toml" in done.stderr
    assert not house.book().has_own_versions()


def test_a_contradiction_is_told_with_its_clauses(house: House) -> None:
    house.meetings.sets.append(("shop", "staff"))
    assert run(house, "assign", "shop", "classic").exit_code == 0
    done = run(house, "assign", "staff", "nist-800-63b-4")
    assert done.exit_code == 1
    assert "classic, nist-800-63b-4" in done.stderr
    assert "NIST 800-63B-4" in done.stderr
    assert run(house, "release", "shop").exit_code == 0
    assert run(house, "assign", "staff", "nist-800-63b-4").exit_code == 0


def test_compare_answers_from_the_values(house: House) -> None:
    done = run(house, "compare", "classic", "modern")
    assert done.exit_code == 0
    answers = line_of(done, "6.2.10")
    assert answers.count("breaks") == 1
    assert answers.count("keeps") == 1


@pytest.mark.parametrize("words", [("show", "clasic"), ("assign", "staff", "clasic"), ("compare", "clasic")])
def test_an_unknown_policy_is_told_with_the_nearest(house: House, words: tuple[str, ...]) -> None:
    done = run(house, *words)
    assert done.exit_code == 1
    assert "Did you mean classic?" in done.stderr


def test_the_setup_step_shows_which_policy_holds(house: House) -> None:
    assert "默认" in shown(house, "zh_CN")
    house.assign("staff", "mlps-3")
    assert "Chosen" in shown(house, "en")


def test_doctor_finds_contradictions_and_what_no_method_reaches(house: House) -> None:
    checks = {check.code: check for check in furnish(house.database, house.policy, house.clock, TEXTS).checks}
    assert {check.measure().outcome for check in checks.values()} == {"PASS"}
    house.assign("shop", "classic")
    house.assign("staff", "nist-800-63b-4")
    house.meetings.sets.append(("shop", "staff"))
    assert checks["policy.satisfiable"].measure().outcome == "FAIL"
    assert "nist-800-63b-4" in checks["policy.second_step"].measure().evidence


def test_every_column_is_marked_and_every_event_has_its_sentence(house: House) -> None:
    room = furnish(house.database, house.policy, house.clock, TEXTS)
    assert all(mark_of(column) for table in room.tables for column in table.columns)
    assert all(TEXTS.knows(f"event.{event.code}") for event in room.events)
    assert TEXTS.codes(LOCALES[0]).keys() == TEXTS.codes(LOCALES[1]).keys()


def shown(house: House, locale: str) -> str:
    """The set-up step as HTML."""
    room = furnish(house.database, house.policy, house.clock, TEXTS)
    visitor = Visitor(host="localhost", source="127.0.0.1", locale=locale)
    (part,) = room.parts
    values = part.render(visitor, {})
    return Pages([room], TEXTS, Brand(), house.clock).render(Page(part.template, {"part": values}), visitor, "token")


def line_of(done: Result, word: str) -> str:
    """The line of a printed table that holds a word."""
    return next(line for line in done.stdout.splitlines() if word in line)
