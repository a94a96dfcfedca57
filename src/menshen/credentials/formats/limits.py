"""The most work a stored hash may ask for, and the least that counts as strong today.

Ceilings keep a hostile row from stalling sign-in (security case S-28): each bounds one verification to
about two seconds of one core and 256 MiB. Floors are OWASP's Password Storage sheet and ASVS 5.0.0
appendix C, the stricter of the two (requirement 11.4.2).
"""

from __future__ import annotations

from menshen.credentials.formats.settings import BadHash

MOST_PASSWORD_BYTES = 1024
MOST_HASH_TEXT = 4096
MOST_VALUE_BYTES = 1024

MOST_MEMORY_KIB = 256 * 1024
MOST_ARGON2_KIB_PASSES = 1024 * 1024
MOST_LANES = 16
MOST_BCRYPT_COST = 14
MOST_PBKDF2_ROUNDS = 3_000_000
MOST_SCRYPT_STEPS = 4 * 1024 * 1024
MOST_SHA_CRYPT_ROUNDS = 1_000_000
MOST_PHPASS_LOG2 = 18
MOST_RECIPE_CALLS = 100_000
MOST_RECIPE_BYTES = 32 * 1024

LEAST_BCRYPT_COST = 10
LEAST_PBKDF2_ROUNDS = {"sha1": 1_400_000, "sha256": 600_000, "sha512": 220_000}
LEAST_SCRYPT = ((2**17, 1), (2**16, 2), (2**15, 3))
LEAST_SCRYPT_BLOCK = 8
LEAST_ARGON2 = ((47_104, 1), (19_456, 2), (12_288, 3))


def within(name: str, value: int, least: int, most: int) -> None:
    """Nothing when `least <= value <= most`; BadHash otherwise, `hash.too_costly` when above."""
    if value > most:
        raise BadHash("hash.too_costly", f"{name} is {value}; at most {most} is taken")
    if value < least:
        raise BadHash("hash.malformed", f"{name} is {value}; at least {least} is needed")
