"""Rotation over real accounts, a real law book and a real journal, on both databases."""

from pathlib import Path

import pytest

from menshen.kit.database import Database
from tests.rotation.houses import House


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """Rotation on both databases."""
    return House(database, tmp_path)


@pytest.fixture
def crowded(postgres: Database, tmp_path: Path) -> House:
    """Rotation on PostgreSQL, for races."""
    return House(postgres, tmp_path)
