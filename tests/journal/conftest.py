"""A journal that knows two codes of the tests' own."""

import pytest

from menshen.journal.service import Journal
from menshen.kit.clock import DAY, SetClock
from menshen.kit.dice import SystemDice
from menshen.kit.web.visitor import Visitor


@pytest.fixture
def clock() -> SetClock:
    """A Wednesday, 2026-07-29, at midnight UTC."""
    return SetClock(20_663 * DAY)


@pytest.fixture
def journal(clock: SetClock) -> Journal:
    """A journal to write in."""
    return Journal(clock, SystemDice(), ["door.opened", "door.shut"])


@pytest.fixture
def visitor() -> Visitor:
    """Someone signed in."""
    return Visitor("id.example.com", "192.0.2.7", "Agent/1.0", account_id="ann", session_id="s", correlation="c-1")
