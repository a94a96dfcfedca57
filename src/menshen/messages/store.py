"""The outbox: one row for each message, claimed by compare-and-set, blanked once it is of no more use."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index, Row, and_, bindparam, delete, func, or_, select, update

from menshen.kit.database import Bytes, Tx, Whole, Words, column, insert_for, table
from menshen.kit.marks import Mark, personal, plain

_BODY = "until sent or expired"

outbox = table(
    "outbox",
    column("id", Words, primary_key=True, mark=plain("names the message, on every try")),
    column("code", Words, mark=plain("which message of the catalogue")),
    column("realm", Words, mark=plain("to a customer or to an operator")),
    column("account_id", Words, nullable=True, mark=personal("whom it concerns", "row", data="identifier")),
    column(
        "addresses",
        Bytes,
        nullable=True,
        sealed=True,
        mark=personal("where it may go, in order of preference", "row", data="identifier", keep_for=_BODY),
    ),
    column("place", Whole, mark=plain("which of the addresses it goes to now")),
    column("locale", Words, mark=plain("language it is written in")),
    column(
        "facts",
        Bytes,
        nullable=True,
        sealed=True,
        mark=Mark("what stands in it: links, codes, times", "secret", "contract", _BODY, "row"),
    ),
    column("line", Words, mark=plain("mail or sms, once chosen; empty before")),
    column("state", Words, mark=plain("waiting, sending, sent, refused, expired or dropped")),
    column("tries", Whole, mark=plain("how often it was tried")),
    column("next_at", Whole, mark=plain("when it is tried next")),
    column("claim", Words, nullable=True, mark=plain("names the one that is sending it now")),
    column("lease_until", Whole, mark=plain("until when that one is believed to live")),
    column("made_at", Whole, mark=plain("when it was written")),
    column("expires_at", Whole, mark=plain("when it loses its worth")),
    column("done_at", Whole, nullable=True, mark=plain("when it was sent, refused, expired or dropped")),
    column("once", Words, nullable=True, unique=True, mark=plain("its cause, so that one cause writes it once", "row")),
    column(
        "reason", Words, mark=personal("the other side's last words, without the address", "row", keep_for="30 days")
    ),
    subject="account_id",
)
Index(None, outbox.c.state, outbox.c.next_at)
Index(None, outbox.c.account_id)
Index(None, outbox.c.expires_at)

_BLANK = {"addresses": None, "facts": None}
_DUE = or_(
    and_(outbox.c.state == "waiting", outbox.c.next_at <= bindparam("now")),
    and_(outbox.c.state == "sending", outbox.c.lease_until <= bindparam("now")),
)
# The scalar subquery is evaluated once, so that exactly the row which was locked is claimed.
_CLAIM = (
    update(outbox)
    .where(
        outbox.c.id
        == select(outbox.c.id)
        .where(_DUE, outbox.c.expires_at > bindparam("now"))
        .order_by(outbox.c.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(state="sending", claim=bindparam("by"), lease_until=bindparam("until"), tries=outbox.c.tries + 1)
    .returning(outbox)
)


def add(tx: Tx, row: dict[str, Any]) -> bool:
    """Write a message; False where its cause has written it before."""
    return tx.change(insert_for(tx)(outbox).values(row).on_conflict_do_nothing(index_elements=["once"])) == 1


def claim(tx: Tx, by: str, now: int, until: int) -> Row[Any] | None:
    """Take one due message for sending; nobody else gets it until the lease ends."""
    return tx.first(_CLAIM, {"by": by, "now": now, "until": until})


def settle(tx: Tx, message: str, by: str, values: dict[str, Any], *, blank: bool) -> bool:
    """Write what became of a claimed message; False where the claim was lost meanwhile."""
    mine = update(outbox).where(outbox.c.id == message, outbox.c.claim == by, outbox.c.state == "sending")
    return tx.change(mine.values(values | {"claim": None} | (_BLANK if blank else {}))) == 1


def drop(tx: Tx, account: str, now: int) -> int:
    """Drop and blank what an account still waits for."""
    waiting = update(outbox).where(
        outbox.c.account_id == account, outbox.c.state.in_(("waiting", "sending", "refused"))
    )
    return tx.change(waiting.values(state="dropped", done_at=now, claim=None, **_BLANK))


def expire(tx: Tx, now: int, limit: int) -> Sequence[Row[Any]]:
    """Blank messages that lost their worth; those refused stay so. Gives id, account and code of those that expired."""
    over = (
        select(outbox.c.id)
        .where(
            outbox.c.expires_at <= now,
            or_(
                outbox.c.state == "waiting",
                and_(outbox.c.state == "sending", outbox.c.lease_until <= now),
                and_(outbox.c.state == "refused", outbox.c.facts.is_not(None)),
            ),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    mine = update(outbox).where(outbox.c.id.in_(over))
    expired = tx.all(
        mine.where(outbox.c.state != "refused")
        .values(state="expired", done_at=now, claim=None, **_BLANK)
        .returning(outbox.c.id, outbox.c.account_id, outbox.c.code)
    )
    tx.change(mine.where(outbox.c.state == "refused").values(**_BLANK))
    return expired


def retry(tx: Tx, message: str, now: int) -> Row[Any] | None:
    """Make a waiting or refused message due now, from its first address; None where its body is gone."""
    return tx.first(
        update(outbox)
        .where(
            outbox.c.id == message,
            outbox.c.state.in_(("waiting", "refused")),
            outbox.c.facts.is_not(None),
            outbox.c.expires_at > now,
        )
        .values(state="waiting", place=0, next_at=now, done_at=None)
        .returning(outbox.c.id, outbox.c.account_id, outbox.c.code)
    )


def page(tx: Tx, state: str | None, account: str | None, before: str | None, limit: int) -> Sequence[Row[Any]]:
    """Messages, newest first; ids are in order of time."""
    chosen = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    if state:
        chosen = chosen.where(outbox.c.state == state)
    if account:
        chosen = chosen.where(outbox.c.account_id == account)
    if before:
        chosen = chosen.where(outbox.c.id < before)
    return tx.all(chosen)


def counts(tx: Tx) -> dict[str, int]:
    """How many messages are in each state."""
    found = tx.all(select(outbox.c.state, func.count().label("many")).group_by(outbox.c.state))
    return {row.state: row.many for row in found}


def oldest_waiting(tx: Tx) -> int | None:
    """When the message that has waited longest was written."""
    found: int | None = tx.scalar(select(func.min(outbox.c.made_at)).where(outbox.c.state.in_(("waiting", "sending"))))
    return found


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete up to `limit` rows finished before this instant."""
    old = select(outbox.c.id).where(outbox.c.done_at < before).limit(limit).with_for_update(skip_locked=True)
    return tx.change(delete(outbox).where(outbox.c.id.in_(old)))
