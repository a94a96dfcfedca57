"""Schemes of the crypt(3) family: MD5-crypt and Apache's, phpass and Drupal's, and the system's libcrypt."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import re

from menshen.credentials.formats import limits
from menshen.credentials.formats.schemes import CRYPT_LETTERS, Filling, Scheme
from menshen.credentials.formats.settings import BadHash, Settings

_LIBCRYPT_NAMES = ("libcrypt.so.1", "libcrypt.so.2")
_CRYPT_DATA_BYTES = 32768
_CRYPT_PASSPHRASE_BYTES = 511
_CHECKED_AS_GOOD = {0, 3, 4}
_SHA_CRYPT = re.compile(rb"\$(?:5|6|sm3)\$(?:rounds=([1-9]\d{3,8})\$)?", re.ASCII)
_YESCRYPT = re.compile(rb"\$y\$j([./0-9A-Za-z])([./0-9A-Z])\$", re.ASCII)
_LIBCRYPT_SIZES = {b"5": 43, b"6": 86, b"y": 43, b"sm3": 43}


def crypt_base64(value: bytes) -> bytes:
    """Bytes in crypt's letters, least significant six bits first, no padding."""
    text = bytearray()
    for start in range(0, len(value), 3):
        group = value[start : start + 3]
        number = int.from_bytes(group, "little")
        text += bytes(CRYPT_LETTERS[number >> 6 * place & 63] for place in range(len(group) + 1))
    return bytes(text)


def _md5(value: bytes) -> bytes:
    return hashlib.md5(value, usedforsecurity=False).digest()


def _md5_crypt_digest(settings: Settings, password: bytes) -> bytes:
    salt, size = settings.raw("salt"), len(password)
    inner = _md5(password + salt + password)
    opening = password + settings.raw("magic") + salt + (inner * (size // 16 + 1))[:size]
    # The original's slip, kept by all: a NUL for each 1 bit of the length, the first letter for each 0.
    opening += b"".join(b"\0" if size >> bit & 1 else password[:1] for bit in range(size.bit_length()))
    last = _md5(opening)
    for turn in range(1000):
        text = password if turn % 2 else last
        text += salt if turn % 3 else b""
        text += password if turn % 7 else b""
        last = _md5(text + (last if turn % 2 else password))
    order = (12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11)
    return crypt_base64(bytes(last[place] for place in order))


def _md5_crypt_check(settings: Settings) -> None:
    if settings.raw("magic") not in {b"$1$", b"$apr1$"}:
        raise BadHash("hash.malformed", "MD5-crypt of an unknown kind")
    _check_salt(settings, 0, 8)


def _check_salt(settings: Settings, least: int, most: int) -> None:
    salt = settings.raw("salt")
    if not least <= len(salt) <= most or set(salt) & set(b"$:\n\0"):
        raise BadHash("hash.malformed", "not a salt of this format")


def _phpass_digest(settings: Settings, password: bytes) -> bytes:
    digest = getattr(hashlib, settings.text("hash"))
    last = digest(settings.raw("salt") + password, usedforsecurity=False).digest()
    for _ in range(1 << settings.number("log2")):
        last = digest(last + password, usedforsecurity=False).digest()
    return crypt_base64(last)[: _phpass_size(settings)]


def _phpass_size(settings: Settings) -> int:
    # Drupal cuts its text at 55 characters, 12 of which come before the digest.
    return 22 if settings.text("hash") == "md5" else 43


def _phpass_check(settings: Settings) -> None:
    if settings.text("hash") not in {"md5", "sha512"}:
        raise BadHash("hash.malformed", "phpass over a digest that is not known")
    limits.within("the phpass cost", settings.number("log2"), 7, limits.MOST_PHPASS_LOG2)
    _check_salt(settings, 8, 8)


@functools.cache
def libcrypt() -> ctypes.CDLL | None:
    """The system's libxcrypt, or None where there is none."""
    for name in _LIBCRYPT_NAMES:
        library = _loaded(name)
        if library is not None:
            return library
    return None


def _loaded(name: str) -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(name)
        library.crypt_rn.restype = ctypes.c_char_p
        library.crypt_rn.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
        library.crypt_checksalt.restype = ctypes.c_int
        library.crypt_checksalt.argtypes = (ctypes.c_char_p,)
    except (OSError, AttributeError):
        return None
    return library


def _system_digest(settings: Settings, password: bytes) -> bytes:
    setting = settings.raw("prefix") + settings.raw("salt")
    library = libcrypt()
    # A C string would end at the NUL and let `abc` pass for `abc\0x` (S-26).
    if library is None or b"\0" in password or len(password) > _CRYPT_PASSPHRASE_BYTES:
        raise BadHash("hash.unsupported_here", "libcrypt cannot take this")
    # The caller's own buffer, since hash threads run side by side.
    room = ctypes.create_string_buffer(_CRYPT_DATA_BYTES)
    text = library.crypt_rn(password, setting, room, _CRYPT_DATA_BYTES)
    if text is None or not text.startswith(setting + b"$"):
        raise BadHash("hash.unsupported_here", "libcrypt refused")
    return bytes(text[len(setting) + 1 :])


def _system_check(settings: Settings) -> None:
    prefix = settings.raw("prefix")
    if yescrypt := _YESCRYPT.fullmatch(prefix):
        block = CRYPT_LETTERS.index(yescrypt[2]) + 1
        memory = block << CRYPT_LETTERS.index(yescrypt[1]) + 1 >> 3
        limits.within("yescrypt memory in KiB", memory, 1, limits.MOST_MEMORY_KIB)
        _check_salt(settings, 1, 86)
    elif sha := _SHA_CRYPT.fullmatch(prefix):
        limits.within("crypt rounds", int(sha[1] or 5000), 1000, limits.MOST_SHA_CRYPT_ROUNDS)
        _check_salt(settings, 0, 16)
    else:
        raise BadHash("hash.malformed", "crypt(3) of an unknown kind, or with unusual yescrypt costs")
    library = libcrypt()
    if library is None:
        raise BadHash("hash.unsupported_here", "this machine has no libxcrypt (Debian: libcrypt1)")
    if library.crypt_checksalt(prefix + settings.raw("salt") + b"$") not in _CHECKED_AS_GOOD:
        name = prefix.split(b"$")[1].decode()
        raise BadHash("hash.unsupported_here", f"this machine's libxcrypt does not know ${name}$")


def _system_size(settings: Settings) -> int:
    return _LIBCRYPT_SIZES[settings.raw("prefix").split(b"$")[1]]


MD5_CRYPT = Scheme(_md5_crypt_digest, _md5_crypt_check, lambda _: 22, {"salt": Filling(8, CRYPT_LETTERS)})
PHPASS = Scheme(_phpass_digest, _phpass_check, _phpass_size, {"salt": Filling(8, CRYPT_LETTERS)})
SYSTEM = Scheme(_system_digest, _system_check, _system_size, {"salt": Filling(16, CRYPT_LETTERS)})
