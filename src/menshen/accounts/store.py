"""The tables of `accounts`: one standing row a person, and beside it names, groups, facts, consents and search keys."""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import CheckConstraint, Dialect, Index, Table, Text, UniqueConstraint

from menshen.kit.database import Bytes, Tx, Whole, Words, column, table
from menshen.kit.marks import Mark, personal, plain

PSEUDONYM = plain("names the account in all rooms; after erasure it is only a pseudonym")
REALM = plain("keeps customers and operators apart")
FINDS = personal("to sign in and be reached", "row", data="identifier")
SEARCHED = personal("lets an operator find the account", "row", data="identifier")

# Ranges over search keys are read in code point order, whatever the collation of the database.
CodePoints = Text().with_variant(Text(collation="C"), "postgresql")

accounts = table(
    "accounts",
    column("account_id", Words, primary_key=True, mark=PSEUDONYM),
    column("realm", Words, CheckConstraint("realm in ('customer', 'operator')", name="realm"), mark=REALM),
    column(
        "state",
        Words,
        CheckConstraint(
            "state in ('invited', 'active', 'suspended', 'locked', 'closing', 'erased')",
            name="state",
        ),
        mark=plain("says what the account may do"),
    ),
    column("state_before", Words, nullable=True, mark=plain("where a lifted suspension leads back to", "blank")),
    column("state_since", Whole, mark=plain("since when the state holds")),
    column("closing_until", Whole, nullable=True, mark=plain("until when a closing can be called back", "blank")),
    column("version", Whole, server_default="1", mark=plain("refuses to save over a newer change")),
    column("epoch", Whole, server_default="1", mark=plain("ends all authority given out under an older one")),
    column("methods", Words, server_default="[]", mark=plain("which ways of signing in stand ready, as JSON")),
    column(
        "group_names",
        Words,
        server_default="[]",
        mark=plain("the groups of the account, as JSON", "blank"),
        nullable=True,
    ),
    column("must_change_why", Words, nullable=True, mark=plain("why the password has to be changed", "blank")),
    column("must_change_since", Whole, nullable=True, mark=plain("since when the password has to be changed", "blank")),
    column("must_change_by", Whole, nullable=True, mark=plain("until when there is time to change it", "blank")),
    column("password_class", Words, nullable=True, mark=plain("scheme and cost of the stored hash", "blank")),
    column("password_changed_at", Whole, nullable=True, mark=personal("age of the password", "blank")),
    column("last_seen_day", Whole, nullable=True, mark=personal("to find accounts nobody uses", "blank")),
    column("locale", Words, nullable=True, mark=personal("language of pages and messages", "blank")),
    column("time_zone", Words, nullable=True, mark=personal("clock of pages and messages", "blank")),
    column("display_name", Words, nullable=True, mark=personal("how the person is addressed", "blank")),
    column("created_at", Whole, mark=plain("since when the account exists")),
    Index(None, "realm", "state", "account_id"),
    Index(None, "must_change_why", "account_id"),
    Index(None, "group_names"),
    subject="account_id",
)

identifiers = table(
    "accounts_identifiers",
    column("identifier_id", Words, primary_key=True, mark=plain("names the row", "row")),
    column("account_id", Words, mark=PSEUDONYM),
    column("realm", Words, mark=REALM),
    column("kind", Words, CheckConstraint("kind in ('user_name', 'email', 'phone')", name="kind"), mark=FINDS),
    column("normal", CodePoints, mark=FINDS),
    column("skeleton", Words, mark=FINDS),
    column("shown", Words, mark=FINDS),
    column("state", Words, CheckConstraint("state in ('claimed', 'verified')", name="state"), mark=FINDS),
    column("since", Whole, mark=FINDS),
    column("rank", Whole, mark=plain("order of preference, smallest first", "row")),
    UniqueConstraint("realm", "skeleton"),
    Index(None, "realm", "normal"),
    Index(None, "account_id"),
    subject="account_id",
)

groups = table(
    "accounts_groups",
    column("realm", Words, primary_key=True, mark=REALM),
    column("name", Words, primary_key=True, mark=plain("names the group")),
    column("created_at", Whole, mark=plain("since when the group exists")),
)

memberships = table(
    "accounts_memberships",
    column("realm", Words, primary_key=True, mark=REALM),
    column("group_name", Words, primary_key=True, mark=plain("the group", "row")),
    column("account_id", Words, primary_key=True, mark=PSEUDONYM),
    Index(None, "account_id"),
    subject="account_id",
)

external_ids = table(
    "accounts_external_ids",
    column("realm", Words, primary_key=True, mark=REALM),
    column("system", Words, primary_key=True, mark=plain("the company's other system", "row")),
    column(
        "external_id",
        Words,
        primary_key=True,
        mark=personal("finds the person in that system", "row", data="identifier"),
    ),
    column("account_id", Words, mark=PSEUDONYM),
    Index(None, "account_id"),
    subject="account_id",
)

facts = table(
    "accounts_facts",
    column("fact_id", Words, primary_key=True, mark=plain("names the row", "row")),
    column("account_id", Words, mark=PSEUDONYM),
    column("kind", Words, mark=plain("which fact it is; the purpose of each kind stands in the rules", "row")),
    column("sealed", Bytes, sealed=True, mark=personal("to judge new passwords", "row", data="sensitive")),
    column("recorded_at", Whole, mark=plain("since when the fact is known", "row")),
    UniqueConstraint("account_id", "kind"),
    subject="account_id",
)

PROVES_CONSENT = Mark(
    "proves that consent was given", "personal", "legal duty", "as long as claims can be raised", "keep"
)

consents = table(
    "accounts_consents",
    column("consent_id", Words, primary_key=True, mark=plain("names the row")),
    column("account_id", Words, mark=PSEUDONYM),
    column("document", Words, mark=PROVES_CONSENT),
    column("version", Words, mark=PROVES_CONSENT),
    column("given_at", Whole, mark=PROVES_CONSENT),
    column("how", Words, mark=PROVES_CONSENT),
    column("withdrawn_at", Whole, nullable=True, mark=PROVES_CONSENT),
    Index(None, "account_id"),
    subject="account_id",
)

search_keys = table(
    "accounts_search_keys",
    column("realm", Words, primary_key=True, mark=REALM),
    column("kind", Words, primary_key=True, mark=plain("what is matched: hanzi, word, tail of a number", "row")),
    column("shelf", Whole, primary_key=True, autoincrement=False, mark=plain("where like keys stand together", "row")),
    column("account_id", Words, primary_key=True, mark=PSEUDONYM),
    column("key", CodePoints, primary_key=True, mark=SEARCHED),
    column("initials", CodePoints, primary_key=True, mark=SEARCHED),
    Index(None, "account_id"),
    subject="account_id",
)
# The key is the whole row: SQLite need not keep it twice.
search_keys.dialect_options["sqlite"]["with_rowid"] = False

TABLES = (accounts, identifiers, groups, memberships, external_ids, facts, consents, search_keys)


def put_rows(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows that fill the same columns, by the bare driver: an import is made of this."""
    sql, order = _compiled(table, tuple(rows[0]), tx.connection.dialect)
    values: Any = list(map(itemgetter(*order), rows)) if order else [dict(row) for row in rows]
    tx.connection.exec_driver_sql(sql, values)


@cache
def _compiled(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, Sequence[str] | None]:
    statement = table.insert().compile(dialect=dialect, column_keys=list(columns))
    return str(statement), statement.positiontup
