"""The journal's tables."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    Index,
    PrimaryKeyConstraint,
    Table,
    event,
    text,
)

from menshen.kit.database import Bytes, Whole, Words, column, metadata, table
from menshen.kit.marks import Mark, plain

_KEPT = "until the retention of events"


def _pseudonym(purpose: str) -> Mark:
    """An account's id says who only as long as the account is there."""
    return Mark(purpose, "identifier", "legal duty", _KEPT, "keep")


events = Table(
    "events",
    metadata,
    column("seq", Whole, autoincrement=True, mark=plain("the order of writing")),
    column("xid", Whole, mark=plain("PostgreSQL's transaction, so that readers pass nothing uncommitted; else 0")),
    column("id", Words, mark=plain("names the event: idempotency key of what follows from it")),
    column("at", Whole, mark=plain("when it happened")),
    column("code", Words, mark=plain("what happened")),
    column("account_id", Words, nullable=True, mark=_pseudonym("to which account")),
    column("actor", Words, nullable=True, mark=_pseudonym("who did it")),
    column("realm", Words, mark=plain("customer or operator")),
    column("outcome", Words, mark=plain("done, refused or failed")),
    column("correlation", Words, mark=plain("one id for all that follows from one request")),
    column("body", Words, mark=_pseudonym("the canonical bytes; personal values in it only as salted hashes")),
    column(
        "personal",
        Words,
        nullable=True,
        mark=Mark("address, browser and the like with their salts", "personal", "legitimate interest", _KEPT, "blank"),
    ),
    column("leaf", Bytes, mark=plain("SHA-256 of 0x00 and the body")),
    CheckConstraint("outcome in ('done', 'refused', 'failed')", name="outcome"),
    # A key of a partitioned table must hold the column that parts it, so PostgreSQL has the unique index below.
    PrimaryKeyConstraint("seq").ddl_if(dialect="sqlite"),
    info={"subject": "account_id"},
    sqlite_strict=True,
    sqlite_autoincrement=True,
    postgresql_partition_by="RANGE (at)",
)
"""One row per decision. Sequence numbers are never given twice, so that the cursors of readers stay right."""

Index("uq_events_seq_at", events.c.seq, events.c.at, unique=True).ddl_if(dialect="postgresql")
Index("ix_events_xid_seq", events.c.xid, events.c.seq)
Index("ix_events_account_id_at_seq", events.c.account_id, events.c.at, events.c.seq)
Index("ix_events_id", events.c.id)
Index("ix_events_at", events.c.at, postgresql_using="brin")

leaves = table(
    "event_leaves",
    column("seq", Whole, primary_key=True, autoincrement=False, mark=plain("the deleted event's place")),
    column("xid", Whole, mark=plain("the deleted event's transaction")),
    column("at", Whole, mark=plain("when it happened")),
    column("leaf", Bytes, mark=plain("its leaf hash, so that the chain stays provable")),
)

readers = table(
    "readers",
    column("name", Words, primary_key=True, mark=plain("which reader")),
    column("xid", Whole, mark=plain("read up to this transaction")),
    column("seq", Whole, mark=plain("and, in it, up to this event")),
    column("moved_at", Whole, mark=plain("when it last moved")),
)

counts = table(
    "event_counts",
    column("grain", Words, primary_key=True, mark=plain("minute, hour or day")),
    column("since", Whole, primary_key=True, mark=plain("where the span begins, UTC")),
    column("realm", Words, primary_key=True, mark=plain("customer or operator")),
    column("code", Words, primary_key=True, mark=plain("what happened")),
    column("outcome", Words, primary_key=True, mark=plain("done, refused or failed")),
    column("count", Whole, mark=plain("how often")),
)

claims = table(
    "claims",
    column("work", Words, primary_key=True, mark=plain("what is to be done by one alone")),
    column("holder", Words, mark=plain("which thread of which process does it")),
    column("until", Whole, mark=plain("when the claim lapses")),
)

holds = table(
    "legal_holds",
    column("id", Words, primary_key=True, mark=plain("names the hold")),
    column("account_id", Words, nullable=True, mark=_pseudonym("whose events; empty: everybody's")),
    column("since", Whole, nullable=True, mark=plain("from when on; empty: ever")),
    column("until", Whole, nullable=True, mark=plain("until when; empty: for ever")),
    column(
        "reason", Words, mark=Mark("why, with the file number", "technical", "legal duty", "as long as its row", "keep")
    ),
    column("placed_at", Whole, mark=plain("when it was placed")),
    column("placed_by", Words, mark=_pseudonym("which operator placed it")),
    column("released_at", Whole, nullable=True, mark=plain("when it was lifted")),
    subject="account_id",
)
Index("ix_legal_holds_account_id", holds.c.account_id)


@event.listens_for(events, "after_create")
def _catch_all(_: Table, connection: Connection, **__: Any) -> None:
    """An event of a week that nobody prepared must not be refused: it goes to the default partition."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE TABLE IF NOT EXISTS events_default PARTITION OF events DEFAULT"))
