"""What people read: one gettext catalogue a room and language, keyed by message code, complete in zh_CN and en."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

from menshen.kit.clock import as_datetime

LOCALES = ("zh_CN", "en")
"""The languages every catalogue is complete in; the first is the default."""

LANGUAGE_TAGS = {"zh_CN": "zh-CN", "en": "en"}
"""Locale to BCP 47 tag, for `lang` attributes."""


class Texts:
    """The catalogues of all rooms together. A code that is missing is a fault of ours, so it is refused, not shown."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._said: dict[str, dict[str, tuple[str, ...]]] = {locale: {} for locale in LOCALES}
        for folder in folders:
            for locale in LOCALES:
                self._said[locale].update(catalogue(folder / f"{locale}.po"))

    def say(self, code: str, locale: str, /, **values: Any) -> str:
        """The sentence of a code; `n` chooses between one and many where the language does."""
        forms = self._said[locale if locale in LOCALES else LOCALES[0]][code]
        many = len(forms) > 1 and values.get("n", 1) != 1
        return forms[1 if many else 0].format_map(values)

    def knows(self, code: str) -> bool:
        """Whether both languages have a sentence for the code."""
        return all(code in self._said[locale] for locale in LOCALES)

    def codes(self, locale: str) -> Mapping[str, tuple[str, ...]]:
        """All codes of a language with their forms, for the tests of completeness."""
        return self._said[locale]


def catalogue(file: Path) -> dict[str, tuple[str, ...]]:
    """One gettext file as code -> forms (one, or one and many)."""
    with file.open("rb") as opened:
        entries = read_po(opened)
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if not entry.id:
            continue
        code = entry.id if isinstance(entry.id, str) else entry.id[0]
        found[code] = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
    return found


def when(instant: int, zone: str, locale: str) -> str:
    """An instant for people: day and 24-hour time in their zone."""
    moment = as_datetime(instant).astimezone(ZoneInfo(zone))
    return f"{day(instant, zone, locale)} {moment:%H:%M}"


def day(instant: int, zone: str, locale: str) -> str:
    """A day for people, in their zone."""
    moment = as_datetime(instant).astimezone(ZoneInfo(zone))
    if locale == "en":
        return f"{moment.day} {moment:%b} {moment.year}"
    return f"{moment.year}年{moment.month}月{moment.day}日"
