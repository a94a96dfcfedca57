"""Weighing, wrapping, renewing and disguising stored hashes."""

from __future__ import annotations

from hashlib import md5

import pytest

from menshen.credentials.formats import (
    FLOOR,
    Argon2Parameters,
    BadHash,
    StoredHash,
    decoy,
    hash_new,
    needs_upgrade,
    parse,
    scheme_and_cost,
    strength,
    verify,
    wrap,
)
from menshen.credentials.formats.registry import compute

SALT = b"0123456789abcdef"
QUICK = Argon2Parameters(memory_kib=32, passes=1, lanes=1)
PHC_END = "c2FsdHNhbHRzYWx0$YWFhYWFhYWFhYWFhYWFhYQ"
BCRYPT_END = "abcdefghijklmnopqrstuuCi15uRb1eH7NAlJ/TgeJertyknQpYn2"
KEY = "A" * 43

STRENGTHS = {
    f"$2b$09${BCRYPT_END}": "weak",
    f"$2b$10${BCRYPT_END}": "strong",
    f"pbkdf2_sha256$599999$salt${KEY}=": "weak",
    f"pbkdf2_sha256$600000$salt${KEY}=": "strong",
    f"pbkdf2_sha1$1399999$salt${KEY}=": "weak",
    f"pbkdf2_sha1$1400000$salt${KEY}=": "strong",
    f"pbkdf2:sha512:219999$salt${'ab' * 64}": "weak",
    f"pbkdf2:sha512:220000$salt${'ab' * 64}": "strong",
    f"scrypt:131072:8:1$salt${'ab' * 32}": "strong",
    f"scrypt:65536:8:2$salt${'ab' * 32}": "strong",
    f"scrypt:32768:8:3$salt${'ab' * 32}": "strong",
    f"scrypt:131072:4:1$salt${'ab' * 32}": "weak",
    f"scrypt:65536:8:1$salt${'ab' * 32}": "weak",
    f"scrypt:16384:8:5$salt${'ab' * 32}": "weak",
    f"$argon2id$v=19$m=19456,t=2,p=1${PHC_END}": "strong",
    f"$argon2id$v=19$m=47104,t=1,p=1${PHC_END}": "strong",
    f"$argon2id$v=19$m=19456,t=1,p=1${PHC_END}": "weak",
    f"$argon2id$v=19$m=19455,t=2,p=1${PHC_END}": "weak",
    f"$argon2id$m=19456,t=2,p=1${PHC_END}": "weak",
    f"$argon2i$v=19$m=65536,t=3,p=1${PHC_END}": "weak",
    "$6$saltsalt$" + "a" * 86: "weak",
    "$P$B" + "a" * 30: "weak",
}


@pytest.mark.parametrize("text", STRENGTHS)
def test_weak_is_what_lies_below_todays_cost(text: str) -> None:
    assert strength(parse(text)) == STRENGTHS[text]


def test_s29_a_weak_hash_becomes_strong_by_wrapping_and_direct_by_signing_in() -> None:
    old = parse("5f4dcc3b5aa765d61d8327deb882cf99", format="md5")
    over = wrap(old, lambda digest: hash_new(digest, FLOOR, SALT))
    assert (strength(old), strength(over)) == ("weak", "strong")
    assert over.wrapped
    assert over.digest == b""
    assert verify(over, "password")
    assert needs_upgrade(over, FLOOR)
    assert not needs_upgrade(hash_new("password", FLOOR, SALT), FLOOR)


def test_the_digest_of_a_wrapped_hash_does_not_open_it() -> None:
    old = parse("5f4dcc3b5aa765d61d8327deb882cf99", format="md5")
    over = wrap(old, lambda digest: hash_new(digest, QUICK, SALT))
    for stolen in (old.digest, old.digest.hex(), old.encode(), over.encode()):
        assert not verify(over, stolen)


def test_only_a_direct_argon2_wraps_and_only_once() -> None:
    old = parse("5f4dcc3b5aa765d61d8327deb882cf99", format="md5")
    over = wrap(old, lambda digest: hash_new(digest, QUICK, SALT))
    with pytest.raises(BadHash):
        wrap(over, lambda digest: hash_new(digest, QUICK, SALT))
    with pytest.raises(BadHash):
        wrap(old, lambda digest: old)
    with pytest.raises(BadHash):
        wrap(old, lambda digest: over)


def test_an_argon2_over_a_prepared_password_is_kept_whole_and_renewed() -> None:
    digest_first = hash_new(md5(b"password").hexdigest(), QUICK, SALT).encode()
    stored = parse(digest_first, format="argon2(hex(md5(password)))")
    assert verify(stored, "password")
    assert StoredHash.decode(stored.encode()) == stored
    assert needs_upgrade(stored, QUICK)
    with pytest.raises(BadHash):
        wrap(parse("ab" * 16, format="md5"), lambda digest: stored)


def test_our_own_hash_is_a_phc_string() -> None:
    text = hash_new("password", QUICK, SALT).encode()
    assert text.startswith("$argon2id$v=19$m=32,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$")
    assert StoredHash.decode(text) == hash_new("password", QUICK, SALT)


@pytest.mark.parametrize(
    ("parameters", "salt"),
    [(QUICK, b"short"), (Argon2Parameters(2**22, 1, 1), SALT), (Argon2Parameters(7, 1, 1), SALT)],
)
def test_our_own_hash_needs_a_salt_and_bearable_costs(parameters: Argon2Parameters, salt: bytes) -> None:
    with pytest.raises(BadHash):
        hash_new("password", parameters, salt)


def test_a_hash_is_renewed_when_the_parameters_rise_and_not_when_they_fall() -> None:
    stored = hash_new("password", Argon2Parameters(64, 2, 1), SALT)
    assert not needs_upgrade(stored, Argon2Parameters(64, 2, 1))
    assert not needs_upgrade(stored, Argon2Parameters(32, 1, 1))
    assert needs_upgrade(stored, Argon2Parameters(65, 2, 1))
    assert needs_upgrade(stored, Argon2Parameters(64, 3, 1))
    assert needs_upgrade(parse(f"$2b$12${BCRYPT_END}"), QUICK)
    assert needs_upgrade(parse(f"$argon2d$v=19$m=64,t=2,p=1${PHC_END}"), QUICK)


def test_s9_the_scheme_and_cost_is_one_for_all_of_an_import_and_holds_no_secret() -> None:
    recipe = "sha256('secret-pepper' + salt + user + password)"
    costs = {scheme_and_cost(parse("ab" * 32, f"salt-{person}", recipe, user=f"user-{person}")) for person in range(20)}
    assert len(costs) == 1
    cost = costs.pop()
    for secret in ("secret", "salt-", "user-"):
        assert secret not in cost
    assert scheme_and_cost(parse(f"$2a$10${BCRYPT_END}")) == scheme_and_cost(parse(f"$2y$10${'z' * 53}"))


def test_s9_no_signer_key_or_separator_shows_in_a_scheme_and_cost() -> None:
    text = f"$fbscrypt$v=1,n=10,r=8,p=1,ss=Bw==,sk={'QUFB' * 21}QQ==$c2FsdA==${'A' * 86}=="
    assert scheme_and_cost(parse(text)) == "firebase$n=1024,p=1,r=8"


def test_s9_a_decoy_does_the_work_of_what_it_stands_for() -> None:
    # A recipe that decodes its salt would fail early, and so be told apart, with a salt of any bytes.
    stored = parse("ab" * 32, "5a17", "sha256(unhex(salt) + unbase64(pepper) + password)", pepper="aaaa")
    before = parse(f"$2a$04${BCRYPT_END}", "5a17", "bcrypt(hex(hmac_md5(unhex(salt), password)))")
    for one in (stored, before):
        made = decoy(scheme_and_cost(one), b"a seed")
        assert parse(made.encode()) == made
        assert compute(made, b"any password")
        assert not verify(made, "any password")


@pytest.mark.parametrize("text", ["", "x", "x$y=1", "recipe$", "bcrypt$cost=31", "bcrypt$cost=4$x$y=1", "a$b$c$d$e"])
def test_what_is_no_scheme_and_cost_is_refused(text: str) -> None:
    with pytest.raises(BadHash):
        decoy(text, b"a seed")
