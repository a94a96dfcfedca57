"""The moves of recovery as a table: no walk without a proof reaches a new password (S-37)."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from menshen.recovery.rules import MOVES, Happening, Step, move, where_to

happenings = st.lists(st.sampled_from(get_args(Happening)), max_size=30)


def walked(path: list[Happening], start: Step = "asked") -> list[tuple[Step, Happening]]:
    """The moves that a walk makes; what the table does not have does not happen."""
    step: Step = start
    made: list[tuple[Step, Happening]] = []
    for happening in path:
        onward = move(step, happening)
        if onward is not None:
            made.append((step, happening))
            step = onward
    return made


@given(happenings)
def test_no_walk_sets_a_password_without_a_proof_before(path: list[Happening]) -> None:
    made = [happening for _, happening in walked(path)]
    if "new_password" in made:
        assert "proof" in made[: made.index("new_password")]


@given(happenings)
def test_nothing_happens_after_the_end(path: list[Happening]) -> None:
    made = [happening for _, happening in walked(path)]
    for last in ("new_password", "expiry"):
        assert last not in made[:-1]


def test_each_step_of_the_table_is_a_step_and_the_only_proof_is_from_asked() -> None:
    assert {step for step, _ in MOVES} == {"asked", "proven"}
    assert [step for (step, happening), _ in MOVES.items() if happening == "proof"] == ["asked"]
    assert set(get_args(Step)) >= set(MOVES.values())


def test_mail_goes_to_a_stored_address_whatever_was_typed() -> None:
    stored = {"mike@example.org": "mike@example.org", "m@work.example.org": "m@work.example.org"}
    assert where_to(stored, "m@work.example.org", "CN") == "m@work.example.org"
    for typed in ("mıke@example.org", "mike", "+8613800138000", "m@evil.example", "mike@example.org,me@evil.example"):
        assert where_to(stored, typed, "CN") == "mike@example.org"
    assert where_to({}, "mike@example.org", "CN") is None
