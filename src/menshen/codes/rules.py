"""What a one-time link or code is: its shape as it is typed, and what looking one up can come to."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

DIGITS = 8
"""Of a typed code: with five tries a guess succeeds once in 20 million."""

TRIES = 5
"""Of a typed code, over all that were sent for one attempt (ASVS 6.6.3)."""


@dataclass(frozen=True)
class Held:
    """A live link or code that was shown. It is not used up until `burn` says so."""

    id: str
    purpose: str
    account: str | None
    bound_to: str | None
    facts: Mapping[str, str] = field(default_factory=dict)
    made_at: int = 0


@dataclass(frozen=True)
class Wrong:
    """Not the code that is pending here."""

    tries_left: int


def typed_digits(text: str) -> str | None:
    """The digits of a typed code, without the spaces and dashes people put in; None where it cannot be one."""
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", text[:64]))
    return bare if re.fullmatch(rf"[0-9]{{{DIGITS}}}", bare) else None


def link_token(text: str) -> str | None:
    """A token in the shape that `kit.dice.token` gives, or None: an empty one never reaches the table (S-43)."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]{43}", text) else None
