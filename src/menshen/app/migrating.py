"""The schema: one chain of migrations, run in a child process for SQLite, by `menshen migrate` for PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import inspect, text

from menshen.kit.database import Database
from menshen.kit.fault import Fault

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"
"""The revision that this code expects; a test compares it with the chain."""


class WrongSchema(Fault):
    """The database's schema is not the one this version works with; the message says what to run."""


def migrate(database: Database) -> str:
    """Bring the schema to HEAD. Returns the revision it was at before, empty for a new database.

    Each step commits whole or not at all, on both databases; a killed run is simply run again.
    """
    from alembic import command
    from alembic.config import Config

    before = revision(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.write() as tx:
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "head")
    return before


def migrate_in_child() -> None:
    """The same in a process of its own, so that the serving one never loads the migration tools."""
    done = subprocess.run([sys.executable, "-m", "menshen.app.migrating"], capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        reason = said[-1] if said else f"it was ended by signal {-done.returncode}"
        raise WrongSchema(f"the schema could not be migrated, and nothing was changed: {reason}")


def revision(database: Database) -> str:
    """The revision the database is at; empty where it has no schema yet."""
    with database.read() as tx:
        if not inspect(tx.connection).has_table("alembic_version"):
            return ""
        return tx.scalar(text("SELECT version_num FROM alembic_version")) or ""


def must_fit(database: Database) -> None:
    """Raise WrongSchema with what to run where the schema is not HEAD."""
    found = revision(database)
    if found == HEAD:
        return
    if not found:
        raise WrongSchema("the database has no schema yet: run `menshen migrate`")
    if found < HEAD:
        raise WrongSchema(f"the database is at schema {found}, this version needs {HEAD}: run `menshen migrate`")
    raise WrongSchema(f"the database is at schema {found}, newer than this version ({HEAD}): start the newer version")


def main() -> None:
    """Migrate the database that the environment names; what went wrong is one line, for whoever started us."""
    from menshen.app.house import ground_from

    try:
        migrate(ground_from(os.environ).database)
    except Exception as trouble:
        said = str(trouble).strip() or type(trouble).__name__
        sys.stderr.write(f"{said.splitlines()[0]}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
