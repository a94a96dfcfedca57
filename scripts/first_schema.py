"""Writes the frozen statements of the first migration from the tables of the house; only before the first release."""

from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import create_mock_engine

import menshen
from menshen.kit.database import metadata

PACKAGE = Path(menshen.__file__).parent
VERSIONS = PACKAGE / "app" / "migrations" / "versions"
DIALECTS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


def load_tables() -> None:
    """Import the store of every room, so that the metadata is whole."""
    for file in sorted({*PACKAGE.glob("*/store.py"), *PACKAGE.glob("*/store/__init__.py")}):
        import_module(f"menshen.{file.relative_to(PACKAGE).parts[0]}.store")


def statements(url: str) -> str:
    """All CREATE statements in one dialect."""
    lines: list[str] = []

    def collect(statement: Any, *_: Any, **__: Any) -> None:
        compiled = statement.compile(dialect=engine.dialect)
        lines.append("\n".join(line.rstrip() for line in str(compiled).strip().splitlines()))

    engine = create_mock_engine(url, collect)
    metadata.create_all(engine, checkfirst=False)
    return ";\n\n".join(in_order(lines)) + ";\n"


def in_order(lines: list[str]) -> list[str]:
    """Each table's indexes by name: the metadata keeps them in no order, and the file should change only with it."""
    groups = groupby(lines, key=lambda line: "INDEX" in line.partition(" ON ")[0])
    return [line for is_index, group in groups for line in (sorted(group) if is_index else group)]


if __name__ == "__main__":
    load_tables()
    for dialect, url in DIALECTS.items():
        (VERSIONS / f"0001_first.{dialect}.sql").write_text(statements(url), encoding="utf-8")
