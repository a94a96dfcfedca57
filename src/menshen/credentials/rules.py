"""Pure rules of credentials: settings of the lane, how a typed password is read, which decoy an unknown name meets."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from menshen.kit.clock import DAY, HOUR, MINUTE, SECOND
from menshen.passwords import Profile
from menshen.throttle.rules import Budget, source_keys

MOST_BYTES = 1024
"""Longer passwords are refused before any work (S-27); the policies' own maximum is far below."""


class CredentialSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How passwords are hashed, and how many at once."""

    memory_kib: Annotated[
        int, Meta(ge=0, description="argon2id memory; 0: as measured on this machine at first start")
    ] = 0
    iterations: Annotated[int, Meta(ge=0, le=20, description="argon2id passes; 0: as measured")] = 0
    target_ms: Annotated[int, Meta(ge=10, le=1000, description="time one hash may take when it is measured")] = 100
    lane_width: Annotated[int, Meta(ge=0, le=256, description="hashes at once; 0: one a core")] = 0
    lane_patience_s: Annotated[int, Meta(ge=1, le=30, description="how long a sign-in may wait for the lane")] = 8
    lane_longest: Annotated[int, Meta(ge=1, le=100_000, description="how many may wait for the lane")] = 512
    strangers_a_minute: Annotated[
        int,
        Meta(ge=1, description="wrong tries from unknown devices, in all, before strangers must show proof of work"),
    ] = 300
    wrap_paused: Annotated[bool, Meta(description="whether the wrapping of weak imported hashes rests")] = False


def typed(password: str) -> bytes | None:
    """A typed password as bytes: NFC, so that one phrase typed on two keyboards is one password (SP 800-63B-4 section
    3.1.1.2). None where it is empty, too long, or holds what no keyboard types (NUL, lone surrogates)."""
    if not password or len(password) > MOST_BYTES or "\0" in password:
        return None
    try:
        encoded = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return encoded if len(encoded) <= MOST_BYTES else None


def as_typed(password: str) -> bytes:
    """The same without normalising, as an imported hash's own system read it."""
    return password.encode("utf-8", "surrogatepass")


def drawn_scheme(census: Mapping[str, int], draw: bytes, otherwise: str) -> str:
    """The scheme and cost of a decoy: drawn by a keyed hash of the identifier in proportion to what is stored, so that
    the times of known and unknown names are distributed alike (S-9)."""
    total = sum(census.values())
    if not total:
        return otherwise
    place = int.from_bytes(draw[:8], "big") % total
    for scheme in sorted(census):
        place -= census[scheme]
        if place < 0:
            return scheme
    return otherwise


class Try(msgspec.Struct, frozen=True):
    """One try of a password: on whom, from where."""

    who: str
    """The account's id, or the normalised name where there is no such account: one counter for all spellings (S-19)."""
    source: str
    device: str | None = None
    """The known device of this very account, where the browser is one."""


NARROW = (40, 10 * MINUTE)
"""Tries of strangers from one address (IPv4 /32, IPv6 /64)."""
WIDE = (200, 10 * MINUTE)
"""Tries of strangers from one network (IPv4 /24, IPv6 /48)."""
RUN_WINDOW = 3650 * DAY
"""A run of wrong tries is forgotten by a right one, not by time (SP 800-63B-4 section 3.2.2)."""


def budgets(attempt: Try, profile: Profile) -> list[Budget]:
    """What one try is charged to. A known device has its own budget and touches no other, so that a stranger's tries
    never lock out the owner (ASVS 6.1.1); what strangers try on an account is one budget, whatever their number."""
    numbers = profile.throttle
    if attempt.device is not None:
        known = [Budget(f"password:device:{attempt.device}", numbers.failures, HOUR, growing=True, longest=HOUR)]
        if numbers.then == "disable":
            known.append(Budget(f"password:run:{attempt.device}", numbers.failures, RUN_WINDOW))
        return known
    first, longest = numbers.first_delay_seconds * SECOND, numbers.longest_delay_minutes * MINUTE
    charged = [
        Budget(
            f"password:burst:{attempt.who}",
            numbers.delay_from,
            max(first, SECOND),
            growing=True,
            longest=max(longest, first, SECOND),
        )
    ]
    if numbers.then == "lock":
        locked = numbers.lock_minutes * MINUTE
        charged.append(
            Budget(f"password:lock:{attempt.who}", numbers.failures, locked, growing=True, longest=max(DAY, locked))
        )
    elif numbers.then == "disable":
        charged.append(Budget(f"password:run:{attempt.who}", numbers.failures, RUN_WINDOW))
    charged.append(Budget(f"password:hour:{attempt.who}", max(numbers.failures, numbers.delay_from), HOUR))
    narrow, wide = source_keys(attempt.source)
    return [*charged, Budget(f"password:narrow:{narrow}", *NARROW), Budget(f"password:wide:{wide}", *WIDE)]


def suspicion(attempt: Try) -> Budget:
    """How many wrong tries a network has before its strangers must show some work."""
    return Budget(f"password:suspect:{source_keys(attempt.source)[0]}", 8, 10 * MINUTE)
