"""Common passwords, their variations, and runs: refused; and what only resembles them: not."""

import pytest

from menshen.passwords import PROFILE_NAMES, judge, named
from menshen.passwords.rules.patterns import Span, is_date, lines
from menshen.passwords.store import entries

COMMON = {"passwords.common", "passwords.common_variant"}


def is_refused_as_common(password: str, policy: str) -> bool:
    return bool({reason.code for reason in judge(password, None, policy).reasons} & COMMON)


@pytest.mark.parametrize("policy", PROFILE_NAMES)
def test_three_thousand_common_ones_that_fit_the_length_are_refused(policy: str) -> None:
    """ASVS 6.2.4, for each profile, offline."""
    least = named(policy).password.length_alone
    fitting = [entry for entry in entries("common") if len(entry) >= least]
    assert len(fitting) >= 3000
    sample = [*fitting[:60], *fitting[2940:3000]]
    assert [entry for entry in sample if not is_refused_as_common(entry, policy)] == []


def test_three_thousand_common_ones_dressed_to_fit_four_kinds_are_refused() -> None:
    words = [entry for entry in entries("common") if entry.isascii() and entry.isalpha() and 5 <= len(entry) <= 12]
    assert len(words) >= 3000
    dressed = [f"{word.capitalize()}{tail}" for word in words[0:3000:25] for tail in ("1!", "@123", "#2024", "_88")]
    assert [password for password in dressed if not is_refused_as_common(password, "classic")] == []


@pytest.mark.parametrize(
    "password",
    ["woaini1314", "5201314", "WoAiNi1314", "woaizhongguo", "1qaz2wsx3edc", "Huawei@123", "我爱你", "7758521"],
)
def test_chinese_habits_are_known(password: str) -> None:
    assert is_refused_as_common(password, "nist-800-63b-4")


@pytest.mark.parametrize(
    "password",
    ["Pa55w0rd!", "dr@gon77", "123Monkey!", "2019Sunshine", "MONKEYMONKEY", "!!Letmein!!", "Shadow@1234", "$unsh1ne1"],
)
def test_variations_are_known(password: str) -> None:
    assert is_refused_as_common(password, "classic")


@pytest.mark.parametrize("password", ["Monkey#58213qT", "monkey-river-Otter7", "kV8#xT2!", "Sunshower#Ferry31"])
def test_a_common_word_among_others_is_allowed(password: str) -> None:
    assert not is_refused_as_common(password, "classic")


def test_nist_compares_the_whole_password_only() -> None:
    assert not is_refused_as_common("sunshine#2024#####", "nist-800-63b-4")
    assert is_refused_as_common("PASSWORDPASSWORD", "nist-800-63b-4")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("abcd", [(0, 4)]),
        ("x4321y", [(1, 5)]),
        ("aaa", [(0, 3)]),
        ("qwerty", [(0, 6)]),
        ("1qaz", [(0, 4)]),
        ("!@#$", [(0, 4)]),
        ("zaq1", [(0, 4)]),
        ("147x369", [(0, 3), (4, 7)]),
        ("一二三四", [(0, 4)]),
        ("甲乙丙", [(0, 3)]),
        ("ace", []),
        ("ab", []),
        ("", []),
        ("kv8xt2", []),
    ],
)
def test_lines(text: str, spans: list[tuple[int, int]]) -> None:
    found = lines(text)
    assert [Span(*ends) in found for ends in spans] == [True] * len(spans)
    assert bool(found) == bool(spans)


@pytest.mark.parametrize("digits", ["19870309", "09031987", "870309", "030987", "20240229"])
def test_dates(digits: str) -> None:
    assert is_date([digits])


@pytest.mark.parametrize("digits", ["19871309", "99999999", "871399", "18000101", "00000000"])
def test_random_digits_are_no_dates(digits: str) -> None:
    assert not is_date([digits])
