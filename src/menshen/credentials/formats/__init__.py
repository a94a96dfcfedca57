"""Old password hashes as they come, and our own argon2id: read, verify, weigh, wrap, disguise.

Pure: no database, no clock, no randomness of its own. A hash is read once, at import, where a bad or
hostile one is refused with a reason (`BadHash`); after that `verify` never raises.

    recognise(text) -> Format | None                      only when the text is unmistakable
    parse(text, salt=None, format=None, *, user=None, external_id=None, pepper=None) -> StoredHash
    plain_text(text, format=None) -> str | None           the password itself, to be hashed and reported
    StoredHash.encode() -> str, StoredHash.decode(text)   one line of canonical text, to be sealed
    verify(stored, password) -> bool                      constant-time; any exception is a refusal
    strength(stored) -> "strong" | "weak"
    wrap(stored, hasher) -> StoredHash                    argon2id over the old digest, which is then gone
    hash_new(password, parameters, salt) -> StoredHash    argon2id; its encode() is the PHC string
    needs_upgrade(stored, parameters) -> bool
    scheme_and_cost(stored) -> str                        for the census; holds no secret
    weigh(stored) -> Weighed                              all that the row of a hash is made of
    decoy(scheme_and_cost, seed) -> StoredHash            same work, never succeeds
"""

from menshen.credentials.formats.decoys import decoy, scheme_and_cost
from menshen.credentials.formats.proving import (
    FLOOR,
    Argon2Parameters,
    Hasher,
    hash_new,
    needs_upgrade,
    strength,
    verify,
    wrap,
)
from menshen.credentials.formats.reading import Format
from menshen.credentials.formats.registry import FORMATS, parse, plain_text, recognise
from menshen.credentials.formats.settings import CODES, BadHash
from menshen.credentials.formats.stored import StoredHash
from menshen.credentials.formats.weighing import Weighed, weigh

__all__ = [
    "CODES",
    "FLOOR",
    "FORMATS",
    "Argon2Parameters",
    "BadHash",
    "Format",
    "Hasher",
    "StoredHash",
    "Weighed",
    "decoy",
    "hash_new",
    "needs_upgrade",
    "parse",
    "plain_text",
    "recognise",
    "scheme_and_cost",
    "strength",
    "verify",
    "weigh",
    "wrap",
]
