"""Pages of signing up: address, code, password; one question a page, the same for known and unknown addresses."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from menshen.codes.rules import Wrong
from menshen.credentials.service.changing import NotAllowed
from menshen.credentials.service.sheet import PasswordSheet
from menshen.kit.clock import MINUTE, SECOND
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Cookie, Page, Redirect, Route
from menshen.lifecycle.rules.joining import LASTS
from menshen.lifecycle.service.joining import Denied, Joining, Newcomer, SignUp
from menshen.sessions.service.apps import Apps
from menshen.signin.rules import DEVICE_COOKIE, Asked, Granted, Refused, Wish
from menshen.signin.service.arrival import Arrival
from menshen.signin.service.landing import land

SIGN_UP_COOKIE = "__Host-sign-up"
RESEND_AFTER = 60
"""Seconds after which a page suggests to send again; what may be sent is the budgets' affair."""


class AddressForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which address."""

    email: str = ""
    to: str = ""
    bound: str = ""
    human_task: str = ""
    human: str = ""


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code from the mail."""

    code: str = ""


class JoinForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the owner of a proven address says."""

    name: str = ""
    password: str = ""
    agreed: str = ""
    make: str = ""


class JoiningPages:
    """The way in for newcomers."""

    def __init__(self, joining: Joining, sheet: PasswordSheet, arrival: Arrival, apps: Apps) -> None:
        self._joining = joining
        self._sheet = sheet
        self._arrival = arrival
        self._apps = apps

    def routes(self) -> Sequence[Route]:
        """The doors for newcomers."""
        return (
            Route("GET", "/sign-up", self.show, PUBLIC),
            Route("POST", "/sign-up", self.begin, PUBLIC, AddressForm),
            Route("GET", "/sign-up/code", self.show_code, PUBLIC),
            Route("POST", "/sign-up/code", self.try_code, PUBLIC, CodeForm),
            Route("POST", "/sign-up/again", self.again, PUBLIC),
            Route("GET", "/sign-up/link/{token}", self.show_link, PUBLIC),
            Route("POST", "/sign-up/link/{token}", self.claim_link, PUBLIC),
            Route("GET", "/sign-up/password", self.show_password, PUBLIC),
            Route("POST", "/sign-up/password", self.join, PUBLIC, JoinForm, lane=True),
        )

    def show(self, ask: Ask) -> Answer:
        """Ask for the address; nothing is written."""
        if self._joining.settings.sign_up == "closed":
            return self._address_page(AddressForm(), notice="lifecycle.closed")
        form = AddressForm(to=ask.query.get("to", ""), bound=ask.query.get("bound", ""))
        return self._address_page(form, notice="lifecycle.gone" if ask.query.get("gone") else "")

    def begin(self, ask: Ask) -> Answer:
        """On to the code, whether or not the address is known."""
        form: AddressForm = ask.form
        if not form.email.strip():
            return self._address_page(form, problem="lifecycle.email_missing", status=422)
        wish = Wish("customer", form.to, form.bound, human_task=form.human_task, human_answer=form.human)
        begun = self._joining.begin(ask.visitor, form.email, wish)
        if isinstance(begun, str):
            return Redirect("/sign-up/code", (_cookie(begun),))
        if begun.code.startswith("accounts."):
            return self._address_page(form, problem=begun.code, status=422)
        task = self._joining.human_task() if begun.code == "lifecycle.human" else None
        status = 429 if begun.wait else 403
        return self._address_page(form, notice=begun.code, wait=begun.wait, task=task, status=status)

    def show_code(self, ask: Ask) -> Answer:
        """Ask for the code."""
        sign_up = self._joining.sign_up(ask.cookies.get(SIGN_UP_COOKIE, ""))
        if sign_up is None:
            return _over()
        if sign_up.step == "proven":
            return Redirect("/sign-up/password")
        return self._code_page(sign_up, sent_again=ask.query.get("again") == "1")

    def try_code(self, ask: Ask) -> Answer:
        """Compare the code."""
        form: CodeForm = ask.form
        token = ask.cookies.get(SIGN_UP_COOKIE, "")
        sign_up = self._joining.sign_up(token)
        if sign_up is None:
            return _over()
        if not form.code.strip():
            return self._code_page(sign_up, problem="lifecycle.code_missing", status=422)
        found = self._joining.try_code(ask.visitor, token, form.code)
        if isinstance(found, Wrong) and found.tries_left:
            return self._code_page(sign_up, problem="lifecycle.code_wrong", left=found.tries_left, status=422)
        return _to_password(found if isinstance(found, str) else None)

    def again(self, ask: Ask) -> Answer:
        """Send once more."""
        token = ask.cookies.get(SIGN_UP_COOKIE, "")
        denied = self._joining.again(ask.visitor, token)
        sign_up = self._joining.sign_up(token)
        if sign_up is None or (denied and not denied.wait):
            return _over()
        if denied:
            return self._code_page(sign_up, notice=denied.code, wait=denied.wait, status=429)
        return Redirect("/sign-up/code?again=1", (_cookie(token),))

    def show_link(self, ask: Ask) -> Answer:
        """What the link of the mail opens: a button, since mail scanners open links too."""
        if not self._joining.link_lives(ask.params["token"]):
            return _over()
        return Page("lifecycle/link.html", {"action": ask.path, "what": "lifecycle.link", "lead": ""})

    def claim_link(self, ask: Ask) -> Answer:
        """The press."""
        return _to_password(self._joining.claim_link(ask.visitor, ask.params["token"]))

    def show_password(self, ask: Ask) -> Answer:
        """Ask for the password, and for a name and the consent beside it."""
        sign_up = self._proven(ask)
        return self._password_page(ask, sign_up, JoinForm()) if sign_up else _over()

    def join(self, ask: Ask) -> Answer:
        """Become a customer, and be in."""
        form: JoinForm = ask.form
        sign_up = self._proven(ask)
        if sign_up is None:
            return _over()
        if form.make:
            made = self._sheet.suggest(self._sheet.newcomer(sign_up.wanted.address, form.name))
            return self._password_page(ask, sign_up, form, made=made)
        newcomer = Newcomer(form.name, form.password, bool(form.agreed), ask.cookies.get(DEVICE_COOKIE))
        outcome = self._joining.join(ask.visitor, ask.cookies.get(SIGN_UP_COOKIE, ""), newcomer)
        if isinstance(outcome, NotAllowed):
            return self._password_page(ask, sign_up, form, refused=outcome)
        if isinstance(outcome, Denied):
            if outcome.code == "lifecycle.taken":
                return self._address_page(AddressForm(), notice=outcome.code, status=409)
            return self._password_page(ask, sign_up, form, problem=outcome.code)
        if outcome is None or isinstance(outcome, Refused):
            return _over()
        return self._landed(outcome)

    # --- within

    def _landed(self, outcome: Granted | Asked) -> Redirect:
        landing = land(outcome, "customer", self._arrival)
        return Redirect(landing.to, (*landing.cookies, Cookie(SIGN_UP_COOKIE, "")))

    def _proven(self, ask: Ask) -> SignUp | None:
        sign_up = self._joining.sign_up(ask.cookies.get(SIGN_UP_COOKIE, ""))
        return sign_up if sign_up and sign_up.step == "proven" else None

    def _address_page(
        self,
        form: AddressForm,
        *,
        problem: str = "",
        notice: str = "",
        wait: int = 0,
        task: str | None = None,
        status: int = 200,
    ) -> Page:
        values = {
            "form": form,
            "problem": problem,
            "notice": notice,
            "minutes": _minutes(wait),
            "task": task,
            "open": self._joining.settings.sign_up == "open",
        }
        return Page("lifecycle/sign_up.html", values, status, headers=_retry(wait))

    def _code_page(
        self,
        sign_up: SignUp,
        *,
        problem: str = "",
        left: int = 0,
        notice: str = "",
        wait: int = 0,
        sent_again: bool = False,
        status: int = 200,
    ) -> Page:
        values = {
            "address": sign_up.wanted.address,
            "lasts": LASTS // MINUTE,
            "problem": problem,
            "left": left,
            "notice": notice,
            "minutes": _minutes(wait),
            "sent_again": sent_again,
            "seconds": RESEND_AFTER,
        }
        return Page("lifecycle/sign_up_code.html", values, status, headers=_retry(wait))

    def _password_page(
        self,
        ask: Ask,
        sign_up: SignUp,
        form: JoinForm,
        *,
        problem: str = "",
        refused: NotAllowed | None = None,
        made: str | None = None,
    ) -> Page:
        subject = self._sheet.newcomer(sign_up.wanted.address, form.name)
        sheet: Mapping[str, Any] = self._sheet.values(subject, locale=ask.visitor.locale, refused=refused, made=made)
        settings = self._joining.settings
        app = self._apps.of_target(sign_up.wanted.target)
        values = {
            **sheet,
            "form": form,
            "problem": problem,
            "terms": settings.terms_version,
            "terms_url": settings.terms_url,
            "privacy_url": settings.privacy_url,
        }
        status = 422 if refused or problem else 200
        return Page("lifecycle/sign_up_password.html", values, status, form_action=(app.origin,) if app else ())


def _cookie(token: str) -> Cookie:
    return Cookie(SIGN_UP_COOKIE, token, LASTS // SECOND)


def _over() -> Redirect:
    """The sign-up is over or the link worth nothing: begin anew."""
    return Redirect("/sign-up?gone=1", (Cookie(SIGN_UP_COOKIE, ""),))


def _to_password(token: str | None) -> Redirect:
    return Redirect("/sign-up/password", (_cookie(token),)) if token else _over()


def _minutes(wait: int) -> int:
    return max(-(-wait // MINUTE), 1)


def _retry(wait: int) -> dict[str, str]:
    return {"Retry-After": str(wait // SECOND + 1)} if wait else {}
