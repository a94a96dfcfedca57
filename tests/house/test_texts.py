"""The catalogues are complete in both languages, their placeholders agree, and their tone is calm."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.house.walk import HOUSE

LANGUAGES = ("zh_CN", "en")
HAN = r"[\u3400-\u9fff]"
LATIN = r"[A-Za-z0-9]"
TYPED_SPACE = re.compile(rf"{HAN} {LATIN}|{LATIN} {HAN}")
"""The browser sets this space by itself; one that is typed would be doubled."""

ASKED_FOR = re.compile(r"""\bt\(\s*["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")
"""A sentence that a page asks for by its code."""


def catalogues() -> list[Path]:
    """The folders with texts, one a room."""
    return sorted({path.parent for path in HOUSE.glob("*/texts/*.po")})


@cache
def read(folder: Path, language: str) -> Catalog:
    """One language's catalogue of a room."""
    with (folder / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def sentences(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    """Each code with each form of its sentence."""
    for message in read(folder, language):
        if message.id:
            code = message.id if isinstance(message.id, str) else message.id[0]
            forms = [message.string] if isinstance(message.string, str) else message.string or [""]
            yield from ((code, form) for form in forms)


def placeholders(sentence: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("folder", catalogues(), ids=lambda folder: folder.parent.name)
class TestCatalogue:
    """Each room's texts."""

    def test_both_languages_say_the_same_things(self, folder: Path) -> None:
        codes = {language: {code for code, _ in sentences(folder, language)} for language in LANGUAGES}
        assert codes["zh_CN"] == codes["en"]

    def test_nothing_is_empty_or_unsure(self, folder: Path) -> None:
        unsure = [
            f"{language} {message.id}"
            for language in LANGUAGES
            for message in read(folder, language)
            if message.id and message.fuzzy
        ]
        empty = [f"{lang} {code}" for lang in LANGUAGES for code, said in sentences(folder, lang) if not said]
        assert unsure + empty == []

    def test_placeholders_agree(self, folder: Path) -> None:
        wanted: dict[str, set[str]] = {}
        for language in LANGUAGES:
            for code, said in sentences(folder, language):
                wanted.setdefault(code + language, set()).update(placeholders(said) - {"n"})
        codes = {code for code, _ in sentences(folder, "en")}
        assert [code for code in sorted(codes) if wanted[code + "zh_CN"] != wanted[code + "en"]] == []

    def test_tone_is_calm(self, folder: Path) -> None:
        loud = [c for lang in LANGUAGES for c, said in sentences(folder, lang) if re.search("[!！]", said)]
        assert loud == []

    def test_no_space_is_typed_between_han_and_latin(self, folder: Path) -> None:
        spaced = [code for code, said in sentences(folder, "zh_CN") if TYPED_SPACE.search(said)]
        assert spaced == []


def test_no_code_stands_in_two_rooms() -> None:
    owners: dict[str, set[str]] = {}
    for folder in catalogues():
        for code, _ in sentences(folder, "en"):
            owners.setdefault(code, set()).add(folder.parent.name)
    assert {code: rooms for code, rooms in owners.items() if len(rooms) > 1} == {}


def test_pages_ask_for_sentences_that_exist() -> None:
    known = {code for folder in catalogues() for code, _ in sentences(folder, "en")}
    asked = {
        (page.relative_to(HOUSE), code)
        for page in HOUSE.glob("*/templates/**/*.html")
        for code in ASKED_FOR.findall(page.read_text(encoding="utf-8"))
    }
    assert sorted(f"{page}: {code}" for page, code in asked if code not in known) == []
