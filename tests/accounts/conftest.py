"""The accounts of the tests: real keys, a real journal, a clock that stands."""

from pathlib import Path

import pytest

from menshen.kit.database import Database
from tests.accounts.houses import House


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """Accounts on both databases."""
    return House.build(database, tmp_path)


@pytest.fixture
def crowded(postgres: Database, tmp_path: Path) -> House:
    """Accounts on PostgreSQL, for races."""
    return House.build(postgres, tmp_path)
