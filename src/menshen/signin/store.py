"""The table of attempts: a sign-in that has proven something and is asked for one thing more."""

from sqlalchemy import Index, bindparam, select

from menshen.kit.database import Bytes, Whole, Words, column, flag, table
from menshen.kit.marks import personal, plain, secret

attempts = table(
    "attempts",
    column("id", Words, primary_key=True, mark=plain("names the attempt", "row")),
    column("token_hash", Bytes, unique=True, mark=secret("finds the attempt of a cookie; SHA-256 of its token")),
    column("account_id", Words, mark=plain("who proved something", "row")),
    column("realm", Words, mark=plain("customer or operator", "row")),
    column("epoch", Whole, mark=plain("the account's epoch then; a newer one ends the attempt", "row")),
    column("proofs", Words, mark=personal("what was proven and when, as JSON", "row")),
    column("step", Words, mark=plain("what is asked for now", "row")),
    column("target", Words, mark=personal("where the person wants to go", "row")),
    column("bound", Words, mark=plain("ties the ticket to the browser at the application's host", "row")),
    flag("remember", mark=plain("whether the browser is to be remembered", "row")),
    column("expires_at", Whole, mark=plain("when it is worthless", "row")),
    Index("ix_attempts_account_id", "account_id"),
    Index("ix_attempts_expires_at", "expires_at"),
    subject="account_id",
)

TABLES = (attempts,)

BY_TOKEN = select(attempts).where(
    attempts.c.token_hash == bindparam("token_hash"), attempts.c.expires_at > bindparam("now")
)
