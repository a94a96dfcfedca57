"""The estimate: honest at both ends, and bounded in work for any input."""

import math
import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.passwords import generate, judge
from menshen.passwords.rules.strength import is_syllable
from menshen.passwords.rules.verdict import score_of
from menshen.passwords.service import Kind
from menshen.passwords.store import entries

TYPED = string.ascii_letters + string.digits + string.punctuation


def score(password: str) -> int:
    return judge(password).score


def test_the_most_common_are_called_weak() -> None:
    assert [entry for entry in entries("common")[:300] if score(entry) >= 2] == []


@pytest.mark.parametrize(
    "password", ["Qwe!23asd", "19900307", "wangwei123", "abcabcabc", "qwertyuiop1234", "iloveyou2"]
)
def test_habits_are_called_weak(password: str) -> None:
    assert score(password) <= 2


def drawn(size: int) -> str:
    return "".join(secrets.choice(TYPED) for _ in range(size))


def test_random_passwords_are_called_strong() -> None:
    assert [password for password in (drawn(12) for _ in range(200)) if score(password) < 4] == []
    assert sum(score(drawn(8)) >= 3 for _ in range(200)) >= 190


@pytest.mark.parametrize("kind", ["english", "pinyin", "hanzi"])
def test_phrases_are_called_strong(kind: Kind) -> None:
    assert {judge(generate(secrets.token_bytes, "nist-800-63b-4", kind).password).score for _ in range(30)} == {4}


@pytest.mark.parametrize(
    "hard",
    [
        "a" * 128,
        "ab" * 64,
        "1" * 128,
        "qwerty" * 21,
        "zhuang" * 21,
        "0OoIl1!|" * 16,
        "password" * 16,
        "2024" * 32,
        "😀" * 128,
    ],
)
def test_work_is_bounded_for_adversarial_input(hard: str) -> None:
    """At most a piece for each pair of places not further apart than a word, in three readings and two directions."""
    verdict = judge(hard, None, "nist-800-63b-4")
    assert len(verdict.parse) <= 128
    assert math.isfinite(verdict.guesses_log10)


@pytest.mark.parametrize(
    ("guesses", "expected"), [(0, 0), (2.9, 0), (3, 1), (6, 2), (8, 3), (9.9, 3), (10, 4), (99, 4)]
)
def test_score_lines(guesses: float, expected: int) -> None:
    assert score_of(guesses) == expected


@given(st.text(st.sampled_from(TYPED), max_size=20), st.sampled_from(TYPED))
def test_one_more_character_never_costs_more_than_a_joint(password: str, more: str) -> None:
    """A longer text may complete a word (passwor+d); then the word's rank speaks, else guesses never fall."""
    before, after = judge(password), judge(password + more)
    if after.parse[-1].kind == "rest":
        assert after.guesses_log10 >= before.guesses_log10 - 0.001


@pytest.mark.parametrize("letters", ["zhuang", "li", "wei", "a", "lve", "xiong", "er"])
def test_syllables(letters: str) -> None:
    assert is_syllable(letters)


@pytest.mark.parametrize("letters", ["zhx", "b", "", "thing", "kv"])
def test_no_syllables(letters: str) -> None:
    assert not is_syllable(letters)
