"""How long events stay, on the tables: weeks made ahead, legal holds, deletion that keeps the leaf hashes, claims."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, or_, select, text, update

from menshen.journal.rules import WEEK, week_of
from menshen.journal.store import claims, counts, events, holds, leaves
from menshen.kit.clock import as_datetime, from_datetime
from menshen.kit.database import Tx, insert_for

AHEAD = 8
"""Weeks that are made before they come: a house whose jobs stand still for a month loses nothing."""


def create_partitions(connection: Connection, now: int, ahead: int = AHEAD) -> int:
    """Make this week's partition and those ahead, on PostgreSQL; tells how many were missing.

    A week that has rows in the default partition already is left there: PostgreSQL would refuse it.
    """
    if connection.dialect.name != "postgresql":
        return 0
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('menshen.events.weeks'))"))
    # The default partition is locked for a moment: who writes must not wait long behind whoever reads it.
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    made = 0
    for week in range(week_of(now), week_of(now) + (ahead + 1) * WEEK, WEEK):
        name = _name(week)
        bounds = {"since": week, "until": week + WEEK}
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is not None:
            continue
        late = text("SELECT EXISTS (SELECT FROM events_default WHERE at >= :since AND at < :until)")
        if connection.scalar(late, bounds):
            continue
        connection.execute(text(f"CREATE TABLE {name} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
        # Attaching takes a weaker lock on `events` than creating the partition in its place would.
        attach = f"ALTER TABLE events ATTACH PARTITION {name} FOR VALUES FROM ({week}) TO ({week + WEEK})"
        connection.execute(text(attach))
        made += 1
    return made


def drop_empty_weeks(connection: Connection, before: int) -> int:
    """Drop the partitions that end before an instant and hold nothing any more; tells how many."""
    if connection.dialect.name != "postgresql":
        return 0
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    weeks = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass"
    dropped = 0
    for name in connection.scalars(text(weeks)).all():
        week = _week(name)
        if week is None or week + WEEK > before:
            continue
        if not connection.scalar(text(f"SELECT EXISTS (SELECT FROM {name})")):  # noqa: S608 - a name of our own making
            connection.execute(text(f"DROP TABLE {name}"))
            dropped += 1
    return dropped


def _name(week: int) -> str:
    return f"events_{as_datetime(week):%Gw%V}"


def _week(name: str) -> int | None:
    try:
        return from_datetime(datetime.strptime(f"{name}1", "events_%Gw%V%u").replace(tzinfo=UTC))
    except ValueError:
        return None


_COVERS = and_(
    holds.c.released_at.is_(None),
    or_(holds.c.account_id.is_(None), holds.c.account_id == events.c.account_id),
    or_(holds.c.since.is_(None), holds.c.since <= events.c.at),
    or_(holds.c.until.is_(None), holds.c.until > events.c.at),
)
_HELD = exists().where(_COVERS).correlate(events)


def trim(tx: Tx, before: int, limit: int) -> int:
    """Delete the eldest events of before an instant that no hold covers, their leaf hashes kept; tells how many."""
    eldest = select(events.c.seq).where(events.c.at < before, ~_HELD).order_by(events.c.at).limit(limit)
    seqs = [row.seq for row in tx.all(eldest)]
    if not seqs:
        return 0
    chosen = and_(events.c.seq.in_(seqs), events.c.at < before)
    kept = select(events.c.seq, events.c.xid, events.c.at, events.c.leaf).where(chosen)
    tx.execute(insert(leaves).from_select(["seq", "xid", "at", "leaf"], kept))
    return tx.change(delete(events).where(chosen))


def trim_counts(tx: Tx, grain: str, before: int) -> int:
    """Delete roll-ups of a grain that begin before an instant."""
    return tx.change(delete(counts).where(counts.c.grain == grain, counts.c.since < before))


def add_hold(tx: Tx, row: Mapping[str, Any]) -> None:
    """Add a legal hold."""
    tx.execute(insert(holds).values(row))


def lift_hold(tx: Tx, hold: str, now: int) -> Row[Any] | None:
    """Lift a hold and tell its `account_id`; None where it does not stand."""
    lifted = update(holds).where(holds.c.id == hold, holds.c.released_at.is_(None)).values(released_at=now)
    return tx.first(lifted.returning(holds.c.account_id))


def standing_holds(tx: Tx) -> Sequence[Row[Any]]:
    """The holds that stand, the eldest first."""
    return tx.all(select(holds).where(holds.c.released_at.is_(None)).order_by(holds.c.placed_at, holds.c.id))


def held(tx: Tx, account: str) -> bool:
    """Whether a hold names the account, or covers one of its events."""
    named = select(holds.c.id).where(holds.c.released_at.is_(None), holds.c.account_id == account)
    covered = select(events.c.seq).where(events.c.account_id == account, _HELD)
    return tx.first(named.limit(1)) is not None or tx.first(covered.limit(1)) is not None


def claim(tx: Tx, work: str, holder: str, now: int, until: int) -> bool:
    """Take a piece of work, or a lapsed claim on it."""
    wanted = insert_for(tx)(claims).values(work=work, holder=holder, until=until)
    taken = wanted.on_conflict_do_update(
        index_elements=[claims.c.work],
        set_={"holder": holder, "until": until},
        where=claims.c.until <= now,
    )
    return tx.first(taken.returning(claims.c.work)) is not None


def release(tx: Tx, work: str, holder: str) -> bool:
    """Give a claim back; False where it lapsed and is another's."""
    return tx.change(delete(claims).where(claims.c.work == work, claims.c.holder == holder)) == 1


def forget_lapsed(tx: Tx, before: int) -> int:
    """Delete claims that lapsed before an instant."""
    return tx.change(delete(claims).where(claims.c.until < before))


def add_counts(tx: Tx, tallied: Mapping[tuple[str, int, str, str, str], int]) -> None:
    """Add to the roll-ups; keys are (grain, since, realm, code, outcome)."""
    # In one order everywhere, so that two nodes never wait for each other's rows crosswise.
    rows = [
        {"grain": grain, "since": since, "realm": realm, "code": code, "outcome": outcome, "count": count}
        for (grain, since, realm, code, outcome), count in sorted(tallied.items())
    ]
    adding = insert_for(tx)(counts)
    adding = adding.on_conflict_do_update(
        index_elements=list(counts.primary_key), set_={"count": counts.c.count + adding.excluded.count}
    )
    tx.execute(adding, rows)


def read_counts(
    tx: Tx, grain: str, since: int, until: int, codes: Sequence[str] | None, realm: str | None
) -> Sequence[Row[Any]]:
    """The roll-ups of a time, by span, code and outcome."""
    wanted = select(counts.c.since, counts.c.code, counts.c.outcome, func.sum(counts.c.count).label("times")).where(
        counts.c.grain == grain, counts.c.since >= since, counts.c.since < until
    )
    if codes is not None:
        wanted = wanted.where(counts.c.code.in_(codes))
    if realm is not None:
        wanted = wanted.where(counts.c.realm == realm)
    spans = (counts.c.since, counts.c.code, counts.c.outcome)
    return tx.all(wanted.group_by(*spans).order_by(*spans))
