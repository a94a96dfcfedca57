"""Pure rules of credentials: settings of the lane, how a typed password is read, which decoy an unknown name meets."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

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
