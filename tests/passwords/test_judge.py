"""Judging: what is accepted, what is refused, with which reasons, and which rules are ticked."""

import unicodedata
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from menshen.passwords import PROFILE_NAMES, LeakFinding, Reason, admit, judge, named, normalise, rules_for, sentence
from menshen.passwords.store import LOCALES


def why(password: str, policy: str = "classic", **known: Any) -> list[str]:
    return [reason.code.removeprefix("passwords.") for reason in judge(password, None, policy, **known).reasons]


@pytest.mark.parametrize("password", ["kV8#xT2!", "Tr0ub4dor&3", "门Shen#7二月风qzK", "R7 gray Otter; bell"])
def test_good_passwords_pass_classic(password: str) -> None:
    verdict = judge(password)
    assert (verdict.accepted, verdict.reasons) == (True, ())


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("kV8#xT2", "too_short"),
        ("kv8#xt2!", "missing_classes"),
        ("kVq#xTz!", "missing_classes"),
        ("kV8txT2q", "missing_classes"),
        ("Password1!", "common"),
        ("P@ssw0rd2024", "common_variant"),
        ("Sunshine#123", "common_variant"),
        ("Monkey!Monkey!", "common_variant"),
        ("Qwe123!@#", "sequence"),
        ("kV#1234tx", "sequence"),
        ("aaaa#K9v", "sequence"),
        ("1qaz@WSXk", "sequence"),
    ],
)
def test_classic_refuses(password: str, reason: str) -> None:
    assert reason in why(password)


@pytest.mark.parametrize(
    "password",
    ["zqrfghvtkwpxmdc", "849271630582914", "晴朗河流灯笼氧化飞鸟秋天月光石", "🐼🎋🌧🍵🚲🦉🪁🧊🥢🌶🛶🧵🪷🫖🦜"],
)
def test_modern_asks_for_no_kinds_of_characters(password: str) -> None:
    assert judge(password, None, "modern").accepted


def test_a_bound_second_factor_allows_eight_characters_under_modern() -> None:
    assert why("kV8#xT2!", "modern") == ["too_short"]
    assert judge("kV8#xT2!", None, "modern", second_factor=True).accepted


def test_three_kinds_of_four_do_for_mlps_and_four_pass_too() -> None:
    assert judge("kv8#xt2!", None, "mlps-3").accepted
    assert judge("kV8#xT2!", None, "mlps-3").accepted
    assert why("kvq#xtz!", "mlps-3") == ["too_few_kinds"]


def test_pci_asks_for_twelve_with_letter_and_digit() -> None:
    assert judge("zqrfghvtkwp7", None, "pci-dss-4").accepted
    assert why("zqrfghvtkwpx", "pci-dss-4") == ["missing_classes"]


@pytest.mark.parametrize("password", ["é" * 20 + "kV8#xT2!", "1" * 8 + "Ａkq"])
def test_what_is_hashed_is_exactly_what_was_typed_in_nfc(password: str) -> None:
    assert normalise(unicodedata.normalize("NFD", password)) == unicodedata.normalize("NFC", password)
    assert normalise("１") != "1"
    assert normalise(" x ") == " x "


@pytest.mark.parametrize("size", [64, 128])
def test_long_passwords_are_accepted_and_longer_ones_refused_never_cut(size: int) -> None:
    emoji = "🐼🎋🌧🍵🚲🦉🪁🧊"
    assert judge((emoji * 16)[:size], None, "nist-800-63b-4").reasons == ()
    assert why((emoji * 17)[:129], "nist-800-63b-4") == ["too_long"]


@pytest.mark.parametrize("megabyte", ["a" * 1_000_000, "\ufdfa" * 350_000, "e\u0301" * 500_000])
def test_a_megabyte_is_refused_before_it_is_normalised(megabyte: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-27, S-31: whoever so much as touches the Unicode tables fails here."""
    monkeypatch.setattr("menshen.passwords.rules.text.unicodedata", None)
    refused = admit(megabyte, 128)
    assert isinstance(refused, Reason)
    assert refused.code == "passwords.too_long"


@pytest.mark.parametrize(
    "unseen", ["\x00", "\t", "\n", "\x7f", "\x85", "\u200b", "\u202e", "\ufeff", "\ue000", "\u0378"]
)
def test_what_nobody_can_see_or_type_is_refused(unseen: str) -> None:
    assert why(f"kV8#x{unseen}T2!") == ["unseen_character"]


def test_lone_surrogates_are_no_text() -> None:
    assert why("kV8#xT2!\udcff") == ["not_text"]


def test_joined_emoji_are_text() -> None:
    assert judge("kV8#👩‍🔬T2qz").accepted


def test_an_inadmissible_password_ticks_no_rule() -> None:
    assert {state.met for state in judge("\x00" * 9).rules} == {None}


def test_rules_are_told_before_typing_and_ticked_as_they_are_met() -> None:
    before = rules_for("classic")
    verdict = judge("kv8#xt2!")
    assert tuple(state.rule for state in verdict.rules) == before
    met = {state.rule.code.removeprefix("passwords.rule."): state.met for state in verdict.rules}
    assert met == {
        "length": True,
        "classes": False,
        "personal_part": True,
        "common_variants": True,
        "sequences_part": True,
        "strength": True,
        "leaked": None,
        "likeness": None,
        "history": None,
    }


@pytest.mark.parametrize("policy", PROFILE_NAMES)
def test_every_rule_and_reason_carries_its_clause(policy: str) -> None:
    verdict = judge("aaaa", None, policy, leaked=LeakFinding(5), current="aaab")
    assert all(state.rule.clause for state in verdict.rules)
    assert all(reason.clause for reason in verdict.reasons)
    assert len(verdict.reasons) >= 4


def test_the_clause_of_the_length_follows_the_second_factor() -> None:
    (rule, *_) = rules_for("modern", second_factor=True)
    assert (rule.params["least"], rule.clause) == (8, named("modern").clause("password.length_with_second_factor"))


@pytest.mark.parametrize(("times", "code"), [(0, None), (1, "leaked"), (10, "leaked_often")])
def test_a_leak_finding_comes_in_as_an_argument(times: int, code: str | None) -> None:
    assert why("kV8#xT2!", leaked=LeakFinding(times)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("current", "code"),
    [
        ("kV8#xT2!", "same_as_current"),
        ("kV8#xT3!", "too_alike"),
        ("!2Tx#8Vk", "reversed"),
        ("kV8#xT2!longer-by-much", None),
    ],
)
def test_the_new_one_is_compared_with_the_one_just_given(current: str, code: str | None) -> None:
    assert why("kV8#xT2!", current=current) == ([code] if code else [])


def test_nist_only_refuses_the_very_same() -> None:
    assert judge("zqrfghvtkwpxmdc", None, "nist-800-63b-4", current="zqrfghvtkwpxmdd").accepted


def test_nothing_of_the_password_is_in_a_repr() -> None:
    verdict = judge("Sunshine#123")
    assert "Sunshine" not in repr(verdict)


def test_weak_but_accepted_gets_advice() -> None:
    verdict = judge("otter#7K")
    assert verdict.reasons == ()
    assert [told.code for told in verdict.advice] in ([], ["passwords.advice.longer"])
    assert (verdict.score >= 3) == (verdict.advice == ())


@given(st.text(max_size=200))
@example("\x00")
@example("e\u0301" * 128)
def test_any_text_gets_a_verdict(password: str) -> None:
    verdict = judge(password)
    assert verdict.accepted == (not verdict.reasons)
    assert 0 <= verdict.score <= 4
    for reason in verdict.reasons:
        assert all(sentence(reason, locale) for locale in LOCALES)
    if verdict.parse:
        ends = [0, *(piece.end for piece in verdict.parse)]
        assert [piece.start for piece in verdict.parse] == ends[:-1]
        assert ends[-1] == len(str(normalise(password)))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_refused_reasons_and_unmet_rules_agree(password: str) -> None:
    verdict = judge(password)
    assert verdict.accepted == all(state.met is not False for state in verdict.rules)


def test_a_verdict_travels_as_json() -> None:
    data = msgspec.json.decode(msgspec.json.encode(judge("Sunshine#123")))
    assert data["accepted"] is False
