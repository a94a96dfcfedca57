"""Bringing customers in: what comes, what does not and why, and that no kill and no second run doubles anybody."""

import json
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from menshen.accounts.rules import Standing, read
from menshen.journal.service.readers import Reader
from menshen.kit.clock import DAY
from menshen.kit.database import Database
from menshen.kit.room import Query
from menshen.lifecycle.rules.lines import Options
from menshen.lifecycle.service.importing import Counts, Importing, Rooms
from menshen.lifecycle.store.files import BadFile
from tests.accounts.houses import NOON
from tests.lifecycle.town import bring, build

MD5 = "5f4dcc3b5aa765d61d8327deb882cf99"  # of "password"
BCRYPT = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


@pytest.fixture
def rooms(database: Database, tmp_path: Path) -> Rooms:
    return build(database, tmp_path)


def _written(folder: Path, *lines: object) -> Path:
    file = folder / "customers.jsonl"
    file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return file


def _errors(file: Path) -> dict[int, str]:
    with file.with_name(f"{file.name}.errors").open(encoding="utf-8") as opened:
        told = [json.loads(line) for line in opened]
    return {each["line"]: each["reason"] for each in told}


def _all(rooms: Rooms) -> list[Standing]:
    with rooms.database.read() as tx:
        return list(rooms.accounts.select(tx, Query(), limit=10_000))


def _found(rooms: Rooms, typed: str) -> Standing:
    with rooms.database.read() as tx:
        found = rooms.accounts.find(tx, "customer", typed)
    assert found is not None
    return found


def test_a_whole_customer_comes_in(rooms: Rooms, tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        {
            "external_id": "C-1",
            "user_name": "LinWei",
            "emails": ["Lin@example.com", "lin.2@example.com"],
            "phones": ["138 0013 8000"],
            "display_name": "林伟",
            "birthday": "1990-05-17",
            "locale": "zh-CN",
            "time_zone": "Asia/Shanghai",
            "groups": ["vip", "staff"],
            "password_hash": BCRYPT,
            "password_changed_at": "2026-11-01T08:00:00+08:00",
        },
    )
    counts = bring(rooms, file)
    assert (counts.created, counts.refused, counts.groups) == (1, 0, {"vip", "staff"})
    assert not file.with_name("customers.jsonl.errors").exists()
    standing = _found(rooms, "13800138000")
    assert (standing.display_name, standing.groups, standing.locale) == ("林伟", ("staff", "vip"), "zh_CN")
    assert (standing.methods, standing.password_changed_at) == (("password",), NOON - 30 * DAY - 12 * 3_600_000_000)
    with rooms.database.read() as tx:
        assert rooms.accounts.person_facts(tx, standing.account_id).birthday == "1990-05-17"
        assert rooms.accounts.addresses(tx, standing.account_id, True) == (), "a file proves nothing (S-48)"
        assert len(rooms.accounts.addresses(tx, standing.account_id, False)) == 2
        assert [entry.code for entry in rooms.journal.history(tx, standing.account_id)] == ["account.imported"]
        kept = rooms.credentials.kept(tx, standing.account_id)
        assert kept is not None
    assert rooms.credentials.exported(kept).startswith("$menshen$bcrypt")


def test_each_refusal_is_named(rooms: Rooms, tmp_path: Path) -> None:
    bring(rooms, _written(tmp_path, {"external_id": "held", "user_name": "held.name", "emails": ["held@example.com"]}))
    bad: list[tuple[object, str]] = [
        ("{", "import.unreadable"),
        ("[" * 100_000, "import.too_long"),
        ("[" * 5_000, "import.unreadable"),
        ({"user_name": "a" + "x" * 70_000}, "import.too_long"),
        ({"user_name": 7}, "import.unreadable"),
        ({"user_name": "fine1", "email_verified": True}, "import.unreadable"),
        ({"display_name": "Nobody"}, "import.nameless"),
        ({"emails": ["a@evil.com@corp.com"]}, "accounts.email.unreadable"),
        ({"phones": ["12"]}, "accounts.phone.unreadable"),
        ({"user_name": "held@example.com"}, "accounts.user_name.address"),
        ({"user_name": "Held.Name"}, "import.taken.user_name"),
        ({"user_name": "fine2", "emails": ["HELD@example.com"]}, "import.taken.email"),
        ({"user_name": "fine3", "birthday": "17.5.1990"}, "import.birthday"),
        ({"user_name": "fine4", "locale": "xx"}, "import.locale"),
        ({"user_name": "fine5", "time_zone": "Mars/Olympus"}, "import.time_zone"),
        ({"user_name": "fine6", "groups": ["a b"]}, "import.group"),
        ({"user_name": "fine7", "password_hash": MD5}, "hash.format_unknown"),
        ({"user_name": "fine8", "password_hash": "$2b$31$" + BCRYPT[7:]}, "hash.too_costly"),
        ({"user_name": "fine9", "password_hash": "x\u0000y", "password_format": "plain"}, "import.password"),
        ({"user_name": "fine10", "password_changed_at": "soon"}, "import.changed_at"),
        ({"user_name": "fine11", "password_changed_at": "2036-01-01"}, "import.changed_at"),
        ({"user_name": "fine12", "external_id": "a\nb"}, "import.external_id"),
        ({"user_name": "fine13", "display_name": "\u0000"}, "accounts.name.unreadable"),
    ]
    good = [{"user_name": "good.one"}, {"user_name": "GOOD.one"}, {"external_id": "held", "user_name": "good.two"}]
    file = _written(tmp_path, *(line for line, _ in bad), *good)
    counts = bring(rooms, file)
    expected = {number: code for number, (_, code) in enumerate(bad, 1)}
    assert _errors(file) == expected | {len(bad) + 2: "import.twice"}
    assert (counts.created, counts.known, counts.refused) == (1, 1, len(bad) + 1)
    assert file.with_name("customers.jsonl.errors").stat().st_mode & 0o777 == 0o600


def test_a_dry_run_writes_nothing_but_the_refusals(rooms: Rooms, tmp_path: Path) -> None:
    file = _written(tmp_path, {"user_name": "linwei"}, "{")
    counts = bring(rooms, file, dry_run=True)
    assert (counts.lines, counts.created, counts.refused) == (2, 0, 1)
    assert _all(rooms) == []
    assert _errors(file) == {2: "import.unreadable"}


def test_the_same_file_again_changes_nothing(rooms: Rooms, tmp_path: Path) -> None:
    lines: list[object] = [{"external_id": f"C-{n}", "user_name": f"name{n}x"} for n in range(30)]
    lines += [{"emails": [f"n{n}@example.com"]} for n in range(30)]
    file = _written(tmp_path, *lines)
    assert bring(rooms, file).created == 60
    again = bring(rooms, file)
    assert (again.created, again.known, again.refused) == (0, 60, 0)
    assert len(_all(rooms)) == 60


def test_passwords_in_the_clear_are_hashed_and_reported(rooms: Rooms, tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        {"user_name": "one.plain", "password_hash": "Tr0ub4dor&3", "password_format": "plain"},
        {"user_name": "two.noop", "password_hash": "{noop}Tr0ub4dor&3"},
    )
    assert bring(rooms, file).plain == 2
    standing = _found(rooms, "one.plain")
    with rooms.database.read() as tx:
        kept = rooms.credentials.kept(tx, standing.account_id)
    assert kept is not None
    assert b"Tr0ub4dor" not in kept.sealed
    assert rooms.credentials.check(kept, "one.plain", "Tr0ub4dor&3").right
    assert standing.password_changed_at == NOON, "without a date it counts as set on the day of the import"


def test_old_hashes_open_to_their_passwords(rooms: Rooms, tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        {"user_name": "by.option", "password_hash": MD5},
        {"user_name": "by.line", "password_hash": MD5, "password_format": "md5"},
    )
    assert bring(rooms, file, hash="md5(password)").created == 2
    for typed in ("by.option", "by.line"):
        standing = _found(rooms, typed)
        with rooms.database.read() as tx:
            kept = rooms.credentials.kept(tx, standing.account_id)
        assert rooms.credentials.check(kept, typed, "password").right
        assert not rooms.credentials.check(kept, typed, "passwort").right


def test_groups_whose_policies_contradict_do_not_come_in(rooms: Rooms, tmp_path: Path) -> None:
    """C14: classic demands what nist-800-63b-4 forbids."""
    with rooms.database.write() as tx:
        rooms.policy.assign(tx, "old", "classic", actor="test")
        rooms.policy.assign(tx, "new", "nist-800-63b-4", actor="test")
    file = _written(
        tmp_path,
        {"user_name": "both", "groups": ["old", "new"]},
        {"user_name": "first", "groups": ["old"]},
        {"user_name": "second", "groups": ["new"]},
    )
    assert bring(rooms, file).created == 2
    assert _errors(file) == {1: "import.groups_contradict"}


def test_what_changes_between_check_and_import_stays_out(rooms: Rooms, tmp_path: Path) -> None:
    """A customer signs up while the file is being checked: the line is refused, all others come in."""
    file = _written(tmp_path, *({"user_name": f"name{n}x"} for n in range(5)))

    def sign_up(phase: str, position: int, counts: Counts) -> None:
        if phase == "check":
            with rooms.database.write() as tx:
                rooms.accounts.create(tx, "customer", identifiers=[read("user_name", "name3x", "CN")])

    importing = Importing(rooms, Options(), pace=nullcontext(), say=lambda refused: refused.code, tell=sign_up)
    counts = importing.run(file, dry_run=False)
    assert (counts.created, counts.refused) == (4, 1)
    assert _errors(file) == {4: "import.taken.user_name"}


CSV = '''\ufeffexternal_id,user_name,emails,phones,display_name,groups
C-1,linwei,lin@example.com; lin2@example.com,'+8613800138000,"Lin, ""W""",a;b
C-2,two.names,,,'=1+1,
C-3,too,many,cells,are,here,now
C-4,"open
'''


def test_tables_come_in_too(rooms: Rooms, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CSV, "utf-8")
    counts = bring(rooms, file)
    assert counts.created == 2
    assert set(_errors(file).values()) == {"import.unreadable"}
    assert _found(rooms, "+8613800138000").display_name == 'Lin, "W"'
    assert _found(rooms, "lin2@example.com").groups == ("a", "b")
    assert _found(rooms, "two.names").display_name == "=1+1"


@pytest.mark.parametrize("text", [b"", b"name,mail\n", b"user_name,user_name\n", "user_name\n王".encode("gb18030")])
def test_a_table_of_something_else_is_refused_whole(rooms: Rooms, tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(text)
    with pytest.raises(BadFile):
        bring(rooms, file)
    assert _all(rooms) == []


def test_the_import_is_journaled(rooms: Rooms, tmp_path: Path) -> None:
    bring(rooms, _written(tmp_path, {"user_name": "linwei"}, "{"))
    with rooms.database.read() as tx:
        batch = Reader(rooms.clock, "test").batch(tx, 10)
    finished = next(event for event in batch if event.code == "accounts.import_finished")
    assert dict(finished.facts) == {"created": 1, "known": 0, "lines": 2, "refused": 1}
    assert finished.actor == "cli"


KILLED = """
import os, sys
from pathlib import Path
from menshen.kit.database import Database
from tests.lifecycle.town import bring, build
import menshen.lifecycle.service.importing as importing
url, folder, file, point = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
left = point
def counted(put):
    def dying(self, batch, **how):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)
        return put(self, batch, **how)
    return dying
importing.Importing._put_whole = counted(importing.Importing._put_whole)
importing.MOST_ROWS = 60
bring(build(Database(url), folder), file)
"""


def test_a_killed_import_goes_on_without_doubling_anybody(sqlite_url: str, tmp_path: Path) -> None:
    """kill -9 between any two transactions; `make prove` has the points within them."""
    database = Database(sqlite_url)
    rooms = build(database, tmp_path)
    lines: list[object] = [
        {"external_id": f"C-{n}", "user_name": f"name{n}x", "password_hash": BCRYPT} for n in range(40)
    ]
    lines += [{"emails": [f"n{n}@example.com"]} for n in range(40)]
    file = _written(tmp_path, *lines)
    seen = []
    for point in (1, 2, 3, 2):
        command = [sys.executable, "-c", KILLED, sqlite_url, str(tmp_path), str(file), str(point)]
        died = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
        assert died.returncode == -signal.SIGKILL
        seen.append(len(_all(rooms)))
    assert seen == sorted(seen)
    assert 0 < seen[-1] < 80
    counts = bring(rooms, file)
    assert counts.created + counts.known == 80
    assert len(_all(rooms)) == 80
    database.close()
