"""The table of budgets: rows are locked in one order, read and written back, so that parallel tries never multiply."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Executable, Index, Table, bindparam, delete, select, update

from menshen.kit.database import Bytes, Tx, Whole, column, insert_for, table
from menshen.kit.marks import Mark, plain
from menshen.throttle.rules import Level

budgets = table(
    "throttle_budgets",
    column(
        "key",
        Bytes,
        primary_key=True,
        mark=Mark(
            "finds the budget of an account, a source or a typed identifier; a keyed hash of it",
            "identifier",
            "legitimate interest",
            "until the budget is whole again",
            "keep",
        ),
    ),
    column("full_at", Whole, mark=plain("when all tries are back")),
    column("shut_until", Whole, mark=plain("until when every try is refused")),
    column("times_shut", Whole, mark=plain("how often in a row it was shut, which sets the next pause")),
    column("stale_at", Whole, mark=plain("when the row says no more than no row; it is deleted then")),
)
Index(None, budgets.c.stale_at)

_LEVEL = (budgets.c.key, budgets.c.full_at, budgets.c.shut_until, budgets.c.times_shut)
_WRITE = (
    update(budgets)
    .where(budgets.c.key == bindparam("of"))
    .values({name: bindparam(name) for name in ("full_at", "shut_until", "times_shut", "stale_at")})
)
_GIVE_BACK = (
    update(budgets)
    .where(budgets.c.key == bindparam("of"), budgets.c.full_at >= bindparam("step"))
    .values(full_at=budgets.c.full_at - bindparam("step"))
)


def take(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Level]:
    """Lock the rows of these keys until the transaction ends, making those that are missing, and read them.

    One statement in key order, so that two callers who want the same rows wait for one another and never deadlock.
    """
    fresh = [{"key": key, "full_at": 0, "shut_until": 0, "times_shut": 0, "stale_at": 0} for key in sorted(keys)]
    return {row[0]: Level(*row[1:]) for row in tx.execute(_taking(insert_for(tx)), fresh)}


def look(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Level]:
    """Read the rows that exist, without locking them."""
    return {row[0]: Level(*row[1:]) for row in tx.all(select(*_LEVEL).where(budgets.c.key.in_(list(keys))))}


def write(tx: Tx, levels: Mapping[bytes, tuple[Level, int]]) -> None:
    """Write back taken rows, each with the instant at which it grows stale."""
    tx.change(
        _WRITE,
        [
            {
                "of": key,
                "full_at": level.full_at,
                "shut_until": level.shut_until,
                "times_shut": level.times_shut,
                "stale_at": stale,
            }
            for key, (level, stale) in levels.items()
        ],
    )


def give_back(tx: Tx, steps: Mapping[bytes, int]) -> None:
    """Return one try to each key, in key order."""
    if steps:
        tx.change(_GIVE_BACK, [{"of": key, "step": steps[key]} for key in sorted(steps)])


def forget(tx: Tx, keys: Iterable[bytes]) -> int:
    """Delete the rows of these keys."""
    in_order = select(budgets.c.key).where(budgets.c.key.in_(list(keys))).order_by(budgets.c.key).with_for_update()
    return tx.change(delete(budgets).where(budgets.c.key.in_(in_order)))


def forget_stale(tx: Tx, now: int, limit: int) -> int:
    """Delete up to `limit` rows that say nothing any more; rows that a try holds are left for the next time."""
    stale = select(budgets.c.key).where(budgets.c.stale_at < now).limit(limit).with_for_update(skip_locked=True)
    return tx.change(delete(budgets).where(budgets.c.key.in_(stale), budgets.c.stale_at < now))


@cache
def _taking(insert: Callable[[Table], Any]) -> Executable:
    # SQLAlchemy sends the rows as one statement in their order; VALUES written out would be compiled at every call.
    statement = insert(budgets)
    # Setting the key to itself changes nothing, but locks the row and lets RETURNING see it.
    locked = statement.on_conflict_do_update(index_elements=["key"], set_={"key": statement.excluded.key})
    taken: Executable = locked.returning(*_LEVEL)
    return taken
