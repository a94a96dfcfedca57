"""Readers of the crypt(3) family: bcrypt and what frameworks put before it, `$1$ $apr1$ $5$ $6$ $y$`, phpass."""

from __future__ import annotations

import re

from menshen.credentials.formats.reading import Format, Given, fields, prepared, stored
from menshen.credentials.formats.schemes import CRYPT_LETTERS
from menshen.credentials.formats.settings import BadHash
from menshen.credentials.formats.stored import StoredHash

_LETTERS = "[./0-9A-Za-z]"
_BCRYPT = re.compile(
    rf"(?P<before>|bcrypt\$|bcrypt_sha256\$|\$wp)\$2[aby]\$(?P<cost>\d\d)\$"
    rf"(?P<salt>{_LETTERS}{{22}})(?P<value>{_LETTERS}{{31}})",
    re.ASCII,
)
_PASSLIB_BCRYPT = re.compile(
    rf"\$bcrypt-sha256\$(?:v=(?P<version>2),t=)?2[ab],(?:r=)?(?P<cost>\d{{1,2}})\$"
    rf"(?P<salt>{_LETTERS}{{22}})\$(?P<value>{_LETTERS}{{31}})",
    re.ASCII,
)
_BEFORE = {
    "": None,
    "bcrypt$": None,
    "bcrypt_sha256$": "hex(sha256(password))",
    "$wp": "base64(hmac_sha384('wp-sha384', password))",
}
_MD5_CRYPT = re.compile(rf"(?P<magic>\$(?:1|apr1)\$)(?P<salt>[^$:\n\0]{{0,8}})\$(?P<value>{_LETTERS}{{22}})", re.ASCII)
_SYSTEM = re.compile(
    r"(?P<prefix>\$(?:5|6|sm3)\$(?:rounds=\d{1,10}\$)?|\$y\$[^$]+\$)"
    rf"(?P<salt>[^$:\n\0]{{0,86}})\$(?P<value>{_LETTERS}{{43,86}})",
    re.ASCII,
)
_PHPASS = re.compile(
    rf"(?P<kind>\$[PH]\$|U?\$S\$|U\$[PH]\$)(?P<log2>{_LETTERS})(?P<salt>{_LETTERS}{{8}})(?P<value>{_LETTERS}{{22,43}})",
    re.ASCII,
)


def read_bcrypt(text: str, given: Given) -> StoredHash:
    """A bcrypt text, also with the marks of Django and WordPress before it."""
    found = fields(_BCRYPT, text)
    hashed = _stored_bcrypt(found)
    before = _BEFORE[found["before"]]
    return prepared(hashed, before, given) if before else hashed


def _passlib_bcrypt(text: str, given: Given) -> StoredHash:
    found = fields(_PASSLIB_BCRYPT, text)
    hashed = _stored_bcrypt(found)
    if not found["version"]:
        return prepared(hashed, "base64(sha256(password))", given)
    salt = Given(salt=found["salt"].encode())
    return prepared(hashed, "base64(hmac_sha256(salt, password))", salt)


def _devise(text: str, given: Given) -> StoredHash:
    hashed = read_bcrypt(text, given)
    return prepared(hashed, "password + pepper", given) if given.pepper else hashed


def _stored_bcrypt(found: re.Match[str]) -> StoredHash:
    cost, salt = int(found["cost"]), found["salt"].encode()
    return stored("bcrypt", found["value"].encode(), cost=cost, salt=salt)


def _md5_crypt(text: str, given: Given) -> StoredHash:
    found = fields(_MD5_CRYPT, text)
    magic, salt = found["magic"].encode(), found["salt"].encode()
    return stored("md5crypt", found["value"].encode(), magic=magic, salt=salt)


def _system(text: str, given: Given) -> StoredHash:
    found = fields(_SYSTEM, text)
    prefix, salt = found["prefix"].encode(), found["salt"].encode()
    return stored("crypt", found["value"].encode(), prefix=prefix, salt=salt)


def _phpass(text: str, given: Given) -> StoredHash:
    found = fields(_PHPASS, text)
    digest, size = (b"sha512", 43) if "$S$" in found["kind"] else (b"md5", 22)
    if len(found["value"]) != size:
        raise BadHash("hash.malformed", f"phpass with a value of {len(found['value'])} characters")
    hashed = stored(
        "phpass",
        found["value"].encode(),
        hash=digest,
        log2=CRYPT_LETTERS.index(found["log2"].encode()),
        salt=found["salt"].encode(),
    )
    # Drupal 7 marks with U those that it made from the MD5 hashes of Drupal 6.
    return prepared(hashed, "hex(md5(password))", given) if found["kind"].startswith("U") else hashed


FORMATS = (
    Format("bcrypt", read_bcrypt, _BCRYPT),
    Format("bcrypt_sha256", _passlib_bcrypt, _PASSLIB_BCRYPT),
    Format("devise", _devise),
    Format("md5_crypt", _md5_crypt, _MD5_CRYPT),
    Format("crypt", _system, _SYSTEM),
    Format("phpass", _phpass, _PHPASS),
)
