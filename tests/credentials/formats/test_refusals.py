"""What is refused, and with which reason: hostile costs, torn texts, passwords that must never open anything."""

from __future__ import annotations

import itertools
from hashlib import md5
from pathlib import Path

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menshen import credentials
from menshen.credentials.formats import (
    CODES,
    BadHash,
    StoredHash,
    crypts,
    hash_new,
    parse,
    plain_text,
    recognise,
    verify,
)
from menshen.credentials.formats.limits import MOST_PASSWORD_BYTES
from menshen.credentials.formats.proving import FLOOR, Argon2Parameters
from menshen.credentials.formats.registry import SCHEMES
from menshen.credentials.formats.settings import Settings
from menshen.kit.texts import Texts
from tests.credentials.formats.vectors import ALL, PASSWORD, Vector

BCRYPT_SALT = "abcdefghijklmnopqrstuu"
BCRYPT_VALUE = "Ci15uRb1eH7NAlJ/TgeJertyknQpYn2"
HEX_32 = "ab" * 32
SALT = b"0123456789abcdef"

PHC_END = "c2FsdHNhbHRzYWx0$YWFhYWFhYWFhYWFhYWFhYQ"

HOSTILE = {
    "argon2 with 4 GiB": ("$argon2id$v=19$m=4194304,t=1000,p=1$" + PHC_END, None),
    "argon2 with 4 billion passes": (
        "$argon2id$v=19$m=8,t=4294967295,p=1$c2FsdHNhbHRzYWx0$YWFhYWFhYWFhYWFhYWFhYQ",
        None,
    ),
    "argon2 with 255 lanes": ("$argon2id$v=19$m=65536,t=1,p=255$" + PHC_END, None),
    "bcrypt 31": (f"$2b$31${BCRYPT_SALT}{BCRYPT_VALUE}", None),
    "Django bcrypt 31": (f"bcrypt_sha256$$2b$31${BCRYPT_SALT}{BCRYPT_VALUE}", None),
    "PBKDF2 with a thousand million rounds": (f"pbkdf2_sha256$1000000000$salt${'A' * 43}=", None),
    "PBKDF2 with many blocks": (f"pbkdf2:sha256:4000000$salt${'ab' * 128}", None),
    "PBKDF2 of ASP.NET": ("AQAAAAJ/////AAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", None),
    "PBKDF2 described": (HEX_32, "pbkdf2_sha256(password, salt, 999999999)"),
    "scrypt with 2^31": ("$scrypt$ln=31,r=8,p=1$c2FsdA$" + "A" * 43, None),
    "scrypt with 2^99": ("$scrypt$ln=99,r=8,p=1$c2FsdA$" + "A" * 43, None),
    "scrypt with a wide block": (f"scrypt:2:4000000:1$salt${HEX_32}", None),
    "scrypt many times over": (f"scrypt:16384:8:1000000$salt${HEX_32}", None),
    "scrypt of Spring": ("{scrypt}$1fffff$c2FsdA==$" + "A" * 43 + "=", None),
    "Firebase's scrypt": ("$fbscrypt$v=1,n=30,r=8,p=1,ss=Bw==,sk=" + "A" * 86 + "==$c2FsdA==$" + "A" * 86 + "==", None),
    "SHA-crypt": ("$6$rounds=999999999$salt$" + "a" * 86, None),
    "yescrypt with 128 GiB": ("$y$jTT$salt$" + "a" * 43, None),
    "phpass 2^30": ("$P$S" + "a" * 30, None),
    "Drupal 2^30": ("$S$S" + "a" * 51, None),
    "a recipe that repeats": (HEX_32, "repeat(999999999, sha256(password), sha256(last))"),
    "a recipe that grows": (HEX_32, "sha256(" + "hex(" * 12 + "password" + ")" * 13),
    "a recipe that repeats in repeats": (
        HEX_32,
        "repeat(9999, sha256(password), repeat(9999, sha256(last), sha256(last)))",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_s28_a_hash_that_asks_for_unbounded_work_is_refused_unverified(name: str) -> None:
    text, format = HOSTILE[name]
    with pytest.raises(BadHash) as refusal:
        parse(text, "salt", format)
    assert refusal.value.code == "hash.too_costly"


def test_s28_our_own_text_is_held_to_the_same_ceilings() -> None:
    stored = hash_new("password", Argon2Parameters(32, 1, 1), SALT)
    outer = stored.encode().replace("m=32", "m=4194304")
    for text in (
        outer,
        f"$menshen$recipe$recipe:md5(password)${outer}",
        f"$menshen$bcrypt$cost=31,salt:{BCRYPT_SALT}$YQ==",
    ):
        with pytest.raises(BadHash) as refusal:
            parse(text)
        assert refusal.value.code == "hash.too_costly"


MALFORMED = {
    "nothing": ("", None, "hash.malformed"),
    "bare hex without a name": (HEX_32, None, "hash.format_unknown"),
    "a word": ("password", None, "hash.format_unknown"),
    "an unknown format": (HEX_32, "sha257", "hash.format_unknown"),
    "a digest of the wrong length": ("ab" * 20, "sha256", "hash.malformed"),
    "a letter that is no hex": ("zz" * 32, "sha256", "hash.malformed"),
    "a short bcrypt": (f"$2b$10${BCRYPT_SALT}abc", "bcrypt", "hash.malformed"),
    "bcrypt with the sign error": (f"$2x$10${BCRYPT_SALT}{BCRYPT_VALUE}", "bcrypt", "hash.malformed"),
    "scrypt with an odd N": (f"scrypt:1000:8:1$salt${HEX_32}", None, "hash.malformed"),
    "SSHA without salt": ("{SSHA}C4rTDiIOd7JOV4kybfKR/opNtQU=", None, "hash.malformed"),
    "Django or Werkzeug": (f"sha1$AyXYsqAU${'ab' * 20}", None, "hash.format_unknown"),
    "an unknown Spring encoder": ("{rot13}secret", "spring", "hash.malformed"),
    "plain": ("secret", "plain", "hash.plain_text"),
    "Spring's plain": ("{noop}secret", None, "hash.plain_text"),
    "a salt that is missing": (HEX_32, "sha256(user + password)", "hash.value_missing"),
    "a shortened PBKDF2": ("pbkdf2_sha256$1000$salt$AAAA", None, "hash.malformed"),
    "argon2 with a key": (
        "$argon2id$v=19$m=8,t=1,p=1,keyid=aaaa$c2FsdHNhbHQ$YWFhYWFhYWFhYWFhYWFhYQ",
        None,
        "hash.malformed",
    ),
    "our own, other spelling": (
        "$menshen$recipe$recipe:md5%28password)$YWFhYWFhYWFhYWFhYWFhYQ==",
        None,
        "hash.malformed",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_bad_row_is_refused_with_its_reason(name: str) -> None:
    text, format, code = MALFORMED[name]
    with pytest.raises(BadHash) as refusal:
        parse(text, format=format)
    assert refusal.value.code == code
    assert code in CODES


def test_half_a_character_is_refused_wherever_it_stands() -> None:
    for text, salt, format in (
        ("pbkdf2_sha256$1000$\ud800$AAAA", None, None),
        (HEX_32, "\ud800", "sha256(salt + password)"),
        (HEX_32, None, "sha256('\ud800' + password)"),
        ("$menshen$recipe$recipe:md5(password%FF)$YQ==", None, None),
    ):
        with pytest.raises(BadHash) as refusal:
            parse(text, salt, format)
        assert refusal.value.code == "hash.malformed"


def test_a_missing_salt_is_named() -> None:
    with pytest.raises(BadHash) as refusal:
        parse(HEX_32, format="sha256(salt + password)")
    assert refusal.value.code == "hash.salt_missing"


def test_a_refusal_tells_no_secret() -> None:
    with pytest.raises(BadHash) as refusal:
        parse("very-secret-value", "secret-salt", "sha256('secret-pepper' + salt + password)")
    assert "secret" not in str(refusal.value)
    stored = parse(HEX_32, "secret-salt", "sha256('secret-pepper' + salt + password)")
    assert "secret" not in repr(stored)
    assert repr(stored.digest) not in repr(stored)


def test_plain_text_is_handed_over_to_be_hashed() -> None:
    assert plain_text("secret", "plain") == "secret"
    assert plain_text("{noop}secret") == "secret"
    assert plain_text("{noop}secret", "plain") == "{noop}secret"
    assert plain_text("secret") is None


def test_a_format_that_this_machine_lacks_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypts, "_LIBCRYPT_NAMES", ("libcrypt-of-no-machine.so",))
    crypts.libcrypt.cache_clear()
    try:
        with pytest.raises(BadHash) as refusal:
            parse("$5$rounds=1000$saltstring$/hR4c6XN6oa7cCZVN.F1IXLf3u/R7yTpCYd8lsU4nP9")
    finally:
        crypts.libcrypt.cache_clear()
    assert refusal.value.code == "hash.unsupported_here"
    assert "libxcrypt" in refusal.value.detail


def test_s2_an_empty_password_opens_nothing() -> None:
    of_nothing = parse("d41d8cd98f00b204e9800998ecf8427e", format="md5")
    assert not verify(of_nothing, "")
    assert not verify(of_nothing, b"")


def test_s24_an_imported_bcrypt_verifies_as_its_source_did_and_a_direct_hash_does_not() -> None:
    tail = next(vector for vector in ALL if "76 bytes" in vector.maker)
    imported = parse(tail.text)
    assert verify(imported, tail.password)
    assert verify(imported, tail.password[:-1] + "x")
    direct = hash_new(tail.password, Argon2Parameters(32, 1, 1), SALT)
    assert verify(direct, tail.password)
    assert not verify(direct, tail.password[:-1] + "x")


def test_a_bcrypt_salt_with_superfluous_bits_verifies_as_without() -> None:
    clean = "$2y$04$GHX1QJHCGpRbu2yKk6/M6uxZ9s.bVacD3QSnQ70kGGGSfoBipYp8O"
    assert clean[28] == "u"
    for letter in "vwxyz0":
        assert verify(parse(clean[:28] + letter + clean[29:]), PASSWORD)
    assert not verify(parse(clean[:28] + "e" + clean[29:]), PASSWORD)


def test_s26_a_nul_counts() -> None:
    by_bcrypt = parse("$2y$04$GHX1QJHCGpRbu2yKk6/M6uxZ9s.bVacD3QSnQ70kGGGSfoBipYp8O")
    by_crypt = parse("$5$rounds=1000$saltstring$/hR4c6XN6oa7cCZVN.F1IXLf3u/R7yTpCYd8lsU4nP9")
    for stored in (by_bcrypt, by_crypt):
        assert verify(stored, PASSWORD)
        assert not verify(stored, PASSWORD + "\0")
        assert not verify(stored, PASSWORD + "\0x")


def test_s26_digests_that_begin_with_a_nul_do_not_verify_each_other() -> None:
    passwords = (f"password {number}" for number in range(5000))
    first, second = itertools.islice((one for one in passwords if md5(one.encode()).digest()[0] == 0), 2)
    text = bcrypt.hashpw(md5(first.encode()).digest(), bcrypt.gensalt(4)).decode()
    stored = parse(text, format="bcrypt(md5(password))")
    assert verify(stored, first)
    assert not verify(stored, second)


def test_s27_an_overlong_password_is_refused_before_any_hash() -> None:
    longest = "x" * MOST_PASSWORD_BYTES
    assert verify(hash_new(longest, Argon2Parameters(32, 1, 1), SALT), longest)
    assert not verify(hash_new(longest + "x", Argon2Parameters(32, 1, 1), SALT), longest + "x")


def test_s30_equal_passwords_are_kept_differently_and_plain_sha256_is_weak() -> None:
    one = hash_new(PASSWORD, FLOOR, SALT)
    other = hash_new(PASSWORD, FLOOR, b"fedcba9876543210")
    assert one.encode() != other.encode()
    assert one.digest != other.digest


def test_a_password_that_is_no_text_is_refused() -> None:
    stored = parse("cd7bf31b3ab746ed24ed9d7afe3cb0cd", format="md5")
    assert not verify(stored, "\ud800")
    assert not verify(stored, b"\xff\xfe")


def reading(text: str, salt: str | None, format: str | None, pepper: str | None) -> str:
    """What becomes of a row: the code of its refusal, or the text that is kept."""
    try:
        return parse(text, salt, format, pepper=pepper).encode()
    except BadHash as refusal:
        return refusal.code


@given(st.sampled_from(ALL), st.integers(0, 200), st.sampled_from(["", "$", "\0", "=", "z", "９", "\n", "{"]))
@settings(max_examples=150, deadline=None)
def test_a_torn_text_is_refused_or_read_but_never_raises_otherwise(vector: Vector, at: int, put: str) -> None:
    for text in (vector.text[:at], vector.text[:at] + put + vector.text[at + 1 :], put + vector.text):
        recognise(text)
        outcome = reading(text, vector.salt, vector.format, vector.pepper)
        assert outcome in CODES or StoredHash.decode(outcome).encode() == outcome


@given(st.text(max_size=80), st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_and_any_format_is_read_or_refused(text: str, format: str) -> None:
    for named in (None, format):
        outcome = reading(text, "salt", named, None)
        assert outcome in CODES or not verify(StoredHash.decode(outcome), "\0 no such password")


@pytest.mark.parametrize("scheme", [*SCHEMES, "unheard of"])
def test_verify_is_a_refusal_when_the_settings_are_missing(scheme: str) -> None:
    assert not verify(StoredHash(scheme, Settings({}), b"x"), PASSWORD)


def test_every_reason_has_its_sentence_in_both_languages() -> None:
    texts = Texts([Path(credentials.__file__).parent / "texts"])
    assert [code for code in CODES if not texts.knows(code)] == []
