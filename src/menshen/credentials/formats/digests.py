"""Readers of quick digests: plain hex or base64, LDAP and Apache `{SHA}` forms, and described recipes."""

from __future__ import annotations

import re
from collections.abc import Callable

from menshen.credentials.formats import notation, recipe
from menshen.credentials.formats.notation import Node
from menshen.credentials.formats.reading import Format, Given, fields, from_base64, from_hex_or_base64, stored
from menshen.credentials.formats.settings import BadHash, Value
from menshen.credentials.formats.stored import StoredHash

# Spring writes hex behind two of the same marks.
_LDAP = re.compile(
    r"(?!\{(?:sha256\}[0-9a-f]{80}|MD5\}[0-9A-Fa-f]{32})$)"
    r"\{(?P<salted>S?)(?P<digest>MD5|SHA|SHA224|SHA256|SHA384|SHA512)\}(?P<value>[A-Za-z0-9+/]+={0,2})",
    re.ASCII | re.IGNORECASE,
)
_LDAP_DIGESTS = {"SHA": "sha1"}


def described(node: Node, text: str, given: Given) -> StoredHash:
    """The hash that `text` is when the recipe in `node` makes it; hex or base64, in either case."""
    recipe.check(node)
    bare = recipe.without_outer_encoding(node)
    size = recipe.size_of(bare)
    if size is None or size < recipe.LEAST_DIGEST:
        raise BadHash("hash.recipe", "it must end in a digest of at least 8 bytes")
    values: dict[str, Value] = {name: given.value(name) for name in recipe.wanted(bare)}
    spelling = notation.write(bare)
    digest = from_hex_or_base64(text, size)
    _try(bare, values)
    return stored("recipe", digest, recipe=spelling.encode(), **values)


def _try(node: Node, values: dict[str, Value]) -> None:
    # A salt that is no hex shows only when it is used; one round is enough to see it.
    given = {name: value for name, value in values.items() if isinstance(value, bytes)}
    try:
        recipe.compute(_once(node), {**given, "password": b"x"})
    except (ValueError, KeyError):
        raise BadHash("hash.malformed", "the recipe cannot take this salt or name") from None


def _once(node: Node) -> Node:
    match node:
        case notation.Call("repeat", (_, start, step)):
            return notation.Call("repeat", (notation.Number(1), _once(start), _once(step)))
        case notation.Call(function, arguments):
            return notation.Call(function, tuple(_once(argument) for argument in arguments))
        case notation.Join(parts):
            return notation.Join(tuple(_once(part) for part in parts))
        case _:
            return node


def of_recipe(spelling: str) -> Callable[[str, Given], StoredHash]:
    """A reader for texts that this recipe makes."""
    node = notation.read(spelling)
    return lambda text, given: described(node, text, given)


def read_ldap(text: str, given: Given) -> StoredHash:
    """The RFC 2307 forms, salted and not; Apache's `{SHA}` is one of them."""
    found = fields(_LDAP, text)
    name = found["digest"].upper()
    digest = _LDAP_DIGESTS.get(name, name.lower())
    value = from_base64(found["value"])
    size = recipe.DIGEST_SIZES[digest]
    salted = bool(found["salted"])
    if len(value) <= size if salted else len(value) != size:
        raise BadHash("hash.malformed", f"{found['salted']}{name} with a value of {len(value)} bytes")
    if not salted:
        return stored("recipe", value, recipe=f"{digest}(password)".encode())
    spelling = f"{digest}(password + salt)".encode()
    return stored("recipe", value[:size], recipe=spelling, salt=value[size:])


FORMATS = (
    *(Format(name, of_recipe(f"{name}(password)")) for name in ("md5", "sha1", "sha256", "sha512", "sm3")),
    Format("ldap", read_ldap, _LDAP),
)
