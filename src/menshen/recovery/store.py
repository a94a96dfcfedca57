"""The table of recoveries on their way; no decisions."""

from sqlalchemy import Index, bindparam, delete, select, update

from menshen.kit.database import Bytes, Whole, Words, column, table
from menshen.kit.marks import personal, plain, secret

recoveries = table(
    "recoveries",
    column("id", Words, primary_key=True, mark=plain("names the attempt", "row")),
    column("token_hash", Bytes, unique=True, mark=secret("finds the attempt of a cookie; SHA-256 of its token")),
    column(
        "account_id",
        Words,
        nullable=True,
        mark=personal("whose account; nobody's where the name is unknown", "row", data="identifier", keep_for="a day"),
    ),
    column(
        "named",
        Bytes,
        sealed=True,
        mark=personal("what was typed, and the address written to", "row", keep_for="a day"),
    ),
    column("step", Words, mark=plain("asked or proven", "row")),
    column("how", Words, mark=plain("by what it was proven: link, typed, disowned", "row")),
    column("epoch", Whole, mark=plain("the account's epoch then; a newer one ends the attempt", "row")),
    column("made_at", Whole, mark=plain("when it began; a password set later ends the attempt", "row")),
    column("expires_at", Whole, mark=plain("when it is worthless", "row")),
    Index("ix_recoveries_account_id", "account_id"),
    Index("ix_recoveries_expires_at", "expires_at"),
    subject="account_id",
)

TABLES = (recoveries,)

BY_TOKEN = select(recoveries).where(
    recoveries.c.token_hash == bindparam("token"), recoveries.c.expires_at > bindparam("now")
)
BY_ID = select(recoveries).where(recoveries.c.id == bindparam("of"), recoveries.c.expires_at > bindparam("now"))
_HERE = (
    recoveries.c.id == bindparam("of"),
    recoveries.c.step == bindparam("at_step"),
    recoveries.c.token_hash == bindparam("of_token"),
)
PROVE = (
    update(recoveries)
    .where(*_HERE)
    .values(
        step=bindparam("to_step"), how=bindparam("by"), token_hash=bindparam("fresh"), expires_at=bindparam("until")
    )
)
PROLONG = update(recoveries).where(*_HERE).values(expires_at=bindparam("until"))
FINISH = delete(recoveries).where(*_HERE)
