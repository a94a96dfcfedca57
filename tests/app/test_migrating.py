"""The schema: one chain, equal to the code's tables on both databases, migrated whole or not at all."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from menshen.app.house import all_tables
from menshen.app.migrating import HEAD, MIGRATIONS, WrongSchema, migrate, must_fit, revision
from menshen.kit.database import Database, metadata
from menshen.kit.marks import mark_of, subject_of
from tests.app.program import PATIENCE, environment, free_port, refusal, run, serving
from tests.houses import Tested
from tests.servers.databases import load_tables
from tests.servers.postgres import new_database

FACTS = {
    "sqlite": ("SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'",),
    "postgresql": (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity FROM"
        " information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
        "SELECT inhrelid::regclass::text, inhparent::regclass::text, pg_get_expr(relpartbound, inhrelid)"
        " FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid",
        "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND relname <> 'alembic_version'",
    ),
}
"""What the database itself knows of its schema."""

DYING = """
import os, signal, sys
from sqlalchemy import event
from menshen.app.migrating import migrate
from menshen.kit.database import Database

database, left = Database(sys.argv[1]), int(sys.argv[2])

@event.listens_for(database.engine, "after_cursor_execute")
def count(connection, cursor, statement, *_):
    global left
    left -= statement.lstrip().startswith(("CREATE", "INSERT"))
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(database)
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    load_tables()
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(empty_url)
    yield opened
    opened.close()


def facts(database: Database) -> list[set[tuple[object, ...]]]:
    """The schema as the database tells it; spaces in statements count for nothing."""
    with database.read() as tx:
        return [
            {tuple(" ".join(str(value).split()) for value in row) for row in tx.all(text(query))}
            for query in FACTS[tx.dialect]
        ]


def test_the_chain_has_one_head_and_the_code_expects_it() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_migrated_schema_is_the_one_of_the_code(
    empty: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    migrate(empty)
    if empty.embedded:
        created = Database(f"sqlite:///{tmp_path / 'created.db'}")
        metadata.create_all(created.engine)
        assert facts(empty) == facts(created)
        created.close()
        return
    with new_database(request.getfixturevalue("postgres_server")) as url:
        created = Database(url.render_as_string(hide_password=False))
        metadata.create_all(created.engine)
        migrated, wanted = facts(empty), facts(created)
        created.close()
    assert migrated == wanted


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    assert revision(empty) == ""
    assert migrate(empty) == ""
    before = facts(empty)
    assert migrate(empty) == HEAD
    assert facts(empty) == before


@pytest.mark.parametrize("statements", [1, 12, 40])
def test_a_killed_migration_changed_nothing_and_is_run_again(empty_url: str, statements: int) -> None:
    command = [sys.executable, "-c", DYING, empty_url, str(statements)]
    assert subprocess.run(command, env=environment(), timeout=PATIENCE).returncode == -signal.SIGKILL
    database = Database(empty_url)
    assert facts(database)[0] == set()
    migrate(database)
    assert revision(database) == HEAD
    database.close()


def test_a_schema_that_does_not_fit_is_refused_with_what_to_do(empty: Database) -> None:
    with pytest.raises(WrongSchema, match="no schema yet: run `menshen migrate`"):
        must_fit(empty)
    migrate(empty)
    must_fit(empty)
    for version, advice in (("0000", "run `menshen migrate`"), ("9999", "start the newer version")):
        with empty.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        with pytest.raises(WrongSchema, match=advice):
            must_fit(empty)


def test_every_table_is_strict_on_sqlite(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        loose = [
            name
            for _, name, kind, _, _, strict in connection.execute("PRAGMA table_list")
            if kind == "table" and not strict and not name.startswith("sqlite_") and name != "alembic_version"
        ]
    assert loose == []


def test_every_column_is_marked_and_every_table_belongs_to_a_room(tested_sqlite: Tested) -> None:
    load_tables()
    unmarked = [
        str(column) for table in metadata.tables.values() for column in table.columns if mark_of(column) is None
    ]
    assert unmarked == []
    assert sorted(table.name for table in all_tables(tested_sqlite.house.rooms)) == sorted(metadata.tables)
    nobody = [
        table.name for table in metadata.tables.values() if "account_id" in table.columns and subject_of(table) is None
    ]
    assert nobody == []


@pytest.mark.postgres
def test_postgresql_is_migrated_by_command_and_served_by_several_workers(
    empty_postgres_url: str, tmp_path: Path
) -> None:
    settings = {"MENSHEN_DATABASE_URL": empty_postgres_url.replace("postgresql+psycopg:", "postgresql:")}
    said = refusal(run(tmp_path, "serve", MENSHEN_LISTEN=f"127.0.0.1:{free_port()}", **settings))
    assert said == "the database has no schema yet: run `menshen migrate`"
    done = run(tmp_path, "migrate", **settings)
    assert (done.returncode, done.stdout) == (0, f"The schema is at {HEAD}.\n")
    assert run(tmp_path, "migrate", **settings).stdout == f"The schema was at {HEAD} already.\n"
    with serving(tmp_path, "serve", "--workers", "2", **settings) as served:
        assert served.get("/readyz").text == "ready\n"
        database = Database(empty_postgres_url)
        with database.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        database.close()
        assert served.get("/readyz").status_code == 503
        assert served.get("/healthz").status_code == 200
        assert served.stop() == 0
