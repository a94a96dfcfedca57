"""Form tokens: each form carries a keyed hash tied to the session, or before sign-in to a `__Host-` cookie."""

import hmac
from collections.abc import Callable

from menshen.kit.dice import Dice, token
from menshen.kit.web.visitor import Visitor

DOOR_COOKIE = "__Host-door"
"""Set with the first form; 256 random bits that prove nothing but that form and browser belong together."""
FIELD = "form_token"

Mac = Callable[[str, bytes], bytes]
"""(purpose, data) -> keyed hash."""


def binding(visitor: Visitor, door: str) -> str:
    """What a form is tied to: the session, else the browser's door cookie; empty where neither is."""
    return f"session:{visitor.session_id}" if visitor.session_id else (f"door:{door}" if door else "")


def issue(mac: Mac, bound_to: str) -> str:
    """The token for forms of this session or browser."""
    return mac("form", bound_to.encode()).hex()


def fits(mac: Mac, bound_to: str, given: str) -> bool:
    """Whether a form that came back was ours, made for this session or browser."""
    return bool(bound_to) and hmac.compare_digest(issue(mac, bound_to).encode(), given.encode("utf-8", "replace"))


def new_door(dice: Dice) -> str:
    """A fresh value for the door cookie."""
    return token(dice)
