"""The welcome of a new operator: the link shows a page, its button sets the password and leads in."""

from collections.abc import Sequence
from typing import Any

import msgspec

from menshen.credentials.service.changing import NotAllowed
from menshen.credentials.service.sheet import PasswordSheet
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Page, Redirect, Route
from menshen.operators.service import Operators
from menshen.signin.rules import DEVICE_COOKIE, Refused, Wish
from menshen.signin.service.arrival import Arrival
from menshen.signin.service.landing import land

PATH = "/console/welcome/{token}"


class WelcomeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The new operator's password, or the wish for one of ours."""

    password: str = ""
    make: str = ""


class WelcomePages:
    """Looking uses nothing up, since mail scanners open links too."""

    def __init__(self, operators: Operators, sheet: PasswordSheet, arrival: Arrival) -> None:
        self._operators = operators
        self._sheet = sheet
        self._arrival = arrival

    def routes(self) -> Sequence[Route]:
        """The doors of an invitation."""
        return (
            Route("GET", PATH, self.show, PUBLIC, on_must_change=True),
            Route("POST", PATH, self.come_in, PUBLIC, WelcomeForm, lane=True, on_must_change=True),
        )

    def show(self, ask: Ask) -> Answer:
        """Ask for the password that the operator will sign in with."""
        guest = self._operators.guest(ask.params["token"])
        return self._page(ask, guest.account_id) if guest else _over()

    def come_in(self, ask: Ask) -> Answer:
        """Take the invitation up, and sign in with what was just chosen."""
        form: WelcomeForm = ask.form
        guest = self._operators.guest(ask.params["token"])
        if guest is None:
            return _over()
        if form.make:
            made = self._sheet.suggest(self._sheet.subject_of(guest.account_id))
            return self._page(ask, guest.account_id, made=made)
        wish = Wish("operator", device_token=ask.cookies.get(DEVICE_COOKIE))
        outcome = self._operators.come_in(ask.visitor, ask.params["token"], form.password, wish)
        if outcome is None:
            return _over()
        if isinstance(outcome, NotAllowed):
            return self._page(ask, guest.account_id, refused=outcome)
        return (
            Redirect("/console/sign-in") if isinstance(outcome, Refused) else land(outcome, "operator", self._arrival)
        )

    def _page(self, ask: Ask, account: str, *, refused: NotAllowed | None = None, made: str | None = None) -> Page:
        values: dict[str, Any] = dict(
            self._sheet.values(self._sheet.subject_of(account), locale=ask.visitor.locale, refused=refused, made=made)
        )
        return Page("operators/welcome.html", {"action": ask.path, **values}, 422 if refused else 200)


def _over() -> Page:
    """The link was used, replaced or is too old; which of these is nobody's business."""
    return Page("operators/over.html", {}, 410)
