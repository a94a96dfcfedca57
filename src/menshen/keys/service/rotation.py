"""Sealing everything again under the current key: online, in batches, and gone on with wherever it was killed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Column, LargeBinary, Table, Update, bindparam, func, literal, select, tuple_, update

from menshen.keys import rules, store
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Fault, Tx
from menshen.kit.marks import subject_of

BATCH = 500
"""Rows a transaction; the house allows another writer at most 1,000 before it rests."""


class Standing(NamedTuple):
    """One key of the ring and what is sealed under it."""

    id: str
    kind: str
    state: rules.State
    created_at: int
    retired_at: int | None
    values: int


@dataclass(frozen=True)
class Rotated:
    """What a rotation did, and what it could not."""

    moved: int
    broken: tuple[str, ...]
    """`table.column row` of each value that does not open; its key never retires while it is there."""
    retired: tuple[str, ...]
    waiting: tuple[str, ...]
    """Old keys that could not retire yet: another process may still seal under them, or something broken is left."""


class Sealer(Protocol):
    """The part of the key ring that a rotation needs."""

    def seal(self, where: str, account: str, record: str, plain: bytes) -> bytes:
        """Seal under the current key."""
        ...

    def open(self, where: str, account: str, record: str, sealed: bytes) -> bytes:
        """Open under whichever key."""
        ...

    def reread(self) -> str:
        """Read the ring anew; the current key's id."""
        ...


class Sealed:
    """One column of sealed values, with what names a row to the seal.

    The rule for every sealed column: the account is the value of the table's subject column (empty where the table has
    none, or the row has nobody), the record is the primary key in the form of `rules.record`.
    """

    def __init__(self, column: Column[Any]) -> None:
        owner = column.table
        if not isinstance(owner, Table) or not len(owner.primary_key.columns):
            raise Fault(f"the sealed column {column} has no primary key to name its rows by")
        self.column = column
        self.where = f"{owner.name}.{column.name}"
        self.keys = tuple(owner.primary_key.columns)
        subject = subject_of(owner)
        self.subject: Any = owner.c[subject] if subject else literal("")

    def batch(self, tx: Tx, current: str, after: Sequence[Any] | None) -> Sequence[Any]:
        """The next rows not under the current key, in the order of their primary key."""
        wanted = select(self.subject, self.column, *self.keys).where(
            self.column.is_not(None),
            func.substr(self.column, 1, rules.PREFIX_BYTES, type_=LargeBinary) != rules.prefix(current),
        )
        if after is not None:
            wanted = wanted.where(tuple_(*self.keys) > tuple_(*map(literal, after)))
        return tx.all(wanted.order_by(*self.keys).limit(BATCH))

    def exchange(self) -> Update:
        """Compare-and-set of one value by its old bytes, so that a change made meanwhile is never overwritten."""
        same = [key == bindparam(f"key_{place}", type_=key.type) for place, key in enumerate(self.keys)]
        old = self.column == bindparam("old", type_=LargeBinary)
        return (
            update(self.column.table).where(*same, old).values({self.column.name: bindparam("new", type_=LargeBinary)})
        )


class Rotation:
    """One walk over all sealed columns, and the count after it."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, columns: Sequence[Column[Any]]) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._columns = columns
        self._broken: list[str] = []

    def run(self, pause: Callable[[], None], tell: Callable[[str, int], None]) -> Rotated:
        """Walk, count, and retire what may retire."""
        current = self._sealer.reread()
        moved = 0
        for sealed in map(Sealed, self._columns):
            for count in self._walk(sealed, current, pause):
                moved += count
                tell(sealed.where, count)
        retired, waiting = self._retire()
        return Rotated(moved, tuple(self._broken), retired, waiting)

    def _walk(self, sealed: Sealed, current: str, pause: Callable[[], None]) -> Iterator[int]:
        exchange = sealed.exchange()
        after = None
        while True:
            with self._database.read() as tx:
                rows = sealed.batch(tx, current, after)
            if not rows:
                return
            changes = [change for row in rows if (change := self._again(sealed, row)) is not None]
            if changes:
                with self._database.write() as tx:
                    yield tx.change(exchange, changes)
                pause()
            after = rows[-1][2:]

    def _again(self, sealed: Sealed, row: Any) -> Mapping[str, Any] | None:
        """What exchanges a row's value for the same under the current key; None, and noted, where it does not open."""
        account, old, *keys = row
        record = rules.record(*keys)
        try:
            plain = self._sealer.open(sealed.where, account or "", record, old)
        except Fault:
            self._broken.append(f"{sealed.where} {record}")
            return None
        new = self._sealer.seal(sealed.where, account or "", record, plain)
        return {"old": old, "new": new, **{f"key_{place}": key for place, key in enumerate(keys)}}

    def _retire(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        now = self._clock.now()
        retired, waiting = [], []
        with self._database.read() as tx:
            ring = [key for key in store.ring(tx) if key.kind == "seal"]
            counts = count_by_key(tx, self._columns)
        settled = all(now - key.created_at >= rules.SETTLE for key in ring if key.state == "current")
        for key in ring:
            if key.state != "old":
                continue
            if not settled or counts[key.id]:
                waiting.append(key.id)
                continue
            with self._database.write() as tx:
                if store.retire(tx, key.id, now):
                    retired.append(key.id)
        return tuple(retired), tuple(waiting)


def count_by_key(tx: Tx, columns: Sequence[Column[Any]]) -> Counter[str]:
    """How many sealed values lie under each key, by key id."""
    counts: Counter[str] = Counter()
    for column in columns:
        key = func.substr(column, 2, rules.PREFIX_BYTES - 1, type_=LargeBinary)
        counted = select(key.label("key"), func.count().label("values")).where(column.is_not(None)).group_by(key)
        for row in tx.all(counted):
            counts[bytes(row.key).hex()] += row.values
    return counts
