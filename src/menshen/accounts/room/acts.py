"""What an operator can do to a customer, as acts: suspend, lock, group, erase, and the way back where there is one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from sqlalchemy import Table

from menshen.accounts.rules import MOVES
from menshen.accounts.service import Accounts
from menshen.kit.database import Fault, Tx
from menshen.kit.room import Act, Preview
from menshen.kit.web.visitor import Visitor
from menshen.policy.rules import Refusal


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The act needs no arguments."""


class InGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which group is meant."""

    group: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]


Verb = Callable[..., bool]


def acts(accounts: Accounts, house: Callable[[], Sequence[Table]], checkpoint: Callable[[], None]) -> tuple[Act, ...]:
    """All acts of the room; `house` tells all tables of the house once they are known.

    `checkpoint` lets erased words leave the write-ahead log.
    """
    return (
        _move(accounts, "suspend", accounts.suspend, accounts.resume),
        _move(accounts, "resume", accounts.resume, accounts.suspend),
        _move(accounts, "lock", accounts.lock, accounts.unlock),
        _move(accounts, "unlock", accounts.unlock, accounts.lock),
        _join_group(accounts),
        _leave_group(accounts),
        _erase(accounts, house, checkpoint),
    )


def _move(accounts: Accounts, verb: str, there: Verb, back: Verb) -> Act:
    def preview(tx: Tx, account: str, _: Nothing) -> Preview:
        standing = accounts.standing(tx, account)
        able = standing is not None and standing.state in MOVES[verb].starts
        return Preview(f"accounts.act.{verb}") if able else Preview("accounts.act.no_change", count=0)

    def do(tx: Tx, account: str, _: Nothing, operator: Visitor) -> Mapping[str, Any]:
        return {"moved": there(tx, account, visitor=operator)}

    def undo(tx: Tx, account: str, kept: Mapping[str, Any], operator: Visitor) -> None:
        if kept["moved"]:
            back(tx, account, visitor=operator)

    return Act(f"accounts.{verb}", Nothing, preview, do, undo)


def _join_group(accounts: Accounts) -> Act:
    def preview(tx: Tx, account: str, arguments: InGroup) -> Preview:
        standing = accounts.standing(tx, account)
        if standing is None or standing.state == "erased" or arguments.group in standing.groups:
            return Preview("accounts.act.no_change", count=0)
        refused = accounts.would_contradict(tx, [*standing.groups, arguments.group])
        if refused is not None:
            return Preview(refused.code, refused.values, count=0)
        return Preview("accounts.act.join_group", {"group": arguments.group})

    def do(tx: Tx, account: str, arguments: InGroup, operator: Visitor) -> Mapping[str, Any]:
        joined = accounts.join_group(tx, account, arguments.group, visitor=operator)
        if isinstance(joined, Refusal):
            raise Fault(f"accounts.join_group was previewed and then refused: {joined.code}")
        return {"group": arguments.group if joined else None}

    def undo(tx: Tx, account: str, kept: Mapping[str, Any], operator: Visitor) -> None:
        if kept["group"]:
            accounts.leave_group(tx, account, str(kept["group"]), visitor=operator)

    return Act("accounts.join_group", InGroup, preview, do, undo)


def _leave_group(accounts: Accounts) -> Act:
    def preview(tx: Tx, account: str, arguments: InGroup) -> Preview:
        standing = accounts.standing(tx, account)
        if standing is None or arguments.group not in standing.groups:
            return Preview("accounts.act.no_change", count=0)
        return Preview("accounts.act.leave_group", {"group": arguments.group})

    def do(tx: Tx, account: str, arguments: InGroup, operator: Visitor) -> Mapping[str, Any]:
        left = accounts.leave_group(tx, account, arguments.group, visitor=operator)
        return {"group": arguments.group if left else None}

    def undo(tx: Tx, account: str, kept: Mapping[str, Any], operator: Visitor) -> None:
        if kept["group"]:
            accounts.join_group(tx, account, str(kept["group"]), visitor=operator)

    return Act("accounts.leave_group", InGroup, preview, do, undo)


def _erase(accounts: Accounts, house: Callable[[], Sequence[Table]], checkpoint: Callable[[], None]) -> Act:
    def preview(tx: Tx, account: str, _: Nothing) -> Preview:
        standing = accounts.standing(tx, account)
        able = standing is not None and standing.state != "erased"
        if able and accounts.on_hold(tx, account):
            return Preview("accounts.act.held", count=0)
        return Preview("accounts.act.erase") if able else Preview("accounts.act.no_change", count=0)

    def do(tx: Tx, account: str, _: Nothing, operator: Visitor) -> Mapping[str, Any]:
        tx.after_commit(checkpoint)
        return {"erased": accounts.erase(tx, account, house(), visitor=operator)}

    return Act("accounts.erase", Nothing, preview, do, sensitive=True)
