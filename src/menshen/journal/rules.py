"""What an event may hold, and its canonical bytes.

The body of an event is one JSON object in the form of RFC 8785 (members sorted, no white space, UTF-8), with

    v            1, the number of this form
    id           32 hex digits, UUID version 7
    at           microseconds since 1970 UTC
    code         what happened
    outcome      "done", "refused" or "failed"
    realm        "customer" or "operator"
    account      the account it happened to, or null
    actor        who did it: an account, "system", "cli", or null for a stranger
    correlation  one id for all that follows from one request
    facts        object of strings, whole numbers within 2**53, true, false and null
    personal     object: name -> SHA-256, in hex, of 16 bytes of salt and the value as UTF-8

Values and salts of `personal` stand beside the body, as JSON object name -> [salt in hex, value], and go when the
person is erased; the body, and with it the leaf hash SHA-256(0x00 || body), stays true.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from menshen.kit.clock import DAY, HOUR, MINUTE

Outcome = Literal["done", "refused", "failed"]
"""done: it happened. refused: a rule said no. failed: it went wrong."""
Fact = str | int | bool | None

LONGEST = 500
"""Characters of a string in an event."""
SALT_BYTES = 16
LARGEST = 2**53 - 1
"""Whole numbers that every JSON reader keeps exactly (RFC 8785)."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TELLING = ("password", "token", "code", "secret", "hash")
"""A fact so named, or ending so, would hold a secret or its digest."""

Grain = Literal["minute", "hour", "day"]
GRAINS: Mapping[Grain, int] = {"minute": MINUTE, "hour": HOUR, "day": DAY}
WEEK = 7 * DAY
_MONDAY = 4 * DAY
"""1970-01-05, the first Monday."""


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How long events are kept."""

    retention_days: Annotated[
        int, msgspec.Meta(ge=30, le=3650, description="Days until an event is deleted; its leaf hash stays")
    ] = 180


class Unfit(ValueError):
    """An event that must not be written as it is: a fault of the caller."""


class Body(msgspec.Struct, frozen=True):
    """The members of an event's body, in the order in which RFC 8785 sorts them."""

    account: str | None
    actor: str | None
    at: int
    code: str
    correlation: str
    facts: dict[str, Fact]
    id: str
    outcome: Outcome
    personal: dict[str, str]
    realm: str
    v: int = 1


@dataclass(frozen=True)
class Entry:
    """An event as it is read. `personal` is empty once the person was erased."""

    id: str
    at: int
    code: str
    outcome: Outcome
    facts: Mapping[str, Fact]
    personal: Mapping[str, str]
    account: str | None
    actor: str | None
    realm: str
    correlation: str


@dataclass(frozen=True)
class Event(Entry):
    """An event with its place in the order of readers."""

    place: tuple[int, int]
    """(xid, seq)."""
    leaf: bytes


def body(event: Body) -> str:
    """The canonical text, whose UTF-8 bytes are hashed."""
    return _CANONICAL.encode(event).decode()


def leaf(body: str) -> bytes:
    """The leaf hash of a body (the 0x00 of RFC 6962 keeps leaves apart from inner nodes)."""
    return hashlib.sha256(b"\x00" + body.encode()).digest()


def salted(salt: bytes, value: str) -> str:
    """What the body holds of a personal value."""
    return hashlib.sha256(salt + value.encode()).hexdigest()


def facts(given: Mapping[str, Any]) -> dict[str, Fact]:
    """The facts as they may stand in a body, sorted; raises Unfit where a name or a value may not."""
    return {name: _value(name, given[name]) for name in sorted(given) if _fit(name)}


def personal(given: Mapping[str, str | None]) -> dict[str, str]:
    """The personal values that are there, sorted; raises Unfit where a name or a value may not."""
    found = {name: _value(name, given[name]) for name in sorted(given) if _fit(name) and given[name] not in (None, "")}
    if not all(isinstance(value, str) for value in found.values()):
        raise Unfit("a personal value is a string")
    return {name: str(value) for name, value in found.items()}


def _fit(name: str) -> bool:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Unfit(f"{name!r} is not a name of a fact")
    if any(name == word or name.endswith(f"_{word}") for word in _TELLING):
        raise Unfit(f"a fact named {name!r} would hold a secret or its digest")
    return True


def _value(name: str, value: Any) -> Fact:
    if value is None or isinstance(value, bool):
        return value
    if type(value) is int and -LARGEST <= value <= LARGEST:
        return value
    if isinstance(value, str):
        return visible(value)
    raise Unfit(f"the fact {name!r} is neither a string, a whole number within 2**53, true, false nor null")


def visible(text: str) -> str:
    r"""The text cut to LONGEST, with every character that could forge a line or hide (S-151) written as `\u000a`."""
    text = str(text)[:LONGEST]
    if text.isprintable():
        return text
    return "".join(char if _shows(char) else f"\\u{ord(char):04x}" for char in text)[:LONGEST]


def _shows(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


def week_of(instant: int) -> int:
    """The Monday, 00:00 UTC, on which the week of an instant begins."""
    return (instant - _MONDAY) // WEEK * WEEK + _MONDAY


_CANONICAL = msgspec.json.Encoder()
