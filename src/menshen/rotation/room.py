"""What `rotation` gives the house: the act that requires a change, its parts of pages, tables, events and commands."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from menshen.kit.clock import DAY, Clock
from menshen.kit.database import Database, Fault, Tx
from menshen.kit.room import Act, Preview, Room
from menshen.kit.texts import Texts
from menshen.kit.web.visitor import Visitor
from menshen.policy.rules import Refusal
from menshen.rotation import cli, pages, store
from menshen.rotation.events import EVENTS
from menshen.rotation.rules import Cause
from menshen.rotation.service import Rotation

SETTINGS = None


class RequireChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `rotation.require_change`."""

    cause: Cause
    days: Annotated[int, msgspec.Meta(ge=0, le=180)] = 0
    """Days of grace; 0: before the next sign-in."""


def furnish(database: Database, rotation: Rotation, clock: Clock, texts: Texts) -> Room:
    """The room with its services filled in."""
    return Room(
        name="rotation",
        tables=store.TABLES,
        parts=(pages.due_part(database, rotation), pages.customer_part(database, rotation)),
        acts=(require_change(rotation, clock),),
        events=EVENTS,
        commands={"rotation": cli.rotation_commands(database, rotation, clock, texts)},
    )


def require_change(rotation: Rotation, clock: Clock) -> Act:
    """Require a new password of one customer; undone by lifting."""

    def preview(tx: Tx, account: str, arguments: RequireChange) -> Preview:
        refusal = rotation.would_refuse(tx, account, arguments.cause)
        if refusal is not None:
            return Preview(refusal.code, refusal.values, count=0)
        return Preview("rotation.act.require", {"cause": arguments.cause})

    def do(tx: Tx, account: str, arguments: RequireChange, operator: Visitor) -> Mapping[str, Any]:
        by = clock.now() + arguments.days * DAY
        who = operator.account_id or "system"
        done = rotation.require_change(tx, account, arguments.cause, by=by, who=who, visitor=operator)
        if isinstance(done, Refusal):
            raise Fault(f"rotation.require_change was previewed and then refused: {done.code}")
        return {"reason_id": done[0]}

    def undo(tx: Tx, account: str, kept: Mapping[str, Any], operator: Visitor) -> None:
        rotation.lift(tx, str(kept["reason_id"]), who=operator.account_id or "system", visitor=operator)

    return Act("rotation.require_change", RequireChange, preview, do, undo, sensitive=False)
