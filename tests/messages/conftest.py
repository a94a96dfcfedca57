"""Outboxes on both databases."""

from pathlib import Path

import pytest

from menshen.kit.database import Database
from tests.messages.posts import Post


@pytest.fixture
def post(database: Database, tmp_path: Path) -> Post:
    """An outbox on SQLite and on PostgreSQL."""
    return Post.build(database, tmp_path)


@pytest.fixture
def crowded(postgres: Database, tmp_path: Path) -> Post:
    """An outbox on PostgreSQL, for races."""
    return Post.build(postgres, tmp_path)
