"""The look: sample pages are sound in a browser, weigh little, and name only classes and icons that exist."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from menshen.kit.texts import LOCALES, Texts
from menshen.kit.web.pages import KIT, STATIC
from tests.kit.gallery import TEMPLATES, State, faults, html_of, names

ROOT = Path(__file__).parents[2]
PACKAGE = KIT.parent
MARKS_WITHOUT_STYLE = {"customer", "info", "open", "room"}
"""Class names that tell something apart and need no rule of their own."""


def built(name: str) -> str:
    manifest: dict[str, str] = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    return (STATIC / manifest[name]).read_text(encoding="utf-8")


def weight(*texts: str) -> int:
    return sum(len(gzip.compress(text.encode(), 9)) for text in texts)


def templates() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("templates/*.html") if file.name != "mail.html")


@pytest.mark.browser
@pytest.mark.parametrize("state", [State("zh_CN", "light", 360), State("en", "dark", 1280)], ids=str)
@pytest.mark.parametrize("name", names())
def test_sample_page_is_sound(name: str, state: State, window: Callable[..., object]) -> None:
    assert faults(window, html_of(name, state), state) == []  # type: ignore[arg-type]


@pytest.mark.browser
def test_faults_are_noticed(window: Callable[..., object]) -> None:
    state = State()
    broken = html_of("sign-in", state).replace('for="who"', "").replace("</main>", '<p style="color:#aaa">x</p></main>')
    found = " ".join(faults(window, broken, state))  # type: ignore[arg-type]
    assert "axe label" in found
    assert "console: Applying inline style" in found


@pytest.mark.parametrize("file", templates(), ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_template_keeps_the_strict_policy(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)|javascript:|data:image", source)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', source)


@pytest.mark.parametrize("file", templates(), ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_template_names_only_styled_classes(file: Path) -> None:
    styled = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", built("app.css"))) | MARKS_WITHOUT_STYLE
    source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    used = {name for names in re.findall(r'class="([^"]*)"', source) for name in names.split()}
    assert used <= styled, used - styled


def test_templates_name_only_icons_of_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', built("icons.svg")))
    used = {
        name
        for file in templates()
        for name in re.findall(r'(?:\bicon\(|icon_name=|ui\.line\()"([\w-]+)"', file.read_text(encoding="utf-8"))
    }
    assert used <= drawn, used - drawn


def test_weights_stay_within_their_budgets() -> None:
    page = html_of("sign-in", State())
    assert weight(built("app.css")) <= 21_000
    assert weight(built("page.js"), built("work.js")) <= 6_000
    assert weight(page, built("app.css"), built("page.js"), built("icons.svg"), built("mark.svg")) <= 30_000


def test_styles_speak_to_old_browsers_and_the_strict_policy() -> None:
    ours = built("app.css").rpartition("--m-paper")[2]
    assert not re.search(r"color-mix\(|oklch\(", ours)
    assert not re.search(r"data:image|light-dark\(", built("app.css"))


def test_built_names_carry_their_content() -> None:
    manifest: dict[str, str] = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    assert sorted({*manifest.values(), "manifest.json"}) == sorted(file.name for file in STATIC.iterdir())
    assert all(re.fullmatch(r"[\w-]+-[0-9a-f]{10}\.(css|js|svg)", name) for name in manifest.values())


def test_own_texts_are_complete_and_all_used() -> None:
    texts = Texts([KIT / "texts"])
    zh, en = (texts.codes(locale) for locale in LOCALES)
    assert set(zh) == set(en)
    sources = " ".join(
        file.read_text(encoding="utf-8") for file in [*TEMPLATES.glob("*.html"), *PACKAGE.rglob("*.py"), *templates()]
    )
    assert [code for code in zh if f'"{code}"' not in sources and f"'{code}'" not in sources] == []
