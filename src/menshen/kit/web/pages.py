"""Pages: Jinja templates of all rooms with texts, look and form token, and the strict policy they are sent with."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from menshen.kit.brand import Brand
from menshen.kit.clock import DAY, HOUR, MINUTE, Clock
from menshen.kit.room import Part, Room
from menshen.kit.texts import LANGUAGE_TAGS, Texts, day, when
from menshen.kit.web.routes import Page
from menshen.kit.web.visitor import Visitor

KIT = Path(__file__).parent.parent
STATIC = KIT / "static"


def policy(form_action: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page; `form_action` lists further origins its forms may end at."""
    actions = " ".join(("'self'", *form_action))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            f"form-action {actions}",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types menshen-worker",
        )
    )


class Pages:
    """Renders the pages of all rooms."""

    def __init__(self, rooms: Sequence[Room], texts: Texts, brand: Brand, clock: Clock) -> None:
        self._texts = texts
        self._brand = brand
        self._clock = clock
        self._parts = sorted((part for room in rooms for part in room.parts), key=lambda part: part.rank)
        self._assets: Mapping[str, str] = _manifest()
        self._jinja = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(KIT / "templates"),
                    PrefixLoader({room.name: FileSystemLoader(room.templates) for room in rooms}),
                ]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals["asset"] = self.asset

    def asset(self, name: str) -> str:
        """Address of a built file, with its hash so that it may be kept for ever."""
        return f"/static/{self._assets.get(name, name)}"

    def render(self, page: Page, visitor: Visitor, form_token: str, path: str = "/") -> str:
        """The page as HTML."""
        return self._jinja.get_template(page.template).render(
            self._around(visitor, form_token, path) | dict(page.values)
        )

    def _around(self, visitor: Visitor, form_token: str, path: str) -> dict[str, Any]:
        """What every template knows."""
        locale = visitor.locale
        around: dict[str, Any] = {
            "t": lambda code, **values: self._sentence(code, locale, values),
            "lang": LANGUAGE_TAGS[locale],
            "locale": locale,
            "theme": visitor.theme,
            "brand": self._brand.shown(locale),
            "form_token": form_token,
            "visitor": visitor,
            "path": path,
            "prefix": "/console" if visitor.realm == "operator" else "",
            "now": self._clock.now(),
            "when": lambda instant: when(instant, visitor.time_zone, locale),
            "day": lambda instant: day(instant, visitor.time_zone, locale),
            "ago": lambda instant: self._ago(instant, locale),
            "num": lambda number: f"{number:,}",
        }
        around["lined_up"] = self._line_up(visitor, around)
        around["nav"] = self._nav(visitor, path)
        return around

    def _sentence(self, code: str, locale: str, values: Mapping[str, Any]) -> str:
        """A sentence; where a value is markup of ours, such as a link, all else in it is escaped here."""
        if any(isinstance(value, Markup) for value in values.values()):
            escaped = {name: value if isinstance(value, Markup) else escape(value) for name, value in values.items()}
            return Markup(self._texts.say(code, locale, **escaped))  # noqa: S704  the catalogue is ours
        return self._texts.say(code, locale, **_shown(values))

    def _line_up(self, visitor: Visitor, around: dict[str, Any]) -> Callable[..., list[Markup]]:
        def lined_up(place: str, **known: Any) -> list[Markup]:
            shown = []
            for part in self._parts_at(place):
                values = part.render(visitor, known)
                if values is not None:
                    html = self._jinja.get_template(part.template).render(around | {"part": values})
                    shown.append(Markup(html))  # noqa: S704  rendered with autoescape just now
            return shown

        return lined_up

    def _parts_at(self, place: str) -> list[Part]:
        return [part for part in self._parts if part.place == place]

    def _nav(self, visitor: Visitor, path: str) -> list[dict[str, Any]]:
        place = "console.nav" if visitor.realm == "operator" else "account.nav"
        if not visitor.signed_in:
            return []
        entries = [part.render(visitor, {}) for part in self._parts_at(place)]
        return [
            {
                **entry,
                "text": self._texts.say(entry["code"], visitor.locale),
                "current": entry["href"] == path,
            }
            for entry in entries
            if entry is not None
        ]

    def _ago(self, instant: int, locale: str) -> str:
        passed = max(self._clock.now() - instant, 0)
        for unit, code in ((DAY, "kit.ago.days"), (HOUR, "kit.ago.hours"), (MINUTE, "kit.ago.minutes")):
            if passed >= unit:
                return self._texts.say(code, locale, n=passed // unit)
        return self._texts.say("kit.ago.now", locale)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values for a sentence; numbers grouped, all else as it is (the template escapes the whole sentence)."""
    return {
        key: f"{value:,}" if isinstance(value, int) and key != "n" and value >= 10_000 else value
        for key, value in values.items()
    }


def _manifest() -> Mapping[str, str]:
    file = STATIC / "manifest.json"
    if not file.exists():
        return {}
    found: Mapping[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found
