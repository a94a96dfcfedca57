"""The requirements of a sign-in: their order, every combination of facts, and the diagram drawn from them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import menshen
from menshen.accounts.rules import Standing
from menshen.kit.web.visitor import Proof
from menshen.rotation.rules import Due
from menshen.sessions.rules import assurance
from menshen.signin.rules import MAY_SIGN_IN, Ask, Facts, Grant, Refuse, diagram, next_step

STATES = ("invited", "active", "suspended", "locked", "closing", "erased")
NOW = 1_800_000_000_000_000


def standing(state: Any) -> Standing:
    return Standing(
        account_id="a",
        realm="customer",
        state=state,
        version=1,
        epoch=1,
        methods=("password",),
        groups=(),
        must_change_why=None,
        must_change_since=None,
        must_change_by=None,
        password_changed_at=NOW,
        password_class=None,
        locale=None,
        time_zone=None,
        display_name=None,
        last_seen_day=None,
        created_at=NOW,
        closing_until=None,
    )


DUES = st.none() | st.builds(Due, cause=st.just("age"), since=st.just(NOW), by=st.just(NOW), forced_now=st.booleans())
FACTS = st.builds(
    Facts,
    standing=st.none() | st.sampled_from(STATES).map(standing),
    proofs=st.just(()) | st.just((Proof("pwd", NOW),)),
    level=st.integers(0, 2),
    target=st.integers(1, 2),
    due=DUES,
    now=st.just(NOW),
)


@given(FACTS)
def test_a_session_is_granted_only_when_everything_is_met(facts: Facts) -> None:
    """Seen red with the first requirement taken out of the list."""
    met = (
        facts.standing is not None
        and facts.standing.state in MAY_SIGN_IN
        and facts.proofs != ()
        and facts.level >= facts.target
        and not (facts.due and facts.due.forced_now)
    )
    assert (next_step(facts) == Grant()) == met


@given(FACTS)
def test_nothing_is_asked_of_who_proved_nothing(facts: Facts) -> None:
    step = next_step(facts)
    if isinstance(step, Ask):
        assert facts.proofs
        assert step.method == "change"


@pytest.mark.parametrize(
    ("state", "proofs", "why"),
    [(None, (), "account"), ("suspended", (Proof("pwd", NOW),), "state"), ("active", (), "password")],
)
def test_the_journal_hears_why(state: str | None, proofs: tuple[Proof, ...], why: str) -> None:
    facts = Facts(standing(state) if state else None, proofs, assurance(proofs), 1, None, NOW)
    assert next_step(facts) == Refuse(why)


def test_the_architecture_page_shows_this_very_table() -> None:
    page = (Path(menshen.__file__).parents[2] / "ARCHITECTURE.md").read_text()
    assert f"```mermaid\n{diagram()}\n```" in page
