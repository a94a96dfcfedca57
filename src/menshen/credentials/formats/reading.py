"""What every reader of a foreign text needs: the values given beside it, and strict decoding."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from menshen.credentials.formats import notation, recipe
from menshen.credentials.formats.settings import BadHash, Settings, Value
from menshen.credentials.formats.stored import StoredHash


@dataclass(frozen=True, slots=True)
class Given:
    """What the import gives beside the hash text; a reader takes only what its format needs."""

    salt: bytes | None = field(default=None, repr=False)
    user: bytes | None = field(default=None, repr=False)
    external_id: bytes | None = field(default=None, repr=False)
    pepper: bytes | None = field(default=None, repr=False)

    def value(self, name: str) -> bytes:
        """The value called `name`; BadHash when the import did not give it."""
        value: bytes | None = getattr(self, name)
        if value is None:
            code = "hash.salt_missing" if name == "salt" else "hash.value_missing"
            raise BadHash(code, f"this format needs the {name}")
        return value


@dataclass(frozen=True, slots=True)
class Format:
    """A way in which a hash may be written, by its name in `password_format`.

    `pattern` matches texts that can be nothing else; None where no text is unmistakable.
    """

    name: str
    read: Callable[[str, Given], StoredHash] = field(repr=False)
    pattern: re.Pattern[str] | None = field(default=None, repr=False)


def stored(scheme: str, digest: bytes, **values: Value) -> StoredHash:
    """A stored hash of this scheme with these settings."""
    return StoredHash(scheme, Settings(values), digest)


def prepared(hashed: StoredHash, before: str, given: Given) -> StoredHash:
    """The hash with a recipe that turns the password into what its scheme hashes.

    The values that the recipe asks for are kept as `before_salt`, `before_pepper` and so on.
    """
    if "before" in hashed.settings:
        raise BadHash("hash.recipe", "this format already prepares the password in its own way")
    node = notation.read(before)
    recipe.check(node)
    values: dict[str, Value] = {f"before_{name}": given.value(name) for name in recipe.wanted(node)}
    settings = hashed.settings.extended({"before": notation.write(node).encode(), **values})
    return StoredHash(hashed.scheme, settings, hashed.digest)


def fields(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """The whole text matched; BadHash when it has not the shape of its format."""
    found = pattern.fullmatch(text)
    if found is None:
        raise BadHash("hash.malformed", "the text has not the shape of its format")
    return found


def from_base64(text: str, *, letters: bytes = b"+/") -> bytes:
    """Bytes of a base64 text, padded or not; BadHash when it is none."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=letters, validate=True)
    except ValueError:
        raise BadHash("hash.malformed", "not base64") from None


def from_hex(text: str) -> bytes:
    """Bytes of a hex text in either case; BadHash when it is none."""
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text):
        raise BadHash("hash.malformed", "not hex")
    return bytes.fromhex(text)


def from_hex_or_base64(text: str, size: int | None = None) -> bytes:
    """Bytes from hex or base64, told apart by the length or the letters; BadHash unless there are `size`."""
    hexadecimal = len(text) == 2 * size if size else bool(re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", text))
    value = from_hex(text) if hexadecimal else from_base64(text)
    if size and len(value) != size:
        raise BadHash("hash.malformed", f"{size} bytes in hex or base64 are expected")
    return value
