"""What an import remembers of the lines it has read, on disk and without a word of them: memory stays bounded."""

import hashlib
import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Scratch:
    """Fingerprints of names seen, and the numbers of refused lines, in an unnamed file that goes with the process."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("pragma journal_mode = off")
        self._database.execute("create table seen (mark blob primary key, line integer not null) without rowid")
        self._database.execute("create table refused (line integer primary key)")
        self._database.execute("begin")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def first_seen(self, names: Iterable[str], line: int) -> int | None:
        """The earlier line that has one of these names; without one, they are this line's from now on."""
        marks = [hashlib.blake2b(name.encode(), key=self._key, digest_size=16).digest() for name in names]
        for mark in marks:
            found = self._database.execute("select line from seen where mark = ?", (mark,)).fetchone()
            if found:
                return int(found[0])
        self._database.executemany("insert or ignore into seen values (?, ?)", [(mark, line) for mark in marks])
        return None

    def refuse(self, line: int) -> None:
        """Remember that a line does not come in."""
        self._database.execute("insert or ignore into refused values (?)", (line,))

    def refused(self, line: int) -> bool:
        """Whether it was refused."""
        return self._database.execute("select 1 from refused where line = ?", (line,)).fetchone() is not None
