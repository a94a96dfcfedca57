"""What rotation shows on pages: why and by when to change, to the customer and to the operator."""

from collections.abc import Mapping
from typing import Any

from menshen.kit.database import Database
from menshen.kit.room import Part
from menshen.kit.web.visitor import Visitor
from menshen.rotation.rules import Due
from menshen.rotation.service import Rotation


def due_part(database: Database, rotation: Rotation) -> Part:
    """The customer's own: why the password has to be changed and by when; nothing where nothing is coming."""

    def render(visitor: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if visitor.account_id is None or known.get("hero") == "change":  # the page says it already, on top
            return None
        with database.read() as tx:
            due = rotation.noticed(tx, visitor.account_id)
        return shown(due) if due else None

    return Part("account.security", 20, render, "rotation/due.html")


def customer_part(database: Database, rotation: Rotation) -> Part:
    """The operator's: what is due for the customer whose page it is (`account_id`), and who asked for what."""

    def render(_: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any]:
        account = str(known["account_id"])
        with database.read() as tx:
            dues = rotation.dues_of(tx, account)
            reasons = rotation.reasons_for(tx, account)
        asked = {(reason.cause, reason.by): reason.who for reason in reasons}
        return {"dues": [{**shown(due), "who": asked.get((due.cause, due.by))} for due in dues]}

    return Part("console.customer", 40, render, "rotation/customer.html")


def shown(due: Due) -> dict[str, Any]:
    """A due change as the templates take it."""
    return {"cause": f"rotation.cause.{due.cause}", "since": due.since, "by": due.by, "now": due.forced_now}
