"""The law book's tables: versions of policies, which group has which, and one mark that changes whenever they do."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import PrimaryKeyConstraint, bindparam, delete, func, insert, select, text

from menshen.kit.database import Tx, Whole, Words, column, insert_for, table
from menshen.kit.marks import Mark, plain
from menshen.passwords import Profile
from menshen.policy.rules import Version

WHO = Mark("who decided this", "identifier", "legal duty", "as long as the policy is known", "keep")

policies = table(
    "policies",
    column("name", Words, mark=plain("name of the policy")),
    column("number", Whole, mark=plain("version, counted from 1; 0 is the one built in")),
    column("document", Words, mark=plain("the whole profile as JSON")),
    column("valid_from", Whole, mark=plain("instant from which it holds")),
    column("saved_at", Whole, mark=plain("instant it was saved")),
    column("saved_by", Words, mark=WHO),
    PrimaryKeyConstraint("name", "number"),
)

assignments = table(
    "policy_assignments",
    column("group_name", Words, primary_key=True, mark=plain("the group that has a policy of its own")),
    column("policy", Words, mark=plain("name of that policy")),
    column("assigned_at", Whole, mark=plain("instant it was given")),
    column("assigned_by", Words, mark=WHO),
)

edition = table(
    "policy_edition",
    column("id", Whole, primary_key=True, mark=plain("always 1: there is one law book", "keep")),
    column("mark", Words, mark=plain("drawn anew whenever the book changes, so that every node notices")),
)

TABLES = (policies, assignments, edition)

_EDITION = select(edition.c.mark)
EDITION = func.coalesce(_EDITION.scalar_subquery(), "")
_VERSIONS = select(policies).order_by(policies.c.name, policies.c.number)
_ASSIGNMENTS = select(assignments.c.group_name, assignments.c.policy)
_ADD_VERSION = insert(policies)
_RELEASE = delete(assignments).where(assignments.c.group_name == bindparam("released"))

# One number for "the law book" among PostgreSQL's advisory locks; any constant of its own would do.
_BOOK = 0x6D656E_01


def edition_of(tx: Tx) -> str:
    """The mark of the book as it stands; empty for one never written in."""
    return str(tx.scalar(_EDITION) or "")


def hold(tx: Tx, *, shared: bool) -> None:
    """Wait for whoever changes the book, and keep them waiting until this transaction ends.

    Two changes that each fit alone may contradict together; on SQLite writers come one by one anyway.
    """
    if tx.dialect == "postgresql":
        tx.execute(text(f"select pg_advisory_xact_lock{'_shared' if shared else ''}({_BOOK})"))


def new_edition(tx: Tx, mark: str) -> None:
    """Tell every node, at its next look, that the book has changed."""
    statement = insert_for(tx)(edition).values(id=1, mark=mark)
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"mark": statement.excluded.mark}))


def versions(tx: Tx) -> list[Version]:
    """All saved versions, oldest first within each name."""
    return [
        Version(row.name, row.number, msgspec.json.decode(row.document, type=Profile), row.valid_from, row.saved_by)
        for row in tx.all(_VERSIONS)
    ]


def add_version(tx: Tx, version: Version, now: int) -> None:
    """Write one version down; a number taken meanwhile is refused by the primary key."""
    tx.execute(
        _ADD_VERSION,
        {
            "name": version.name,
            "number": version.number,
            "document": msgspec.json.encode(version.profile).decode(),
            "valid_from": version.valid_from,
            "saved_at": now,
            "saved_by": version.saved_by,
        },
    )


def assigned(tx: Tx) -> Mapping[str, str]:
    """Group -> name of its policy."""
    return {row.group_name: row.policy for row in tx.all(_ASSIGNMENTS)}


def assign(tx: Tx, group: str, policy: str, now: int, who: str) -> None:
    """Give a group its policy, in place of an earlier one."""
    statement = insert_for(tx)(assignments).values(group_name=group, policy=policy, assigned_at=now, assigned_by=who)
    changed = {name: statement.excluded[name] for name in ("policy", "assigned_at", "assigned_by")}
    tx.execute(statement.on_conflict_do_update(index_elements=["group_name"], set_=changed))


def release(tx: Tx, group: str) -> bool:
    """Take a group's policy away; False if it had none."""
    return tx.change(_RELEASE, {"released": group}) == 1
