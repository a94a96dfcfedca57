"""The operators' mail queue, its place in the console's list, and the set-up step "where mail goes"."""

from collections.abc import Mapping
from typing import Any

import msgspec

from menshen.kit.database import Database
from menshen.kit.room import Part
from menshen.kit.web.routes import Ask, Page, Redirect, Route
from menshen.kit.web.visitor import Visitor
from menshen.messages.rules import STATES, Settings
from menshen.messages.service import Messages

READ = "messages.read"
RETRY = "messages.retry"
QUEUE = "/console/mail"
A_PAGE = 50

LOOKS = dict.fromkeys(STATES, "quiet") | {"sent": "good", "refused": "bad", "expired": "warn"}


class NoFields(msgspec.Struct, forbid_unknown_fields=True):
    """A form with a button and nothing else."""


def routes(database: Database, messages: Messages, settings: Settings) -> tuple[Route, ...]:
    """The doors of the queue."""

    def show(ask: Ask) -> Page:
        state = ask.query.get("state", "")
        state = state if state in STATES else ""
        before = ask.query.get("before") or None
        with database.read() as tx:
            listed = messages.listing(tx, state=state or None, before=before, limit=A_PAGE + 1)
        shown = listed[:A_PAGE]
        return Page(
            "messages/queue.html",
            {
                "state": state,
                "states": STATES,
                "looks": LOOKS,
                "mails": shown,
                "older": _address(state, shown[-1].id) if len(listed) > A_PAGE else None,
                "newest": _address(state) if before else None,
                "may_retry": RETRY in ask.visitor.rights,
                "no_route": not settings.host,
                "told": ask.query.get("told", ""),
            },
        )

    def retry(ask: Ask) -> Redirect:
        with database.write() as tx:
            done = messages.retry(tx, ask.params["message_id"], ask.visitor)
        return Redirect(f"{QUEUE}?told={'retried' if done else 'not_retried'}")

    return (
        Route("GET", QUEUE, show, needs=READ),
        Route("POST", QUEUE + "/{message_id}/retry", retry, needs=RETRY, form=NoFields),
    )


def console_entry() -> Part:
    """The queue in the console's side list, for whoever may read it."""

    def render(visitor: Visitor, _: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if READ not in visitor.rights:
            return None
        return {"href": QUEUE, "code": "messages.nav", "icon": "mail"}

    return Part("console.nav", 80, render, "")


def setup_step(settings: Settings) -> Part:
    """Where mail goes, in the operator's set-up list; it shows, and acts on nothing."""

    def render(_: Visitor, __: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"host": settings.host, "sender": settings.sender}

    return Part("setup", 20, render, "messages/setup_step.html")


def _address(state: str, before: str = "") -> str:
    chosen = [f"{name}={value}" for name, value in (("state", state), ("before", before)) if value]
    return QUEUE + ("?" + "&".join(chosen) if chosen else "")
