"""What is done with a stored hash: verified, weighed, wrapped, made anew."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from menshen.credentials.formats import limits
from menshen.credentials.formats.kdf import ARGON2
from menshen.credentials.formats.registry import SCHEMES, compute
from menshen.credentials.formats.settings import BadHash, Settings
from menshen.credentials.formats.stored import ARGON2 as ARGON2_NAME
from menshen.credentials.formats.stored import StoredHash

Hasher = Callable[[bytes], StoredHash]
_VERSION = 19
_DIGEST_BYTES = 32
_LEAST_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """What one of our own hashes costs: memory in KiB, passes over it, lanes side by side."""

    memory_kib: int
    passes: int
    lanes: int


# OWASP Password Storage sheet, the stated minimum; ASVS 5.0.0 appendix C.
FLOOR = Argon2Parameters(memory_kib=19_456, passes=2, lanes=1)


def verify(stored: StoredHash, password: str | bytes) -> bool:
    """Whether this is the password; False also for an empty one, an overlong one and any failure."""
    try:
        secret = password.encode() if isinstance(password, str) else password
        if not 0 < len(secret) <= limits.MOST_PASSWORD_BYTES:
            return False
        return _matches(stored, compute(stored, secret))
    except Exception:
        return False


def _matches(stored: StoredHash, digest: bytes) -> bool:
    if stored.outer is None:
        return hmac.compare_digest(digest, stored.digest)
    return hmac.compare_digest(compute(stored.outer, digest), stored.outer.digest)


def strength(stored: StoredHash) -> Literal["strong", "weak"]:
    """Whether the hash may stay as it is; a weak one is wrapped at import."""
    if stored.outer is not None:
        return strength(stored.outer)
    return "strong" if SCHEMES[stored.scheme].strong(stored.settings) else "weak"


def wrap(stored: StoredHash, hasher: Hasher) -> StoredHash:
    """The same hash with its digest replaced by `hasher(digest)`, one of our own; BadHash if wrapped before.

    The digest stays nowhere: the old salts and costs are kept, to compute it again from the password.
    """
    if stored.outer is not None:
        raise BadHash("hash.malformed", "it is wrapped already")
    outer = hasher(stored.digest)
    if not outer.direct:
        raise BadHash("hash.malformed", "only a direct argon2 hash may wrap another")
    return StoredHash(stored.scheme, stored.settings, b"", outer)


def hash_new(password: str | bytes, parameters: Argon2Parameters, salt: bytes) -> StoredHash:
    """Our own argon2id hash; its `encode()` is the PHC string. BadHash on a short salt or ruinous costs."""
    if len(salt) < _LEAST_SALT_BYTES:
        raise BadHash("hash.malformed", f"the salt must have at least {_LEAST_SALT_BYTES} bytes")
    settings = Settings(
        {
            "type": b"id",
            "version": _VERSION,
            "memory": parameters.memory_kib,
            "passes": parameters.passes,
            "lanes": parameters.lanes,
            "salt": salt,
            "size": _DIGEST_BYTES,
        }
    )
    ARGON2.check(settings)
    secret = password.encode() if isinstance(password, str) else password
    return StoredHash(ARGON2_NAME, settings, ARGON2.digest(settings, secret))


def needs_upgrade(stored: StoredHash, parameters: Argon2Parameters) -> bool:
    """Whether the next good sign-in should hash anew: imported, wrapped, or made at lower costs than these."""
    if not stored.direct:
        return True
    settings = stored.settings
    ours = settings.text("type") == "id" and settings.number("version") == _VERSION
    enough = settings.number("memory") >= parameters.memory_kib and settings.number("passes") >= parameters.passes
    return not (ours and enough and settings.number("size") >= _DIGEST_BYTES)
