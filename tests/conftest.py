"""Brings the real servers of the tests as fixtures, each started by the first test that asks, and the whole house."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import Tested, opened_house

pytest_plugins = [
    "tests.servers.authority",
    "tests.servers.browser",
    "tests.servers.mail",
    "tests.servers.nginx",
    "tests.servers.postgres",
    "tests.servers.databases",
    "tests.servers.softhsm",
    "tests.servers.valkey",
]


def pytest_configure() -> None:
    """Let a run that is told to end stop its servers first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture
def tested(database_url: str, tmp_path: Path) -> Iterator[Tested]:
    """The whole house; the test runs on SQLite and on PostgreSQL."""
    with opened_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def tested_postgres(postgres_url: str, tmp_path: Path) -> Iterator[Tested]:
    """The whole house on PostgreSQL, for races."""
    with opened_house(postgres_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def tested_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Tested]:
    """The whole house on SQLite."""
    with opened_house(sqlite_url, tmp_path) as opened:
        yield opened
