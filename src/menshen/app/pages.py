"""Pages of the roof: the way in, language and appearance, brand, and what programs ask: health, security.txt."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from menshen.app.house import House
from menshen.app.keeper import LOOK_COOKIE
from menshen.app.rules import ServerSettings
from menshen.kit.clock import as_datetime
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Cookie, Data, Page, Redirect, Route
from menshen.kit.web.wire import Bad
from menshen.sessions.rules import own_path

A_YEAR = 365 * 86_400


class LookForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A choice of language or appearance."""

    to: str = ""


class RoofPages:
    """What belongs to no room."""

    def __init__(self, house: House, ready: Callable[[], bool]) -> None:
        self._house = house
        self._ready = ready

    def routes(self) -> Sequence[Route]:
        """The doors of the roof."""
        doors = [
            Route("GET", "/", self.entrance, PUBLIC, on_must_change=True),
            Route("POST", "/language", self.language, PUBLIC, LookForm, on_must_change=True),
            Route("POST", "/appearance", self.appearance, PUBLIC, LookForm, on_must_change=True),
            Route("POST", "/console/language", self.language, PUBLIC, LookForm, on_must_change=True),
            Route("POST", "/console/appearance", self.appearance, PUBLIC, LookForm, on_must_change=True),
            Route("GET", "/console/setup", self.setup, "setup.read"),
            Route("GET", "/brand.css", self.brand, PUBLIC, on_must_change=True),
            Route("GET", "/healthz", self.healthz, PUBLIC, on_must_change=True),
            Route("GET", "/readyz", self.readyz, PUBLIC, on_must_change=True),
            Route("GET", "/.well-known/security.txt", self.security, PUBLIC, on_must_change=True),
        ]
        if self._house.brand.logo:
            doors.append(Route("GET", self._house.brand.shown("en").logo_url, self.logo, PUBLIC, on_must_change=True))
        return doors

    def entrance(self, ask: Ask) -> Answer:
        """Sign-in; before the first operator has come, and only from this very machine, the set-up list."""
        if not self._house.settled() and ask.visitor.direct:
            return Page("app/setup.html", {"base": self._house.base})
        return Redirect("/account" if ask.visitor.signed_in else "/sign-in")

    def setup(self, ask: Ask) -> Answer:
        """The same list for operators, afterwards."""
        return Page("app/console_setup.html", {"base": self._house.base})

    def language(self, ask: Ask) -> Answer:
        """Keep the language in a cookie, and with the account of whoever is signed in."""
        wanted = ask.form.to.replace("-", "_")
        locale = next((each for each in self._house.brand.languages if wanted in (each, each.split("_")[0])), None)
        if locale and ask.visitor.account_id:
            with self._house.foundation.database.write() as tx:
                self._house.accounts.speak(tx, ask.visitor.account_id, locale, visitor=ask.visitor)
        return self._keep(ask, locale or ask.visitor.locale, ask.visitor.theme or "auto")

    def appearance(self, ask: Ask) -> Answer:
        """Keep the appearance in a cookie."""
        theme = ask.form.to if ask.form.to in ("light", "dark") else "auto"
        return self._keep(ask, ask.visitor.locale, theme)

    def _keep(self, ask: Ask, locale: str, theme: str) -> Answer:
        """Back to the page the choice was made on, where the browser names it and it is one of ours."""
        origin, _, path = ask.headers.get("referer", "").partition(f"//{ask.visitor.host}")
        back = path if origin in ("http:", "https:") and own_path(path) else "/"
        return Redirect(back, (Cookie(LOOK_COOKIE, f"{locale}.{theme}", A_YEAR),))

    def brand(self, ask: Ask) -> Answer:
        """The brand's colour as tokens."""
        css = self._house.brand.css()
        return Data(css, media="text/css; charset=utf-8", headers={"cache-control": "max-age=300"})

    def logo(self, ask: Ask) -> Answer:
        """The brand's logo, as a picture and nothing else (S-146)."""
        file = Path(self._house.brand.logo)
        media = "image/svg+xml" if file.suffix.lower() == ".svg" else "image/png"
        headers = {"cache-control": "max-age=300", "content-security-policy": "default-src 'none'; sandbox"}
        return Data(file.read_bytes(), media=media, headers=headers)

    def healthz(self, ask: Ask) -> Answer:
        """Whether this process answers."""
        return Data("ok\n", media="text/plain")

    def readyz(self, ask: Ask) -> Answer:
        """Whether this process can serve: its database answers and its schema is right."""
        if not self._ready():
            raise Bad(503, "kit.error.busy", headers={"Retry-After": "5"})
        return Data("ready\n", media="text/plain")

    def security(self, ask: Ask) -> Answer:
        """Where finders of holes turn to (RFC 9116)."""
        server: ServerSettings = self._house.foundation.settings["server"]
        expires = as_datetime(self._house.foundation.clock.now()) + timedelta(days=30)
        lines = (
            f"Contact: {server.security_contact or self._house.base}",
            f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
            "Preferred-Languages: zh, en",
            f"Canonical: {self._house.base}/.well-known/security.txt",
        )
        return Data("\n".join(lines) + "\n", media="text/plain; charset=utf-8")
