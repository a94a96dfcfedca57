"""A key ring on each database, and tables of the tests' own with sealed columns."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table

from menshen.keys.service import KeyFile, Keys
from menshen.kit.clock import DAY, SetClock
from menshen.kit.database import Bytes, Database, Words, column
from menshen.kit.dice import SystemDice
from menshen.kit.marks import plain

tables = MetaData()
notes = Table(
    "test_notes",
    tables,
    column("id", Words, primary_key=True, mark=plain("test")),
    column("owner", Words, nullable=True, mark=plain("test")),
    column("text", Bytes, nullable=True, mark=plain("test"), sealed=True),
    info={"subject": "owner"},
    sqlite_strict=True,
)
pairs = Table(
    "test_pairs",
    tables,
    column("left", Words, primary_key=True, mark=plain("test")),
    column("right", Words, primary_key=True, mark=plain("test")),
    column("text", Bytes, mark=plain("test"), sealed=True),
    sqlite_strict=True,
)


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock(20_000 * DAY)


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    """A key file in a folder of its own."""
    return KeyFile(tmp_path / "keys" / "master.key", SystemDice())


@pytest.fixture
def process(database: Database, clock: SetClock, key_file: KeyFile) -> Callable[[], Keys]:
    """Builds the key ring as another process of the house would have it."""

    def start() -> Keys:
        keys = Keys(database, clock, SystemDice(), key_file)
        keys.establish()
        keys.register((notes.c.text, pairs.c.text))
        return keys

    return start


@pytest.fixture
def keys(process: Callable[[], Keys]) -> Keys:
    """A ring that is there."""
    return process()


@pytest.fixture
def sealed_tables(database: Database) -> Iterator[None]:
    """The tables with sealed columns, dropped again."""
    tables.create_all(database.engine)
    yield
    tables.drop_all(database.engine)
