"""The two tables of this folder, schemes that compute and formats that are read, and the way into them."""

from __future__ import annotations

import re

from menshen.credentials.formats import digests, frameworks, limits, notation, recipe, spring, unix
from menshen.credentials.formats.crypts import MD5_CRYPT, PHPASS, SYSTEM
from menshen.credentials.formats.kdf import ARGON2, BCRYPT, FIREBASE, PBKDF2, SCRYPT
from menshen.credentials.formats.notation import Call, Node, Number
from menshen.credentials.formats.reading import Format, Given, fields, from_hex_or_base64, prepared
from menshen.credentials.formats.recipe import RECIPE
from menshen.credentials.formats.schemes import Scheme
from menshen.credentials.formats.settings import BadHash
from menshen.credentials.formats.stored import OPENING, StoredHash

SCHEMES: dict[str, Scheme] = {
    "argon2": ARGON2,
    "bcrypt": BCRYPT,
    "crypt": SYSTEM,
    "firebase": FIREBASE,
    "md5crypt": MD5_CRYPT,
    "pbkdf2": PBKDF2,
    "phpass": PHPASS,
    "recipe": RECIPE,
    "scrypt": SCRYPT,
}

_MARKED = re.compile(r"\{(?:CRYPT|ARGON2)\}(?P<rest>\$.+)", re.ASCII)


def _own(text: str, given: Given) -> StoredHash:
    return StoredHash.decode(text)


def _after_mark(text: str, given: Given) -> StoredHash:
    rest = fields(_MARKED, text)["rest"]
    found = recognise(rest)
    if found is None:
        raise BadHash("hash.format_unknown", "what follows the mark in braces is not known")
    return found.read(rest, given)


FORMATS: dict[str, Format] = {
    found.name: found
    for found in (
        *digests.FORMATS,
        *unix.FORMATS,
        *frameworks.FORMATS,
        *spring.FORMATS,
        Format("openldap", _after_mark, _MARKED),
        Format("menshen", _own, re.compile(re.escape(OPENING) + ".+", re.ASCII)),
    )
}
PLAIN = "plain"
_SPRING_PLAIN = "{noop}"


def recognise(text: str) -> Format | None:
    """The format of a text that can be nothing else; None when it must be named (a bare hex, say)."""
    if len(text) > limits.MOST_HASH_TEXT:
        return None
    matching = (found for found in FORMATS.values() if found.pattern and found.pattern.fullmatch(text))
    return next(matching, None)


def plain_text(text: str, format: str | None = None) -> str | None:
    """The password itself when the row holds it in the clear: format `plain`, or Spring's `{noop}`."""
    if format == PLAIN:
        return text
    if format in {None, "spring"} and text.startswith(_SPRING_PLAIN):
        return text.removeprefix(_SPRING_PLAIN)
    return None


def parse(
    text: str,
    salt: str | bytes | None = None,
    format: str | None = None,
    *,
    user: str | None = None,
    external_id: str | None = None,
    pepper: str | bytes | None = None,
) -> StoredHash:
    """The stored hash that an imported text is, checked for sense and for the work it may ask for.

    `format` is a name in FORMATS, a recipe such as `sha256(salt + password)`, a format over a prepared
    password such as `bcrypt(hex(md5(password)))`, `pbkdf2_sha256(password, unhex(salt), 10000)` or
    `scrypt(password, salt, 16384, 8, 1)`, and for a Firebase project, whose signer key is the pepper,
    `firebase_scrypt(password, unbase64(salt), unbase64('Bw=='), 14, 8)`; without it the text must be
    unmistakable. Raises BadHash.
    """
    if not text or len(text) > limits.MOST_HASH_TEXT:
        raise BadHash("hash.malformed", f"empty, or longer than {limits.MOST_HASH_TEXT} characters")
    _check_writable(text + (format or ""))
    if plain_text(text, format) is not None:
        raise BadHash("hash.plain_text", "a password in the clear, to be hashed")
    given = Given(_bytes(salt), _bytes(user), _bytes(external_id), _bytes(pepper))
    hashed = _read(text, format, given)
    check(hashed)
    return hashed


def _bytes(value: str | bytes | None) -> bytes | None:
    if isinstance(value, str):
        _check_writable(value)
    raw = value.encode() if isinstance(value, str) else value
    if raw is not None and len(raw) > limits.MOST_VALUE_BYTES:
        raise BadHash("hash.malformed", f"a salt, name or pepper longer than {limits.MOST_VALUE_BYTES} bytes")
    return raw


def _check_writable(text: str) -> None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadHash("hash.malformed", "half a character, which no encoding can write")


def _read(text: str, format: str | None, given: Given) -> StoredHash:
    if format is None:
        found = recognise(text)
        if found is None:
            raise BadHash("hash.format_unknown", "it could be several formats; name one in password_format")
        return found.read(text, given)
    if format in FORMATS:
        return FORMATS[format].read(text, given)
    return _described(text, notation.read(format), given)


def _described(text: str, node: Node, given: Given) -> StoredHash:
    match node:
        case notation.Name():
            raise BadHash("hash.format_unknown", "there is no format of this name")
        case Call(name, (password, salt, Number(rounds))) if name.startswith("pbkdf2_"):
            digest = from_hex_or_base64(text)
            hashed = frameworks.pbkdf2(name.removeprefix("pbkdf2_"), rounds, _value(salt, given), digest)
        case Call("scrypt", (password, salt, Number(n), Number(r), Number(p))):
            digest = from_hex_or_base64(text)
            hashed = frameworks.scrypt(n, r, p, _value(salt, given), digest)
        case Call("firebase_scrypt", (password, salt, separator, Number(memory), Number(r))):
            # Firebase's export gives hash and salt by account, the rest once for the project.
            digest = from_hex_or_base64(text)
            costs = (frameworks.power(memory), r, 1)
            hashed = frameworks.firebase(*costs, _value(salt, given), _value(separator, given), given, digest)
        case Call(name, (password,)) if name in FORMATS and name not in recipe.DIGEST_SIZES:
            hashed = FORMATS[name].read(text, given)
        case _:
            return digests.described(node, text, given)
    plain = password == notation.Name("password")
    return hashed if plain else prepared(hashed, notation.write(password), given)


def _value(node: Node, given: Given) -> bytes:
    recipe.check_value(node)
    values = {name: given.value(name) for name in recipe.wanted(node)}
    try:
        return recipe.compute(node, values)
    except ValueError:
        raise BadHash("hash.malformed", "the salt cannot be read as described") from None


def check(hashed: StoredHash) -> None:
    """Nothing when the hash can be verified with bounded work; BadHash otherwise."""
    scheme = SCHEMES.get(hashed.scheme)
    if scheme is None:
        raise BadHash("hash.malformed", "a scheme that is not known")
    scheme.check(hashed.settings)
    before = _before(hashed)
    if before is not None:
        recipe.check(before)
        for name in recipe.wanted(before):
            hashed.settings.raw(f"before_{name}")
    if hashed.outer is not None:
        ARGON2.check(hashed.outer.settings)
    elif len(hashed.digest) != scheme.size(hashed.settings):
        raise BadHash("hash.malformed", f"a digest of {len(hashed.digest)} bytes")


def compute(hashed: StoredHash, password: bytes) -> bytes:
    """The digest that this password gives, before any wrapping."""
    before = _before(hashed)
    if before is not None:
        values = {name: hashed.settings.raw(f"before_{name}") for name in recipe.wanted(before)}
        password = recipe.compute(before, {**values, "password": password})
    return SCHEMES[hashed.scheme].digest(hashed.settings, password)


def _before(hashed: StoredHash) -> Node | None:
    return notation.read(hashed.settings.text("before")) if "before" in hashed.settings else None
