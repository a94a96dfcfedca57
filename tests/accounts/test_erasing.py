"""Erasing a person: nothing that tells of them is left in the house, down to the bytes of the database files."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Table

from menshen.accounts.service.erasing import Unmarked, erasing
from menshen.accounts.store import TABLES
from menshen.kit.database import Database, Words, column, metadata, table
from menshen.kit.marks import plain
from menshen.kit.room import Query
from tests.accounts.houses import House, find, name

WORDS = ("linwei.rare", "lin.rare@example.com", "13800138000", "林稀世", "linxishi", "C-RARE-7", "1990-05-17")


def _person(house: House) -> str:
    account = house.create(
        name("user_name", "linwei.rare"),
        name("email", "lin.rare@example.com"),
        name("phone", "13800138000"),
        display_name="林稀世",
        external_ids={"crm": "C-RARE-7"},
        groups=("staff",),
        facts={"birthday": "1990-05-17"},
    )
    with house.database.write() as tx:
        house.accounts.give_consent(tx, account, "terms", "2026-01", "page")
        house.accounts.add_identifier(tx, account, name("email", "second.rare@example.com"))
    return account


def _all_tables() -> Sequence[Table]:
    return tuple(metadata.tables.values())


def test_erasing_leaves_a_pseudonym_and_nothing_else(house: House) -> None:
    account = _person(house)
    other = house.create(name("user_name", "other"), display_name="王小明", groups=("staff",))
    with house.database.write() as tx:
        assert house.accounts.erase(tx, account, _all_tables())
        assert not house.accounts.erase(tx, account, _all_tables()), "once is enough"
        standing = house.accounts.standing(tx, account)
        left = house.accounts.search(tx, "customer", "林稀世")
        told = house.journal.history(tx, account)
        rest = house.accounts.select(tx, Query())
    assert standing is not None
    assert (standing.state, standing.display_name, standing.groups, standing.epoch) == ("erased", None, (), 2)
    assert [find(house, word) for word in WORDS] == [None] * len(WORDS)
    assert left == ()
    assert [found.account_id for found in rest] == [other]
    assert "account.erased" in {entry.code for entry in told}
    assert [entry.personal for entry in told] == [{}] * len(told)
    assert house.dropped == [account]


def test_the_names_are_free_again(house: House) -> None:
    account = _person(house)
    with house.database.write() as tx:
        house.accounts.erase(tx, account, _all_tables())
    assert house.create(name("email", "lin.rare@example.com")) != account


def test_no_word_is_left_in_the_database_files(sqlite_url: str, tmp_path: Path) -> None:
    """On SQLite, write-ahead log included, once the caller asked for the checkpoint."""
    database = Database(sqlite_url)
    house = House.build(database, tmp_path)
    account = _person(house)
    before = _found_in_files(tmp_path)
    with database.write() as tx:
        house.accounts.erase(tx, account, _all_tables())
    with closing(sqlite3.connect(tmp_path / "menshen.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert before == set(WORDS) - {"1990-05-17"}, "the test sees what is there; the birthday was sealed from the start"
    assert _found_in_files(tmp_path) == set()
    database.close()


def _found_in_files(folder: Path) -> set[str]:
    held = b"".join(file.read_bytes() for file in folder.glob("menshen.db*"))
    return {word for word in WORDS if word.encode() in held}


def test_every_column_here_says_what_erasure_does() -> None:
    assert [len(erasing(each)) for each in TABLES] == [1, 1, 0, 1, 1, 1, 0, 1]


def test_an_unmarked_column_stops_the_erasure() -> None:
    """A forgotten mark must never mean that something stays."""
    forgotten = table(
        "test_forgotten", column("account_id", Words, primary_key=True, mark=plain("whose row")), subject="account_id"
    )
    forgotten.c.account_id.info.clear()
    metadata.remove(forgotten)
    with pytest.raises(Unmarked):
        erasing(forgotten)
