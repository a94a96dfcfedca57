"""Readers see every event once, in an order in which nothing appears behind them."""

import threading

import pytest
from sqlalchemy import select, text

from menshen.journal.jobs import listening
from menshen.journal.service import Counting, Journal, Reader, Unfit, counts, listen
from menshen.journal.store import events
from menshen.kit.clock import DAY, HOUR, MINUTE, SECOND, SetClock
from menshen.kit.database import Database, Fault
from menshen.kit.room import Listener

WRITERS, EACH = 8, 60


def write_from_many(database: Database, journal: Journal) -> threading.Event:
    """Eight writers, each with transactions of unlike length; the event is set when all are done."""
    done = threading.Event()
    left = threading.Semaphore(0)

    def work(writer: int) -> None:
        for number in range(EACH):
            with database.write() as tx:
                journal.write(tx, "door.opened", account=f"{writer}-{number}")
                # The row has its number; its commit comes later than that of a row with a higher one.
                tx.execute(text("SELECT pg_sleep(:pause)"), {"pause": 0.001 * ((writer * 7 + number) % 9)})
        left.release()

    def wait() -> None:
        for _ in range(WRITERS):
            left.acquire()
        done.set()

    for writer in range(WRITERS):
        threading.Thread(target=work, args=(writer,)).start()
    threading.Thread(target=wait).start()
    return done


@pytest.mark.postgres
def test_eight_writers_and_nothing_lost(postgres: Database, journal: Journal, clock: SetClock) -> None:
    """The same reading by `seq > n` loses rows, as the last assertions show."""
    reader, seen = Reader(clock, "test"), []
    naive: list[str] = []
    last = 0
    by_number = select(events.c.seq, events.c.account_id).order_by(events.c.seq)
    done = write_from_many(postgres, journal)
    while True:
        finished = done.is_set()
        with postgres.write() as tx:
            batch = reader.batch(tx, 50)
            seen += [event.account for event in batch]
            if batch:
                reader.move(tx, batch[-1])
        with postgres.read() as tx:
            rows = tx.all(by_number.where(events.c.seq > last).limit(50))
        naive += [row.account_id for row in rows]
        last = rows[-1].seq if rows else last
        if finished and not batch and not rows:
            break
    everything = sorted(f"{writer}-{number}" for writer in range(WRITERS) for number in range(EACH))
    assert sorted(map(str, seen)) == everything
    assert len(set(naive)) < len(everything)


@pytest.mark.postgres
def test_an_open_transaction_holds_back_what_came_after_it(
    postgres: Database, journal: Journal, clock: SetClock
) -> None:
    reader = Reader(clock, "test")
    started, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with postgres.write() as tx:
            journal.write(tx, "door.opened", account="slow")
            started.set()
            go_on.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(10)
    with postgres.write() as tx:
        journal.write(tx, "door.opened", account="quick")
    with postgres.write() as tx:
        waiting = reader.batch(tx)
    go_on.set()
    thread.join()
    with postgres.write() as tx:
        assert [event.account for event in waiting] == []
        assert [event.account for event in reader.batch(tx)] == ["slow", "quick"]


def test_a_reader_goes_on_where_it_stood(database: Database, journal: Journal, clock: SetClock) -> None:
    with database.write() as tx:
        for number in range(5):
            journal.write(tx, "door.opened", facts={"number": number})
    seen = []
    for _ in range(4):
        with database.write() as tx:
            batch = Reader(clock, "test").batch(tx, 2)
            seen.append([event.facts["number"] for event in batch])
            if batch:
                Reader(clock, "test").move(tx, batch[-1])
    assert seen == [[0, 1], [2, 3], [4], []]
    with database.write() as tx:
        assert len(Reader(clock, "another").batch(tx)) == 5


def test_a_cursor_moves_with_its_effect_or_not_at_all(database: Database, journal: Journal, clock: SetClock) -> None:
    reader = Reader(clock, "test")
    with database.write() as tx:
        journal.write(tx, "door.opened")
    with pytest.raises(Unfit), database.write() as tx:  # noqa: PT012 - the block is the transaction
        reader.move(tx, reader.batch(tx)[-1])
        journal.write(tx, "nobody.knows")
    with database.write() as tx:
        (event,) = reader.batch(tx)
        reader.move(tx, event)
        assert list(reader.batch(tx)) == []
        with pytest.raises(Fault, match="another transaction"):
            reader.move(tx, event)


def test_lag_is_the_age_of_the_eldest_unread(database: Database, journal: Journal, clock: SetClock) -> None:
    reader = Reader(clock, "test")
    with database.write() as tx:
        assert reader.lag(tx) == 0
        journal.write(tx, "door.opened")
    clock.advance(MINUTE)
    with database.write() as tx:
        assert reader.lag(tx) == MINUTE
        reader.move(tx, reader.batch(tx)[-1])
        assert reader.lag(tx) == 0


@pytest.mark.postgres
def test_two_nodes_never_count_an_event_twice(postgres: Database, journal: Journal, clock: SetClock) -> None:
    with postgres.write() as tx:
        for _ in range(200):
            journal.write(tx, "door.opened")

    def work() -> None:
        counting = Counting(clock)
        for _ in range(40):
            with postgres.write() as tx:
                counting.count_up(tx, 10)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with postgres.read() as tx:
        assert [count.count for count in counts(tx, "day", 0, 2**53)] == [200]


def test_roll_ups_by_minute_hour_and_day(database: Database, journal: Journal, clock: SetClock) -> None:
    start = clock.now()
    with database.write() as tx:
        for pause in (0, 30 * SECOND, 40 * SECOND, 2 * HOUR, DAY):
            clock.advance(pause)
            journal.write(tx, "door.opened")
        journal.write(tx, "door.shut", outcome="refused", realm="operator")
    with database.write() as tx:
        assert Counting(clock).count_up(tx) == 6
        assert Counting(clock).count_up(tx) == 0
        by_minute = [
            (count.since - start, count.count) for count in counts(tx, "minute", start, start + DAY, ["door.opened"])
        ]
        by_day = [
            (count.since - start, count.code, count.outcome, count.count)
            for count in counts(tx, "day", start, start + 9 * DAY)
        ]
        by_hour = [count.count for count in counts(tx, "hour", start, start + 9 * DAY, realm="customer")]
    assert by_minute == [(0, 2), (MINUTE, 1), (2 * HOUR + MINUTE, 1)]
    assert by_day == [(0, "door.opened", "done", 4), (DAY, "door.opened", "done", 1), (DAY, "door.shut", "refused", 1)]
    assert by_hour == [3, 1, 1]


def test_a_listener_hears_its_codes_once_and_again_where_it_failed(
    database: Database, journal: Journal, clock: SetClock
) -> None:
    heard: list[object] = []
    broken = [True]

    def hear(tx: object, event: object) -> None:
        if broken[0]:
            raise Fault("the CRM is down")
        heard.append(event)

    with database.write() as tx:
        for code in ("door.opened", "door.shut", "door.opened"):
            journal.write(tx, code)
    listener = Listener("crm", ["door.opened"], hear)
    (job,) = listening(database, clock, [listener])
    with pytest.raises(Fault, match="CRM"):
        job.run()
    broken[0] = False
    assert job.run() == 2
    assert listen(database, clock, listener, limit=1) == 0
    assert len(heard) == 2
