"""The command line: quick overview, help without a database, one line for what is wrong, no secret as argument."""

import subprocess
import sys
from pathlib import Path

import pytest

from menshen.app.cli import ALONE, GROUPS
from tests.app.program import environment, refusal, run
from tests.house.walk import ROOT
from tests.houses import Tested

OURS = ("serve", "migrate", "doctor", "demo", "settings")

LIGHT = """
import sys
from menshen.app.cli import main
sys.argv = ["menshen", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
heavy = {"sqlalchemy", "litestar", "alembic", "rich", "cryptography"}
sys.stderr.write(" ".join(heavy & set(sys.modules)))
"""


def loaded(place: Path, *words: str, typed: str = "") -> tuple[str, str]:
    """What a command writes, and which of the heavy libraries it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *words],
        cwd=place, env=environment(), input=typed, capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    return done.stdout, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""


def test_the_groups_shown_are_those_that_the_rooms_offer(tested_sqlite: Tested) -> None:
    offered = {name for room in tested_sqlite.house.rooms for name in room.commands}
    assert offered | ALONE == set(GROUPS)


def test_the_overview_lists_every_command_and_loads_nothing_heavy(tmp_path: Path) -> None:
    shown, heavy = loaded(tmp_path, "--help")
    assert [name for name in (*OURS, *GROUPS) if f"\n  {name} " not in shown] == []
    assert heavy == ""


def test_judging_a_password_opens_no_database(tmp_path: Path) -> None:
    shown, heavy = loaded(tmp_path, "password", "check", "--locale", "en", typed="hunter2\n")
    assert shown
    assert heavy == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [(), *((name,) for name in OURS), ("settings", "show"), *((name,) for name in GROUPS)]
)
def test_help_explains_itself_and_makes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, *words, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: menshen")
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_refused_without_a_trace(tmp_path: Path) -> None:
    done = run(tmp_path, "sevre")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "sevre" in done.stderr


def test_a_command_of_a_room_makes_what_it_needs_and_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "apps", "list")
    assert done.returncode == 0
    assert "made the key file var/master.key" in done.stderr
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_settings_are_checked_without_making_anything(tmp_path: Path) -> None:
    (tmp_path / "menshen.toml").write_text('[brand]\nname = "银杏书店"\n', encoding="utf-8")
    assert run(tmp_path, "settings", "check").stdout == "The settings are right.\n"
    assert 'name = "银杏书店"' in run(tmp_path, "settings", "show").stdout
    (tmp_path / "menshen.toml").write_text('[brand]\nnmae = "x"\n', encoding="utf-8")
    assert refusal(run(tmp_path, "settings", "check")) == (
        "menshen.toml, line 2: brand.nmae is not a setting; did you mean 'name'?"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["menshen.toml"]


def test_shown_settings_hold_no_secret(tmp_path: Path) -> None:
    done = run(tmp_path, "settings", "show", MENSHEN_DATABASE_URL="postgresql://menshen:hidden-word@db/menshen")
    assert "postgresql://menshen:***@db/menshen" in done.stdout
    assert "hidden-word" not in done.stdout


def test_the_reference_of_settings_is_the_one_in_the_documents(tmp_path: Path) -> None:
    written = (ROOT / "docs" / "operator" / "settings.md").read_text(encoding="utf-8")
    assert run(tmp_path, "settings", "reference").stdout == written


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert "do:  " in done.stdout
    lines = run(tmp_path, "doctor", "--json").stdout.splitlines()
    assert all(line.startswith('{"code":"') for line in lines)
