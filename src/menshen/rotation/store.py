"""Rotation's tables: the reasons to change that were written down, and a mark that moves with those for many."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Index, Row, bindparam, func, insert, select, text, update

from menshen.kit.database import Tx, Whole, Words, column, insert_for, table
from menshen.kit.marks import Mark, personal, plain
from menshen.kit.room import Query
from menshen.rotation.rules import Reason, known_cause

WHO = Mark("who decided this", "identifier", "legal duty", "as long as the reason is kept", "keep")

reasons = table(
    "change_reasons",
    column("reason_id", Words, primary_key=True, mark=plain("names the reason", "row")),
    column(
        "account_id", Words, nullable=True, mark=plain("the one account that is meant; empty where many are", "row")
    ),
    column("scope", Words, mark=personal("who is meant, as a query in JSON", "row", data="identifier")),
    column("cause", Words, mark=personal("why the password must change", "row")),
    column(
        "since", Whole, mark=plain("the epoch: older passwords are meant, a newer one makes the reason lapse", "row")
    ),
    column("until", Whole, mark=plain("the instant from which the change is forced", "row")),
    column("who", Words, mark=WHO),
    column("written_at", Whole, mark=plain("instant it was written down", "row")),
    column("lifted_at", Whole, nullable=True, mark=plain("instant it was lifted", "row")),
    column("lifted_by", Words, nullable=True, mark=WHO),
    Index(None, "account_id"),
    subject="account_id",
)

edition = table(
    "rotation_edition",
    column("id", Whole, primary_key=True, mark=plain("always 1: there is one list")),
    column(
        "mark", Words, mark=plain("drawn anew when a reason that means many comes or goes, so that every node notices")
    ),
)

TABLES = (reasons, edition)

_EDITION = select(edition.c.mark)
EDITION = func.coalesce(_EDITION.scalar_subquery(), "")
_LIVE = select(reasons).where(reasons.c.lifted_at.is_(None)).order_by(reasons.c.since, reasons.c.reason_id)
_LIVE_FOR_MANY = _LIVE.where(reasons.c.account_id.is_(None))
_LIVE_FOR_ONE = _LIVE.where(reasons.c.account_id == bindparam("account"))
_ONE = select(reasons).where(reasons.c.reason_id == bindparam("reason"), reasons.c.lifted_at.is_(None))
_ADD = insert(reasons)
_LIFT = (
    update(reasons)
    .where(reasons.c.reason_id == bindparam("reason"), reasons.c.lifted_at.is_(None))
    .values(lifted_at=bindparam("at"), lifted_by=bindparam("by"))
)
_HOLD = text("select pg_advisory_xact_lock(hashtextextended('rotation ' || :account, 0))")


def edition_of(tx: Tx) -> str:
    """The mark of the reasons that mean many; empty while there never was one."""
    return str(tx.scalar(_EDITION) or "")


def new_edition(tx: Tx, mark: str) -> None:
    """Tell every node, at its next look, that a reason that means many came or went."""
    statement = insert_for(tx)(edition).values(id=1, mark=mark)
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"mark": statement.excluded.mark}))


def add(tx: Tx, written: Sequence[tuple[str | None, Reason]], now: int) -> None:
    """Write reasons down, each with the one account it means, or None where it means many."""
    tx.execute(
        _ADD,
        [
            {
                "reason_id": reason.reason_id,
                "account_id": account,
                "scope": msgspec.json.encode(reason.scope).decode(),
                "cause": reason.cause,
                "since": reason.since,
                "until": reason.by,
                "who": reason.who,
                "written_at": now,
            }
            for account, reason in written
        ],
    )


def live_for_many(tx: Tx) -> tuple[Reason, ...]:
    """Reasons not lifted that mean a query's customers."""
    return tuple(_reason(row) for row in tx.all(_LIVE_FOR_MANY))


def live_for_one(tx: Tx, account: str) -> tuple[Reason, ...]:
    """Reasons not lifted that mean just this account, lapsed ones among them."""
    return tuple(_reason(row) for row in tx.all(_LIVE_FOR_ONE, {"account": account}))


def live(tx: Tx, reason_id: str) -> tuple[str | None, Reason] | None:
    """One reason not lifted, with the one account it means or None; None for an unknown id."""
    row = tx.first(_ONE, {"reason": reason_id})
    return None if row is None else (row.account_id, _reason(row))


def lift(tx: Tx, reason_id: str, now: int, who: str) -> bool:
    """Lift a reason; False when it is unknown or was lifted already."""
    return tx.change(_LIFT, {"reason": reason_id, "at": now, "by": who}) == 1


def hold(tx: Tx, account: str) -> None:
    """Let one transaction at a time require or lift for an account, so that mark and reasons agree.

    On SQLite writers come one by one anyway.
    """
    if tx.dialect == "postgresql":
        tx.execute(_HOLD, {"account": account})


def _reason(row: Row[Any]) -> Reason:
    scope = msgspec.json.decode(row.scope, type=Query)
    return Reason(row.reason_id, scope, known_cause(row.cause), row.since, row.until, row.who)
