"""A stored password hash as one frozen value, and the one line of text that it is kept as.

A direct argon2 hash is kept as its PHC string. Every other one is kept as
`$menshen$SCHEME$name=number,name:bytes$DIGEST`; in a wrapped one the PHC string of the argon2 over
the digest stands in the digest's place, so that the digest itself is kept nowhere.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes, unquote_to_bytes

from menshen.credentials.formats import phc
from menshen.credentials.formats.settings import BadHash, Settings, Value

ARGON2 = "argon2"
OPENING = "$menshen$"
_SHAPE = re.compile(r"\$menshen\$(?P<scheme>[a-z0-9]+)\$(?P<settings>[^$]*)\$(?P<tail>.+)", re.ASCII)
_READABLE = "()+._-'/"


@dataclass(frozen=True, slots=True)
class StoredHash:
    """One password hash: how it is computed, with what, and what must come out.

    `outer` is the argon2 over the digest when it is wrapped; `digest` is then empty.
    """

    scheme: str
    settings: Settings
    digest: bytes = field(repr=False)
    outer: StoredHash | None = field(default=None, repr=False)

    @property
    def wrapped(self) -> bool:
        """Whether the digest has been replaced by an argon2 over it."""
        return self.outer is not None

    @property
    def direct(self) -> bool:
        """Whether it is an argon2 over the password itself, with nothing before or around it."""
        return self.scheme == ARGON2 and self.outer is None and "before" not in self.settings

    def encode(self) -> str:
        """The canonical text, equal for equal hashes; a secret, to be sealed before it is stored."""
        if self.direct:
            return phc.write(self.settings, self.digest)
        tail = self.outer.encode() if self.outer else base64.b64encode(self.digest).decode("ascii")
        return f"{OPENING}{self.scheme}${write_settings(self.settings)}${tail}"

    @classmethod
    def decode(cls, text: str) -> StoredHash:
        """The hash of a canonical text; BadHash when it is not one that `encode` wrote."""
        stored = cls._read(text)
        if stored.encode() != text:
            raise BadHash("hash.malformed", "not written in the canonical way")
        return stored

    @classmethod
    def _read(cls, text: str) -> StoredHash:
        if not text.startswith(OPENING):
            return cls(ARGON2, *phc.read(text))
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise BadHash("hash.malformed", "not a stored hash of Menshen")
        settings = read_settings(found["settings"])
        if found["tail"].startswith("$"):
            return cls(found["scheme"], settings, b"", cls(ARGON2, *phc.read(found["tail"])))
        try:
            return cls(found["scheme"], settings, base64.b64decode(found["tail"], validate=True))
        except ValueError:
            raise BadHash("hash.malformed", "the digest is not base64") from None


def write_settings(settings: Settings) -> str:
    """Settings as text: `rounds=1000,salt:abc`, bytes percent-encoded."""
    return ",".join(
        f"{name}={value}" if isinstance(value, int) else f"{name}:{quote_from_bytes(value, _READABLE)}"
        for name, value in settings.items()
    )


def read_settings(text: str) -> Settings:
    """The settings of `write_settings`; BadHash when they cannot be read."""
    values: dict[str, Value] = {}
    for part in text.split(",") if text else ():
        found = re.fullmatch(r"([a-z][a-z0-9_]*)(?:=(\d{1,10})|:(.*))", part, re.ASCII | re.DOTALL)
        if found is None or not part.isascii():
            raise BadHash("hash.malformed", "settings that cannot be read")
        values[found[1]] = int(found[2]) if found[2] else unquote_to_bytes(found[3])
    return Settings(values)
