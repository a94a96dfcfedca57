"""Databases for the tests: the schema is laid once per worker, each test starts with empty tables."""

import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import URL

import menshen
from menshen.app.migrating import migrate
from menshen.kit.database import Database, metadata
from tests.servers.postgres import execute, new_database

HOUSE = Path(menshen.__file__).parent


def load_tables() -> None:
    """Import the store of every room, so that the metadata is whole."""
    for file in sorted({*HOUSE.glob("*/store.py"), *HOUSE.glob("*/store/__init__.py")}):
        room = file.relative_to(HOUSE).parts[0]
        import_module(f"menshen.{room}.store")


def lay_schema(url: str) -> None:
    """Migrate an empty database to today's schema, and know the tables of all rooms, to empty them."""
    load_tables()
    database = Database(url)
    migrate(database)
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema in it, to be copied."""
    file = tmp_path_factory.mktemp("template") / "menshen.db"
    lay_schema(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[URL]:
    """This worker's database with the schema in it."""
    with new_database(postgres_server) as url:
        lay_schema(url.render_as_string(hide_password=False))
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of an SQLite database with empty tables, this test's own."""
    shutil.copyfile(sqlite_template, tmp_path / "menshen.db")
    return f"sqlite:///{tmp_path / 'menshen.db'}"


@pytest.fixture
def postgres_url(postgres_template: URL) -> str:
    """The address of this worker's PostgreSQL database, its tables emptied."""
    # Deleting costs 3 ms where truncating costs 100; without triggers the order of the tables does not matter.
    clearing = "".join(f'DELETE FROM "{table.name}";' for table in metadata.tables.values())
    execute(postgres_template, f"SET session_replication_role = replica; SET lock_timeout = '10s'; {clearing}")
    return postgres_template.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with empty tables; the test runs on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with empty tables; the test runs on SQLite and on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """An open PostgreSQL database with empty tables, for races."""
    opened = Database(postgres_url)
    yield opened
    opened.close()
