"""Renders the sample pages in gallery/ in a browser under the strict policy, photographs them and reports what is wrong.

    .venv/bin/python frontend/gallery.py FOLDER [PAGE ...]

Looked at: refused content, script errors, sideways overflow, targets under 24 px, axe's rules.
"""

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from playwright.sync_api import Browser, Page, Route, sync_playwright

HERE = Path(__file__).parent
KIT = HERE.parent / "src/menshen/kit"
sys.path.insert(0, str(HERE.parent / "src"))

from menshen.kit.texts import OWN_TEXTS, Texts  # noqa: E402
from menshen.kit.web.pages import policy  # noqa: E402

TEXTS = Texts([OWN_TEXTS])
ASSETS = json.loads((KIT / "static/manifest.json").read_text())
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL_TARGETS = """() => [...document.querySelectorAll('a,button,summary,input:not([type=hidden]),select')].filter(e => {
  const b = e.getBoundingClientRect(); return b.width && !e.closest('p,td,th,.skip,.err') && (b.width < 24 || b.height < 24)
}).map(e => e.outerHTML.slice(0, 90))"""
CHALLENGE = {
    "algorithm": "SHA-256",
    "challenge": "0d0a4ae2f0b8ec0d9c3ad1c1ee5b6ad2d4c2c9f6c0d0f8cdbd8b2dc7f2f6a1c3",
    "maxNumber": 1000,
    "salt": "00&",
    "signature": "00",
}


def page_of(name: str, locale: str, theme: str) -> str:
    """One sample page as HTML."""
    chinese = locale == "zh_CN"

    def link(href: str, text: str) -> Markup:
        return Markup('<a href="{}">{}</a>').format(href, text)

    nav = [
        {"href": f"/{icon}", "icon": icon, "text": zh if chinese else en, "current": not at}
        for at, (icon, zh, en) in enumerate(
            [("shield-check", "安全", "Security"), ("device-laptop", "设备", "Devices"), ("history", "动态", "Activity")]
            + [("user", "个人资料", "Profile"), ("file-check", "我的数据", "My data")]
        )
    ]
    known: dict[str, Any] = {
        "t": lambda code, **values: TEXTS.say(code, locale, **values),
        "s": lambda zh, en: zh if chinese else en,
        "link": link,
        "lang": "zh-CN" if chinese else "en",
        "theme": theme,
        "brand": SimpleNamespace(
            name="门神" if chinese else "Menshen", logo_url=None, support="help@example.com", has_colour=False
        ),
        "form_token": "0" * 64,
        "visitor": SimpleNamespace(account_name="林薇" if chinese else "Lin Wei"),
        "nav": nav,
        "now": 0,
        "when": lambda _: "2026年11月24日 18:58" if chinese else "24 Nov 2026 18:58",
        "lined_up": lambda place: [],
        "challenge": json.dumps(CHALLENGE),
        **{"status": 500, "code": "kit.error.fault", "number": "7F3K"},
    }
    loader = FileSystemLoader([HERE / "gallery", KIT / "templates"])
    jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    jinja.globals["asset"] = lambda file: f"/static/{ASSETS[file]}"
    return jinja.get_template(f"{name}.html").render(known)


def serve(html: str) -> Any:
    """Answers the browser: built files from the disk, the page for everything else."""

    def answer(route: Route) -> None:
        path = route.request.url.split("localhost", 1)[1]
        if path.startswith("/static/"):
            file = KIT / path.lstrip("/")
            route.fulfill(body=file.read_bytes(), content_type=MEDIA[file.suffix])
        else:
            headers = {"content-security-policy": policy().replace("trusted-types 'none'", "trusted-types menshen-worker")}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

    return answer


def faults(browser: Browser, html: str, width: int, theme: str, picture: Path) -> Iterator[str]:
    """What is wrong with one page at one width; its picture is left at `picture`."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme="dark" if theme == "dark" else "light")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"script: {error}"))
    page.route("**/*", serve(html))
    page.goto("http://localhost/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture, full_page=True)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("overflows sideways")
    said += [f"small target: {target}" for target in page.evaluate(SMALL_TARGETS)]
    context.close()
    yield from said
    yield from broken_rules(browser, html, width, theme)


def broken_rules(browser: Browser, html: str, width: int, theme: str) -> Iterator[str]:
    """axe's findings; it adds styles of its own, so the page's policy is put aside for it."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, bypass_csp=True, color_scheme="dark" if theme == "dark" else "light"
    )
    page: Page = context.new_page()
    page.route("**/*", serve(html))
    page.goto("http://localhost/")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    for violation in found.response["violations"]:
        for node in violation["nodes"]:
            yield f"axe {violation['id']}: {node['html'][:140]} {node['failureSummary'][:200]}"
    context.close()


def photograph(folder: Path, names: list[str]) -> int:
    """All sample pages in both languages, light and dark, at three widths; returns the number of faults."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, locale, theme, width in product(names, ("zh_CN", "en"), ("light", "dark"), (360, 768, 1280)):
            html = page_of(name, locale, theme)
            for fault in faults(browser, html, width, theme, folder / f"{name}-{locale[:2]}-{width}-{theme}.png"):
                count += 1
                print(name, locale, theme, width, fault, flush=True)
        browser.close()
    return count


if __name__ == "__main__":
    wanted = sys.argv[2:] or sorted(file.stem for file in (HERE / "gallery").glob("*.html"))
    sys.exit(photograph(Path(sys.argv[1]), wanted) > 0)
