"""What a way of hashing must be able to do, so that all of them are verified, wrapped and disguised alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from menshen.credentials.formats.settings import Settings

CRYPT_LETTERS = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Filling:
    """How a decoy's salt looks: so many bytes, of these letters or of any."""

    size: int
    letters: bytes = bytes(range(256))


@dataclass(frozen=True, slots=True)
class Scheme:
    """One deterministic way from password to digest.

    `digest(settings, password)` computes; `check(settings)` raises BadHash on parameters that are
    unsound or ask for too much work; `size(settings)` tells the digest's length; `strong(settings)` tells
    whether it may stay as it is; `fillings` are the settings that are secret or differ by person, and
    therefore are no part of the cost.
    """

    digest: Callable[[Settings, bytes], bytes]
    check: Callable[[Settings], None]
    size: Callable[[Settings], int]
    fillings: Mapping[str, Filling] = field(default_factory=dict)
    strong: Callable[[Settings], bool] = lambda settings: False
