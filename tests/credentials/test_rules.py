"""How a typed password is read, which decoy an unknown name meets, what one try is charged to."""

import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.credentials.rules import MOST_BYTES, Try, as_typed, budgets, drawn_scheme, suspicion, typed
from menshen.passwords import PROFILE_NAMES, named


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60))
def test_one_phrase_is_one_password_however_it_is_composed(phrase: str) -> None:
    assert typed(phrase) == typed(unicodedata.normalize("NFD", phrase)) == typed(unicodedata.normalize("NFC", phrase))


@pytest.mark.parametrize("refused", ["", "\0", "abc\0x", "\ud800", "a\udfff", "x" * (MOST_BYTES + 1), "\ufdfa" * 400])
def test_what_no_keyboard_types_is_nothing(refused: str) -> None:
    assert typed(refused) is None


def test_full_width_digits_and_a_space_are_characters_of_their_own() -> None:
    assert typed("\uff11") != typed("1")
    assert typed(" ") == b" "
    assert as_typed("e\u0301") == "e\u0301".encode()


def test_a_megabyte_is_refused_before_it_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-31: U+FDFA grows eighteenfold in a normal form; seen red with the length asked for afterwards."""
    seen: list[int] = []

    def watched(form: str, text: str) -> str:
        seen.append(len(text))
        return text

    monkeypatch.setattr(unicodedata, "normalize", watched)
    assert typed("\ufdfa" * 1_000_000) is None
    assert seen == []


@given(st.dictionaries(st.sampled_from(["argon2$a", "bcrypt$b", "recipe$c"]), st.integers(0, 50)))
def test_decoys_are_drawn_as_schemes_are_stored(census: dict[str, int]) -> None:
    """S-9: over a whole round of draws each scheme comes as often as it is stored."""
    total = sum(census.values())
    drawn = Counter(drawn_scheme(census, place.to_bytes(8, "big"), "ours") for place in range(max(total, 1)))
    assert drawn == (Counter({name: count for name, count in census.items() if count}) if total else {"ours": 1})


@pytest.mark.parametrize("name", PROFILE_NAMES)
@given(who=st.text(min_size=1), source=st.ip_addresses().map(str))
def test_strangers_and_known_devices_share_no_budget(name: str, who: str, source: str) -> None:
    """S-23: whatever strangers spend, a known device has its own; seen red with one budget for both."""
    profile = named(name)
    strangers = {budget.key for budget in budgets(Try(who, source), profile)}
    device = {budget.key for budget in budgets(Try(who, source, "d" * 32), profile)}
    assert device
    assert strangers.isdisjoint(device)
    assert suspicion(Try(who, source)).key not in strangers | device


def test_a_profile_that_disables_binds_known_devices_too() -> None:
    """SP 800-63B-4 section 3.2.2: at most 100 wrong tries in a row, from wherever."""
    profile = named("nist-800-63b-4")
    assert profile.throttle.then == "disable"
    run = [budget for budget in budgets(Try("a", "192.0.2.1", "d"), profile) if budget.key == "password:run:d"]
    assert [budget.capacity for budget in run] == [profile.throttle.failures]
