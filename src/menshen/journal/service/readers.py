"""Reading the journal in order: every event once, the cursor moved in the transaction of what follows from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from menshen.journal.rules import GRAINS, Event, Grain, Outcome
from menshen.journal.store import keeping, rows
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Fault, Tx
from menshen.kit.room import Listener

BATCH = 200
"""Events a transaction, so that none lasts a second."""


class Reader:
    """A named place in the journal.

    On PostgreSQL rows appear in another order than their numbers: reading by `seq > n` loses what commits late. A
    reader goes by (transaction, number), behind the oldest transaction still open: nothing can appear behind it.
    """

    def __init__(self, clock: Clock, name: str) -> None:
        self._clock = clock
        self.name = name

    def batch(self, tx: Tx, limit: int = BATCH) -> Sequence[Event]:
        """The next events; none while another node reads under this name. Move in the same transaction."""
        place = rows.own_cursor(tx, self.name, self._clock.now())
        return rows.onwards(tx, place, limit) if place is not None else []

    def move(self, tx: Tx, event: Event) -> None:
        """Stand behind an event; raises Fault, so that the effect is undone, where another was there first."""
        if not rows.move(tx, self.name, event.place, self._clock.now()):
            raise Fault(f"the reader {self.name} was moved by another transaction")

    def lag(self, tx: Tx) -> int:
        """Microseconds since the eldest event that it has not read; 0 where it has read all."""
        waiting = rows.onwards(tx, rows.cursor(tx, self.name), 1)
        return max(0, self._clock.now() - waiting[0].at) if waiting else 0


def listen(database: Database, clock: Clock, listener: Listener, limit: int = BATCH) -> int:
    """Let a listener hear what it has not heard, in short transactions; tells how many events it heard.

    Where it raises, what it heard before in that batch is undone and heard again next time: an event is never skipped.
    """
    reader = Reader(clock, listener.name)
    heard = 0
    while True:
        with database.write() as tx:
            events = reader.batch(tx, limit)
            for event in events:
                if event.code in listener.codes:
                    listener.hear(tx, event)
                    heard += 1
            if events:
                reader.move(tx, events[-1])
        if len(events) < limit:
            return heard


@dataclass(frozen=True)
class Count:
    """How often something happened in one span of time."""

    since: int
    code: str
    outcome: Outcome
    count: int


class Counting:
    """The roll-ups by minute, hour and day, from which charts are drawn."""

    def __init__(self, clock: Clock) -> None:
        self._reader = Reader(clock, "journal.counts")

    def count_up(self, tx: Tx, limit: int = BATCH) -> int:
        """Count the next events in; tells how many."""
        events = self._reader.batch(tx, limit)
        if not events:
            return 0
        tally: Counter[tuple[str, int, str, str, str]] = Counter()
        for event in events:
            for grain, width in GRAINS.items():
                tally[grain, event.at // width * width, event.realm, event.code, event.outcome] += 1
        keeping.add_counts(tx, tally)
        self._reader.move(tx, events[-1])
        return len(events)


def counts(
    tx: Tx, grain: Grain, since: int, until: int, codes: Sequence[str] | None = None, realm: str | None = None
) -> Sequence[Count]:
    """The roll-ups of a time, by span (which begins in UTC), code and outcome."""
    found = keeping.read_counts(tx, grain, since, until, codes, realm)
    return [Count(row.since, row.code, row.outcome, int(row.times)) for row in found]
