"""The example in a real browser, through a real nginx: in and back, out of all, forced change, forged headers."""

import http.client
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email.message import Message

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.door.conftest import ACCOUNTS, SHOP, Example
from tests.servers.authority import Authority

pytestmark = [pytest.mark.server, pytest.mark.browser]

LIN, WANG = ("lin@example.com", "Dorschau-7-Lampen!"), ("wang@example.com", "Quitten-9-Kelter?")
DEEP = "/orders/7?list=%E6%96%B0+old&at=10:30,(a)"


def sign_in(page: Page, who: tuple[str, str]) -> None:
    """Fill the sheet that is shown."""
    page.fill("#who", who[0])
    page.fill("#password", who[1])
    page.press("#password", "Enter")


def sign_out(page: Page, example: Example) -> None:
    """By the shop's own link."""
    page.click("text=退出登录")
    page.wait_for_url(example.url(ACCOUNTS, "/sign-out"))
    page.click("main button[type=submit]")
    page.wait_for_url("**/sign-in?left=1")


def test_in_by_the_deep_link_out_of_all_and_in_as_another(
    example: Example, window: Callable[..., BrowserContext]
) -> None:
    context = window()
    page = context.new_page()
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)

    page.goto(example.url(SHOP, DEEP))
    assert page.url.startswith(example.url(ACCOUNTS, "/sign-in?to="))
    assert "小店" in page.inner_text("body")
    sign_in(page, LIN)
    page.wait_for_url(example.url(SHOP, DEEP))
    assert page.inner_text("#name") == "林薇"
    assert page.inner_text("#path") == DEEP
    names = {(cookie["domain"], cookie["name"]) for cookie in context.cookies()}
    assert {(ACCOUNTS, "__Host-session"), (SHOP, "__Host-session")} <= names
    assert (SHOP, "__Host-arrival") not in names

    page.goto(example.url(SHOP, "/"))
    sign_out(page, example)
    page.goto(example.url(SHOP, DEEP))
    assert page.url.startswith(example.url(ACCOUNTS, "/sign-in?to="))
    sign_in(page, WANG)
    page.wait_for_url(example.url(SHOP, DEEP))
    assert page.inner_text("#name") == "Wang Lei"
    assert blocked == []


def test_a_forced_change_goes_through_the_change_page_and_back(
    example: Example, window: Callable[..., BrowserContext]
) -> None:
    page = window().new_page()
    page.goto(example.url(SHOP, DEEP))
    sign_in(page, WANG)
    page.wait_for_url(example.url(SHOP, DEEP))
    example.menshen("rotation", "require", "--cause", "incident", "--account", page.inner_text("#account"))
    page.goto(example.url(SHOP, DEEP))
    assert page.url == example.url(ACCOUNTS, "/sign-in/change")
    page.fill("[name=current]", WANG[1])
    page.fill("[name=password]", "Kirschen-4-Hafen!")
    page.press("[name=password]", "Enter")
    page.wait_for_url(example.url(SHOP, DEEP))
    assert page.inner_text("#name") == "Wang Lei"


@dataclass(frozen=True)
class Answer:
    """What nginx answered."""

    status: int
    headers: Message
    text: str


def asked(
    example: Example, authority: Authority, host: str, path: str, headers: dict[str, str] | None = None
) -> Answer:
    """One request as a client that need not behave; `host` is the name in TLS."""
    trust = ssl.create_default_context(cafile=str(authority.file))
    with (
        socket.create_connection(("127.0.0.1", example.port), timeout=30) as line,
        trust.wrap_socket(line, server_hostname=host) as wrapped,
        closing(http.client.HTTPConnection(host)) as connection,
    ):
        connection.sock = wrapped
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": f"{host}:{example.port}", "Accept": "text/html", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read().decode())


def test_s7_nobody_but_menshen_says_who_somebody_is(
    example: Example, authority: Authority, window: Callable[..., BrowserContext]
) -> None:
    forged = {"Menshen-Account": "forged", "Menshen-Name": "forged", "Menshen_Account": "forged"}
    refused = asked(example, authority, SHOP, "/", forged)
    assert refused.status == 303
    assert "forged" not in f"{refused.headers}"
    public = asked(example, authority, SHOP, "/imprint", forged)
    assert public.status == 200
    assert "forged" not in public.text

    context = window()
    page = context.new_page()
    page.goto(example.url(SHOP, "/"))
    sign_in(page, LIN)
    page.wait_for_url(example.url(SHOP, "/"))
    cookie = next(each["value"] for each in context.cookies(example.url(SHOP)) if each["name"] == "__Host-session")
    body = asked(example, authority, SHOP, "/", {**forged, "Cookie": f"__Host-session={cookie}"}).text
    assert "forged" not in body
    assert "林薇" in body

    ours = next(each["value"] for each in context.cookies(example.url(ACCOUNTS)) if each["name"] == "__Host-session")
    assert asked(example, authority, SHOP, "/", {"Cookie": f"__Host-session={ours}"}).status == 303
    elsewhere = asked(example, authority, ACCOUNTS, "/account", {"Cookie": f"__Host-session={cookie}"})
    assert elsewhere.status == 303


def test_what_is_no_page_is_refused_without_a_redirect(example: Example, authority: Authority) -> None:
    refused = asked(example, authority, SHOP, "/stock.json", {"Accept": "application/json"})
    assert refused.status == 401
    assert "Location" not in refused.headers
    page = asked(example, authority, SHOP, "/stock.json")
    assert (page.status, page.headers["Location"][:30]) == (303, example.url(ACCOUNTS)[:30])
    assert page.headers["Set-Cookie"].startswith("__Host-arrival=")


def test_the_shops_host_shows_no_page_of_ours_and_no_other_host_answers(example: Example, authority: Authority) -> None:
    assert asked(example, authority, SHOP, "/session/check").status == 404
    assert asked(example, authority, SHOP, "/session/other").status == 404
    for host in ("evil.test", "shopxmenshen.test", ""):
        with pytest.raises(http.client.RemoteDisconnected):
            asked(example, authority, SHOP, "/", {"Host": host or "127.0.0.1"})


def test_a_very_long_deep_link_does_not_break_the_door(example: Example, authority: Authority) -> None:
    for length in (900, 4000):
        refused = asked(example, authority, SHOP, "/" + "%E6" * (length // 3))
        assert refused.status == 303
