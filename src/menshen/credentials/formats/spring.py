"""Reader of the texts of Spring Security's DelegatingPasswordEncoder: `{id}` and what that encoder wrote."""

from __future__ import annotations

import re
from collections.abc import Callable

from menshen.credentials.formats.digests import described, read_ldap
from menshen.credentials.formats.frameworks import argon2, pbkdf2, power, scrypt
from menshen.credentials.formats.notation import read
from menshen.credentials.formats.reading import Format, Given, fields, from_base64, from_hex, from_hex_or_base64
from menshen.credentials.formats.settings import BadHash
from menshen.credentials.formats.stored import StoredHash
from menshen.credentials.formats.unix import read_bcrypt

_SCRYPT = re.compile(r"\$(?P<costs>[0-9a-f]{5,8})\$(?P<salt>[\w+/=]+)\$(?P<value>[\w+/=]+)", re.ASCII)
_MESSAGE_DIGEST = re.compile(r"(?P<salt>(?:\{[^}]*\})?)(?P<value>[0-9A-Fa-f]+|[A-Za-z0-9+/]+={0,2})", re.ASCII)
_STANDARD = read("repeat(1023, sha256(salt + pepper + password), sha256(last))")
_STANDARD_SALT = 8


def _pbkdf2(prf: str, rounds: int, salt_size: int) -> Callable[[str, Given], StoredHash]:
    def reader(rest: str, given: Given) -> StoredHash:
        value = from_hex_or_base64(rest)
        # The encoder's secret, if it was given one, is appended to each salt.
        return pbkdf2(prf, rounds, value[:salt_size] + (given.pepper or b""), value[salt_size:])

    return reader


def _scrypt(rest: str, given: Given) -> StoredHash:
    found = fields(_SCRYPT, rest)
    costs = int(found["costs"], 16)
    n, r, p = power(costs >> 16), costs >> 8 & 255, costs & 255
    return scrypt(n, r, p, from_base64(found["salt"]), from_base64(found["value"]))


def _message_digest(digest: str) -> Callable[[str, Given], StoredHash]:
    def reader(rest: str, given: Given) -> StoredHash:
        found = fields(_MESSAGE_DIGEST, rest)
        if not found["salt"]:
            return described(read(f"{digest}(password)"), found["value"], given)
        # The braces belong to the salt.
        salted = Given(salt=found["salt"].encode())
        return described(read(f"{digest}(password + salt)"), found["value"], salted)

    return reader


def _standard(rest: str, given: Given) -> StoredHash:
    value = from_hex(rest)
    mixed = Given(salt=value[:_STANDARD_SALT], pepper=given.pepper or b"")
    return described(_STANDARD, value[_STANDARD_SALT:].hex(), mixed)


_READERS: dict[str, Callable[[str, Given], StoredHash]] = {
    "bcrypt": read_bcrypt,
    "argon2": argon2,
    "argon2@SpringSecurity_v5_8": argon2,
    "pbkdf2": _pbkdf2("sha1", 185_000, 8),
    "pbkdf2@SpringSecurity_v5_8": _pbkdf2("sha256", 310_000, 16),
    "scrypt": _scrypt,
    "scrypt@SpringSecurity_v5_8": _scrypt,
    "ldap": read_ldap,
    "MD5": _message_digest("md5"),
    "SHA-1": _message_digest("sha1"),
    "SHA-256": _message_digest("sha256"),
    "sha256": _standard,
}
# `{MD5}` before base64 is LDAP's; before hex, or a salt in braces, it is Spring's.
_PATTERN = re.compile(
    r"\{(?P<id>bcrypt|ldap|argon2(?:@\w+)?|pbkdf2(?:@\w+)?|scrypt(?:@\w+)?|sha256(?=\}[0-9a-f]{80}$)"
    r"|SHA-1|SHA-256|MD5(?=\}(?:\{|[0-9A-Fa-f]{32}$)))\}(?P<rest>.+)",
    re.ASCII,
)


def _spring(text: str, given: Given) -> StoredHash:
    found = re.fullmatch(r"\{([^}]*)\}(.+)", text, re.ASCII)
    if found is None or found[1] not in _READERS:
        raise BadHash("hash.malformed", "not the {id} of an encoder that is known")
    return _READERS[found[1]](found[2], given)


FORMATS = (Format("spring", _spring, _PATTERN),)
