"""Pure rules of sessions: how strong proofs are, when a session is over, how a browser is called, what an origin is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from menshen.kit.clock import DAY, MINUTE
from menshen.kit.web.visitor import Proof
from menshen.passwords import Profile


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is shown beside sessions; how long they last is the policy's."""

    places: Annotated[
        str, msgspec.Meta(description="file of places of network addresses (MaxMind DB); empty: places stay unknown")
    ] = ""


SEEN_EVERY = MINUTE
"""Last-seen is written at most this often, so that looking a session up is a read."""
DEVICE_LASTS = 400 * DAY
"""Browsers keep no cookie longer (RFC 6265bis section 5.5)."""

KNOWLEDGE, POSSESSION, INHERENCE = "knowledge", "possession", "inherence"

FACTORS: dict[str, str] = {"pwd": KNOWLEDGE}
"""Method (RFC 8176 `amr` value) to the kind of factor it proves; rooms of later methods add theirs here."""


@dataclass(frozen=True)
class Limits:
    """How long a session lasts, in microseconds (ASVS 7.3.1, 7.3.2; SP 800-63B-4 section 5.2), and how many at once."""

    idle: int
    absolute: int
    parallel: int = 20


@dataclass(frozen=True)
class Session:
    """A live session as its look-up gives it."""

    id: str
    account_id: str
    realm: str
    host: str
    epoch: int
    proofs: tuple[Proof, ...]
    started_at: int
    last_seen_at: int
    browser: str
    source: str
    place: str
    device_id: str | None
    parent: str | None


@dataclass(frozen=True)
class Device:
    """A browser that an account signed in from and that was remembered; never authentication."""

    id: str
    account_id: str
    browser: str
    place: str
    first_at: int
    last_at: int


def limits_of(profile: Profile) -> Limits:
    """How long a session under this profile lasts."""
    numbers = profile.sessions
    return Limits(numbers.idle_minutes * MINUTE, numbers.absolute_minutes * MINUTE, numbers.parallel)


def assurance(proofs: Iterable[Proof]) -> int:
    """Authenticator assurance level of proofs (SP 800-63B-4 section 2): two kinds of factor make 2, one makes 1."""
    kinds = {FACTORS[proof.method] for proof in proofs if proof.method in FACTORS}
    return min(len(kinds), 2)


def over(session: Session, limits: Limits, now: int) -> bool:
    """Whether a session has ended by itself; a clock that jumped back lengthens it by the jump at most."""
    return now - session.last_seen_at >= limits.idle or now - session.started_at >= limits.absolute


def newest_proof(proofs: Iterable[Proof]) -> int:
    """When something was last proven; 0 where nothing was."""
    return max((proof.at for proof in proofs), default=0)


_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQBrowser"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)


def browser_name(user_agent: str) -> str:
    """A browser in two words, such as "Windows · Edge"; an empty text where nothing is recognised."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    return " · ".join(part for part in (system, browser) if part)


def is_handheld(browser: str) -> bool:
    """Whether the name is of something held in a hand, for its glyph."""
    return browser.startswith(("iPhone", "iPad", "Android", "HarmonyOS"))


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


class WrongOrigin(ValueError):
    """Not an origin; the message says what is expected."""


def origin(text: str) -> str:
    """An origin, `https://shop.example.com`, in its one spelling. Raises WrongOrigin with what to write instead."""
    parts = urlsplit(text.strip())
    host = parts.netloc.lower()
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host):
        raise WrongOrigin(f"{text!r} is not an origin; write it as https://shop.example.com")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise WrongOrigin(f"an origin has no path; write {parts.scheme}://{host}")
    if parts.scheme == "http" and host.rsplit(":", 1)[0] not in ("localhost", "127.0.0.1"):
        raise WrongOrigin(f"http is for this machine only; write https://{host}")
    default = {"https": ":443", "http": ":80"}[parts.scheme]
    return f"{parts.scheme}://{host.removesuffix(default)}"


_ADDRESS = re.compile(r"(https?)://([a-z0-9.-]+(?::[0-9]{1,5})?)(/[!-\[\]-~]*)?")


def origin_of(address: str) -> str | None:
    """The origin of a whole address, or None where any browser could read it otherwise than we do (S-88)."""
    found = _ADDRESS.fullmatch(address)
    if found is None or len(address) > 2000 or "\\" in address:
        return None
    try:
        return origin(f"{found[1]}://{found[2]}")
    except WrongOrigin:
        return None


# Each character can match in one way only: a repeated group with an optional slash took hours for 900 letters.
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_\-.~=&?%]+(?:/[A-Za-z0-9_\-.~=&?%]+)*/?)?")


def own_path(target: str) -> bool:
    """Whether a deep link stays on our own pages: one slash, plain characters, nothing a browser reads as a host."""
    return (
        len(target) <= 1000 and bool(_OWN_PATH.fullmatch(target)) and "%5c" not in target.lower() and "%0" not in target
    )
