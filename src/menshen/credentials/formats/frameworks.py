"""Readers of the texts that Django, Werkzeug, passlib, ASP.NET Identity and Firebase write."""

from __future__ import annotations

import re

from menshen.credentials.formats import phc
from menshen.credentials.formats.reading import Format, Given, fields, from_base64, from_hex, stored
from menshen.credentials.formats.recipe import DIGEST_SIZES
from menshen.credentials.formats.settings import BadHash
from menshen.credentials.formats.stored import StoredHash

_COUNT = r"[1-9]\d{0,9}"
_DJANGO_PBKDF2 = re.compile(
    rf"pbkdf2_(?P<prf>sha1|sha256)\$(?P<rounds>{_COUNT})\$(?P<salt>[^$]+)\$(?P<value>[\w+/=]+)", re.ASCII
)
_DJANGO_SCRYPT = re.compile(
    rf"scrypt\$(?P<n>{_COUNT})\$(?P<salt>[^$]+)\$(?P<r>{_COUNT})\$(?P<p>{_COUNT})\$(?P<value>[\w+/=]+)", re.ASCII
)
# Werkzeug wrote the same shape over an HMAC, with salts of 8 or 16 letters; those must be named.
_DJANGO_DIGEST = re.compile(r"(?:md5|sha1)\$(?!(?:[^$]{8}|[^$]{16})\$)[^$]*\$(?:[0-9a-f]{32}|[0-9a-f]{40})", re.ASCII)
_DIGEST = re.compile(
    r"(?P<digest>md5|sha1|sha224|sha256|sha384|sha512)\$(?P<salt>[^$]*)\$(?P<value>[0-9a-f]+)", re.ASCII
)
_WERKZEUG_HMAC = re.compile(r"sha(?:224|256|384|512)\$[^$]+\$[0-9a-f]+", re.ASCII)
_WERKZEUG_PBKDF2 = re.compile(
    rf"pbkdf2:(?P<prf>[a-z0-9]+):(?P<rounds>{_COUNT})\$(?P<salt>[^$]+)\$(?P<value>[0-9a-f]+)", re.ASCII
)
_WERKZEUG_SCRYPT = re.compile(
    rf"scrypt:(?P<n>{_COUNT}):(?P<r>{_COUNT}):(?P<p>{_COUNT})\$(?P<salt>[^$]+)\$(?P<value>[0-9a-f]+)", re.ASCII
)
_PASSLIB_PBKDF2 = re.compile(
    rf"\$pbkdf2(?:-(?P<prf>sha256|sha512))?\$(?P<rounds>{_COUNT})\$(?P<salt>[\w./]*)\$(?P<value>[\w./]+)", re.ASCII
)
_PASSLIB_SCRYPT = re.compile(
    rf"\$scrypt\$ln=(?P<ln>\d{{1,2}}),r=(?P<r>{_COUNT}),p=(?P<p>{_COUNT})"
    r"\$(?P<salt>[\w+/]*)\$(?P<value>[\w+/]+)",
    re.ASCII,
)
_FIREBASE = re.compile(
    rf"\$fbscrypt\$v=1,n=(?P<ln>\d{{1,2}}),r=(?P<r>{_COUNT}),p=(?P<p>{_COUNT})"
    r"(?:,ss=(?P<separator>[\w+/=]*))?(?:,sk=(?P<signer>[\w+/=]+))?\$(?P<salt>[\w+/=]*)\$(?P<value>[\w+/=]+)",
    re.ASCII,
)
_ASPNET_V2 = re.compile(r"A[A-P][A-Za-z0-9+/]{64}==", re.ASCII)
_ASPNET_V3 = re.compile(r"AQAAAA[A-Za-z0-9+/]{40,250}={0,2}", re.ASCII)
_ASPNET_PRFS = (b"sha1", b"sha256", b"sha512")


def pbkdf2(prf: str, rounds: int, salt: bytes, digest: bytes) -> StoredHash:
    """A stored PBKDF2 hash."""
    return stored("pbkdf2", digest, prf=prf.encode(), rounds=rounds, salt=salt, size=len(digest))


def scrypt(n: int, r: int, p: int, salt: bytes, digest: bytes) -> StoredHash:
    """A stored scrypt hash."""
    return stored("scrypt", digest, n=n, r=r, p=p, salt=salt, size=len(digest))


def power(log2: int) -> int:
    """Two to this power; BadHash when no machine could spend it."""
    if log2 > 31:
        raise BadHash("hash.too_costly", f"a cost of 2^{log2}")
    return 1 << log2


def argon2(text: str, given: Given) -> StoredHash:
    """A PHC string of argon2, also with Django's `argon2` before it."""
    return StoredHash("argon2", *phc.read(text.removeprefix("argon2")))


def _django(text: str, given: Given) -> StoredHash:
    if text.startswith("pbkdf2_"):
        found = fields(_DJANGO_PBKDF2, text)
        salt, value = found["salt"].encode(), from_base64(found["value"])
        return pbkdf2(found["prf"], int(found["rounds"]), salt, value)
    if text.startswith("scrypt$"):
        found = fields(_DJANGO_SCRYPT, text)
        costs = (int(found["n"]), int(found["r"]), int(found["p"]))
        return scrypt(*costs, found["salt"].encode(), from_base64(found["value"]))
    return _salted_digest(text, "{digest}(salt + password)")


def _werkzeug(text: str, given: Given) -> StoredHash:
    if text.startswith("pbkdf2:"):
        found = fields(_WERKZEUG_PBKDF2, text)
        salt, value = found["salt"].encode(), from_hex(found["value"])
        return pbkdf2(found["prf"], int(found["rounds"]), salt, value)
    if text.startswith("scrypt:"):
        found = fields(_WERKZEUG_SCRYPT, text)
        costs = (int(found["n"]), int(found["r"]), int(found["p"]))
        return scrypt(*costs, found["salt"].encode(), from_hex(found["value"]))
    return _salted_digest(text, "hmac_{digest}(salt, password)")


def _salted_digest(text: str, spelling: str) -> StoredHash:
    found = fields(_DIGEST, text)
    value = from_hex(found["value"])
    if len(value) != DIGEST_SIZES[found["digest"]]:
        raise BadHash("hash.malformed", f"{found['digest']} with a value of {len(value)} bytes")
    if not found["salt"]:
        return stored("recipe", value, recipe=f"{found['digest']}(password)".encode())
    recipe = spelling.format(digest=found["digest"]).encode()
    return stored("recipe", value, recipe=recipe, salt=found["salt"].encode())


def _passlib(text: str, given: Given) -> StoredHash:
    if text.startswith("$scrypt"):
        found = fields(_PASSLIB_SCRYPT, text)
        costs = (power(int(found["ln"])), int(found["r"]), int(found["p"]))
        return scrypt(*costs, from_base64(found["salt"]), from_base64(found["value"]))
    found = fields(_PASSLIB_PBKDF2, text)
    salt, value = (from_base64(found[name], letters=b"./") for name in ("salt", "value"))
    return pbkdf2(found["prf"] or "sha1", int(found["rounds"]), salt, value)


def firebase(n: int, r: int, p: int, salt: bytes, separator: bytes, given: Given, digest: bytes) -> StoredHash:
    """A hash of Firebase's scrypt; the signer key, in base64 as the project shows it, is the pepper."""
    signer = from_base64(given.value("pepper").decode("ascii", "replace"))
    if len(digest) != len(signer):
        raise BadHash("hash.malformed", f"Firebase's value must have {len(signer)} bytes, as its signer key")
    return stored("firebase", digest, n=n, r=r, p=p, salt=salt, separator=separator, signer=signer)


def _firebase_text(text: str, given: Given) -> StoredHash:
    found = fields(_FIREBASE, text)
    costs = (power(int(found["ln"])), int(found["r"]), int(found["p"]))
    salt, separator = from_base64(found["salt"]), from_base64(found["separator"] or "")
    key = Given(pepper=found["signer"].encode()) if found["signer"] else given
    return firebase(*costs, salt, separator, key, from_base64(found["value"]))


def _aspnet(text: str, given: Given) -> StoredHash:
    value = from_base64(text)
    if len(value) == 49 and value[0] == 0:
        return pbkdf2("sha1", 1000, value[1:17], value[17:])
    if len(value) < 13 or value[0] != 1:
        raise BadHash("hash.malformed", "neither version 2 nor version 3 of ASP.NET Identity")
    prf, rounds, salt_size = (int.from_bytes(value[at : at + 4], "big") for at in (1, 5, 9))
    if prf >= len(_ASPNET_PRFS) or not 16 <= salt_size <= len(value) - 13 - 16:
        raise BadHash("hash.malformed", "ASP.NET Identity with a digest or salt that it does not write")
    return pbkdf2(_ASPNET_PRFS[prf].decode(), rounds, value[13 : 13 + salt_size], value[13 + salt_size :])


def _either(*patterns: re.Pattern[str]) -> re.Pattern[str]:
    # Names of groups may not repeat in one pattern; recognition needs none.
    bare = (re.sub(r"\?P<\w+>", "", pattern.pattern) for pattern in patterns)
    return re.compile("|".join(bare), re.ASCII)


FORMATS = (
    Format("argon2", argon2, re.compile(r"(?:argon2)?\$argon2(?:id|i|d)\$.+", re.ASCII)),
    Format("django", _django, _either(_DJANGO_PBKDF2, _DJANGO_SCRYPT, _DJANGO_DIGEST)),
    Format("werkzeug", _werkzeug, _either(_WERKZEUG_PBKDF2, _WERKZEUG_SCRYPT, _WERKZEUG_HMAC)),
    Format("passlib", _passlib, _either(_PASSLIB_PBKDF2, _PASSLIB_SCRYPT)),
    Format("firebase", _firebase_text, _FIREBASE),
    Format("aspnet", _aspnet, _either(_ASPNET_V2, _ASPNET_V3)),
)
