"""How a sealed value is laid out, byte by byte, and the arithmetic of sealing: XAES-256-GCM and HMAC-SHA256.

A sealed value, from its first byte:

    1 byte    version, 0x01
    16 bytes  id of the sealing key in the ring
    24 bytes  nonce, random
    n bytes   the value, encrypted
    16 bytes  tag of AES-256-GCM

Its associated data is the header (version and key id) followed by three texts, each as UTF-8 behind its length in
4 bytes, big end first: where (`table.column`), account (empty where no person is meant), record.

The nonce is that of XAES-256-GCM (C2SP): the first 12 bytes derive a key of its own for this one value (NIST SP
800-108, CMAC), the last 12 are the nonce of AES-256-GCM under it. Random nonces of 96 bits alone would bound a key
to 2**32 values (NIST SP 800-38D section 8.3), which many processes could count only together; with 192 bits the bound
is 2**80, and nobody needs to count.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from menshen.kit.clock import MINUTE, SECOND

KEY_BYTES = 32
NONCE_BYTES = 24
VERSION = b"\x01"
PREFIX_BYTES = 17
"""Version and key id: enough to tell which key a value is sealed under."""
HEADER_BYTES = PREFIX_BYTES + NONCE_BYTES
TAG_BYTES = 16

FRESH = 30 * SECOND
"""A process reads the ring again when what it knows is older."""
SETTLE = 2 * MINUTE
"""After a new key this long, no process seals under the old one any more: four times FRESH, and a transaction."""

State = Literal["current", "old", "retired"]
"""current: seals. old: opens, and values are on their way to the current one. retired: a count found nothing under it;
it still opens, so that a backup restored beside it does."""


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Who keeps the key that wraps the key ring."""

    custody: Annotated[Literal["file", "pkcs11"], msgspec.Meta(description="`file` or `pkcs11` (an HSM)")] = "file"
    file: Annotated[
        str,
        msgspec.Meta(description="The key file, readable by its owner alone; empty: `master.key` in the data folder"),
    ] = ""
    pkcs11_module: Annotated[str, msgspec.Meta(description="Path of the HSM's PKCS#11 library")] = ""
    pkcs11_token: Annotated[str, msgspec.Meta(description="Label of the token")] = ""
    pkcs11_key: Annotated[str, msgspec.Meta(description="Label of the AES key in the token")] = "menshen"
    pkcs11_pin: Annotated[str, msgspec.Meta(description="PIN of the token; better in the environment or a file")] = ""
    pkcs11_pin_file: Annotated[
        str, msgspec.Meta(description="File that holds the PIN, readable by its owner alone")
    ] = ""


class Seal(NamedTuple):
    """A sealed value taken apart."""

    key_id: str
    nonce: bytes
    body: bytes


def record(*parts: Any) -> str:
    """The name of a row for the associated data: its primary key, several columns joined by `|`.

    Raises ValueError where a part of several holds the bar itself, since two rows could then share a name.
    """
    texts = [part.hex() if isinstance(part, bytes) else str(part) for part in parts]
    if len(texts) > 1 and any("|" in text for text in texts):
        raise ValueError("a primary key of several columns holds a bar")
    return "|".join(texts)


def prefix(key_id: str) -> bytes:
    """The first bytes of everything that is sealed under a key."""
    return VERSION + bytes.fromhex(key_id)


def associated(key_id: str, where: str, account: str, record: str) -> bytes:
    """The associated data: what a value is sealed for, so that it opens nowhere else."""
    return prefix(key_id) + framed(text.encode() for text in (where, account, record))


def framed(parts: Iterable[bytes]) -> bytes:
    """Parts one after another, each behind its length, so that no two lists read alike."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def parsed(sealed: bytes) -> Seal | None:
    """A sealed value taken apart, or None where it cannot be one."""
    if len(sealed) < HEADER_BYTES + TAG_BYTES or sealed[:1] != VERSION:
        return None
    return Seal(sealed[1:PREFIX_BYTES].hex(), sealed[PREFIX_BYTES:HEADER_BYTES], sealed[HEADER_BYTES:])


def encrypt(key: bytes, nonce: bytes, plain: bytes, data: bytes) -> bytes:
    """XAES-256-GCM under a 24-byte nonce."""
    return AESGCM(_own_key(key, nonce[:12])).encrypt(nonce[12:], plain, data)


def decrypt(key: bytes, nonce: bytes, body: bytes, data: bytes) -> bytes:
    """The reverse; raises `cryptography.exceptions.InvalidTag` where a bit differs."""
    return AESGCM(_own_key(key, nonce[:12])).decrypt(nonce[12:], body, data)


def _own_key(key: bytes, start: bytes) -> bytes:
    """The key of one value (C2SP XAES-256-GCM: CMAC in counter mode over `X` and the nonce's first half)."""
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - single blocks of a CMAC
    zero = int.from_bytes(block.update(bytes(16)), "big")
    subkey = ((zero << 1) & (2**128 - 1)) ^ (0x87 if zero >> 127 else 0)
    blocks = b"".join(
        (int.from_bytes(bytes((0, counter)) + b"X\x00" + start, "big") ^ subkey).to_bytes(16, "big")
        for counter in (1, 2)
    )
    return block.update(blocks)


def purpose_key(root: bytes, purpose: str) -> bytes:
    """The key of one purpose, HKDF-Expand (RFC 5869) of the ring's root."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=b"menshen mac " + purpose.encode()).derive(root)


def keyed_hash(key: bytes, parts: tuple[bytes, ...]) -> bytes:
    """HMAC-SHA256 over the parts, each behind its length."""
    hashed = HMAC(key, SHA256())
    hashed.update(framed(parts))
    return hashed.finalize()
