"""Too like the old one: counted characters, case, reversal, the same word in other clothes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.passwords import too_alike
from menshen.passwords.rules.likeness import distance


@pytest.mark.parametrize(
    ("new", "old", "code"),
    [
        ("Summer2025!", "Summer2024!", "too_alike"),
        ("SUMMER2024!", "Summer2024!", "too_alike"),
        ("Summer#99177", "Summer2024!", "same_stem"),
        ("$ummer#99177", "Summer2024!", "same_stem"),
        ("!4202remmuS", "Summer2024!", "reversed"),
        ("Summer2024!", "Summer2024!", "same_as_current"),
    ],
)
def test_refused(new: str, old: str, code: str) -> None:
    reason = too_alike(new, old)
    assert reason is not None
    assert reason.code == f"passwords.{code}"


@pytest.mark.parametrize(
    ("new", "old"), [("River#77Otter", "Summer2024!"), ("849271630", "120394857"), ("x", "y" * 128)]
)
def test_allowed(new: str, old: str) -> None:
    assert too_alike(new, old) is None


def test_the_number_of_changes_is_told() -> None:
    reason = too_alike("Summer2035!", "Summer2024!")
    assert reason is not None
    assert reason.params == {"difference": 2}


def plain_distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, here in enumerate(one, 1):
        before, row = row, [i]
        for j, there in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (here != there)))
    return row[-1]


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(1, 5))
def test_distance_is_exact_up_to_its_limit(one: str, other: str, limit: int) -> None:
    assert distance(one, other, limit) == min(plain_distance(one, other), limit)
