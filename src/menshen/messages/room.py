"""What `messages` gives the house: the outbox and its jobs, the mail line, the queue page, and a check of the route."""

from collections.abc import Mapping

from menshen.kit.brand import Brand
from menshen.kit.clock import MINUTE, SECOND
from menshen.kit.database import Database
from menshen.kit.room import Check, Finding, Job, Room
from menshen.kit.texts import Texts
from menshen.messages import events, jobs, pages, store
from menshen.messages.rules import Kind, Settings
from menshen.messages.senders import Letters, Line, LineDown, SmtpLine
from menshen.messages.service import Courier, Messages

SETTINGS = Settings
SECTION = "mail"
"""The settings' section: people look for it under this name."""


def lines(settings: Settings, texts: Texts, brand: Brand) -> Mapping[Kind, Line]:
    """The lines that the settings give; none without a mail server."""
    if not settings.host:
        return {}
    return {"mail": SmtpLine(settings, Letters(texts, brand))}


def furnish(
    database: Database, messages: Messages, courier: Courier, lines: Mapping[Kind, Line], settings: Settings
) -> Room:
    """The room with its services filled in."""
    return Room(
        name="messages",
        tables=(store.outbox,),
        routes=pages.routes(database, messages, settings),
        parts=(pages.console_entry(), pages.setup_step(settings)),
        checks=(mail_route(lines, settings),),
        events=events.EVENTS,
        jobs=(
            Job("messages.deliver", 2 * SECOND, lambda: jobs.deliver(courier)),
            Job("messages.tidy", MINUTE, lambda: jobs.tidy(database, messages)),
        ),
    )


def mail_route(lines: Mapping[Kind, Line], settings: Settings) -> Check:
    """Whether mail can leave: the server is reached, trusted and lets us in. No mail is sent."""

    def measure() -> Finding:
        if "mail" not in lines:
            advice = "Set host and sender in the section [mail]; until then mails wait."
            return Finding("FAIL", "no mail route is set", advice)
        try:
            with lines["mail"].open():
                return Finding("PASS", f"{settings.host} lets us in")
        except LineDown as down:
            return Finding(
                "FAIL", str(down), "Check host, port, security, user and password_file in the section [mail]."
            )

    return Check("mail.route", "Sign-up, recovery and every notice to a customer leave by mail.", measure)
