"""How a browser comes to each page of the house: the table that the tour, its pictures and its tests share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.houses import PASSWORD
from tests.pages.served import CUSTOMER, OLD, OPERATOR, Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

Scene = Callable[["Page", Served], None]
SEND = "main form[action] button[type=submit]"


def at(path: str) -> Scene:
    """A page that anybody may open."""

    def go(page: Page, served: Served) -> None:
        page.goto(served.base + path)

    return go


def sign_in(page: Page, served: Served, who: str = CUSTOMER, password: str = PASSWORD, path: str = "/sign-in") -> None:
    """Fill the one sheet and send it."""
    page.goto(served.base + path)
    page.fill("#who", who)
    page.fill("#password", password)
    page.click(SEND)


def customer_at(path: str) -> Scene:
    """A page of the account centre."""

    def go(page: Page, served: Served) -> None:
        sign_in(page, served)
        page.goto(served.base + path)

    return go


def operator_at(path: str) -> Scene:
    """A page of the console."""

    def go(page: Page, served: Served) -> None:
        sign_in(page, served, OPERATOR, path="/console/sign-in")
        page.goto(served.base + path)

    return go


def refused(page: Page, served: Served) -> None:
    """The sheet after a wrong password."""
    sign_in(page, served, "nobody@example.com", "not this one")


def empty(page: Page, served: Served) -> None:
    """The sheet sent empty: two problems and their summary."""
    page.goto(served.base + "/sign-in")
    page.click(SEND)


def forced_change(page: Page, served: Served) -> None:
    """An old password leads here."""
    sign_in(page, served, OLD)


def change_refused(page: Page, served: Served) -> None:
    """A new password that is not good yet."""
    sign_in(page, served)
    page.goto(served.base + "/account/password")
    page.fill("#current", PASSWORD)
    page.fill("#password", "linwei1990")
    page.click(SEND)


def recover_code(page: Page, served: Served) -> None:
    """The code of a recovery is asked for."""
    page.goto(served.base + "/recover")
    page.fill("#who", CUSTOMER)
    page.click(SEND)


def recover_password(page: Page, served: Served) -> None:
    """The new password of a recovery."""
    recover_code(page, served)
    page.fill("#code", served.code("recovery.letter"))
    page.click(SEND)


def recover_link(page: Page, served: Served) -> None:
    """The page behind the link of a recovery."""
    recover_code(page, served)
    page.goto(served.link("recovery.letter"))


def not_me(page: Page, served: Served) -> None:
    """The page behind the link of a new-device mail."""
    page.goto(served.link("signin.new_device"))


def sign_up_code(page: Page, served: Served) -> None:
    """The code of a sign-up is asked for."""
    page.goto(served.base + "/sign-up")
    page.fill("#email", f"new{abs(hash(page))}@example.com")
    if page.query_selector("#terms"):
        page.check("#terms")
    page.click(SEND)


def sign_up_password(page: Page, served: Served) -> None:
    """The password of a sign-up."""
    sign_up_code(page, served)
    page.fill("#code", served.code("lifecycle.letter"))
    page.click(SEND)


def customer_page(page: Page, served: Served) -> None:
    """One customer, as an operator sees them."""
    operator_at("/console/customers?q=lin")(page, served)
    page.click("main a[href*='/console/customers/']")


SCENES: Mapping[str, Scene] = {
    "sign-in": at("/sign-in"),
    "sign-in-refused": refused,
    "sign-in-empty": empty,
    "sign-in-change": forced_change,
    "sign-in-again": customer_at("/sign-in/again?to=%2Faccount"),
    "sign-up": at("/sign-up"),
    "sign-up-code": sign_up_code,
    "sign-up-password": sign_up_password,
    "recover": at("/recover"),
    "recover-code": recover_code,
    "recover-link": recover_link,
    "recover-password": recover_password,
    "not-me": not_me,
    "account": customer_at("/account"),
    "devices": customer_at("/account/devices"),
    "activity": customer_at("/account/activity"),
    "details": customer_at("/account/details"),
    "addresses": customer_at("/account/email"),
    "password": customer_at("/account/password"),
    "password-refused": change_refused,
    "close": customer_at("/account/close"),
    "missing": at("/no-such-page"),
    "console-sign-in": at("/console/sign-in"),
    "console": operator_at("/console"),
    "console-setup": operator_at("/console/setup"),
    "console-customers": operator_at("/console/customers?q=lin"),
    "console-customer": customer_page,
    "console-mail": operator_at("/console/mail"),
    "console-password": operator_at("/console/password"),
    "over": at("/console/welcome/" + "x" * 43),
}
"""Name of the picture -> how to come there."""
