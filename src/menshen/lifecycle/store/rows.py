"""The tables of sign-ups on their way and of changes of addresses; no decisions."""

from sqlalchemy import Index, bindparam, delete, select, update

from menshen.kit.database import Bytes, Whole, Words, column, table
from menshen.kit.marks import personal, plain, secret

sign_ups = table(
    "sign_ups",
    column("id", Words, primary_key=True, mark=plain("names the sign-up", "row")),
    column("token_hash", Bytes, unique=True, mark=secret("finds the sign-up of a cookie; SHA-256 of its token")),
    column("step", Words, mark=plain("asked or proven", "row")),
    column("named", Bytes, sealed=True, mark=personal("the address that is to be proven", "row", keep_for="a day")),
    column("expires_at", Whole, mark=plain("when it is worthless", "row")),
    Index("ix_sign_ups_expires_at", "expires_at"),
)
"""Nobody's rows: an account comes into being with the last step only (S-49)."""

SIGN_UP_BY_TOKEN = select(sign_ups).where(
    sign_ups.c.token_hash == bindparam("token"), sign_ups.c.expires_at > bindparam("now")
)
SIGN_UP_BY_ID = select(sign_ups).where(sign_ups.c.id == bindparam("of"), sign_ups.c.expires_at > bindparam("now"))
_THIS_SIGN_UP = (
    sign_ups.c.id == bindparam("of"),
    sign_ups.c.step == bindparam("at_step"),
    sign_ups.c.token_hash == bindparam("of_token"),
)
PROVE_SIGN_UP = (
    update(sign_ups)
    .where(*_THIS_SIGN_UP)
    .values(step="proven", token_hash=bindparam("fresh"), expires_at=bindparam("until"))
)
PROLONG_SIGN_UP = update(sign_ups).where(*_THIS_SIGN_UP).values(expires_at=bindparam("until"))
FINISH_SIGN_UP = delete(sign_ups).where(*_THIS_SIGN_UP)

address_changes = table(
    "address_changes",
    column("id", Words, primary_key=True, mark=plain("names the change", "row")),
    column("account_id", Words, mark=plain("whose addresses", "row")),
    column("step", Words, mark=plain("asked, done or reverted", "row")),
    column("swap", Bytes, sealed=True, mark=personal("the new and the old address", "row", keep_for="a week")),
    column("epoch", Whole, mark=plain("the account's epoch then; a newer one ends what is only asked", "row")),
    column("revert_hash", Bytes, nullable=True, unique=True, mark=secret("recognises the link that takes it back")),
    column("done_at", Whole, nullable=True, mark=plain("when it was done", "row")),
    column("expires_at", Whole, mark=plain("until when it can be proven, or taken back", "row")),
    Index("ix_address_changes_account_id", "account_id"),
    Index("ix_address_changes_expires_at", "expires_at"),
    subject="account_id",
)

CHANGE = select(address_changes).where(
    address_changes.c.id == bindparam("of"),
    address_changes.c.account_id == bindparam("account"),
    address_changes.c.step == "asked",
    address_changes.c.expires_at > bindparam("now"),
)
DONE_OF = select(address_changes).where(
    address_changes.c.account_id == bindparam("account"),
    address_changes.c.step == "done",
    address_changes.c.expires_at > bindparam("now"),
)
BY_REVERT = select(address_changes).where(
    address_changes.c.revert_hash == bindparam("digest"),
    address_changes.c.step == "done",
    address_changes.c.expires_at > bindparam("now"),
)
DO_CHANGE = (
    update(address_changes)
    .where(
        address_changes.c.id == bindparam("of"),
        address_changes.c.step == "asked",
        address_changes.c.expires_at > bindparam("now"),
    )
    .values(step="done", done_at=bindparam("now"), revert_hash=bindparam("digest"), expires_at=bindparam("until"))
)
REVERT = (
    update(address_changes)
    .where(address_changes.c.id == bindparam("of"), address_changes.c.step == "done")
    .values(step="reverted", revert_hash=None)
)

TABLES = (sign_ups, address_changes)
