"""The step "who you are" of the operator's set-up list; it shows, and acts on nothing."""

from collections.abc import Mapping
from typing import Any

from menshen.kit.database import Database
from menshen.kit.room import Part
from menshen.kit.web.visitor import Visitor
from menshen.operators.service import Operators


def setup_step(database: Database, operators: Operators) -> Part:
    """Whether the first operator came, was invited, or is still to be invited, and the command for it."""

    def render(_: Visitor, __: Mapping[str, Any]) -> Mapping[str, Any]:
        with database.read() as tx:
            if operators.settled(tx):
                return {"at": "done"}
            return {"at": "invited" if operators.operators(tx) else "open"}

    return Part("setup", 10, render, "operators/setup_step.html")
