"""The door for the company's applications: who is signed in, and how a session comes to a host of theirs."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import bindparam, select

from menshen.accounts.rules import Standing
from menshen.accounts.service import STANDING_ROW, Accounts, as_standing
from menshen.codes.service import Codes
from menshen.journal.service import Journal
from menshen.kit.clock import Clock, iso
from menshen.kit.database import Database, HotRead
from menshen.kit.dice import Dice, token
from menshen.kit.web.visitor import Visitor
from menshen.passwords import Profile
from menshen.policy.service import EDITION as POLICY_EDITION
from menshen.policy.service import Policy
from menshen.rotation.rules import Due
from menshen.rotation.service import EDITION as REASONS_EDITION
from menshen.rotation.service import Rotation
from menshen.sessions.rules import Session, assurance, newest_proof, own_path
from menshen.sessions.service import SESSION_COLUMNS, SESSION_ROW, Sessions, hashed, session_beside
from menshen.sessions.service.apps import Apps
from menshen.signin import events
from menshen.signin.rules import MAY_SIGN_IN, TICKET_LASTS, Granted, limits_of

ARRIVAL_COOKIE = "__Host-arrival"
"""At an application's host: ties the ticket that comes back to the browser that left (login CSRF)."""

CHECK = (
    select(
        *SESSION_COLUMNS, STANDING_ROW, POLICY_EDITION.label("policy_edition"), REASONS_EDITION.label("reasons_edition")
    )
    .select_from(SESSION_ROW.join(STANDING_ROW, STANDING_ROW.c.account_id == SESSION_ROW.c.account_id))
    .where(SESSION_ROW.c.token_hash == bindparam("token_hash"))
)
"""One read tells whether a session lives: its own row beside the standing row, and the editions of what binds it."""


@dataclass(frozen=True)
class Present:
    """Who is signed in, for the headers that a reverse proxy passes on."""

    session: Session
    name: str
    level: int

    def headers(self) -> Mapping[str, str]:
        """As `/session/check` answers; names are percent-encoded UTF-8, since headers are ASCII."""
        proofs = self.session.proofs
        return {
            "Menshen-Account": self.session.account_id,
            "Menshen-Name": quote(self.name),
            "Menshen-Assurance": f"aal{self.level}",
            "Menshen-Methods": " ".join(sorted({proof.method for proof in proofs})),
            "Menshen-Since": iso(newest_proof(proofs)),
        }


@dataclass(frozen=True)
class Departure:
    """Where a browser without a session is sent, with the cookie that will recognise it when it comes back."""

    address: str
    arrival: str


class Arrival:
    """Checks sessions for proxies and hands sessions over to other hosts by single-use tickets of a minute."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        dice: Dice,
        journal: Journal,
        accounts: Accounts,
        sessions: Sessions,
        apps: Apps,
        codes: Codes,
        policy: Policy,
        rotation: Rotation,
        base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._journal = journal
        self._accounts = accounts
        self._sessions = sessions
        self._apps = apps
        self._codes = codes
        self._policy = policy
        self._rotation = rotation
        self._base = base
        self._hot = HotRead(database, CHECK)

    def check(self, session_token: str, host: str) -> Present | None:
        """The live session of a cookie at this host, all requirements asked again; None where there is none."""
        row = self._hot.one(token_hash=hashed(session_token))
        if row is None:
            return None
        session, standing = session_beside(row), as_standing(row)
        if session.host != host or session.epoch != standing.epoch or standing.state not in MAY_SIGN_IN:
            return None
        profile, due = self._bounds(row, standing)
        if self._sessions.ended_by_itself(session, limits_of(profile)) or (due is not None and due.forced_now):
            return None
        if self._sessions.to_be_seen(session):
            with self._database.write() as tx:
                self._sessions.see(tx, session)
        return Present(session, standing.display_name or "", assurance(session.proofs))

    def _bounds(self, row: Any, standing: Standing) -> tuple[Profile, Due | None]:
        """What binds this account now: known to this node for the editions just read, else read anew."""
        profile = self._policy.effective_at(row.policy_edition, standing.groups, realm=standing.realm)
        if profile is not None:
            told, due = self._rotation.change_due_at(row.reasons_edition, standing, profile)
            if told:
                return profile, due
        with self._database.read() as tx:
            profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
            return profile, self._rotation.change_due(tx, standing, profile)

    def depart(self, scheme: str, host: str, path: str) -> Departure:
        """Where to sign in for this page of an application, and the cookie value to set at its host."""
        arrival = token(self._dice)
        target = quote(f"{scheme}://{host}{path if own_path(path) else '/'}", safe="")
        return Departure(f"{self._base}/sign-in?to={target}&bound={bound_of(arrival)}", arrival)

    def onward(self, granted: Granted) -> str:
        """Where to go after signing in: a page of ours, or the application's host with a ticket."""
        target = self._apps.safe(granted.target)
        if not target or target.startswith("/"):
            return target
        return self.ticket(granted.account_id, granted.session_id, target, granted.bound)

    def ticket(self, account: str, session_id: str, target: str, bound: str) -> str:
        """The address at the application's host that opens a session there, once and within a minute."""
        app = self._apps.of_target(target)
        if app is None:
            return ""
        facts = {"account": account, "session": session_id, "target": target, "bound": bound, "host": app.host}
        with self._database.write() as tx:
            ticket = self._codes.link(tx, "signin.arrive", None, lasts=TICKET_LASTS, facts=facts)
        return f"{app.origin}/session/arrive?ticket={ticket}"

    def arrive(self, visitor: Visitor, ticket: str, arrival: str) -> tuple[str, str] | None:
        """Open a session at this host for a ticket. Returns (session token, path to go on to), or None.

        Refused where the ticket is used, old, made for another host or for another browser.
        """
        with self._database.write() as tx:
            held = self._codes.find_link(tx, "signin.arrive", ticket)
            if held is None or held.facts["host"] != visitor.host:
                return None
            bound = held.facts["bound"]
            if not bound or not hmac.compare_digest(bound.encode(), bound_of(arrival).encode()):
                return None
            if not self._codes.burn(tx, held):
                return None
            parent = self._sessions.find(tx, held.facts["account"], held.facts["session"])
            if parent is None:
                return None
            standing = self._accounts.standing(tx, parent.account_id)
            if standing is None or standing.epoch != parent.epoch or standing.state not in MAY_SIGN_IN:
                return None
            profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
            session_token, _ = self._sessions.open(
                tx,
                parent.account_id,
                epoch=parent.epoch,
                proofs=parent.proofs,
                visitor=visitor,
                limits=limits_of(profile),
                host=visitor.host,
                realm=parent.realm,
                device_id=parent.device_id,
                parent=parent.id,
            )
            self._journal.write(
                tx, events.ARRIVED.code, visitor=visitor, account=parent.account_id, facts={"host": visitor.host}
            )
        return session_token, path_of(held.facts["target"])


def bound_of(arrival: str) -> str:
    """What stands in addresses for the arrival cookie: its hash, so that an address seen elsewhere opens nothing."""
    return hashlib.sha256(arrival.encode("utf-8", "replace")).hexdigest()


def path_of(target: str) -> str:
    """The path of a whole address, with its query."""
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
