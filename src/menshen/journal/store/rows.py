"""The statements of the journal: writing, the story of an account, and reading in order."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Insert,
    Row,
    Select,
    bindparam,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from menshen.journal.rules import Body, Entry, Event
from menshen.journal.store import events, readers
from menshen.kit.database import Tx, insert_for

_OWN_XID: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")
_HORIZON: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
"""Every transaction below it has ended, so no row below it can still appear."""

_GIVEN = ("id", "at", "code", "account_id", "actor", "realm", "outcome", "correlation", "body", "personal", "leaf")


def _insert(xid: Any) -> Insert:
    return insert(events).values(xid=xid, **{name: bindparam(name) for name in _GIVEN}).inline()


_INSERT = {"postgresql": _insert(_OWN_XID), "sqlite": _insert(literal(0))}

_STORY = (
    select(events.c.body, events.c.personal)
    .where(events.c.account_id == bindparam("account"))
    .order_by(events.c.at.desc(), events.c.seq.desc())
    .limit(bindparam("limit"))
)
_PLACE = select(events.c.at, events.c.seq).where(
    events.c.id == bindparam("id"), events.c.account_id == bindparam("account")
)
_OLDER_STORY = _STORY.where(tuple_(events.c.at, events.c.seq) < tuple_(bindparam("at"), bindparam("seq")))


def _onwards() -> Select[Any]:
    after = tuple_(events.c.xid, events.c.seq) > tuple_(bindparam("xid"), bindparam("seq"))
    row = select(events.c.xid, events.c.seq, events.c.leaf, events.c.body, events.c.personal).where(after)
    return row.order_by(events.c.xid, events.c.seq).limit(bindparam("limit"))


_ONWARDS = {"postgresql": _onwards().where(events.c.xid < _HORIZON), "sqlite": _onwards()}
_CURSOR = select(readers.c.xid, readers.c.seq).where(readers.c.name == bindparam("name"))
_OWN_CURSOR = _CURSOR.with_for_update(skip_locked=True)
_MOVE = (
    update(readers)
    .where(
        readers.c.name == bindparam("reader"),
        tuple_(readers.c.xid, readers.c.seq) < tuple_(bindparam("to_xid"), bindparam("to_seq")),
    )
    .values(xid=bindparam("to_xid"), seq=bindparam("to_seq"), moved_at=bindparam("now"))
)

_body = msgspec.json.Decoder(Body)
_personal = msgspec.json.Decoder(dict[str, tuple[str, str]])


def write(tx: Tx, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Add one event, or several."""
    tx.execute(_INSERT[tx.dialect], given)


def story(tx: Tx, account: str, limit: int, before: str | None) -> Sequence[Entry]:
    """An account's events, the newest first; `before` is the id of the last one already shown."""
    values: dict[str, Any] = {"account": account, "limit": limit}
    if before is None:
        return [entry(row) for row in tx.all(_STORY, values)]
    place = tx.first(_PLACE, {"id": before, "account": account})
    if place is None:
        return []
    return [entry(row) for row in tx.all(_OLDER_STORY, values | {"at": place.at, "seq": place.seq})]


def entry(row: Row[Any]) -> Entry:
    """An event as people read it."""
    return Entry(**_members(row))


def own_cursor(tx: Tx, name: str, now: int) -> tuple[int, int] | None:
    """Where a reader stands, locked until the transaction ends; None while another node holds it."""
    found = tx.first(_OWN_CURSOR, {"name": name})
    if found is None:
        begin = insert_for(tx)(readers).values(name=name, xid=0, seq=0, moved_at=now).on_conflict_do_nothing()
        return (0, 0) if tx.first(begin.returning(readers.c.name)) else None
    return (found.xid, found.seq)


def cursor(tx: Tx, name: str) -> tuple[int, int]:
    """Where a reader stands; (0, 0) before its first move."""
    found = tx.first(_CURSOR, {"name": name})
    return (found.xid, found.seq) if found else (0, 0)


def onwards(tx: Tx, after: tuple[int, int], limit: int) -> list[Event]:
    """The next events after a place, in an order in which none can appear later in front of them."""
    rows = tx.all(_ONWARDS[tx.dialect], {"xid": after[0], "seq": after[1], "limit": limit})
    return [Event(place=(row.xid, row.seq), leaf=bytes(row.leaf), **_members(row)) for row in rows]


def move(tx: Tx, name: str, to: tuple[int, int], now: int) -> bool:
    """Move a reader forward; False where it stands there or further already."""
    return tx.change(_MOVE, {"reader": name, "to_xid": to[0], "to_seq": to[1], "now": now}) == 1


def _members(row: Row[Any]) -> dict[str, Any]:
    body = _body.decode(row.body)
    values = _personal.decode(row.personal) if row.personal else {}
    return {
        "id": body.id,
        "at": body.at,
        "code": body.code,
        "outcome": body.outcome,
        "facts": body.facts,
        "personal": {name: value for name, (_, value) in values.items()},
        "account": body.account,
        "actor": body.actor,
        "realm": body.realm,
        "correlation": body.correlation,
    }
