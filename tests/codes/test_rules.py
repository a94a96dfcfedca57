"""The shapes of what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.codes.rules import link_token, typed_digits
from menshen.kit.dice import SystemDice, token


@pytest.mark.parametrize(
    "typed", ["12345678", "1234 5678", "1234-5678", " 12 34 56 78 ", "１２３４５６７８", "1234–5678", "12345678\n"]
)
def test_spaces_dashes_and_full_width_digits_are_forgiven(typed: str) -> None:
    assert typed_digits(typed) == "12345678"


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "1234567a", "null", "٠١٢٣٤٥٦٧", "12345678;", "0"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert typed_digits(typed) is None


@given(st.text())
def test_whatever_is_typed_comes_out_as_digits_or_nothing(typed: str) -> None:
    found = typed_digits(typed)
    assert found is None or (len(found) == 8 and found.isascii() and found.isdigit())


@pytest.mark.parametrize("text", ["", "null", "0", "a" * 42, "a" * 44, "a" * 42 + "\n", "a" * 42 + "=", " " * 43])
def test_s43_what_is_no_token_never_reaches_the_table(text: str) -> None:
    assert link_token(text) is None


def test_a_token_has_its_shape() -> None:
    made = token(SystemDice())
    assert link_token(made) == made
