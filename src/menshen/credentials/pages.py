"""Pages of credentials: change the password, the verdict while typing, a suggestion."""

from collections.abc import Mapping, Sequence

import msgspec

from menshen.credentials.service.changing import Changing, NotAllowed
from menshen.credentials.service.sheet import PasswordSheet, shown_rules
from menshen.kit.clock import MINUTE
from menshen.kit.database import Database
from menshen.kit.room import Realm
from menshen.kit.texts import Texts
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Data, Page, Redirect, Route
from menshen.kit.web.wire import Bad
from menshen.throttle.rules import Budget, source_keys
from menshen.throttle.service import Throttle

VERDICTS = (240, MINUTE)
"""Verdicts a minute for one address: two people typing fast, not a machine working through a list."""
PAGE: Mapping[Realm, str] = {"customer": "/account/password", "operator": "/console/password"}
FIELDS: Mapping[Realm, str] = {"customer": "/password", "operator": "/console/password"}
"""A form's token is tied to the session of its realm, so the fields of either realm's pages ask below its own path."""
DONE: Mapping[Realm, str] = {"customer": "/account", "operator": "/console"}
LAYOUT: Mapping[Realm, str] = {"customer": "account.html", "operator": "console.html"}


class ChangeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present and the new password in one form."""

    current: str = ""
    password: str = ""
    make: str = ""


class VerdictForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is typed so far, and for whom."""

    password: str = ""
    context: str = ""


class PasswordPages:
    """The change page of one realm, and what every new-password field of its pages asks."""

    def __init__(
        self,
        realm: Realm,
        database: Database,
        changing: Changing,
        sheet: PasswordSheet,
        throttle: Throttle,
        texts: Texts,
    ) -> None:
        self._realm = realm
        self._database = database
        self._changing = changing
        self._sheet = sheet
        self._throttle = throttle
        self._texts = texts

    def routes(self) -> Sequence[Route]:
        """The doors of this room."""
        change, page, at = "password.change", PAGE[self._realm], FIELDS[self._realm]
        doors = (
            Route("GET", page, self.show, change, on_must_change=True),
            Route("POST", page, self.change, change, ChangeForm, lane=True, on_must_change=True),
            Route("POST", f"{at}/verdict", self.verdict, PUBLIC, VerdictForm, on_must_change=True),
            Route("POST", f"{at}/make", self.make, PUBLIC, VerdictForm, on_must_change=True),
        )
        if self._realm == "operator":
            return doors
        return (*doors, Route("GET", "/.well-known/change-password", self.well_known, PUBLIC, on_must_change=True))

    def show(self, ask: Ask) -> Answer:
        """The change page."""
        return self._page(ask)

    def change(self, ask: Ask) -> Answer:
        """Change it."""
        form: ChangeForm = ask.form
        account = ask.visitor.account_id or ""
        if form.make:
            return self._page(ask, made=self._sheet.suggest(self._sheet.subject_of(account)))
        outcome = self._changing.change(
            account,
            ask.visitor,
            form.current,
            form.password,
            device=ask.visitor.devices.get(account),
            keep_session=ask.visitor.session_id,
        )
        if isinstance(outcome, NotAllowed):
            return self._page(ask, refused=outcome)
        return Redirect(f"{DONE[self._realm]}?done=password")

    def verdict(self, ask: Ask) -> Answer:
        """The rules as they are met by what is typed; nothing is stored and nothing is logged."""
        form: VerdictForm = ask.form
        self._charge(ask)
        subject = self._sheet.subject_from(form.context)
        if subject is None:
            raise Bad(400, "kit.error.form")
        verdict = self._sheet.verdict(subject, form.password)
        rules = [
            {"code": code, "state": state, "text": text}
            for code, state, text in shown_rules(verdict, ask.visitor.locale)
        ]
        left, locale = len(verdict.reasons), ask.visitor.locale
        status = self._texts.say("password.status.left" if left else "password.status.met", locale, n=left)
        return Data({"rules": rules, "score": verdict.score, "status": status})

    def make(self, ask: Ask) -> Answer:
        """A password made by us."""
        form: VerdictForm = ask.form
        self._charge(ask)
        subject = self._sheet.subject_from(form.context)
        if subject is None:
            raise Bad(400, "kit.error.form")
        return Data({"password": self._sheet.suggest(subject)})

    def well_known(self, ask: Ask) -> Answer:
        """Where password keepers send people to change a password (W3C, A Well-Known URL for Changing Passwords)."""
        return Redirect("/account/password")

    def _charge(self, ask: Ask) -> None:
        narrow, _ = source_keys(ask.visitor.source)
        with self._database.write() as tx:
            toll = self._throttle.charge(tx, [Budget(f"password:verdict:{narrow}", *VERDICTS)])
        if not toll.allowed:
            raise Bad(429, "kit.error.busy", headers={"Retry-After": "10"})

    def _page(self, ask: Ask, *, refused: NotAllowed | None = None, made: str | None = None) -> Page:
        subject = self._sheet.subject_of(ask.visitor.account_id or "")
        values = self._sheet.values(subject, locale=ask.visitor.locale, refused=refused, made=made)
        around = {"action": PAGE[self._realm], "layout": LAYOUT[self._realm]}
        return Page("credentials/change.html", {**values, **around}, 422 if refused else 200)
