"""Pages of leaving: what closing means, the press, and until when it can be called back."""

from collections.abc import Sequence

from menshen.kit.web.routes import PUBLIC, Answer, Ask, Cookie, Page, Redirect, Route
from menshen.lifecycle.service.leaving import Leaving
from menshen.signin.rules import SESSION_COOKIE


class LeavingPages:
    """The way out."""

    def __init__(self, leaving: Leaving) -> None:
        self._leaving = leaving

    def routes(self) -> Sequence[Route]:
        """The doors out; the password is asked for again before them."""
        return (
            Route("GET", "/account/close", self.show, "account.close"),
            Route("POST", "/account/close", self.close, "account.close"),
            Route("GET", "/closed", self.closed, PUBLIC),
        )

    def show(self, ask: Ask) -> Answer:
        """What closing does, and from when it cannot be undone."""
        return Page("lifecycle/close.html", {"until": self._leaving.until()})

    def close(self, ask: Ask) -> Answer:
        """Close; every session ends, this one too."""
        if self._leaving.close(ask.visitor, ask.visitor.account_id or "") is None:
            return Redirect("/account")
        gone = (Cookie(SESSION_COOKIE["customer"], ""),)
        return Redirect("/closed", gone, {"Clear-Site-Data": '"cache"'})

    def closed(self, ask: Ask) -> Answer:
        """Until when signing in calls it back; the very day stands in the mail."""
        return Page("lifecycle/closed.html", {"days": self._leaving.grace_days})
