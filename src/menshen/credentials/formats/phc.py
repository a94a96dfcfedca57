"""The PHC string of argon2, written and read: `$argon2id$v=19$m=19456,t=2,p=1$salt$digest`."""

from __future__ import annotations

import base64
import binascii
import re

from menshen.credentials.formats.settings import BadHash, Settings

_SHAPE = re.compile(
    r"\$argon2(?P<type>id|i|d)(?:\$v=(?P<version>16|19))?"
    r"\$m=(?P<memory>[1-9]\d{0,9}),t=(?P<passes>[1-9]\d{0,9}),p=(?P<lanes>[1-9]\d{0,4})"
    r"\$(?P<salt>[A-Za-z0-9+/]{11,128})\$(?P<digest>[A-Za-z0-9+/]{16,171})",
    re.ASCII,
)


def read(text: str) -> tuple[Settings, bytes]:
    """Settings and digest of a PHC string; BadHash when it is none (a keyed one is none to us)."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise BadHash("hash.malformed", "not an argon2 PHC string with m, t, p, salt and digest")
    digest = _decoded(found["digest"])
    settings = Settings(
        {
            "type": found["type"].encode(),
            # The first argon2 (1.0) wrote no version.
            "version": int(found["version"] or 16),
            "memory": int(found["memory"]),
            "passes": int(found["passes"]),
            "lanes": int(found["lanes"]),
            "salt": _decoded(found["salt"]),
            "size": len(digest),
        }
    )
    return settings, digest


def write(settings: Settings, digest: bytes) -> str:
    """The PHC string of an argon2 hash."""
    costs = f"m={settings.number('memory')},t={settings.number('passes')},p={settings.number('lanes')}"
    opening = f"$argon2{settings.text('type')}$v={settings.number('version')}"
    return f"{opening}${costs}${_encoded(settings.raw('salt'))}${_encoded(digest)}"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise BadHash("hash.malformed", "salt or digest is not base64") from None
