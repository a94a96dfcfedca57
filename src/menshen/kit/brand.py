"""The company as its customers see it: name, logo, colour, support contact, languages; pages and mails use it."""

import re
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from menshen.kit.texts import LOCALES

OWN_NAME = {"zh_CN": "门神", "en": "Menshen"}
OWN_COLOUR = "#1F4E8C"
LEAST_CONTRAST = 4.5
"""Of white text on a button in the brand's colour (WCAG 2.2, 1.4.3)."""


@dataclass(frozen=True)
class ShownBrand:
    """The brand in one language, ready for a template."""

    name: str
    colour: str
    has_colour: bool
    """Whether the colour differs from the house's own, so that pages need a style sheet for it."""
    logo_url: str
    """Empty: the mark of the house."""
    support: str


class Brand(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The company as its customers see it, on pages and in mails."""

    name: Annotated[str, msgspec.Meta(description="The company's name")] = OWN_NAME["zh_CN"]
    name_en: Annotated[str, msgspec.Meta(description="Its name in English texts; empty: the same name")] = ""
    logo: Annotated[str, msgspec.Meta(description="File of the logo, SVG or PNG; empty: the mark of Menshen")] = ""
    colour: Annotated[
        str, msgspec.Meta(description="Colour of buttons and links as `#RRGGBB`, at least 4.5:1 against white")
    ] = OWN_COLOUR
    support: Annotated[
        str, msgspec.Meta(description="Where customers find help: a mail address or an https address; empty: nowhere")
    ] = ""
    languages: Annotated[
        tuple[str, ...], msgspec.Meta(description="Languages offered, the first is the default: `zh_CN`, `en`")
    ] = LOCALES
    time_zone: Annotated[str, msgspec.Meta(description="Time zone of customers who have not said theirs")] = (
        "Asia/Shanghai"
    )

    def __post_init__(self) -> None:
        for text in (self.name, self.name_en, self.support):
            if not text.isprintable() or len(text) > 100:
                raise ValueError("a name or contact is one line of at most 100 characters")
        if not self.name.strip():
            raise ValueError("the company needs a name")
        if contrast_with_white(self.colour) < LEAST_CONTRAST:
            raise ValueError(f"white text on {self.colour} cannot be read well: choose a darker colour")
        if self.support and not re.fullmatch(r"https://[^\s\"'<>]+|[^\s:\"'<>@]+@[^\s:\"'<>@]+", self.support):
            raise ValueError("support is a mail address or begins with https://")
        if not self.languages or not set(self.languages) <= set(LOCALES):
            raise ValueError(f"languages are some of {', '.join(LOCALES)}")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{self.time_zone} is not a time zone: write one like Asia/Shanghai") from None

    def called(self, locale: str) -> str:
        """The company's name in a language."""
        if locale == "en" and (self.name_en or self.name == OWN_NAME["zh_CN"]):
            return self.name_en or OWN_NAME["en"]
        return self.name

    def shown(self, locale: str) -> ShownBrand:
        """The brand in a language, for templates."""
        suffix = self.logo.rpartition(".")[2].lower()
        return ShownBrand(
            name=self.called(locale),
            colour=self.colour,
            has_colour=self.colour.upper() != OWN_COLOUR,
            logo_url=f"/brand/logo.{suffix}" if self.logo else "",
            support=self.support,
        )

    def css(self) -> str:
        """The brand's colour as tokens: buttons only, since links would need a second colour for the dark pages."""
        darker = "#" + "".join(f"{int(int(self.colour[at : at + 2], 16) * 0.8):02X}" for at in (1, 3, 5))
        return f":root,:root[data-bs-theme]{{--m-btn:{self.colour};--m-btn-hover:{darker}}}\n"


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of `#RRGGBB` against white, 1 to 21 (WCAG 2.2)."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise ValueError("a colour is written as # and six hexadecimal digits, like #1F4E8C")
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
