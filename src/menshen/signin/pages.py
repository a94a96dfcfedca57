"""Pages of signing in: the one sheet for everyone, the forced change, proving again, signing out."""

from collections.abc import Sequence
from typing import Any

import msgspec

from menshen.credentials.service.changing import Changing, NotAllowed
from menshen.credentials.service.sheet import PasswordSheet
from menshen.kit.clock import MINUTE, SECOND
from menshen.kit.room import Realm
from menshen.kit.web.routes import PUBLIC, SIGNED_IN, Answer, Ask, Cookie, Page, Redirect, Route
from menshen.sessions.service.apps import Apps
from menshen.signin.rules import (
    ATTEMPT_COOKIE,
    DEVICE_COOKIE,
    HOME,
    PREFIX,
    SESSION_COOKIE,
    Asked,
    Granted,
    Refused,
    Wish,
)
from menshen.signin.service import SignIn
from menshen.signin.service.arrival import Arrival
from menshen.signin.service.landing import land


class SignInForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one sheet."""

    who: str = ""
    password: str = ""
    remember: str = ""
    to: str = ""
    bound: str = ""
    human_task: str = ""
    human: str = ""


class ChangeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present and the new password in one form."""

    current: str = ""
    password: str = ""
    make: str = ""


class AgainForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password once more."""

    password: str = ""
    to: str = ""


class SignInPages:
    """The sheets of one realm."""

    def __init__(
        self, realm: Realm, signin: SignIn, arrival: Arrival, apps: Apps, changing: Changing, sheet: PasswordSheet
    ):
        self._realm = realm
        self._prefix = PREFIX[realm]
        self._signin = signin
        self._arrival = arrival
        self._apps = apps
        self._changing = changing
        self._sheet = sheet

    def routes(self) -> Sequence[Route]:
        """The doors of this realm."""
        at = self._prefix
        return (
            Route("GET", f"{at}/sign-in", self.show, PUBLIC, on_must_change=True),
            Route("POST", f"{at}/sign-in", self.sign_in, PUBLIC, SignInForm, lane=True, on_must_change=True),
            Route("GET", f"{at}/sign-in/change", self.show_change, PUBLIC, on_must_change=True),
            Route("POST", f"{at}/sign-in/change", self.change, PUBLIC, ChangeForm, lane=True, on_must_change=True),
            Route("GET", f"{at}/sign-in/again", self.show_again, SIGNED_IN, on_must_change=True),
            Route("POST", f"{at}/sign-in/again", self.again, SIGNED_IN, AgainForm, lane=True, on_must_change=True),
            Route("GET", f"{at}/sign-out", self.show_sign_out, PUBLIC, on_must_change=True),
            Route("POST", f"{at}/sign-out", self.sign_out, PUBLIC, on_must_change=True),
        )

    def show(self, ask: Ask) -> Answer:
        """The empty sheet. Whoever is signed in already goes on at once, or changes a password that is due first."""
        to, bound = ask.query.get("to", ""), ask.query.get("bound", "")
        if ask.visitor.signed_in and ask.visitor.account_id and ask.visitor.session_id:
            asked = self._signin.before_going_on(ask.visitor, Wish(self._realm, to, bound))
            if asked is not None:
                return self._go_on(asked)
            granted = Granted("", ask.visitor.session_id, ask.visitor.account_id, to, bound)
            return Redirect(self._arrival.onward(granted) or HOME[self._realm])
        return self._sheet_page(ask, SignInForm(to=to, bound=bound))

    def sign_in(self, ask: Ask) -> Answer:
        """One try."""
        form: SignInForm = ask.form
        if not form.who.strip() or not form.password:
            problems = {}
            if not form.who.strip():
                problems["who"] = "signin.who_missing"
            if not form.password:
                problems |= {"password": "signin.password_missing"}
            return self._sheet_page(ask, form, problems=problems, status=422)
        wish = Wish(
            self._realm,
            form.to,
            form.bound,
            bool(form.remember),
            ask.cookies.get(DEVICE_COOKIE),
            form.human_task,
            form.human,
        )
        outcome = self._signin.try_password(ask.visitor, form.who, form.password, wish)
        if isinstance(outcome, Refused):
            return self._refused(ask, form, outcome)
        return self._go_on(outcome)

    def show_change(self, ask: Ask) -> Answer:
        """The sheet that asks for a new password before going on."""
        attempt = self._signin.attempt(ask.cookies.get(ATTEMPT_COOKIE, ""))
        if attempt is None or attempt.realm != self._realm:
            return Redirect(f"{self._prefix}/sign-in")
        return self._change_page(ask, attempt.account_id)

    def change(self, ask: Ask) -> Answer:
        """The forced change; with it the sign-in goes on."""
        form: ChangeForm = ask.form
        token = ask.cookies.get(ATTEMPT_COOKIE, "")
        attempt = self._signin.attempt(token)
        if attempt is None or attempt.realm != self._realm:
            return Redirect(f"{self._prefix}/sign-in", (Cookie(ATTEMPT_COOKIE, ""),))
        if form.make:
            made = self._sheet.suggest(self._sheet.subject_of(attempt.account_id))
            return self._change_page(ask, attempt.account_id, made=made)
        outcome = self._signin.change_and_go_on(
            ask.visitor, token, form.current, form.password, ask.cookies.get(DEVICE_COOKIE)
        )
        if outcome is None:
            return Redirect(f"{self._prefix}/sign-in", (Cookie(ATTEMPT_COOKIE, ""),))
        if isinstance(outcome, NotAllowed):
            return self._change_page(ask, attempt.account_id, refused=outcome)
        if isinstance(outcome, Refused):
            return Redirect(f"{self._prefix}/sign-in", (Cookie(ATTEMPT_COOKIE, ""),))
        return self._go_on(outcome)

    def show_again(self, ask: Ask) -> Answer:
        """Ask for the password once more."""
        return self._again_page(ask, ask.query.get("to", ""))

    def again(self, ask: Ask) -> Answer:
        """The password once more."""
        form: AgainForm = ask.form
        outcome = self._signin.prove_again(ask.visitor, form.password)
        if isinstance(outcome, Refused):
            page = self._again_page(ask, form.to, outcome)
            return page
        cookie = Cookie(SESSION_COOKIE[self._realm], outcome)
        return Redirect(self._apps.safe(form.to) or HOME[self._realm], (cookie,))

    def show_sign_out(self, ask: Ask) -> Answer:
        """Where an application's link leads: looking changes nothing, the button signs out (S-84)."""
        if not ask.visitor.signed_in:
            return Redirect(f"{self._prefix}/sign-in")
        return Page("signin/sign_out.html", {"action": f"{self._prefix}/sign-out"})

    def sign_out(self, ask: Ask) -> Answer:
        """End the session here and at the applications' hosts."""
        self._signin.sign_out(ask.visitor)
        gone = (Cookie(SESSION_COOKIE[self._realm], ""), Cookie(ATTEMPT_COOKIE, ""))
        return Redirect(f"{self._prefix}/sign-in?left=1", gone, {"Clear-Site-Data": '"cache"'})

    # --- within

    def _go_on(self, outcome: Asked | Granted) -> Answer:
        return land(outcome, self._realm, self._arrival)

    def _refused(self, ask: Ask, form: SignInForm, refused: Refused) -> Answer:
        status = {"signin.throttled": 429, "signin.human": 403}.get(refused.code, 401)
        headers = {"Retry-After": str(refused.wait // SECOND + 1)} if refused.wait else {}
        minutes = -(-refused.wait // MINUTE)
        task = self._signin.human_task() if refused.code == "signin.human" else None
        notice = {"code": refused.code, "values": {"n": max(minutes, 1)}}
        return self._sheet_page(ask, form, notice=notice, task=task, status=status, headers=headers)

    def _sheet_page(
        self,
        ask: Ask,
        form: SignInForm,
        *,
        problems: dict[str, str] | None = None,
        notice: dict[str, Any] | None = None,
        task: str | None = None,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Page:
        app = self._apps.of_target(form.to)
        return Page(
            "signin/sign_in.html",
            {
                "action": f"{self._prefix}/sign-in",
                "realm": self._realm,
                "form": form,
                "app": app.name if app else "",
                "codes": problems or {},
                "notice": notice,
                "task": task,
                "left": ask.query.get("left") == "1",
                "changed": ask.query.get("changed") == "1",
            },
            status,
            headers=headers or {},
            form_action=(app.origin,) if app else (),
        )

    def _change_page(
        self, ask: Ask, account: str, *, refused: NotAllowed | None = None, made: str | None = None
    ) -> Page:
        values = self._sheet.values(
            self._sheet.subject_of(account), refused=refused, made=made, locale=ask.visitor.locale
        )
        return Page(
            "signin/change.html",
            {"action": f"{self._prefix}/sign-in/change", "why": self._signin.change_why(account), **values},
            422 if refused else 200,
            form_action=tuple(app.origin for app in self._apps.all()),
        )

    def _again_page(self, ask: Ask, to: str, refused: Refused | None = None) -> Page:
        values = {
            "action": f"{self._prefix}/sign-in/again",
            "to": to,
            "refused": refused.code if refused else "",
            "minutes": max(-(-refused.wait // MINUTE), 1) if refused else 0,
        }
        return Page("signin/again.html", values, 401 if refused else 200)
