"""The table of one-time codes: one row for each that may be pending once, so that a newer one replaces the older."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index, Row, bindparam, delete, select, update

from menshen.kit.database import Bytes, Tx, Whole, Words, column, insert_for, table
from menshen.kit.marks import personal, plain, secret

codes = table(
    "codes",
    column("id", Words, primary_key=True, mark=plain("names the code")),
    column(
        "slot", Words, unique=True, mark=plain("what may be pending once: an account's link, an attempt's code", "row")
    ),
    column("purpose", Words, mark=plain("what the code opens")),
    column("kind", Words, mark=plain("link or typed")),
    column(
        "account_id",
        Words,
        nullable=True,
        mark=personal("whose code it is", "row", data="identifier", keep_for="a day"),
    ),
    column("bound_to", Words, nullable=True, mark=plain("the attempt that a typed code belongs to")),
    column("digest", Bytes, mark=secret("recognises the code; a keyed hash of it", keep_for="a day")),
    column(
        "facts",
        Bytes,
        nullable=True,
        sealed=True,
        mark=personal("what the code confirms, such as a new address", "row", keep_for="until used or expired"),
    ),
    column("made_at", Whole, mark=plain("when it was made")),
    column("expires_at", Whole, mark=plain("when it ceases to open anything")),
    column("ended_at", Whole, nullable=True, mark=plain("when it was used or made void")),
    column("tries_left", Whole, mark=plain("how often a typed code may still be tried")),
    subject="account_id",
)
Index(None, codes.c.digest)
Index(None, codes.c.account_id)
Index(None, codes.c.expires_at)

_LIVE = (codes.c.ended_at.is_(None), codes.c.expires_at > bindparam("now"))
_READ = (
    codes.c.id,
    codes.c.purpose,
    codes.c.account_id,
    codes.c.bound_to,
    codes.c.digest,
    codes.c.facts,
    codes.c.made_at,
    codes.c.tries_left,
)
_FIND = select(*_READ).where(
    codes.c.digest == bindparam("digest"), codes.c.purpose == bindparam("purpose"), codes.c.kind == "link", *_LIVE
)
_COUNT = (
    update(codes)
    .where(codes.c.slot == bindparam("in_slot"), codes.c.tries_left > 0, *_LIVE)
    .values(tries_left=codes.c.tries_left - 1)
    .returning(*_READ)
)
_UNCOUNT = update(codes).where(codes.c.id == bindparam("of"), *_LIVE).values(tries_left=codes.c.tries_left + 1)
_BURN = update(codes).where(codes.c.id == bindparam("of"), *_LIVE).values(ended_at=bindparam("now"), facts=None)


def put(tx: Tx, row: dict[str, Any]) -> None:
    """Store a code in place of the one that was pending in its slot. The tries of that one stay used up (S-65)."""
    statement = insert_for(tx)(codes).values(row)
    fresh = {name: statement.excluded[name] for name in row if name not in ("slot", "tries_left")}
    tx.change(statement.on_conflict_do_update(index_elements=["slot"], set_=fresh | {"ended_at": None}))


def find_link(tx: Tx, purpose: str, digest: bytes, now: int) -> Row[Any] | None:
    """The live link with this digest."""
    return tx.first(_FIND, {"digest": digest, "purpose": purpose, "now": now})


def count_try(tx: Tx, slot: str, now: int) -> Row[Any] | None:
    """Use up one try of what is pending in the slot and read it; None where nothing is, or no try is left."""
    return tx.first(_COUNT, {"in_slot": slot, "now": now})


def uncount_try(tx: Tx, code: str, now: int) -> None:
    """Give one try back."""
    tx.change(_UNCOUNT, {"of": code, "now": now})


def burn(tx: Tx, code: str, now: int) -> bool:
    """End a live code; False where it was no longer live."""
    return tx.change(_BURN, {"of": code, "now": now}) == 1


def void(tx: Tx, account: str, purposes: Sequence[str] | None, but: Sequence[str], now: int) -> int:
    """End all live codes of an account, or those of some purposes, or all but some."""
    chosen = update(codes).where(codes.c.account_id == account, codes.c.ended_at.is_(None))
    if purposes is not None:
        chosen = chosen.where(codes.c.purpose.in_(purposes))
    if but:
        chosen = chosen.where(codes.c.purpose.not_in(but))
    return tx.change(chosen.values(ended_at=now, facts=None))


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete up to `limit` rows that expired before this instant."""
    old = select(codes.c.id).where(codes.c.expires_at < before).limit(limit).with_for_update(skip_locked=True)
    return tx.change(delete(codes).where(codes.c.id.in_(old)))


def blank(tx: Tx, now: int, limit: int) -> int:
    """Blank the facts of up to `limit` expired rows."""
    over = (
        select(codes.c.id)
        .where(codes.c.expires_at <= now, codes.c.facts.is_not(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tx.change(update(codes).where(codes.c.id.in_(over)).values(facts=None))
