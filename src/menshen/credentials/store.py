"""Tables of stored passwords and their history; no decisions."""

from sqlalchemy import Index, bindparam, func, select

from menshen.kit.database import Bytes, Whole, Words, column, flag, table
from menshen.kit.marks import personal, plain, secret

passwords = table(
    "passwords",
    column("account_id", Words, primary_key=True, mark=plain("whose password", "row")),
    column("sealed", Bytes, mark=secret("proves the password: argon2id or older hash, sealed"), sealed=True),
    column("scheme", Words, mark=plain("scheme and cost, for the census and the decoys", "row")),
    column("set_at", Whole, mark=personal("when it was set, for its age", "row")),
    flag("weak", mark=plain("whether it waits to be wrapped", "row")),
    Index("ix_passwords_scheme", "scheme"),
    Index("ix_passwords_weak", "weak"),
    subject="account_id",
)

history = table(
    "password_history",
    column("id", Words, primary_key=True, mark=plain("names the entry", "row")),
    column("account_id", Words, mark=plain("whose former password", "row")),
    column(
        "sealed",
        Bytes,
        mark=secret("keeps an old password from coming back, sealed", keep_for="as the profile says"),
        sealed=True,
    ),
    column("retired_at", Whole, mark=personal("when it was replaced", "row")),
    Index("ix_password_history_account_id", "account_id", "retired_at"),
    subject="account_id",
)

costs = table(
    "hash_costs",
    column("id", Whole, primary_key=True, mark=plain("always 1")),
    column("memory_kib", Whole, mark=plain("argon2id memory as measured")),
    column("iterations", Whole, mark=plain("argon2id passes as measured")),
    column("measured_at", Whole, mark=plain("when it was measured")),
)

TABLES = (passwords, history, costs)

OF_ACCOUNT = select(passwords.c.sealed, passwords.c.scheme, passwords.c.set_at).where(
    passwords.c.account_id == bindparam("account_id")
)
HELD = select(passwords.c.set_at).where(passwords.c.account_id == bindparam("account_id")).with_for_update()
HISTORY = (
    select(history)
    .where(history.c.account_id == bindparam("account_id"))
    .order_by(history.c.retired_at.desc(), history.c.id.desc())
)
HISTORIES = (
    select(history.c.account_id, func.count().label("number"))
    .where(history.c.account_id > bindparam("after"))
    .group_by(history.c.account_id)
    .order_by(history.c.account_id)
    .limit(bindparam("most"))
)
CENSUS = select(passwords.c.scheme, func.count().label("number")).group_by(passwords.c.scheme)
WEAK = (
    select(passwords.c.account_id, passwords.c.sealed)
    .where(passwords.c.weak == 1, passwords.c.account_id > bindparam("after"))
    .order_by(passwords.c.account_id)
    .limit(bindparam("most"))
)
WEAK_LEFT = select(func.count()).select_from(passwords).where(passwords.c.weak == 1)
