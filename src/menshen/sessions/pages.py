"""Pages of sessions: the list of devices, ending one, ending all others, forgetting a remembered one."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from menshen.accounts.service import Accounts
from menshen.kit.database import Database, Tx
from menshen.kit.room import Act, Part, Preview
from menshen.kit.web.routes import Answer, Ask, Page, Redirect, Route
from menshen.kit.web.visitor import Visitor
from menshen.policy.service import Policy
from menshen.sessions.rules import Session, is_handheld, limits_of
from menshen.sessions.service import Sessions
from menshen.sessions.service.apps import Apps


class EndAll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments."""


class SessionPages:
    """Where you are signed in."""

    def __init__(self, database: Database, sessions: Sessions, accounts: Accounts, policy: Policy) -> None:
        self._database = database
        self._sessions = sessions
        self._accounts = accounts
        self._policy = policy

    def routes(self) -> Sequence[Route]:
        """The doors of this room."""
        return (
            Route("GET", "/account/devices", self.show, "sessions.read"),
            Route("POST", "/account/devices/others/end", self.end_others, "sessions.end_others"),
            Route("POST", "/account/devices/{session_id}/end", self.end, "sessions.end"),
            Route("POST", "/account/devices/{device_id}/forget", self.forget, "sessions.end"),
        )

    def parts(self) -> Sequence[Part]:
        """The entry in the side list, and the card on the security page."""
        entry = {"href": "/account/devices", "icon": "device-laptop", "code": "sessions.nav"}
        return (
            Part("account.nav", 20, lambda visitor, known: entry, ""),
            Part("account.security", 60, self._card, "sessions/card.html"),
            Part("console.customer", 40, self._console_card, "sessions/console_card.html"),
        )

    def setup_step(self, apps: Apps) -> Part:
        """Which applications are connected, and the command that connects one; it shows, and acts on nothing."""

        def render(_: Visitor, __: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"apps": [app.origin for app in apps.all()]}

        return Part("setup", 50, render, "sessions/setup_step.html")

    def end_all_act(self) -> Act:
        """End every session of a customer."""

        def preview(tx: Tx, account: str, arguments: EndAll) -> Preview:
            count = len(self._live(tx, account))
            return Preview("sessions.act.end_all", {"n": count}) if count else Preview("sessions.none", count=0)

        def do(tx: Tx, account: str, arguments: EndAll, operator: Visitor) -> Mapping[str, Any]:
            return {"count": self._sessions.end_all(tx, account, operator)}

        return Act("sessions.end_all", EndAll, preview, do)

    def show(self, ask: Ask) -> Answer:
        """The list, last used first."""
        account = ask.visitor.account_id or ""
        with self._database.read() as tx:
            sessions = self._live(tx, account)
            devices = self._sessions.devices(tx, account)
        values = {
            "sessions": [_shown(session, ask.visitor) for session in sessions],
            "devices": devices,
            "here_device": ask.visitor.devices.get(account),
            "done": ask.query.get("done", ""),
        }
        return Page("sessions/devices.html", values)

    def end(self, ask: Ask) -> Answer:
        """End one."""
        account, session_id = ask.visitor.account_id or "", ask.params["session_id"]
        with self._database.write() as tx:
            self._sessions.end(tx, account, session_id, ask.visitor)
        return Redirect("/account/devices?done=1")

    def end_others(self, ask: Ask) -> Answer:
        """End all but this one."""
        with self._database.write() as tx:
            self._sessions.end_all(tx, ask.visitor.account_id or "", ask.visitor, but=ask.visitor.session_id)
        return Redirect("/account/devices?done=1")

    def forget(self, ask: Ask) -> Answer:
        """Forget a remembered device."""
        with self._database.write() as tx:
            self._sessions.forget(tx, ask.visitor.account_id or "", ask.params["device_id"], ask.visitor)
        return Redirect("/account/devices?done=1")

    def _live(self, tx: Tx, account: str) -> list[Session]:
        """What is open now; a session that is over by itself lies there until it is swept, and is nobody's any more."""
        standing = self._accounts.standing(tx, account)
        if standing is None:
            return []
        limits = limits_of(self._policy.effective(tx, standing.groups, realm=standing.realm))
        return self._sessions.of_account(tx, account, epoch=standing.epoch, limits=limits)

    def _card(self, visitor: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        with self._database.read() as tx:
            sessions = self._live(tx, visitor.account_id or "")
        return {"sessions": [_shown(session, visitor) for session in sessions[:3]], "count": len(sessions)}

    def _console_card(self, visitor: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        with self._database.read() as tx:
            sessions = self._live(tx, str(known["account_id"]))
        return {"sessions": [_shown(session, visitor) for session in sessions]}


def _shown(session: Session, visitor: Visitor) -> Mapping[str, Any]:
    return {
        "id": session.id,
        "browser": session.browser,
        "handheld": is_handheld(session.browser),
        "place": session.place or session.source,
        "seen": session.last_seen_at,
        "since": session.started_at,
        "methods": sorted({proof.method for proof in session.proofs}),
        "here": session.id == visitor.session_id,
    }
