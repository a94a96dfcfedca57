"""The door for the company's applications: who is signed in, and how a session comes to a host of theirs."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import bindparam, exists, select

from menshen.accounts.rules import Standing
from menshen.accounts.service import STANDING_ROW, Accounts, as_standing
from menshen.codes.service import Codes
from menshen.journal.service import Journal
from menshen.kit.clock import Clock, iso
from menshen.kit.database import Database, HotRead, Tx
from menshen.kit.dice import Dice, token
from menshen.kit.web.visitor import Visitor
from menshen.passwords import Profile
from menshen.policy.service import EDITION as POLICY_EDITION
from menshen.policy.service import Policy
from menshen.rotation.rules import Due
from menshen.rotation.service import EDITION as REASONS_EDITION
from menshen.rotation.service import Rotation
from menshen.sessions.rules import Session, assurance, limits_of, newest_proof, origin_of
from menshen.sessions.service import SESSION_COLUMNS, SESSION_ROW, Sessions, hashed, session_beside
from menshen.sessions.service.apps import App, Apps
from menshen.signin import events
from menshen.signin.rules import MAY_SIGN_IN, TICKET_LASTS, Granted

ARRIVAL_COOKIE = "__Host-arrival"
"""At an application's host: ties the ticket that comes back to the browser that left (login CSRF)."""
ARRIVAL_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
BOUND_VALUE = re.compile(r"[0-9a-f]{64}")
TICKET = "signin.arrive"
LONGEST_PATH = 1000
"""Longest deep link that is kept: written into a header three times as long, it still fits a proxy's usual 4 KiB."""

PARENT = SESSION_ROW.alias("parent")

CHECK = (
    select(
        *SESSION_COLUMNS, STANDING_ROW, POLICY_EDITION.label("policy_edition"), REASONS_EDITION.label("reasons_edition")
    )
    .select_from(SESSION_ROW.join(STANDING_ROW, STANDING_ROW.c.account_id == SESSION_ROW.c.account_id))
    .where(
        SESSION_ROW.c.token_hash == bindparam("token_hash"),
        SESSION_ROW.c.parent.is_(None) | exists().where(PARENT.c.id == SESSION_ROW.c.parent),
    )
)
"""One read tells whether a session lives: its own row beside the standing row, the one it hangs on (which may have
ended while a ticket was being taken), and the editions of what binds it."""


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
    """Empty at a host that is no application's."""


@dataclass(frozen=True)
class Arrived:
    """Where a browser goes on to with its ticket."""

    target: str
    session_token: str
    """Empty where the ticket opened nothing here: used just now, or another browser's (login CSRF)."""


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
        if session.host != host or session.realm != "customer":
            return None
        if session.epoch != standing.epoch or standing.state not in MAY_SIGN_IN:
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

    def depart(self, host: str, path: str, arrival: str) -> Departure:
        """Where to sign in for this page of an application, and the cookie value to set at its host.

        A value that the browser brings is kept: a second tab must not undo the way of the first.
        """
        app = self._apps.of_host(host)
        if app is None:
            return Departure(f"{self._base}/sign-in", "")
        kept = arrival if ARRIVAL_VALUE.fullmatch(arrival) else token(self._dice)
        target = quote(page_of(app, path), safe="")
        return Departure(f"{self._base}/sign-in?to={target}&bound={bound_of(kept)}", kept)

    def onward(self, granted: Granted) -> str:
        """Where to go after signing in: a page of ours, or the application's host, with a ticket if it asked for one.

        A sign-in that began elsewhere goes to the application without: its proxy sends a browser back that needs one.
        """
        target = self._apps.safe(granted.target)
        if target.startswith("/") or not BOUND_VALUE.fullmatch(granted.bound):
            return target
        return self.ticket(granted.account_id, granted.session_id, target, granted.bound)

    def ticket(self, account: str, session_id: str, target: str, bound: str) -> str:
        """The address at the application's host that opens a session there, once and within a minute."""
        app = self._apps.of_target(target)
        if app is None:
            return ""
        facts = {"account": account, "session": session_id, "target": target, "bound": bound, "host": app.host}
        with self._database.write() as tx:
            ticket = self._codes.link(tx, TICKET, None, lasts=TICKET_LASTS, facts=facts)
        return f"{app.origin}/session/arrive?ticket={ticket}"

    def arrive(self, visitor: Visitor, ticket: str, arrival: str) -> Arrived | None:
        """Open a session at this host for a ticket, in the browser that left with this arrival cookie.

        None where there is no such ticket for this host: it was never made, is used, or older than a minute.
        """
        with self._database.write() as tx:
            held = self._codes.find_link(tx, TICKET, ticket)
            if held is None or held.facts["host"] != visitor.host:
                return None
            opened = ""
            if same_browser(held.facts["bound"], arrival) and self._codes.burn(tx, held):
                opened = self._open_beside(tx, visitor, held.facts["account"], held.facts["session"])
            return Arrived(held.facts["target"], opened)

    def _open_beside(self, tx: Tx, visitor: Visitor, account: str, session_id: str) -> str:
        """A session at this host that hangs on one at the sign-in host; empty where that one is no more."""
        parent, standing = self._sessions.find(tx, account, session_id), self._accounts.standing(tx, account)
        if parent is None or parent.realm != "customer" or standing is None:
            return ""
        if standing.epoch != parent.epoch or standing.state not in MAY_SIGN_IN:
            return ""
        session_token, _ = self._sessions.open(
            tx,
            account,
            epoch=parent.epoch,
            proofs=parent.proofs,
            visitor=visitor,
            limits=limits_of(self._policy.effective(tx, standing.groups, realm=standing.realm)),
            host=visitor.host,
            realm=parent.realm,
            device_id=parent.device_id,
            parent=parent,
        )
        self._journal.write(tx, events.ARRIVED.code, visitor=visitor, account=account, facts={"host": visitor.host})
        return session_token


def bound_of(arrival: str) -> str:
    """What stands in addresses for the arrival cookie: its hash, so that an address seen elsewhere opens nothing."""
    return hashlib.sha256(arrival.encode("utf-8", "replace")).hexdigest()


def same_browser(bound: str, arrival: str) -> bool:
    """Whether this arrival cookie is the one that a ticket is bound to; a browser without one is nobody's."""
    return bool(ARRIVAL_VALUE.fullmatch(arrival)) and hmac.compare_digest(bound.encode(), bound_of(arrival).encode())


def page_of(app: App, path: str) -> str:
    """The whole address of an application's page; its first page where the path could be read as another host."""
    target = app.origin + path
    fits = path.startswith("/") and len(path) <= LONGEST_PATH and origin_of(target) == app.origin
    return target if fits else f"{app.origin}/"
