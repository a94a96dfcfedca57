"""Chance as a value: unguessable bytes come from dice that are passed in, so that rules and tests can be exact."""

import base64
import secrets
from typing import Protocol


class Dice(Protocol):
    """Where rooms get unguessable bytes (ASVS 11.5.1: from the operating system)."""

    def bytes(self, count: int) -> bytes:
        """`count` unguessable bytes."""
        ...


class SystemDice:
    """The operating system's generator; safe after fork."""

    def bytes(self, count: int) -> bytes:
        """`count` bytes of the operating system's generator."""
        return secrets.token_bytes(count)


def token(dice: Dice) -> str:
    """A 256-bit reference token, 43 characters of base64url (ASVS 7.2.3 asks for at least 128 bits)."""
    return base64.urlsafe_b64encode(dice.bytes(32)).rstrip(b"=").decode()


def digits(dice: Dice, count: int) -> str:
    """`count` decimal digits, each equally likely."""
    bound = 10**count
    width = (bound.bit_length() + 7) // 8
    limit = (256**width // bound) * bound
    while True:
        drawn = int.from_bytes(dice.bytes(width), "big")
        if drawn < limit:
            return f"{drawn % bound:0{count}d}"


def new_id(now: int, dice: Dice) -> str:
    """A record's name: UUID version 7 (RFC 9562 section 5.7) as 32 hex digits, so that rows arrive in index order.

    Never a secret: whoever needs an unguessable value takes `token`.
    """
    milliseconds = (now // 1000) & (2**48 - 1)
    chance = int.from_bytes(dice.bytes(10), "big")
    value = milliseconds << 80
    value |= 0x7 << 76
    value |= ((chance >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= chance & (2**62 - 1)
    return f"{value:032x}"
