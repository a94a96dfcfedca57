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
    decoy(scheme_and_cost, seed) -> StoredHash            same work, never succeeds
"""
