"""Pages of recovery: ask, code, link, "this was not me", new password."""

from collections.abc import Sequence
from typing import Any

import msgspec

from menshen.credentials.service.changing import NotAllowed
from menshen.credentials.service.sheet import LIKENESS, PasswordSheet
from menshen.kit.clock import DAY, MINUTE, SECOND
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Cookie, Page, Redirect, Route
from menshen.recovery.rules import Finished, Proven, Refused, WrongCode, move
from menshen.recovery.service import Attempt, Recovery
from menshen.sessions.rules import DEVICE_LASTS
from menshen.signin.rules import DEVICE_COOKIE, PREFIX

RECOVERY_COOKIE = "__Host-recovery"
RESEND_AFTER = 60
"""Seconds after which a page suggests to send again; what may be sent is the budgets' affair."""


class AskForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose account."""

    who: str = ""
    human_task: str = ""
    human: str = ""


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code from the mail."""

    code: str = ""


class PasswordForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The new password, or the wish for one of ours."""

    password: str = ""
    make: str = ""


class RecoveryPages:
    """One question a page; the same pages for known and unknown names."""

    def __init__(self, recovery: Recovery, sheet: PasswordSheet) -> None:
        self._recovery = recovery
        self._sheet = sheet

    def routes(self) -> Sequence[Route]:
        """The doors of this room."""
        return (
            Route("GET", "/recover", self.show, PUBLIC),
            Route("POST", "/recover", self.begin, PUBLIC, AskForm),
            Route("GET", "/recover/code", self.show_code, PUBLIC),
            Route("POST", "/recover/code", self.try_code, PUBLIC, CodeForm),
            Route("POST", "/recover/again", self.again, PUBLIC),
            Route("GET", "/recover/link/{token}", self.show_link, PUBLIC),
            Route("POST", "/recover/link/{token}", self.claim_link, PUBLIC),
            Route("GET", "/recover/password", self.show_password, PUBLIC),
            Route("POST", "/recover/password", self.choose, PUBLIC, PasswordForm, lane=True),
            Route("GET", "/not-me/{token}", self.show_disown, PUBLIC),
            Route("POST", "/not-me/{token}", self.disown, PUBLIC),
        )

    def show(self, ask: Ask) -> Answer:
        """Ask whose account it is; nothing is written."""
        return self._ask_page(AskForm(), notice="recovery.gone" if ask.query.get("gone") else "")

    def begin(self, ask: Ask) -> Answer:
        """On to the code, whoever was named."""
        form: AskForm = ask.form
        if not form.who.strip():
            return self._ask_page(form, problem="recovery.who_missing", status=422)
        begun = self._recovery.begin(ask.visitor, form.who, form.human_task, form.human)
        if isinstance(begun, Refused):
            task = self._recovery.human_task() if begun.code == "recovery.human" else None
            status = 403 if task else 429
            return self._ask_page(form, notice=begun.code, wait=begun.wait, task=task, status=status)
        return Redirect("/recover/code", (_cookie(begun),))

    def show_code(self, ask: Ask) -> Answer:
        """Ask for the code."""
        attempt = self._recovery.attempt(ask.cookies.get(RECOVERY_COOKIE, ""))
        if attempt is None:
            return _over()
        if move(attempt.step, "proof") is None:
            return Redirect("/recover/password")
        return self._code_page(attempt, sent_again=ask.query.get("again") == "1")

    def try_code(self, ask: Ask) -> Answer:
        """Compare the code."""
        form: CodeForm = ask.form
        token = ask.cookies.get(RECOVERY_COOKIE, "")
        attempt = self._recovery.attempt(token)
        if attempt is None:
            return _over()
        if not form.code.strip():
            return self._code_page(attempt, problem="recovery.code_missing", status=422)
        found = self._recovery.try_code(ask.visitor, token, form.code)
        if isinstance(found, WrongCode) and found.tries_left:
            return self._code_page(attempt, problem="recovery.code_wrong", left=found.tries_left, status=422)
        return _to_password(found if isinstance(found, Proven) else None)

    def again(self, ask: Ask) -> Answer:
        """Send once more."""
        token = ask.cookies.get(RECOVERY_COOKIE, "")
        refused = self._recovery.again(ask.visitor, token)
        attempt = self._recovery.attempt(token)
        if attempt is None or (refused and refused.code == "recovery.gone"):
            return _over()
        if refused:
            return self._code_page(attempt, notice=refused.code, wait=refused.wait, status=429)
        return Redirect("/recover/code?again=1", (_cookie(token),))

    def show_link(self, ask: Ask) -> Answer:
        """What the link of the mail opens: a button, since mail scanners open links too."""
        if not self._recovery.link_lives(ask.params["token"]):
            return _over()
        return Page("recovery/link.html", {"action": ask.path, "what": "recovery.link"})

    def claim_link(self, ask: Ask) -> Answer:
        """The press."""
        return _to_password(self._recovery.claim_link(ask.visitor, ask.params["token"]))

    def show_disown(self, ask: Ask) -> Answer:
        """The page of "this was not me": what its button will do."""
        if not self._recovery.disowned_lives(ask.params["token"]):
            return _over()
        return Page("recovery/link.html", {"action": ask.path, "what": "recovery.disown"})

    def disown(self, ask: Ask) -> Answer:
        """End all sessions and go on at the new password."""
        return _to_password(self._recovery.disown(ask.visitor, ask.params["token"]))

    def show_password(self, ask: Ask) -> Answer:
        """Ask for the new password."""
        attempt = self._proven(ask)
        return self._password_page(ask, attempt) if attempt else _over()

    def choose(self, ask: Ask) -> Answer:
        """Set it; then to the sign-in page, signed in nowhere."""
        form: PasswordForm = ask.form
        attempt = self._proven(ask)
        if attempt is None:
            return _over()
        if form.make:
            made = self._sheet.suggest(self._sheet.subject_of(attempt.account_id or ""))
            return self._password_page(ask, attempt, made=made)
        outcome = self._recovery.choose(
            ask.visitor, ask.cookies.get(RECOVERY_COOKIE, ""), form.password, ask.cookies.get(DEVICE_COOKIE)
        )
        if isinstance(outcome, NotAllowed):
            return self._password_page(ask, attempt, refused=outcome)
        if isinstance(outcome, Finished):
            device = Cookie(DEVICE_COOKIE, outcome.device_token, DEVICE_LASTS // SECOND)
            return Redirect(f"{PREFIX[outcome.realm]}/sign-in?changed=1", (Cookie(RECOVERY_COOKIE, ""), device))
        return _over()

    # --- within

    def _proven(self, ask: Ask) -> Attempt | None:
        attempt = self._recovery.attempt(ask.cookies.get(RECOVERY_COOKIE, ""))
        return attempt if attempt and move(attempt.step, "new_password") else None

    def _ask_page(
        self,
        form: AskForm,
        *,
        problem: str = "",
        notice: str = "",
        wait: int = 0,
        task: str | None = None,
        status: int = 200,
    ) -> Page:
        values = {"form": form, "problem": problem, "notice": notice, "minutes": _minutes(wait), "task": task}
        return Page("recovery/ask.html", values, status, headers=_retry(wait))

    def _code_page(
        self,
        attempt: Attempt,
        *,
        problem: str = "",
        left: int = 0,
        notice: str = "",
        wait: int = 0,
        sent_again: bool = False,
        status: int = 200,
    ) -> Page:
        values = {
            "typed": attempt.named.typed,
            "lasts": self._recovery.minutes(),
            "problem": problem,
            "left": left,
            "notice": notice,
            "minutes": _minutes(wait),
            "sent_again": sent_again,
            "seconds": RESEND_AFTER,
        }
        return Page("recovery/code.html", values, status, headers=_retry(wait))

    def _password_page(
        self, ask: Ask, attempt: Attempt, *, refused: NotAllowed | None = None, made: str | None = None
    ) -> Page:
        subject = self._sheet.subject_of(attempt.account_id or "", without=(LIKENESS,))
        values: dict[str, Any] = dict(
            self._sheet.values(subject, locale=ask.visitor.locale, refused=refused, made=made)
        )
        return Page("recovery/password.html", values, 422 if refused else 200)


def _cookie(token: str) -> Cookie:
    return Cookie(RECOVERY_COOKIE, token, DAY // SECOND)


def _over() -> Redirect:
    """The attempt is over or the link worth nothing: begin anew."""
    return Redirect("/recover?gone=1", (Cookie(RECOVERY_COOKIE, ""),))


def _to_password(proven: Proven | None) -> Redirect:
    return Redirect("/recover/password", (_cookie(proven.attempt_token),)) if proven else _over()


def _minutes(wait: int) -> int:
    return max(-(-wait // MINUTE), 1)


def _retry(wait: int) -> dict[str, str]:
    return {"Retry-After": str(wait // SECOND + 1)} if wait else {}
