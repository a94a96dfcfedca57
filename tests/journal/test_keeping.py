"""Events go after their retention unless they are held, their leaf hashes stay, and work is claimed by one alone."""

import threading

import pytest
from sqlalchemy import func, select, text

from menshen.journal.jobs import jobs
from menshen.journal.rules import WEEK, Settings, week_of
from menshen.journal.service import Journal, Unfit, create_partitions
from menshen.journal.store import events, leaves
from menshen.journal.store.keeping import drop_empty_weeks
from menshen.kit.clock import DAY, MINUTE, SECOND, SetClock, as_datetime
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice


def retention(database: Database, clock: SetClock, journal: Journal) -> int:
    """Run the house's own retention job, with its default settings."""
    (job,) = (
        job for job in jobs(database, clock, journal, Settings(), lambda: None) if job.name == "journal.retention"
    )
    return job.run()


def test_what_is_past_its_time_goes_and_its_leaf_stays(database: Database, journal: Journal, clock: SetClock) -> None:
    with database.write() as tx:
        for number in range(1_200):
            journal.write(tx, "door.opened", account="bob", facts={"number": number})
        clock.advance(100 * DAY)
        journal.write(tx, "door.opened", account="bob")
        old = {
            (row.seq, bytes(row.leaf))
            for row in tx.all(select(events.c.seq, events.c.leaf).order_by(events.c.seq).limit(1_200))
        }
    clock.advance(81 * DAY)
    assert retention(database, clock, journal) == 1_200
    with database.read() as tx:
        assert len(journal.history(tx, "bob")) == 1
        assert {(row.seq, bytes(row.leaf)) for row in tx.all(select(leaves.c.seq, leaves.c.leaf))} == old
        trimmed = tx.all(select(events.c.body).where(events.c.code == "journal.trimmed"))
    assert len(trimmed) == 3
    assert retention(database, clock, journal) == 0


@pytest.mark.parametrize("kind", ["account", "time"])
def test_what_is_held_stays_until_the_hold_is_lifted(
    database: Database, journal: Journal, clock: SetClock, kind: str
) -> None:
    with database.write() as tx:
        start = clock.now()
        journal.write(tx, "door.opened", account="eve")
        clock.advance(DAY)
        journal.write(tx, "door.opened", account="bob")
        if kind == "account":
            hold = journal.place_hold(tx, reason="case 7", actor="op", account="bob")
        else:
            hold = journal.place_hold(tx, reason="case 7", actor="op", since=start + DAY, until=start + 2 * DAY)
        assert journal.held(tx, "bob") is True
        assert journal.held(tx, "eve") is False
    clock.advance(200 * DAY)
    retention(database, clock, journal)
    with database.write() as tx:
        assert [entry.code for entry in journal.history(tx, "bob")][-1] == "door.opened"
        assert journal.history(tx, "eve") == []
        assert [standing.reason for standing in journal.holds(tx)] == ["case 7"]
        assert journal.lift_hold(tx, hold, actor="op") is True
        assert journal.lift_hold(tx, hold, actor="op") is False
        assert journal.held(tx, "bob") is False
    retention(database, clock, journal)
    with database.read() as tx:
        assert "door.opened" not in [entry.code for entry in journal.history(tx, "bob")]


def test_a_hold_on_nothing_is_refused(database: Database, journal: Journal) -> None:
    with database.write() as tx, pytest.raises(Unfit):
        journal.place_hold(tx, reason="case 7", actor="op")


def test_numbers_are_never_given_twice(database: Database, journal: Journal, clock: SetClock) -> None:
    """A reader's cursor would skip an event that got the number of a deleted one."""
    with database.write() as tx:
        for _ in range(3):
            journal.write(tx, "door.opened")
        last = tx.scalar(select(func.max(events.c.seq)))
    clock.advance(400 * DAY)
    with database.write() as tx:
        tx.execute(events.delete())
        journal.write(tx, "door.opened")
        assert tx.scalar(select(events.c.seq)) == last + 1


@pytest.mark.postgres
def test_weeks_are_made_ahead_and_dropped_when_empty(postgres: Database, journal: Journal, clock: SetClock) -> None:
    def weeks(tx: object) -> list[str]:
        found = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1"
        return list(tx.connection.scalars(text(found)))  # type: ignore[attr-defined]

    clock.advance(300 * WEEK)
    first = week_of(clock.now())
    with postgres.write() as tx:
        journal.write(tx, "door.opened")  # this week's first event came before its partition: it stays in the default
        assert create_partitions(tx.connection, clock.now()) == 8
        assert create_partitions(tx.connection, clock.now()) == 0
    clock.advance(WEEK)
    with postgres.write() as tx:
        journal.write(tx, "door.opened", account="bob")
        name = f"events_{as_datetime(first + WEEK):%Gw%V}"
        assert tx.scalar(text(f"SELECT count(*) FROM {name}")) == 1
        assert create_partitions(tx.connection, clock.now()) == 1
        indexes = tx.scalar(text("SELECT count(*) FROM pg_indexes WHERE tablename = :name"), {"name": name})
        assert indexes == len(events.indexes)
        assert drop_empty_weeks(tx.connection, first + 3 * WEEK) == 1
        assert name in weeks(tx)
    clock.advance(300 * DAY)
    retention(postgres, clock, journal)
    with postgres.write() as tx:
        assert weeks(tx) == ["events_default"]


@pytest.mark.parametrize(("day", "monday"), [(0, -3), (3, -3), (4, 4), (10, 4), (11, 11)])
def test_weeks_begin_on_monday(day: int, monday: int) -> None:
    assert week_of(day * DAY) == monday * DAY
    assert as_datetime(monday * DAY).weekday() == 0


def test_work_is_claimed_by_one_until_it_is_released_or_lapses(database: Database, clock: SetClock) -> None:
    one, other = (Journal(clock, SystemDice()) for _ in range(2))
    with database.write() as tx:
        assert one.claim(tx, "outbox", MINUTE) is True
        assert one.claim(tx, "outbox", MINUTE) is False
        assert other.claim(tx, "outbox", MINUTE) is False
        assert other.claim(tx, "import", MINUTE) is True
        assert other.release(tx, "outbox") is False
        assert one.release(tx, "outbox") is True
        assert other.claim(tx, "outbox", MINUTE) is True
    clock.advance(MINUTE - SECOND)
    with database.write() as tx:
        assert one.claim(tx, "outbox", MINUTE) is False
    clock.advance(SECOND)
    with database.write() as tx:
        assert one.claim(tx, "outbox", MINUTE) is True
        assert other.release(tx, "outbox") is False


@pytest.mark.postgres
def test_of_many_who_claim_at_once_one_gets_it(postgres: Database, clock: SetClock) -> None:
    won: list[bool] = []
    ready = threading.Barrier(8)

    def work() -> None:
        journal = Journal(clock, SystemDice())
        ready.wait()
        with postgres.write() as tx:
            won.append(journal.claim(tx, "outbox", MINUTE))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
