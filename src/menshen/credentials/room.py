"""What credentials give the house."""

from collections.abc import Mapping
from typing import Any

from menshen.credentials import jobs, store
from menshen.credentials.events import CODES
from menshen.credentials.pages import PasswordPages
from menshen.credentials.rules import CredentialSettings
from menshen.credentials.service import Credentials
from menshen.credentials.service.changing import TOLD, Changing
from menshen.credentials.service.forgetting import Forgetting
from menshen.credentials.service.sheet import PasswordSheet
from menshen.credentials.service.wrapping import Wrapping
from menshen.kit.clock import DAY, HOUR, MINUTE, SECOND
from menshen.kit.database import Database
from menshen.kit.room import Check, Finding, Job, MessageCode, Part, Room
from menshen.kit.texts import Texts
from menshen.kit.web.visitor import Visitor
from menshen.throttle.service import Throttle

SETTINGS = CredentialSettings


def furnish(
    database: Database,
    changing: Changing,
    sheet: PasswordSheet,
    throttle: Throttle,
    credentials: Credentials,
    wrapping: Wrapping,
    forgetting: Forgetting,
    settings: CredentialSettings,
    texts: Texts,
) -> Room:
    """The room with its services filled in."""
    return Room(
        name="credentials",
        tables=store.TABLES,
        routes=(
            *PasswordPages("customer", database, changing, sheet, throttle, texts).routes(),
            *PasswordPages("operator", database, changing, sheet, throttle, texts).routes(),
        ),
        parts=(password_part(database, credentials),),
        checks=(weak_hashes(wrapping),),
        events=CODES,
        messages=(MessageCode(TOLD, 3 * DAY),),
        jobs=(
            Job("credentials.wrap", 5 * SECOND, lambda: jobs.wrap(wrapping, settings)),
            Job("credentials.forget", HOUR, forgetting.run),
            Job("credentials.census", 10 * MINUTE, lambda: jobs.census(credentials)),
        ),
    )


def password_part(database: Database, credentials: Credentials) -> Part:
    """The line "password" among the ways of signing in."""

    def render(visitor: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        with database.read() as tx:
            kept = credentials.kept(tx, visitor.account_id or "")
        return {"set_at": kept.set_at} if kept else None

    return Part("account.security", 20, render, "credentials/line.html")


def weak_hashes(wrapping: Wrapping) -> Check:
    """Whether weak imported hashes still lie there."""

    def measure() -> Finding:
        left = wrapping.left()
        if left:
            return Finding("FAIL", f"{left} weak hashes wait to be wrapped", "Let `menshen serve` run; it wraps them.")
        return Finding("PASS", "no weak hash is left")

    return Check(
        "credentials.weak_hashes", "A stolen database with weak hashes gives passwords away (LinkedIn 2012).", measure
    )
