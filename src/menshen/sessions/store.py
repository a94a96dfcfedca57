"""Tables of sessions, remembered devices and registered applications; no decisions."""

from sqlalchemy import Index, Integer, UniqueConstraint, bindparam, delete, select, update

from menshen.kit.database import Bytes, Whole, Words, column, table
from menshen.kit.marks import personal, plain, secret

sessions = table(
    "sessions",
    column("token_hash", Bytes, primary_key=True, mark=secret("finds the session of a cookie; SHA-256 of its token")),
    column("id", Words, unique=True, mark=plain("names the session in lists and in tokens that depend on it", "row")),
    column("account_id", Words, mark=plain("whose session", "row")),
    column("realm", Words, mark=plain("customer or operator", "row")),
    column("host", Words, mark=plain("the host whose cookie it is", "row")),
    column("parent", Words, nullable=True, mark=plain("the session at the sign-in host that this one hangs on", "row")),
    column("epoch", Whole, mark=plain("the account's epoch when it was opened; a newer one ends it", "row")),
    column("proofs", Words, mark=personal("what was proven and when, as JSON", "row")),
    column("started_at", Whole, mark=personal("when it was opened", "row")),
    column("last_seen_at", Whole, mark=personal("when it was last used, to the minute", "row")),
    column("browser", Words, mark=personal("system and browser, to recognise it by", "row")),
    column("source", Words, mark=personal("network address it was opened from", "row")),
    column("place", Words, mark=personal("place of that address where known", "row")),
    column("device_id", Words, nullable=True, mark=plain("remembered device it was opened on", "row")),
    Index("ix_sessions_account_id", "account_id"),
    Index("ix_sessions_last_seen_at", "last_seen_at"),
    subject="account_id",
)

devices = table(
    "devices",
    column("id", Words, primary_key=True, mark=plain("names the device in lists", "row")),
    column("account_id", Words, mark=plain("whose device", "row")),
    column("token_hash", Bytes, mark=secret("recognises the browser's device cookie; SHA-256 of its token")),
    column("browser", Words, mark=personal("system and browser, to recognise it by", "row")),
    column("place", Words, mark=personal("place of the last sign-in where known", "row")),
    column("first_at", Whole, mark=personal("when it was first used", "row")),
    column("last_at", Whole, mark=personal("when it last signed in", "row")),
    UniqueConstraint("token_hash", "account_id"),
    Index("ix_devices_account_id", "account_id"),
    subject="account_id",
)

apps = table(
    "apps",
    column("origin", Words, primary_key=True, mark=plain("scheme, host and port of the application")),
    column("name", Words, mark=plain("what people see it called")),
    column("added_at", Whole, mark=plain("when it was registered")),
)

TABLES = (sessions, devices, apps)

BY_TOKEN = select(sessions).where(sessions.c.token_hash == bindparam("token_hash"))
OF_ACCOUNT = (
    select(sessions).where(sessions.c.account_id == bindparam("account_id")).order_by(sessions.c.last_seen_at.desc())
)
ONE = select(sessions).where(sessions.c.account_id == bindparam("account_id"), sessions.c.id == bindparam("session_id"))
BEYOND = (
    select(sessions.c.id)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.parent.is_(None),
        sessions.c.id != bindparam("but"),
    )
    .order_by(sessions.c.last_seen_at.desc(), sessions.c.id.desc())
    .offset(bindparam("kept", type_=Integer()))
    .limit(100)
)
"""Sessions at the sign-in host beyond those that may stay, last used first."""
SEEN = (
    update(sessions)
    .where(sessions.c.id == bindparam("session_id"), sessions.c.last_seen_at < bindparam("at"))
    .values(last_seen_at=bindparam("at"))
)
END_ONE = delete(sessions).where(
    sessions.c.account_id == bindparam("account"),
    (sessions.c.id == bindparam("session_id")) | (sessions.c.parent == bindparam("session_id")),
)
DEVICE = select(devices).where(devices.c.token_hash == bindparam("token_hash"))
DEVICES_OF = select(devices).where(devices.c.account_id == bindparam("account_id")).order_by(devices.c.last_at.desc())
