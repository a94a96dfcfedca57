"""The commands: exit codes, what they say, and that no secret is an argument."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import menshen
from menshen.kit.database import Database
from menshen.kit.texts import Texts
from menshen.lifecycle.cli import account_commands
from tests.lifecycle.town import build

HOUSE = Path(menshen.__file__).parent


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path) -> object:
    rooms = build(Database(sqlite_url), tmp_path)
    texts = Texts([HOUSE / room / "texts" for room in ("accounts", "credentials", "lifecycle")])
    commands = account_commands(lambda: rooms, texts, gap=0, region="CN")
    return lambda *words: CliRunner().invoke(commands, [str(word) for word in words])


def test_all_in_is_0_and_some_refused_is_3(run: object, tmp_path: Path) -> None:
    assert callable(run)
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text('{"user_name": "linwei", "groups": ["vip"]}\n', "utf-8")
    bad.write_text(
        '{"user_name": "linwei", "external_id": "X"}\n{"user_name": "fresh", "password_hash": "x"}\n', "utf-8"
    )
    came = run("import", good)
    assert (came.exit_code, "1 of 1 lines came in." in came.output) == (0, True)
    assert "New groups: vip." in came.output
    refused = run("import", bad)
    assert refused.exit_code == 3
    told = [json.loads(line) for line in (tmp_path / "bad.jsonl.errors").read_text("utf-8").splitlines()]
    says = {each["reason"]: each["says"] for each in told}
    assert says.keys() == {"import.taken.user_name", "hash.format_unknown"}
    assert says["import.taken.user_name"] == "The user name belongs to another account."


def test_a_dry_run_says_what_would_come(run: object, tmp_path: Path) -> None:
    assert callable(run)
    file = tmp_path / "some.jsonl"
    file.write_text('{"user_name": "linwei"}\n{}\n', "utf-8")
    said = run("import", "--dry-run", file)
    assert (said.exit_code, "1 of 2 lines would come in." in said.output) == (3, True)
    assert run("export", tmp_path / "out.jsonl").output.startswith("0 customers")


def test_a_file_of_something_else_is_a_plain_refusal(run: object, tmp_path: Path) -> None:
    assert callable(run)
    file = tmp_path / "some.csv"
    file.write_text("what,ever\n", "utf-8")
    said = run("import", file)
    assert said.exit_code == 1
    assert "the first row has to name columns" in said.output
