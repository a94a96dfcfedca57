"""The grammar of described hashes: `sha256(salt + password)` read into a tree, and written back.

    expression = term { "+" term }          joins bytes
    term       = name | name "(" expression { "," expression } ")" | 'literal' | number

Nothing is looked up or run here: what a name or a call means is for `recipe` and the registry.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from menshen.credentials.formats.settings import BadHash

MOST_TEXT = 500
MOST_DEPTH = 20
_TOKEN = re.compile(r"\s*(?:([a-z][a-z0-9_]*)|(\d{1,9})(?![\w'])|'([^'\\\n]*)'|([()+,]))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Name:
    """A value from outside, such as the password or its salt."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, such as a count of rounds."""

    value: int


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands in the description itself, such as a pepper."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function over other expressions."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """The bytes of the parts, one after another."""

    parts: tuple[Node, ...]


Node = Name | Number | Literal | Call | Join


@functools.lru_cache(maxsize=64)
def read(text: str) -> Node:
    """The tree of a description; BadHash `hash.recipe` saying where it cannot be read."""
    if len(text) > MOST_TEXT:
        raise BadHash("hash.recipe", f"longer than {MOST_TEXT} characters")
    reader = _Reader(text)
    node = reader.expression(1)
    reader.end()
    return node


@functools.lru_cache(maxsize=256)
def write(node: Node) -> str:
    """The one canonical spelling of a tree."""
    match node:
        case Name(text):
            return text
        case Number(value):
            return str(value)
        case Literal(text):
            return f"'{text}'"
        case Join(parts):
            return " + ".join(write(part) for part in parts)
        case Call(function, arguments):
            return f"{function}({', '.join(write(argument) for argument in arguments)})"


def masked(node: Node) -> Node:
    """The same tree with every literal replaced by as many x: same work, no secret."""
    match node:
        case Literal(text):
            return Literal("x" * len(text.encode()))
        case Join(parts):
            return Join(tuple(masked(part) for part in parts))
        case Call(function, arguments):
            return Call(function, tuple(masked(argument) for argument in arguments))
        case _:
            return node


@functools.lru_cache(maxsize=256)
def names(node: Node) -> frozenset[str]:
    """The names that the tree asks for."""
    match node:
        case Name(text):
            return frozenset({text})
        case Join(parts) | Call(_, parts):
            return frozenset().union(*(names(part) for part in parts))
        case _:
            return frozenset()


class _Reader:
    """Recursive descent over the tokens, bounded in depth."""

    def __init__(self, text: str) -> None:
        self._text = text.rstrip()
        self._at = 0

    def expression(self, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise BadHash("hash.recipe", f"nested deeper than {MOST_DEPTH}")
        parts = [self._term(depth)]
        while self._take("+"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else Join(tuple(parts))

    def end(self) -> None:
        if self._at != len(self._text):
            raise self._unreadable()

    def _term(self, depth: int) -> Node:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found[4] is not None:
            raise self._unreadable()
        self._at = found.end()
        if found[2] is not None:
            return Number(int(found[2]))
        if found[3] is not None:
            return Literal(found[3])
        if not self._take("("):
            return Name(found[1])
        arguments = [self.expression(depth + 1)]
        while self._take(","):
            arguments.append(self.expression(depth + 1))
        if not self._take(")"):
            raise self._unreadable()
        return Call(found[1], tuple(arguments))

    def _take(self, sign: str) -> bool:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found[4] != sign:
            return False
        self._at = found.end()
        return True

    def _unreadable(self) -> BadHash:
        # The place only: the text may hold a pepper.
        return BadHash("hash.recipe", f"cannot be read at character {self._at + 1}")
