"""A rotation seals everything again under a new key while the house serves, and goes on wherever it was killed."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, update
from typer.testing import CliRunner

from menshen.keys import rules
from menshen.keys.cli import commands
from menshen.keys.service import KeyFile, Keys, SealBroken
from menshen.kit.clock import SECOND, SetClock, SystemClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from tests.keys.conftest import notes, pairs

pytestmark = pytest.mark.usefixtures("sealed_tables")


def rest() -> None:
    """No rest between batches."""


def write_notes(database: Database, keys: Keys, count: int, start: int = 0) -> None:
    """Rows with a sealed value each; every third has no owner, every fifth nothing sealed."""
    rows = []
    for number in range(start, start + count):
        owner = None if number % 3 == 0 else f"owner-{number}"
        name = f"note-{number:06d}"
        text = None if number % 5 == 4 else keys.seal("test_notes.text", owner or "", name, f"text {number}".encode())
        rows.append({"id": name, "owner": owner, "text": text})
    with database.write() as tx:
        tx.execute(insert(notes), rows)


def read_notes(database: Database, keys: Keys) -> dict[str, bytes]:
    """Every sealed note, opened."""
    with database.read() as tx:
        rows = tx.all(select(notes.c.id, notes.c.owner, notes.c.text).where(notes.c.text.is_not(None)))
    return {row.id: keys.open("test_notes.text", row.owner or "", row.id, row.text) for row in rows}


def states(keys: Keys) -> list[tuple[str, int]]:
    """State and count of each sealing key."""
    return [(key.state, key.values) for key in keys.status() if key.kind == "seal"]


def test_everything_moves_to_the_new_key_and_the_old_one_retires(
    database: Database, keys: Keys, clock: SetClock
) -> None:
    write_notes(database, keys, 1_200)
    with database.write() as tx:
        text = keys.seal("test_pairs.text", "", rules.record("a", "b"), b"pair")
        tx.execute(insert(pairs).values(left="a", right="b", text=text))
    before, mac = read_notes(database, keys), keys.mac("p", b"x")
    clock.advance(SECOND)

    first = keys.rotate(pause=rest)
    assert (first.moved, first.broken, first.retired, len(first.waiting)) == (961, (), (), 1)
    assert states(keys) == [("old", 0), ("current", 961)]

    clock.advance(rules.SETTLE)
    assert keys.rotate(pause=rest, go_on=True).retired == first.waiting
    assert states(keys) == [("retired", 0), ("current", 961)]
    assert read_notes(database, keys) == before
    assert keys.mac("p", b"x") == mac
    with database.read() as tx:
        text = tx.scalar(select(pairs.c.text))
    assert keys.open("test_pairs.text", "", "a|b", text) == b"pair"


def test_it_rests_after_each_batch(database: Database, keys: Keys) -> None:
    write_notes(database, keys, 1_200)
    batches: list[int] = []
    rests: list[None] = []
    keys.rotate(pause=lambda: rests.append(None), tell=lambda column, count: batches.append(count))
    assert len(rests) == len(batches) == 2
    assert max(batches) <= 1_000


def test_a_running_process_opens_and_soon_seals_under_the_new_key(
    database: Database, process: Callable[[], Keys], clock: SetClock
) -> None:
    one, other = process(), process()
    other.seal("test_notes.text", "", "x", b"x")
    clock.advance(SECOND)
    one.rotate(pause=rest)
    assert other.open("test_notes.text", "", "x", one.seal("test_notes.text", "", "x", b"new")) == b"new"
    clock.advance(rules.FRESH)
    write_notes(database, other, 1)
    assert states(one) == [("old", 0), ("current", 1)]


def test_an_old_key_with_something_under_it_never_retires(
    database: Database, process: Callable[[], Keys], clock: SetClock
) -> None:
    """A process that still sealed under the old key after the walk is caught by the count."""
    one, late = process(), process()
    late.seal("test_notes.text", "", "x", b"x")
    clock.advance(SECOND)
    one.rotate(pause=rest)
    write_notes(database, late, 1)
    clock.advance(rules.SETTLE)
    assert states(one) == [("old", 1), ("current", 0)]
    done = one.rotate(pause=rest, go_on=True)
    assert (done.moved, len(done.retired)) == (1, 1)
    assert read_notes(database, late) == {"note-000000": b"text 0"}


def test_a_value_that_does_not_open_is_named_and_keeps_its_key(database: Database, keys: Keys, clock: SetClock) -> None:
    write_notes(database, keys, 3)
    with database.write() as tx:
        tx.execute(update(notes).where(notes.c.id == "note-000001").values(owner="thief"))
    clock.advance(SECOND)
    keys.rotate(pause=rest)
    clock.advance(rules.SETTLE)
    done = keys.rotate(pause=rest)
    assert done.broken == ("test_notes.text note-000001",)
    assert (done.retired, len(done.waiting)) == ((), 1)
    assert states(keys) == [("old", 1), ("current", 2)]


def test_a_value_changed_meanwhile_is_not_overwritten(
    database: Database, process: Callable[[], Keys], clock: SetClock
) -> None:
    """Compare-and-set by the old bytes: the owner saves between the rotation's reading and its writing."""
    keys, owner = process(), process()
    write_notes(database, keys, 3)
    clock.advance(SECOND)

    class Interrupted(Keys):
        def seal(self, where: str, account: str, record: str, plain: bytes) -> bytes:
            if record == "note-000001":
                changed = owner.seal(where, account, record, b"changed")
                with database.write() as tx:
                    tx.execute(update(notes).where(notes.c.id == record).values(text=changed))
            return super().seal(where, account, record, plain)

    rotating = Interrupted(database, clock, SystemDice(), keys._custody)
    rotating.register((notes.c.text,))
    rotating.rotate(pause=rest)
    assert read_notes(database, keys)["note-000001"] == b"changed"


def test_rotations_side_by_side_make_one_key(database: Database, process: Callable[[], Keys]) -> None:
    write_notes(database, process(), 600)
    rings = [process() for _ in range(4)]
    threads = [threading.Thread(target=ring.rotate, kwargs={"pause": rest}) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states(rings[0])) == [("current", 480), ("old", 0)]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_sealing_goes_on_while_rotating(database: Database, process: Callable[[], Keys], clock: SetClock) -> None:
    """Two processes write and change rows all the while; every last value opens, and is what was written last."""

    rotating = process()
    write_notes(database, rotating, 1_500)
    clock.advance(SECOND)
    written = read_notes(database, rotating)
    troubles: list[BaseException] = []

    def work(part: int) -> None:
        keys = process()
        try:
            for turn in range(400):
                number = (turn * 7 + part) % 1_500
                if number % 2 != part or number % 5 == 4:
                    continue
                owner, name = "" if number % 3 == 0 else f"owner-{number}", f"note-{number:06d}"
                plain = f"turn {turn}".encode()
                sealed = keys.seal("test_notes.text", owner, name, plain)
                with database.write() as tx:
                    tx.execute(update(notes).where(notes.c.id == name).values(text=sealed))
                written[name] = plain
        except BaseException as trouble:
            troubles.append(trouble)
            raise

    threads = [threading.Thread(target=work, args=(part,)) for part in (0, 1)]
    for thread in threads:
        thread.start()
    rotating.rotate(pause=rest)
    for thread in threads:
        thread.join()
    clock.advance(rules.SETTLE)
    done = rotating.rotate(pause=rest, go_on=True)
    assert troubles == []
    assert (done.broken, len(done.retired)) == ((), 1)
    assert read_notes(database, process()) == written


def rotate_until(url: str, file: Path, point: int) -> None:
    """Rotate in this process, which kills itself at the numbered point."""
    database = Database(url)
    keys = Keys(database, SystemClock(), SystemDice(), KeyFile(file, SystemDice()))
    keys.register((notes.c.text, pairs.c.text))
    points = iter(range(1, 1_000))

    def step(*_: object) -> None:
        if next(points) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(database.engine, moment, step)
    keys.rotate(pause=rest)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_rotation_killed_anywhere_goes_on(database: Database, keys: Keys, tmp_path: Path) -> None:
    """kill -9 before and after each writing statement and before each commit, one after another on one database."""
    write_notes(database, keys, 1_200)
    before = read_notes(database, keys)
    forked = multiprocessing.get_context("fork")
    endings = []
    for point in range(1, 40):
        child = forked.Process(target=rotate_until, args=(str(database.url), tmp_path / "keys" / "master.key", point))
        child.start()
        child.join()
        endings.append(child.exitcode)
        if child.exitcode != -signal.SIGKILL:
            break
    assert len(endings) > 3
    assert endings[-1] == 0
    assert read_notes(database, keys) == before
    assert sorted(states(keys)) == [("current", 960), ("old", 0)]


def test_the_command_line_shows_and_rotates(database: Database, keys: Keys, clock: SetClock) -> None:
    write_notes(database, keys, 3)
    clock.advance(SECOND)
    runner = CliRunner()
    group = commands(lambda tell, go_on: keys.rotate(pause=rest, tell=tell, go_on=go_on), keys)
    done = runner.invoke(group, ["rotate"])
    assert (done.exit_code, "3 values sealed again" in done.output) == (0, True)
    assert "current" in runner.invoke(group, ["status"]).output
    with database.write() as tx:
        tx.execute(update(notes).where(notes.c.id == "note-000001").values(owner="thief"))
    clock.advance(rules.SETTLE)
    runner.invoke(group, ["rotate"])
    broken = runner.invoke(group, ["rotate"])
    assert (broken.exit_code, "note-000001" in broken.output) == (1, True)
    with pytest.raises(SealBroken):
        read_notes(database, keys)
