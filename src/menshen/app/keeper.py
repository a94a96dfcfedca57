"""The doorkeeper: fills the visitor from cookies and address, and puts what a permission demands before every route."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from menshen.accounts.rules import Standing
from menshen.app.house import House
from menshen.kit.database import Tx
from menshen.kit.dice import new_id
from menshen.kit.texts import LOCALES
from menshen.kit.web.routes import PUBLIC, Answer, Page, Redirect, Route
from menshen.kit.web.visitor import Visitor
from menshen.kit.web.wire import Bad, Wire, clean
from menshen.sessions.rules import Session, assurance, limits_of, newest_proof
from menshen.sessions.service import hashed
from menshen.signin.rules import DEVICE_COOKIE, MAY_SIGN_IN, PREFIX, SESSION_COOKIE

LOOK_COOKIE = "__Host-look"
"""Language and appearance, `zh_CN.dark`; chosen by hand, and nothing else."""
MOST_DEVICES = 50_000
"""Known devices that one node keeps in mind."""
APPLICATION_PATHS = frozenset({"/session/check", "/session/arrive"})
"""All that is answered at an application's host."""


class Keeper:
    """Who asks, and whether they may; asked anew at every request, so that authority ends at once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._devices: dict[bytes, None] = {}
        self._learning = threading.Lock()

    def identify(self, seen: Wire) -> Visitor:
        """The visitor behind a request. Headers that claim an identity are never read (S-7)."""
        house = self._house
        realm = "operator" if seen.path == "/console" or seen.path.startswith("/console/") else "customer"
        locale, theme = self._look(seen)
        base = Visitor(
            host=seen.host,
            source=seen.source,
            browser=clean(seen.header("user-agent"), 400),
            realm=realm,
            locale=locale,
            theme=theme,
            time_zone=house.brand.time_zone,
            correlation=new_id(house.foundation.clock.now(), house.foundation.dice)[-12:],
            direct=seen.direct,
        )
        session_token, device_token = seen.cookies.get(SESSION_COOKIE[realm]), seen.cookies.get(DEVICE_COOKIE)
        if not session_token and not device_token:
            return base
        with house.foundation.database.read() as tx:
            devices = self._devices_of(tx, device_token) if device_token else {}
            session = house.sessions.look_up(tx, session_token, seen.host) if session_token else None
            standing = house.accounts.standing(tx, session.account_id) if session else None
            if session is None or standing is None or not self._lives(tx, session, standing, realm):
                return replace(base, devices=devices)
            rights = house.operators.rights(tx, session.account_id) if realm == "operator" else base.rights
        if house.sessions.to_be_seen(session):
            with house.foundation.database.write() as tx:
                house.sessions.see(tx, session)
        return replace(
            base,
            devices=devices,
            account_id=session.account_id,
            account_name=standing.display_name or self._name(session.account_id),
            session_id=session.id,
            proofs=session.proofs,
            rights=rights,
            locale=locale if LOOK_COOKIE in seen.cookies else (standing.locale or locale),
            time_zone=standing.time_zone or base.time_zone,
        )

    def admit(self, visitor: Visitor, entrance: Route, seen: Wire) -> Answer | None:
        """None to come in; else where to go first."""
        if seen.path not in APPLICATION_PATHS and self._elsewhere(seen.host):
            raise Bad(404, "kit.error.not_found", "an application's host asked for a page of ours")
        if entrance.needs == PUBLIC:
            return None
        sign_in = f"{PREFIX[visitor.realm]}/sign-in"
        if not visitor.signed_in or visitor.account_id is None:
            return self._to(sign_in, seen)
        with self._house.foundation.database.read() as tx:
            standing = self._house.accounts.standing(tx, visitor.account_id)
            if standing is None:
                return self._to(sign_in, seen)
            profile = self._house.policy.effective(tx, standing.groups, realm=standing.realm)
            due = self._house.rotation.change_due(tx, standing, profile)
        demand = self._house.policy.demand(visitor.realm, entrance.needs, profile)
        if demand.realm != visitor.realm or not self._has_right(visitor, entrance.needs):
            return Page("error.html", {"status": 403, "code": "kit.error.right", "number": visitor.correlation}, 403)
        if due is not None and due.forced_now and not entrance.on_must_change:
            return Redirect("/account/password" if visitor.realm == "customer" else "/console/password")
        if assurance(visitor.proofs) < demand.level:
            return self._to(f"{sign_in}/again", seen)
        age = self._house.foundation.clock.now() - newest_proof(visitor.proofs)
        if demand.fresh_within is not None and age > demand.fresh_within:
            return self._to(f"{sign_in}/again", seen)
        return None

    def known_device(self, seen: Wire) -> str:
        """The device cookie, where this node saw a while ago that it is one: it sets the order in the hashing lane
        without asking the database, and whoever sends a form has fetched a page first. Empty for a stranger."""
        cookie = seen.cookies.get(DEVICE_COOKIE, "")
        return cookie if cookie and hashed(cookie) in self._devices else ""

    def _devices_of(self, tx: Tx, device_token: str) -> Mapping[str, str]:
        devices = self._house.sessions.known_for(tx, device_token)
        with self._learning:
            self._devices.pop(hashed(device_token), None)
            if devices:
                self._devices[hashed(device_token)] = None
            if len(self._devices) > MOST_DEVICES:
                del self._devices[next(iter(self._devices))]
        return devices

    def _elsewhere(self, host: str) -> bool:
        """Whether the host is an application's; a host of our own stays ours, whatever is registered."""
        return host not in self._house.own_hosts and self._house.apps.of_host(host) is not None

    def _lives(self, tx: Tx, session: Session, standing: Standing, realm: str) -> bool:
        if session.realm != realm or session.epoch != standing.epoch or standing.state not in MAY_SIGN_IN:
            return False
        profile = self._house.policy.effective(tx, standing.groups, realm=standing.realm)
        return not self._house.sessions.ended_by_itself(session, limits_of(profile))

    def _has_right(self, visitor: Visitor, needs: str) -> bool:
        return visitor.realm == "customer" or needs in visitor.rights

    def _to(self, address: str, seen: Wire) -> Redirect:
        back = seen.path if seen.method in ("GET", "HEAD") else ""
        if back and seen.query:
            back = f"{back}?{seen.query}"
        return Redirect(f"{address}?to={quote(back, safe='')}" if back else address)

    def _name(self, account: str) -> str:
        with self._house.foundation.database.read() as tx:
            names = self._house.accounts.identifiers(tx, account)
        return names[0].shown if names else ""

    def _look(self, seen: Wire) -> tuple[str, str | None]:
        """Language and appearance: as chosen by hand, else what the browser prefers among the brand's languages."""
        offered = self._house.brand.languages
        locale, _, theme = seen.cookies.get(LOOK_COOKIE, "").partition(".")
        chosen = locale if locale in offered else preferred(seen.header("accept-language"), offered)
        return chosen, theme if theme in ("light", "dark") else None


def preferred(accepted: str, offered: tuple[str, ...]) -> str:
    """The first offered language in the browser's list, by its own order of quality; else the brand's first."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), tag.strip().lower()))
        except ValueError:
            continue
    for _, tag in sorted(wanted, key=lambda pair: pair[0]):
        found = next((each for each in offered if each in LOCALES and tag.split("-")[0] == each.split("_")[0]), None)
        if found:
            return found
    return offered[0]
