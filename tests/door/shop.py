"""One person's browser at two hosts of one house: the sign-in host and a shop that stands behind it."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

from tests.client import Client, Reply
from tests.houses import PASSWORD, Tested

SHOP = "https://shop.menshen.test"
SESSION = "__Host-session"
ARRIVAL = "__Host-arrival"
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


@dataclass
class Person:
    """A browser, whose cookies each host sees apart."""

    ours: Client
    shop: Client

    def check(self, path: str = "/", **headers: str) -> Reply:
        """What the shop's proxy asks before it serves this page."""
        sent = {"x-original-uri": path, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.shop.get("/session/check", sent)

    def leave(self, path: str = "/") -> str:
        """Refused at the shop: the path with query at the sign-in host that the browser is sent to."""
        return local(self.check(path).header("menshen-sign-in") or "")

    def sign_in(self, at: str, who: str = "lin@example.com", password: str = PASSWORD) -> Reply:
        """Sign in on the page that the refusal leads to."""
        page = self.ours.get(at)
        kept = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
        return self.ours.submit("/sign-in", {"who": who, "password": password, **kept})

    def arrive(self, sent: Reply) -> Reply:
        """Follow the redirect with the ticket to the shop."""
        return self.shop.get(local(sent.location))

    def come_in(self, path: str = "/", who: str = "lin@example.com") -> Reply:
        """The whole way, from refusal to arrival."""
        return self.arrive(self.sign_in(self.leave(path), who))


def person(tested: Tested, host: str = "shop.menshen.test", **more: str) -> Person:
    """A fresh browser."""
    return Person(tested.browser(**more), tested.browser(host=host, scheme="https", **more))


def open_shop(tested: Tested, origin: str = SHOP, name: str = "小店") -> None:
    """Register a shop."""
    with tested.house.foundation.database.write() as tx:
        tested.house.apps.add(tx, origin, name)


def local(address: str) -> str:
    """Path and query of a whole address."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def ticket_of(sent: Reply) -> str:
    """The ticket in a redirect."""
    return parse_qs(urlsplit(sent.location).query).get("ticket", [""])[0]


def sign_in_path(target: str, bound: str = "") -> str:
    """The sign-in page for this target."""
    return f"/sign-in?to={quote(target, safe='')}&bound={quote(bound)}"
