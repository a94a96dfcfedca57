"""The notation of described hashes: what it means, what it refuses, that it runs nothing but itself."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.credentials.formats import BadHash, parse, verify
from menshen.credentials.formats.notation import Call, Join, Literal, Name, Node, Number, read, write

PASSWORD = "correct horse 1"
SECRET = PASSWORD.encode()


def sha256(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()


MEANINGS = {
    "sha256(salt + password)": sha256(b"5a17" + SECRET),
    "sha256(password + salt)": sha256(SECRET + b"5a17"),
    "sha256(unhex(salt) + password)": sha256(b"\x5a\x17" + SECRET),
    "sha256(unbase64(salt) + password)": sha256(b"\xe5\xad\x7b" + SECRET),
    "sha256(upper(salt) + '{' + password + '}')": sha256(b"5A17{" + SECRET + b"}"),
    "sha256(lower(user) + ':' + password)": sha256(b"linwei:" + SECRET),
    "sha256(external_id + pepper + password)": sha256(b"42" + b"house" + SECRET),
    "sha256(hex(sha256(password)))": sha256(sha256(SECRET).hex().encode()),
    "sha256(utf16le(password))": sha256(PASSWORD.encode("utf-16-le")),
    "hmac_sha256(salt, password)": hmac.digest(b"5a17", SECRET, "sha256"),
    "repeat(2, sha256(password), sha256(last))": sha256(sha256(sha256(SECRET))),
    "repeat(0, sha256(password), sha256(last))": sha256(SECRET),
    "cut(sha256(password), 4, 12)": sha256(SECRET)[4:12],
    "hex(sha256(password))": sha256(SECRET),
    "upper(hex(sha256(password)))": sha256(SECRET),
    "base64(sha256(password))": sha256(SECRET),
    "  sha256( password ) ": sha256(SECRET),
}


@pytest.mark.parametrize("recipe", MEANINGS)
def test_a_recipe_means_what_it_says(recipe: str) -> None:
    digest = MEANINGS[recipe]
    stored = parse(digest.hex(), "5a17", recipe, user="LinWei", external_id="42", pepper="house")
    assert verify(stored, PASSWORD)
    assert not verify(stored, PASSWORD + "1")
    assert parse(digest.hex().upper(), "5a17", recipe, user="LinWei", external_id="42", pepper="house") == stored


def test_a_format_may_hash_a_prepared_password() -> None:
    # devise 4.8 Devise::Encryptor with pepper
    text = "$2a$04$HKNoiYJXLAjVZewhPIFqKOTkOikiHglWSWXb/fpQSBZ/FYmrPiYQu"
    stored = parse(text, format="bcrypt(password + 'pepper-of-the-shop')")
    assert verify(stored, "Kà密码 7!")
    assert not verify(parse(text, format="bcrypt"), "Kà密码 7!")


REFUSED = {
    "sha256(password": "hash.recipe",
    "sha256(password))": "hash.recipe",
    "sha256 password": "hash.recipe",
    "sha256(password) + ": "hash.recipe",
    "": "hash.recipe",
    "password": "hash.format_unknown",
    "password + salt": "hash.recipe",
    "hex(password)": "hash.recipe",
    "sha256(salt)": "hash.recipe",
    "sha256(passwort)": "hash.recipe",
    "sha256(last + password)": "hash.recipe",
    "sha256(password, salt)": "hash.recipe",
    "hmac_sha256(password)": "hash.recipe",
    "hmac_hex(salt, password)": "hash.recipe",
    "eval(password)": "hash.recipe",
    "__import__('os')": "hash.recipe",
    "sha256(password.upper())": "hash.recipe",
    "sha256(password + 12)": "hash.recipe",
    "sha256('\\' + password)": "hash.recipe",
    "repeat(3, sha256(password))": "hash.recipe",
    "repeat(salt, sha256(password), sha256(last))": "hash.recipe",
    "sha256(repeat(30, sha256(password), last + last))": "hash.recipe",
    "cut(sha256(password), 0, 4)": "hash.recipe",
    "cut(sha256(password), 9, 9)": "hash.recipe",
    "bcrypt_sha256(hex(password))": "hash.malformed",
    "sha256(unhex(salt) + password)": "hash.malformed",
    "(" * 600: "hash.recipe",
    "sha256(" * 21 + "password" + ")" * 21: "hash.recipe",
}


@pytest.mark.parametrize("recipe", REFUSED)
def test_a_recipe_that_means_nothing_is_refused(recipe: str) -> None:
    with pytest.raises(BadHash) as refusal:
        parse("ab" * 32, "no hex", recipe)
    assert refusal.value.code == REFUSED[recipe]


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
literals = st.text(st.characters(exclude_characters="'\\\n", exclude_categories=["Cs"]), max_size=6)
leaves: st.SearchStrategy[Node] = st.one_of(
    names.map(Name), st.integers(0, 999_999_999).map(Number), literals.map(Literal)
)


def larger(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    terms = children.filter(lambda node: not isinstance(node, Join))
    joins = st.lists(terms, min_size=2, max_size=3).map(lambda parts: Join(tuple(parts)))
    calls = st.builds(Call, names, st.lists(children, min_size=1, max_size=3).map(tuple))
    return st.one_of(joins, calls)


@given(st.recursive(leaves, larger, max_leaves=8))
def test_what_is_written_is_read_again(node: Node) -> None:
    assert read(write(node)) == node
