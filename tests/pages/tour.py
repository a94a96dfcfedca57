"""A tour of every page in a browser: its faults and its picture. `python -m tests.pages.tour FOLDER [PAGE...]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.kit.gallery import AXE_TAGS, SMALL_TARGETS, State
from tests.pages.scenes import SCENES, Scene
from tests.pages.served import Served, served_house

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

LANGUAGES = {"zh_CN": "zh-CN", "en": "en-GB"}


def faults(
    window: Callable[..., BrowserContext], scene: Scene, served: Served, state: State, picture: Path | None = None
) -> list[str]:
    """Things refused by the policy, script errors, sideways overflow, small targets, axe's findings."""
    size = {"width": state.width, "height": 800}
    context = window(viewport=size, color_scheme=state.theme, locale=LANGUAGES[state.locale])
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(f"console: {message.text}") if refusal(message.text) else None)
    page.on("pageerror", lambda error: said.append(f"script: {error}"))
    served.forgive()
    scene(page, served)
    if picture is not None:
        page.screenshot(path=picture, full_page=True)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("overflows sideways")
    said += [f"small target: {target}" for target in page.evaluate(SMALL_TARGETS)]
    return said + broken_rules(window, context, page.content(), page.url, state)


def refusal(text: str) -> bool:
    """Whether the console tells of something refused; the status of a refused form is no news."""
    return "the server responded with a status of" not in text


def broken_rules(
    window: Callable[..., BrowserContext], seen: BrowserContext, html: str, url: str, state: State
) -> list[str]:
    """axe's findings on the same markup; axe adds styles of its own, so the policy is put aside for it."""
    from axe_playwright_python.sync_playwright import Axe

    size = {"width": state.width, "height": 800}
    options: dict[str, Any] = {"viewport": size, "color_scheme": state.theme, "bypass_csp": True}
    page = window(**options, storage_state=seen.storage_state()).new_page()
    page.route(url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(url)
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
    from tests.servers.databases import lay_schema

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        url = f"sqlite:///{scratch}/menshen.db"
        lay_schema(url)
        chromium = chosen(playwright, list(QUIET))
        with served_house(url, Path(scratch)) as served:
            for name, locale, theme, width in product(wanted, LANGUAGES, ("light", "dark"), (360, 768, 1280)):
                state, opened = State(locale, theme, width), list[Any]()

                def window(opened: list[Any] = opened, **options: Any) -> Any:
                    opened.append(chromium.window(**options))
                    return opened[-1]

                try:
                    found = faults(window, SCENES[name], served, state, folder / f"{name}-{state}.png")
                except Exception as trouble:
                    found = [f"{type(trouble).__name__}: {str(trouble).splitlines()[0]}"]
                for fault in found:
                    count += 1
                    print(name, state, fault, flush=True)
                for context in opened:
                    context.close()
    return count


if __name__ == "__main__":
    sys.exit(min(photograph(Path(sys.argv[1]), sys.argv[2:] or list(SCENES)), 1))
