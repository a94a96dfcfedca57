"""Taking customers out and bringing them in elsewhere: nothing is lost, nothing runs, nobody else reads it."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.database import Database
from menshen.kit.room import Query
from menshen.lifecycle.rules.cells import RUNS, harmless, restored
from menshen.lifecycle.service.exporting import export
from menshen.lifecycle.service.importing import Rooms
from menshen.lifecycle.store.files import BadFile
from tests.lifecycle.town import bring, build

PEOPLE: list[dict[str, object]] = [
    {
        "external_id": "C-1",
        "user_name": "linwei",
        "emails": ["lin@example.com", "lin2@example.com"],
        "phones": ["+8613800138000"],
        "display_name": '=HYPERLINK("http://evil.example","林伟")',
        "birthday": "1990-05-17",
        "locale": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "groups": ["staff", "vip"],
        "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99",
        "password_format": "md5",
        "password_changed_at": "2026-01-02T03:04:05Z",
    },
    {"user_name": "second", "display_name": "'quoted"},
    {"external_id": "＝1+1", "user_name": "third", "display_name": "@here; there"},
]


@pytest.fixture
def rooms(database: Database, tmp_path: Path) -> Rooms:
    built = build(database, tmp_path)
    file = tmp_path / "before.jsonl"
    file.write_text("".join(json.dumps(person) + "\n" for person in PEOPLE), "utf-8")
    assert bring(built, file).created == len(PEOPLE)
    return built


@pytest.mark.parametrize("name", ["after.jsonl", "after.csv"])
def test_what_goes_out_comes_in_again(rooms: Rooms, sqlite_template: Path, tmp_path: Path, name: str) -> None:
    first, second, elsewhere = tmp_path / name, tmp_path / f"again-{name}", tmp_path / "elsewhere"
    assert export(rooms, first, with_hashes=True).written == len(PEOPLE)
    elsewhere.mkdir()
    (elsewhere / "menshen.db").write_bytes(sqlite_template.read_bytes())
    there = Database(f"sqlite:///{elsewhere / 'menshen.db'}")
    other = build(there, elsewhere)
    assert bring(other, first).created == len(PEOPLE)
    export(other, second, with_hashes=True)
    assert sorted(second.read_text("utf-8").splitlines()) == sorted(first.read_text("utf-8").splitlines())
    with there.read() as tx:
        found = other.accounts.find(tx, "customer", "linwei")
        assert found is not None
        kept = other.credentials.kept(tx, found.account_id)
    assert found.display_name == PEOPLE[0]["display_name"]
    assert other.credentials.check(kept, "linwei", "password").right
    there.close()


def test_no_cell_runs_as_a_formula(rooms: Rooms, tmp_path: Path) -> None:
    """S-155."""
    file = tmp_path / "after.csv"
    export(rooms, file)
    text = file.read_text("utf-8")
    assert "\"'=HYPERLINK(" in text
    assert "'+8613800138000" in text
    assert "'＝1+1" in text


@given(st.text(alphabet=[*sorted(RUNS), "'", "a", "林"], max_size=6))
def test_every_cell_is_restored(value: str) -> None:
    assert restored(harmless(value)) == value
    assert harmless(value)[:1] not in RUNS


def test_hashes_go_out_only_when_asked_for(rooms: Rooms, tmp_path: Path) -> None:
    file = tmp_path / "after.jsonl"
    export(rooms, file)
    assert "password" not in file.read_text("utf-8")


def test_the_file_is_its_owners_alone(rooms: Rooms, tmp_path: Path) -> None:
    """S-101: whatever the umask."""
    before = os.umask(0)
    try:
        export(rooms, tmp_path / "after.jsonl")
    finally:
        os.umask(before)
    assert (tmp_path / "after.jsonl").stat().st_mode & 0o777 == 0o600


def test_no_file_is_written_over(rooms: Rooms, tmp_path: Path) -> None:
    file = tmp_path / "after.jsonl"
    file.write_text("dear", "utf-8")
    with pytest.raises(BadFile):
        export(rooms, file)
    assert file.read_text("utf-8") == "dear"


def test_shut_accounts_are_left_out_and_counted(rooms: Rooms, tmp_path: Path) -> None:
    with rooms.database.write() as tx:
        one, two, _ = rooms.accounts.select(tx, Query())
        rooms.accounts.suspend(tx, one.account_id)
        rooms.accounts.begin_closing(tx, two.account_id, rooms.clock.now())
    written = export(rooms, tmp_path / "after.jsonl")
    assert (written.written, written.left_out) == (1, 2)
