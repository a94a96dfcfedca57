"""What scripts add to pages, in a real browser under the strict policy."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from altcha import v1 as altcha
from playwright.sync_api import Page, Route, expect

from menshen.kit.web.pages import STATIC
from tests.kit.gallery import ADDRESS, State, html_of, open_page

pytestmark = pytest.mark.browser

STATE = State("en", "light", 1280)
Window = Callable[..., Any]


def answering(page: Page, path: str, answer: dict[str, Any]) -> list[str]:
    """Answer posts to `path`; the list fills with their bodies."""
    asked: list[str] = []

    def reply(route: Route) -> None:
        asked.append(route.request.post_data or "")
        route.fulfill(json=answer)

    page.route(f"**{path}", reply)
    return asked


def show(window: Window, name: str, **known: Any) -> Page:
    page, said = open_page(window, html_of(name, STATE, **known), STATE)
    assert said == []
    return page


def test_a_secret_is_shown_on_wish_and_hidden_when_it_travels(window: Window) -> None:
    page = show(window, "sign-in-refused")
    field = page.locator("#password")
    page.get_by_role("button", name="Show").click()
    expect(field).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Hide")).to_have_attribute("aria-pressed", "true")
    page.evaluate("addEventListener('submit', event => event.preventDefault())")
    field.press("Enter")
    expect(field).to_have_attribute("type", "password")


def test_rules_are_ticked_by_the_servers_verdict(window: Window) -> None:
    page = show(window, "password")
    rules = [
        {"code": "personal", "state": "met", "text": "Nothing personal"},
        {"code": "stranger", "state": "not", "text": "<b>New</b>"},
    ]
    asked = answering(page, "/password/verdict", {"rules": rules, "status": "1 rule to go"})
    page.locator("#password").fill("Correct#Horse7")
    line = page.locator("[data-rule=personal]")
    expect(line).to_have_class("met")
    expect(line).to_have_text("Nothing personal")
    assert (line.locator("use").get_attribute("href") or "").endswith("#circle-check")
    expect(page.locator("[data-rule=stranger] span")).to_have_text("<b>New</b>")
    expect(page.locator("#password-status")).to_have_text("1 rule to go")
    assert asked == [f"form_token={'0' * 64}&password=Correct%23Horse7&context=sealed"]


def test_a_made_password_is_filled_in_and_shown(window: Window) -> None:
    page = show(window, "password")
    answering(page, "/password/verdict", {"rules": [], "status": ""})
    asked = answering(page, "/password/make", {"password": "Kiln-42-Amber"})
    page.get_by_role("button", name="Make one for me").click()
    expect(page.locator("#password")).to_have_value("Kiln-42-Amber")
    expect(page.locator("#password")).to_have_attribute("type", "text")
    assert len(asked) == 1


def test_the_human_check_is_solved_in_a_worker_before_the_form_goes(window: Window) -> None:
    options = altcha.ChallengeOptions(
        max_number=20_000,
        number=19_999,
        hmac_key="key",
        expires=datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC),
    )
    page = show(window, "sign-in", task=json.dumps(altcha.create_challenge(options).to_dict()))
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Sign in").click()
    answer = (sent.value.post_data_json or {})["human"]
    assert altcha.verify_solution(answer, "key") == (True, None)


def test_a_second_press_sends_nothing(window: Window) -> None:
    page = show(window, "sign-in-refused")
    posts: list[str] = []

    def stay(route: Route) -> None:
        posts.append(route.request.url)
        route.fulfill(status=204)

    page.route("**/sign-in", stay)
    button = page.get_by_role("button", name="Sign in")
    button.click()
    expect(page.locator("form[aria-busy=true]")).to_have_count(1)
    button.click()
    expect(button).to_be_enabled()
    assert posts == [f"{ADDRESS}sign-in"]


def test_a_command_is_copied(window: Window) -> None:
    page, _ = open_page(window, html_of("setup-list", STATE), STATE, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").last.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "menshen policy compare"


def test_seconds_count_down_and_vanish(window: Window) -> None:
    page = window(locale="en").new_page()
    page.clock.install()
    page.set_content('<p><span data-seconds="42">in 42 s</span></p>')
    manifest = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    page.add_script_tag(path=STATIC / manifest["page.js"], type="module")
    page.clock.run_for(2_000)
    expect(page.locator("span")).to_have_text("in 40 s")
    page.clock.run_for(60_000)
    expect(page.locator("span")).to_be_hidden()


def test_the_menu_closes_by_escape_and_by_a_press_elsewhere(window: Window) -> None:
    page = show(window, "security")
    summary = page.locator(".menu > summary")
    summary.click()
    page.keyboard.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("heading", name="Add a second way back in").click()
    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_without_scripts_nothing_is_lost(window: Window) -> None:
    page, _ = open_page(window, html_of("password", STATE), STATE, java_script_enabled=False)
    expect(page.locator("[data-reveal]")).to_be_hidden()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Make one for me").click()
    assert "make=1" in (sent.value.post_data or "")
