"""Every format against hashes of its own makers: read, verified, kept, wrapped, disguised."""

from __future__ import annotations

import base64

import pytest

from menshen.credentials.formats import (
    FORMATS,
    Argon2Parameters,
    StoredHash,
    decoy,
    hash_new,
    parse,
    recognise,
    scheme_and_cost,
    verify,
    wrap,
)
from menshen.credentials.formats.registry import compute
from tests.credentials.formats.vectors import ALL, Vector

QUICK = Argon2Parameters(memory_kib=32, passes=1, lanes=1)


def taken(vector: Vector) -> StoredHash:
    return parse(vector.text, vector.salt, vector.format, user=vector.user, pepper=vector.pepper)


def wrapped(stored: StoredHash) -> StoredHash:
    return wrap(stored, lambda digest: hash_new(digest, QUICK, b"0123456789abcdef"))


each_vector = pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector.maker)


@each_vector
def test_the_password_of_the_maker_verifies_and_no_other(vector: Vector) -> None:
    stored = taken(vector)
    assert verify(stored, vector.password)
    assert verify(stored, vector.password.encode())
    for wrong in (vector.password[1:], "x" + vector.password, ""):
        assert not verify(stored, wrong)


@each_vector
def test_a_text_is_recognised_as_one_format_or_none(vector: Vector) -> None:
    found = recognise(vector.text)
    assert (found.name if found else None) == vector.recognised
    matching = [name for name, one in FORMATS.items() if one.pattern and one.pattern.fullmatch(vector.text)]
    assert len(matching) <= 1


@each_vector
def test_a_hash_is_kept_as_one_text(vector: Vector) -> None:
    stored = taken(vector)
    assert StoredHash.decode(stored.encode()) == stored
    assert parse(stored.encode()) == stored
    assert "\n" not in stored.encode()


@each_vector
def test_a_wrapped_hash_verifies_and_keeps_nothing_of_the_digest(vector: Vector) -> None:
    stored = taken(vector)
    over = wrapped(stored)
    assert verify(over, vector.password)
    assert not verify(over, "x" + vector.password)
    kept = over.encode()
    for spelling in (base64.b64encode(stored.digest).decode().rstrip("="), stored.digest.hex()):
        assert spelling not in kept
        assert spelling[:12] not in kept
    assert StoredHash.decode(kept) == over
    assert parse(kept) == over


@each_vector
def test_a_decoy_has_the_same_costs_and_never_opens(vector: Vector) -> None:
    for stored in (taken(vector), wrapped(taken(vector))):
        cost = scheme_and_cost(stored)
        made = decoy(cost, b"a seed")
        assert scheme_and_cost(made) == cost
        assert decoy(cost, b"a seed") == made
        assert decoy(cost, b"another seed") != made
        assert StoredHash.decode(made.encode()) == made
        assert len(compute(made, b"any password")) == len(compute(stored, b"any password"))
        assert not verify(made, vector.password)


def test_every_format_has_a_vector() -> None:
    named = {vector.format for vector in ALL}
    assert set(FORMATS) - named == {"sha256", "sha512", "menshen"}
