"""One-time codes on both databases, with a real key ring and a clock that stands."""

from pathlib import Path

import pytest

from menshen.codes.service import Codes
from menshen.keys.service import KeyFile, Keys
from menshen.kit.clock import DAY, SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock(20_000 * DAY)


def codes_on(database: Database, clock: SetClock, folder: Path) -> Codes:
    """Codes with a key ring of their own."""
    keys = Keys(database, clock, SystemDice(), KeyFile(folder / "keys" / "master.key", SystemDice()))
    keys.establish()
    keys.reread()
    return Codes(clock, SystemDice(), keys)


@pytest.fixture
def codes(database: Database, clock: SetClock, tmp_path: Path) -> Codes:
    """Codes on SQLite and on PostgreSQL."""
    return codes_on(database, clock, tmp_path)


@pytest.fixture
def crowded(postgres: Database, clock: SetClock, tmp_path: Path) -> Codes:
    """Codes on PostgreSQL, for races."""
    return codes_on(postgres, clock, tmp_path)
