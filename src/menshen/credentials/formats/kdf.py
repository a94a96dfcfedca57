"""Schemes that are slow by design and that libraries compute: argon2, bcrypt, scrypt, PBKDF2, Firebase's scrypt."""

from __future__ import annotations

import hashlib

import bcrypt
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from menshen.credentials.formats import limits
from menshen.credentials.formats.schemes import CRYPT_LETTERS, Filling, Scheme
from menshen.credentials.formats.settings import BadHash, Settings

_ARGON2_TYPES = {"d": Type.D, "i": Type.I, "id": Type.ID}
_BCRYPT_BYTES = 72
_BCRYPT_LETTERS = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LEAST_DIGEST = 16
_MOST_DIGEST = 128


def _check_digest_size(settings: Settings) -> None:
    limits.within("the digest's length", settings.number("size"), _LEAST_DIGEST, _MOST_DIGEST)


def _argon2_digest(settings: Settings, password: bytes) -> bytes:
    return hash_secret_raw(
        secret=password,
        salt=settings.raw("salt"),
        time_cost=settings.number("passes"),
        memory_cost=settings.number("memory"),
        parallelism=settings.number("lanes"),
        hash_len=settings.number("size"),
        type=_ARGON2_TYPES[settings.text("type")],
        version=settings.number("version"),
    )


def _argon2_check(settings: Settings) -> None:
    memory, passes, lanes = (settings.number(name) for name in ("memory", "passes", "lanes"))
    if settings.text("type") not in _ARGON2_TYPES or settings.number("version") not in {16, 19}:
        raise BadHash("hash.malformed", "argon2 of an unknown type or version")
    limits.within("argon2 lanes", lanes, 1, limits.MOST_LANES)
    limits.within("argon2 memory in KiB", memory, 8 * lanes, limits.MOST_MEMORY_KIB)
    limits.within("argon2 memory times passes", memory * passes, 1, limits.MOST_ARGON2_KIB_PASSES)
    limits.within("the salt's length", len(settings.raw("salt")), 8, limits.MOST_VALUE_BYTES)
    _check_digest_size(settings)


def _argon2_strong(settings: Settings) -> bool:
    current = settings.text("type") == "id" and settings.number("version") == 19
    memory, passes = settings.number("memory"), settings.number("passes")
    return current and any(memory >= least and passes >= times for least, times in limits.LEAST_ARGON2)


def _bcrypt_digest(settings: Settings, password: bytes) -> bytes:
    # Every bcrypt ignores what follows byte 72, and the imported one verifies as its source did
    # (S-24); the library refuses instead, so the cut is ours. Only the C programs' other habit, ending
    # at a NUL, is left out on purpose (S-26). $2a$, $2b$ and $2y$ differ only in old programs' mistakes.
    salt = settings.raw("salt")
    # The last letter carries four bits that no salt has. Some programs left them set, which the library refuses.
    last = _BCRYPT_LETTERS[_BCRYPT_LETTERS.index(salt[-1]) & 0b110000]
    opening = b"$2b$%02d$%s%c" % (settings.number("cost"), salt[:-1], last)
    return bcrypt.hashpw(password[:_BCRYPT_BYTES], opening)[-31:]


def _bcrypt_check(settings: Settings) -> None:
    limits.within("the bcrypt cost", settings.number("cost"), 4, limits.MOST_BCRYPT_COST)
    salt = settings.raw("salt")
    if len(salt) != 22 or not set(salt) <= set(CRYPT_LETTERS):
        raise BadHash("hash.malformed", "not a bcrypt salt")


def _scrypt_digest(settings: Settings, password: bytes) -> bytes:
    return _scrypt(settings, password, settings.raw("salt"), settings.number("size"))


def _scrypt(settings: Settings, password: bytes, salt: bytes, size: int) -> bytes:
    n, r, p = (settings.number(name) for name in ("n", "r", "p"))
    room = 128 * r * (n + p + 2) + 1024 * 1024
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=room, dklen=size)


def _scrypt_check_costs(settings: Settings) -> None:
    n, r, p = (settings.number(name) for name in ("n", "r", "p"))
    if n < 2 or n & (n - 1) or r < 1 or p < 1:
        raise BadHash("hash.malformed", "scrypt needs N as a power of two, r and p of at least 1")
    limits.within("scrypt memory in KiB", n * r // 8, 0, limits.MOST_MEMORY_KIB)
    limits.within("scrypt N * r * p", n * r * p, 1, limits.MOST_SCRYPT_STEPS)


def _scrypt_check(settings: Settings) -> None:
    _scrypt_check_costs(settings)
    _check_digest_size(settings)
    settings.raw("salt")


def _scrypt_strong(settings: Settings) -> bool:
    n, r, p = (settings.number(name) for name in ("n", "r", "p"))
    enough = any(n >= least and p >= times for least, times in limits.LEAST_SCRYPT)
    return r >= limits.LEAST_SCRYPT_BLOCK and enough


def _firebase_digest(settings: Settings, password: bytes) -> bytes:
    # Firebase encrypts the project's signer key under the derived key, with a counter from zero.
    key = _scrypt(settings, password, settings.raw("salt") + settings.raw("separator"), 32)
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()
    return encryptor.update(settings.raw("signer")) + encryptor.finalize()


def _firebase_check(settings: Settings) -> None:
    _scrypt_check_costs(settings)
    settings.raw("salt")
    settings.raw("separator")
    limits.within("the signer key's length", len(settings.raw("signer")), _LEAST_DIGEST, _MOST_DIGEST)


def _pbkdf2_digest(settings: Settings, password: bytes) -> bytes:
    rounds, size = settings.number("rounds"), settings.number("size")
    return hashlib.pbkdf2_hmac(settings.text("prf"), password, settings.raw("salt"), rounds, size)


def _pbkdf2_check(settings: Settings) -> None:
    prf, size = settings.text("prf"), settings.number("size")
    if prf not in {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sm3"}:
        raise BadHash("hash.malformed", "PBKDF2 over a digest that is not known")
    if prf not in hashlib.algorithms_available:
        raise BadHash("hash.unsupported_here", f"this machine's OpenSSL has no {prf}")
    _check_digest_size(settings)
    # Each block of output costs all rounds again.
    blocks = -(-size // hashlib.new(prf, usedforsecurity=False).digest_size)
    limits.within("PBKDF2 rounds", settings.number("rounds") * blocks, 1, limits.MOST_PBKDF2_ROUNDS)
    settings.raw("salt")


def _pbkdf2_strong(settings: Settings) -> bool:
    least = limits.LEAST_PBKDF2_ROUNDS.get(settings.text("prf"))
    return least is not None and settings.number("rounds") >= least


def _given_size(settings: Settings) -> int:
    return settings.number("size")


ARGON2 = Scheme(_argon2_digest, _argon2_check, _given_size, {"salt": Filling(16)}, _argon2_strong)
BCRYPT = Scheme(
    digest=_bcrypt_digest,
    check=_bcrypt_check,
    size=lambda settings: 31,
    fillings={"salt": Filling(22, CRYPT_LETTERS)},
    strong=lambda settings: settings.number("cost") >= limits.LEAST_BCRYPT_COST,
)
SCRYPT = Scheme(_scrypt_digest, _scrypt_check, _given_size, {"salt": Filling(16)}, _scrypt_strong)
FIREBASE = Scheme(
    digest=_firebase_digest,
    check=_firebase_check,
    size=lambda settings: len(settings.raw("signer")),
    fillings={"salt": Filling(10), "separator": Filling(1), "signer": Filling(64)},
    strong=_scrypt_strong,
)
PBKDF2 = Scheme(_pbkdf2_digest, _pbkdf2_check, _given_size, {"salt": Filling(16)}, _pbkdf2_strong)
