"""The law book of the tests, on both databases."""

import pytest

from menshen.kit.database import Database
from tests.policy.books import House


@pytest.fixture
def house(database: Database) -> House:
    """A law book on both databases."""
    return House(database)


@pytest.fixture
def crowded(postgres: Database) -> House:
    """A law book on PostgreSQL, for races."""
    return House(postgres)
