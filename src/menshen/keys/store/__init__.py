"""The key ring's table: each key wrapped by whoever has custody, never in the clear."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Index, insert, select, update

from menshen.keys.rules import State
from menshen.kit.database import Bytes, Tx, Whole, Words, column, insert_for, table
from menshen.kit.marks import plain, secret

keys = table(
    "keys",
    column("id", Words, primary_key=True, mark=plain("names the key in what is sealed under it")),
    column("kind", Words, CheckConstraint("kind in ('seal', 'mac')", name="kind"), mark=plain("what the key is for")),
    column(
        "wrapped", Bytes, mark=secret("the key, wrapped by whoever has custody", "keep", keep_for="as long as the ring")
    ),
    column(
        "state",
        Words,
        CheckConstraint("state in ('current', 'old', 'retired')", name="state"),
        mark=plain("whether it seals, only opens, or has nothing left to open"),
    ),
    column("created_at", Whole, mark=plain("when it was made")),
    column("retired_at", Whole, nullable=True, mark=plain("when a count found nothing left under it")),
)

Index(
    "uq_keys_current",
    keys.c.kind,
    unique=True,
    sqlite_where=keys.c.state == "current",
    postgresql_where=keys.c.state == "current",
)

_RING = select(keys.c.id, keys.c.kind, keys.c.wrapped, keys.c.state, keys.c.created_at, keys.c.retired_at).order_by(
    keys.c.created_at, keys.c.id
)


class RingKey(NamedTuple):
    """One key of the ring, still wrapped."""

    id: str
    kind: str
    wrapped: bytes
    state: State
    created_at: int
    retired_at: int | None


def ring(tx: Tx) -> Sequence[RingKey]:
    """All keys, the eldest first."""
    return [RingKey._make(row) for row in tx.all(_RING)]


def add_if_none(tx: Tx, key: RingKey) -> bool:
    """Add the first key of its kind; False where there is one already."""
    added = insert_for(tx)(keys).values(key._asdict()).on_conflict_do_nothing()
    return tx.first(added.returning(keys.c.id)) is not None


def succeed(tx: Tx, elder: str, key: RingKey) -> bool:
    """Put a new key in the place of the current one; False where another process was first."""
    aged = update(keys).where(keys.c.id == elder, keys.c.state == "current").values(state="old")
    if tx.change(aged) != 1:
        return False
    tx.execute(insert(keys).values(key._asdict()))
    return True


def retire(tx: Tx, key_id: str, now: int) -> bool:
    """Mark an old key as having nothing left under it."""
    done = update(keys).where(keys.c.id == key_id, keys.c.state == "old").values(state="retired", retired_at=now)
    return tx.change(done) == 1
