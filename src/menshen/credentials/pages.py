"""Pages of credentials: change the password, the verdict while typing, a suggestion."""

from collections.abc import Sequence

import msgspec

from menshen.credentials.service.changing import Changing, NotAllowed
from menshen.credentials.service.sheet import PasswordSheet, shown_rules
from menshen.kit.clock import MINUTE
from menshen.kit.database import Database
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Data, Page, Redirect, Route
from menshen.kit.web.wire import Bad
from menshen.throttle.rules import Budget, source_keys
from menshen.throttle.service import Throttle

VERDICTS = (240, MINUTE)
"""Verdicts a minute for one address: two people typing fast, not a machine working through a list."""


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
    """The account centre's change page and what every new-password field asks."""

    def __init__(self, database: Database, changing: Changing, sheet: PasswordSheet, throttle: Throttle) -> None:
        self._database = database
        self._changing = changing
        self._sheet = sheet
        self._throttle = throttle

    def routes(self) -> Sequence[Route]:
        """The doors of this room."""
        change = "password.change"
        return (
            Route("GET", "/account/password", self.show, change, on_must_change=True),
            Route("POST", "/account/password", self.change, change, ChangeForm, lane=True, on_must_change=True),
            Route("POST", "/password/verdict", self.verdict, PUBLIC, VerdictForm, on_must_change=True),
            Route("POST", "/password/make", self.make, PUBLIC, VerdictForm, on_must_change=True),
            Route("GET", "/.well-known/change-password", self.well_known, PUBLIC, on_must_change=True),
        )

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
        return Redirect("/account?done=password")

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
        return Data({"rules": rules, "score": verdict.score, "status": ""})

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
        return Page("credentials/change.html", dict(values), 422 if refused else 200)
