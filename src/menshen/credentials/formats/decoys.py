"""Decoys: hashes that cost what a stored one costs and that no password opens.

An unknown account is checked against one whose scheme and cost are drawn in proportion to those stored,
so that a stranger learns nothing from the time (security case S-9).
"""

from __future__ import annotations

import hashlib

from menshen.credentials.formats import recipe
from menshen.credentials.formats.kdf import ARGON2
from menshen.credentials.formats.notation import read
from menshen.credentials.formats.registry import SCHEMES, check
from menshen.credentials.formats.schemes import Filling
from menshen.credentials.formats.settings import BadHash, Settings, Value
from menshen.credentials.formats.stored import ARGON2 as ARGON2_NAME
from menshen.credentials.formats.stored import StoredHash, read_settings, write_settings

_SPELLINGS = ("recipe", "before")
# Hex letters, so that a recipe which decodes its salt can do so.
_OUTSIDE = Filling(32, b"0123456789abcdef")


def scheme_and_cost(stored: StoredHash) -> str:
    """What the hash costs to verify, without salt, pepper or digest: equal for all of one import."""
    secret = SCHEMES[stored.scheme].fillings
    costs: dict[str, Value] = {}
    for name, value in stored.settings.items():
        if name in _SPELLINGS and isinstance(value, bytes):
            costs[name] = recipe.disguised(value.decode()).encode()
        elif name not in secret and name not in recipe.OUTSIDE_NAMES and not name.startswith("before_"):
            costs[name] = value
    inner = f"{stored.scheme}${write_settings(Settings(costs))}"
    return f"{inner}${scheme_and_cost(stored.outer)}" if stored.outer else inner


def decoy(scheme_and_cost: str, seed: bytes) -> StoredHash:
    """A hash of this scheme and cost, filled from the seed; no password opens it. BadHash if unreadable."""
    parts = scheme_and_cost.split("$")
    if len(parts) not in {2, 4} or (len(parts) == 4 and parts[2] != ARGON2_NAME):
        raise BadHash("hash.malformed", "not a scheme and cost")
    draw = _Draw(seed + scheme_and_cost.encode())
    settings = _filled(parts[0], read_settings(parts[1]), draw)
    if len(parts) == 4:
        outer = _filled(ARGON2_NAME, read_settings(parts[3]), draw)
        wrapping = StoredHash(ARGON2_NAME, outer, draw.some(Filling(ARGON2.size(outer))))
        disguised = StoredHash(parts[0], settings, b"", wrapping)
    else:
        digest = draw.some(Filling(SCHEMES[parts[0]].size(settings)))
        disguised = StoredHash(parts[0], settings, digest)
    check(disguised)
    return disguised


def _filled(scheme: str, costs: Settings, draw: _Draw) -> Settings:
    if scheme not in SCHEMES:
        raise BadHash("hash.malformed", "a scheme that is not known")
    values: dict[str, Value] = {name: draw.some(filling) for name, filling in SCHEMES[scheme].fillings.items()}
    for spelling, prefix in (("recipe", ""), ("before", "before_")):
        if spelling in costs:
            names = recipe.wanted(read(costs.text(spelling)))
            values |= {prefix + name: draw.some(_OUTSIDE) for name in sorted(names)}
    return costs.extended(values)


class _Draw:
    """Bytes without end from one seed."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._turn = 0

    def some(self, filling: Filling) -> bytes:
        self._turn += 1
        stream = hashlib.shake_256(self._turn.to_bytes(4, "big") + self._seed).digest(filling.size)
        return bytes(filling.letters[byte % len(filling.letters)] for byte in stream)
