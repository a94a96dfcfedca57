"""What the law book shows on pages: its step in the operator's set-up list."""

from collections.abc import Mapping
from typing import Any

from menshen.kit.database import Database
from menshen.kit.room import Part
from menshen.kit.web.visitor import Visitor
from menshen.policy.rules import PolicySettings
from menshen.policy.service import Policy


def setup_step(database: Database, policy: Policy) -> Part:
    """Which policy holds, and the commands that compare and assign; it shows, and acts on nothing."""

    def render(_: Visitor, __: Mapping[str, Any]) -> Mapping[str, Any]:
        with database.read() as tx:
            book = policy.book(tx)
        chosen = bool(book.assigned) or book.default != PolicySettings().default or book.has_own_versions()
        return {
            "policy": book.default,
            "kind": "good" if chosen else "quiet",
            "word": "policy.setup.chosen" if chosen else "policy.setup.by_default",
        }

    return Part("setup", 30, render, "policy/setup_step.html")
