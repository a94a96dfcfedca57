"""The tables of operators: who has which role, whether the house has an operator, and what was done to accounts."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, Row, bindparam, func, select, update

from menshen.accounts.service import STANDING_ROW
from menshen.kit.database import Tx, Whole, Words, column, insert_for, table
from menshen.kit.marks import personal, plain
from menshen.operators.rules import OWNER

roles = table(
    "operators_roles",
    column("account_id", Words, primary_key=True, mark=personal("whose role", "row", data="identifier")),
    column("role", Words, primary_key=True, mark=plain("what the operator may do", "row")),
    column("since", Whole, mark=plain("since when", "row")),
    column("given_by", Words, mark=plain("who gave it, as a pseudonym", "row")),
    Index("ix_operators_roles_role", "role"),
    subject="account_id",
)

settled = table(
    "operators_settled",
    column("one", Whole, CheckConstraint("one = 1", name="one"), primary_key=True, mark=plain("there is one row")),
    column("at", Whole, mark=plain("when the first operator came in; from then on no link is printed")),
)

runs = table(
    "act_runs",
    column("id", Words, primary_key=True, mark=plain("names the run")),
    column("verb", Words, mark=plain("what was done")),
    column("account_id", Words, mark=plain("to whom; after erasure it is only a pseudonym")),
    column("arguments", Words, nullable=True, mark=personal("with which arguments, as JSON", "blank")),
    column("who", Words, mark=plain("the operator, as a pseudonym, or the command line")),
    column("why", Words, nullable=True, mark=personal("the reason given", "blank")),
    column("at", Whole, mark=plain("when")),
    column("kept", Words, nullable=True, mark=personal("what undoing needs, as JSON", "blank")),
    column("undone_at", Whole, nullable=True, mark=plain("when it was taken back")),
    column("undone_by", Words, nullable=True, mark=plain("by whom, as a pseudonym")),
    Index("ix_act_runs_account_id", "account_id", "id"),
    subject="account_id",
)

TABLES = (roles, settled, runs)

ROLES_OF = select(roles.c.role).where(roles.c.account_id == bindparam("account"))
OPERATORS = (
    select(STANDING_ROW, roles.c.role)
    .join_from(STANDING_ROW, roles, roles.c.account_id == STANDING_ROW.c.account_id, isouter=True)
    .where(STANDING_ROW.c.realm == "operator", STANDING_ROW.c.state != "erased")
    .order_by(STANDING_ROW.c.account_id)
)
OWNERS_HELD = select(roles.c.account_id).where(roles.c.role == OWNER).with_for_update()
ABLE_OWNERS = (
    select(func.count())
    .select_from(roles)
    .join(STANDING_ROW, STANDING_ROW.c.account_id == roles.c.account_id)
    .where(roles.c.role == OWNER, STANDING_ROW.c.state.in_(bindparam("able", expanding=True)))
)
SETTLED = select(settled.c.at)
RUN = select(runs).where(runs.c.id == bindparam("run_id"))
SINCE = (
    select(runs)
    .where(runs.c.account_id == bindparam("account"), runs.c.at > bindparam("since"), runs.c.undone_at.is_(None))
    .order_by(runs.c.id.desc())
    .limit(20)
)
KEEP = update(runs).where(runs.c.id == bindparam("run_id")).values(kept=bindparam("what"))
UNDO = (
    update(runs)
    .where(runs.c.id == bindparam("run_id"), runs.c.undone_at.is_(None))
    .values(undone_at=bindparam("now"), undone_by=bindparam("by"))
)


def settle(tx: Tx, now: int) -> bool:
    """Say that the first operator came in; False where one had before: the unique row decides every race."""
    first = insert_for(tx)(settled).values(one=1, at=now).on_conflict_do_nothing()
    return tx.change(first) == 1


def give(tx: Tx, account: str, role: str, now: int, by: str) -> bool:
    """Give a role; False where it was held already."""
    row = {"account_id": account, "role": role, "since": now, "given_by": by}
    return tx.change(insert_for(tx)(roles).values(row).on_conflict_do_nothing()) == 1


def add_run(tx: Tx, row: dict[str, Any]) -> None:
    """Write down that an act is being done."""
    tx.execute(runs.insert(), row)


def run(tx: Tx, run_id: str) -> Row[Any] | None:
    """One run."""
    return tx.first(RUN, {"run_id": run_id})
