"""Renders the sample pages in samples/ in a browser under the strict policy and tells what is wrong with them.

The tests look at some states. All of them, with pictures: `python -m tests.kit.gallery FOLDER [PAGE ...]`
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from menshen.kit.brand import Brand
from menshen.kit.texts import LANGUAGE_TAGS, Texts
from menshen.kit.web.pages import KIT, STATIC, policy

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

SAMPLES = Path(__file__).parent / "samples"
TEMPLATES = KIT / "templates"
ADDRESS = "http://localhost/"
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input, select')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && !e.closest('p, td, th, .skip') && (box.width < 24 || box.height < 24);
}).map(e => e.outerHTML.slice(0, 90))"""
NAV = (
    ("shield-check", "安全", "Security"),
    ("device-laptop", "设备", "Devices"),
    ("history", "动态", "Activity"),
    ("user", "个人资料", "Profile"),
    ("file-check", "我的数据", "My data"),
)
TASK = '{"algorithm":"SHA-256","challenge":"","salt":"00&","signature":"","maxNumber":10}'

Window = Callable[..., "BrowserContext"]


@dataclass(frozen=True)
class State:
    """How a page is looked at."""

    locale: str = "zh_CN"
    theme: str = "light"
    width: int = 1280

    def __str__(self) -> str:
        return f"{self.locale[:2]}-{self.width}-{self.theme}"


def names() -> list[str]:
    """The sample pages."""
    return sorted(file.stem for file in SAMPLES.glob("*.html"))


def html_of(name: str, state: State, **known: Any) -> str:
    """One sample page as HTML."""
    loader = FileSystemLoader([SAMPLES, TEMPLATES])
    jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return jinja.get_template(f"{name}.html").render(_around(state) | known)


def _around(state: State) -> dict[str, Any]:
    chinese = state.locale == "zh_CN"
    texts = Texts([KIT / "texts"])
    assets: dict[str, str] = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    return {
        "t": lambda code, **values: texts.say(code, state.locale, **values),
        "s": lambda zh, en: zh if chinese else en,
        "link": lambda href, text: Markup('<a href="{}">{}</a>').format(href, text),
        "asset": lambda file: f"/static/{assets[file]}",
        "lang": LANGUAGE_TAGS[state.locale],
        "theme": state.theme,
        "brand": Brand(support="help@example.com").shown(state.locale),
        "form_token": "0" * 64,
        "prefix": "",
        "visitor": SimpleNamespace(account_name="林薇" if chinese else "Lin Wei", realm="customer"),
        "nav": [
            {"href": f"/{icon}", "icon": icon, "text": zh if chinese else en, "current": not at}
            for at, (icon, zh, en) in enumerate(NAV)
        ],
        "now": 0,
        "when": lambda _: "2026年11月24日 18:58" if chinese else "24 Nov 2026 18:58",
        "lined_up": lambda place: [],
        "task": TASK,
        "status": 500,
        "code": "kit.error.fault",
        "number": "7F3K",
    }


def open_page(window: Window, html: str, state: State, **options: Any) -> tuple["Page", list[str]]:
    """The page in a browser, and what its console says while it lives."""
    size = {"width": state.width, "height": 800}
    page = window(viewport=size, color_scheme=state.theme, **options).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"script: {error}"))
    page.route("**/*", _answerer(html))
    page.goto(ADDRESS)
    return page, said


def _answerer(html: str) -> Callable[["Route"], None]:
    """Built files from the disk, the page for every other address."""

    def answer(route: "Route") -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path.startswith("static/"):
            file = KIT / path
            route.fulfill(body=file.read_bytes(), content_type=MEDIA[file.suffix])
        else:
            headers = {"content-security-policy": policy()}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

    return answer


def faults(window: Window, html: str, state: State, picture: Path | None = None) -> list[str]:
    """What is wrong: things refused by the policy, script errors, sideways overflow, small targets, axe's findings."""
    page, said = open_page(window, html, state)
    if picture is not None:
        page.screenshot(path=picture, full_page=True)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("overflows sideways")
    said += [f"small target: {target}" for target in page.evaluate(SMALL_TARGETS)]
    return said + broken_rules(window, html, state)


def broken_rules(window: Window, html: str, state: State) -> list[str]:
    """axe's findings; it adds styles of its own, so the page's policy is put aside for it."""
    from axe_playwright_python.sync_playwright import Axe

    page, _ = open_page(window, html, state, bypass_csp=True)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    return [
        f"axe {violation['id']}: {node['html'][:140]} {node['failureSummary'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def photograph(folder: Path, wanted: list[str]) -> int:
    """Each page in both languages, light and dark, at three widths; tells the faults and returns their number."""
    from playwright.sync_api import sync_playwright

    from tests.servers.browser import QUIET, chosen

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with sync_playwright() as playwright:
        chromium = chosen(playwright, list(QUIET))
        for name, locale, theme, width in product(wanted, ("zh_CN", "en"), ("light", "dark"), (360, 768, 1280)):
            state = State(locale, theme, width)
            opened: list[BrowserContext] = []

            def window(opened: "list[BrowserContext]" = opened, **options: Any) -> "BrowserContext":
                opened.append(chromium.window(**options))
                return opened[-1]

            for fault in faults(window, html_of(name, state), state, folder / f"{name}-{state}.png"):
                count += 1
                print(name, state, fault, flush=True)
            for context in opened:
                context.close()
    return count


if __name__ == "__main__":
    sys.exit(photograph(Path(sys.argv[1]), sys.argv[2:] or names()) > 0)
