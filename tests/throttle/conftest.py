"""Budgets on both databases, with a real key ring and a clock that stands."""

from pathlib import Path

import pytest

from menshen.keys.service import KeyFile, Keys
from menshen.kit.clock import DAY, SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from menshen.throttle.service import Throttle


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock(20_000 * DAY)


def throttle_on(database: Database, clock: SetClock, folder: Path) -> Throttle:
    """Budgets with a key ring of their own."""
    keys = Keys(database, clock, SystemDice(), KeyFile(folder / "keys" / "master.key", SystemDice()))
    keys.establish()
    keys.reread()
    return Throttle(clock, keys)


@pytest.fixture
def throttle(database: Database, clock: SetClock, tmp_path: Path) -> Throttle:
    """Budgets on SQLite and on PostgreSQL."""
    return throttle_on(database, clock, tmp_path)


@pytest.fixture
def crowded(postgres: Database, clock: SetClock, tmp_path: Path) -> Throttle:
    """Budgets on PostgreSQL, for races."""
    return throttle_on(postgres, clock, tmp_path)
