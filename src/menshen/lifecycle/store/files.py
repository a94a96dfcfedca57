"""Files of customers: JSON Lines or CSV by their name, read line by line, written for their owner alone."""

import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from menshen.lifecycle.rules.cells import harmless, restored
from menshen.lifecycle.rules.lines import COLUMNS, LISTS, Line, Refused, from_cells, from_json

LONGEST_LINE = 65_536
"""Bytes of a line: a bound for memory, far above any real customer."""


class Read(NamedTuple):
    """A line with its number, or why it cannot be read, and how far into the file it lies."""

    number: int
    line: Line | Refused
    position: int


class BadFile(Exception):
    """A file that cannot be used as a whole; the message says why."""


def is_csv(file: Path) -> bool:
    """Whether the name says that it is a table."""
    return file.suffix.lower() == ".csv"


def read_lines(file: Path) -> Iterator[Read]:
    """Every line of a file, whatever it holds; raises BadFile for one that is no file of customers at all."""
    return _read_csv(file) if is_csv(file) else _read_json(file)


def _read_json(file: Path) -> Iterator[Read]:
    with file.open("rb") as opened:
        number = 0
        while text := opened.readline(LONGEST_LINE):
            number += 1
            if len(text) == LONGEST_LINE and not text.endswith(b"\n"):
                while (rest := opened.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield Read(number, Refused("import.too_long"), opened.tell())
                continue
            text = text.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else text.strip()
            if text:
                yield Read(number, _or_refused(from_json, text), opened.tell())


def _read_csv(file: Path) -> Iterator[Read]:
    with file.open("rb", buffering=LONGEST_LINE) as opened:
        rows = csv.reader(io.TextIOWrapper(opened, "utf-8-sig", newline=""), strict=True)
        try:
            columns = [name.strip() for name in next(rows, [])]
        except (csv.Error, UnicodeDecodeError) as wrong:
            raise BadFile(f"not a CSV file in UTF-8: {wrong}") from None
        unknown = sorted(set(columns) - set(COLUMNS))
        if not columns or unknown or len(set(columns)) < len(columns):
            raise BadFile(f"the first row has to name columns among {', '.join(COLUMNS)}; not {', '.join(unknown)}")
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except UnicodeDecodeError:
                raise BadFile(f"not UTF-8 after line {rows.line_num}") from None
            except csv.Error as wrong:
                yield Read(rows.line_num, Refused("import.unreadable", detail=str(wrong)), opened.tell())
                continue
            if cells:
                yield Read(rows.line_num, _from_row(columns, cells), opened.tell())


def _from_row(columns: list[str], cells: list[str]) -> Line | Refused:
    if len(cells) != len(columns):
        return Refused("import.unreadable", detail="more or fewer cells than the first row names")
    return _or_refused(from_cells, dict(zip(columns, map(restored, cells), strict=True)))


def _or_refused(read: Any, given: Any) -> Line | Refused:
    try:
        line: Line = read(given)
    except Refused as refused:
        return refused
    return line


def refusals(file: Path) -> IO[str]:
    """The file of refused lines, begun anew, for its owner alone (S-101)."""
    return _private(file)


@contextmanager
def whole(file: Path) -> Iterator[IO[str]]:
    """A new file for its owner alone, that bears its name only once all is in it; never over another file."""
    if file.exists():
        raise BadFile(f"{file} is there already")
    draft = file.with_name(f".{file.name}.part")
    try:
        with _private(draft) as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        raise BadFile(f"{file} is there already") from None
    finally:
        draft.unlink(missing_ok=True)


def _private(file: Path) -> IO[str]:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)  # the file may have been there, open to more
    return open(descriptor, "w", encoding="utf-8", newline="")


class Writer:
    """Writes customers in the form that the import reads."""

    def __init__(self, opened: IO[str], *, table: bool) -> None:
        self._opened = opened
        self._rows = csv.writer(opened) if table else None
        if self._rows:
            self._rows.writerow(COLUMNS)

    def write(self, line: Line) -> None:
        """One customer, one line."""
        given = {column: value for column in COLUMNS if (value := getattr(line, column))}
        if self._rows is None:
            self._opened.write(msgspec.json.encode(given).decode() + "\n")
            return
        joined = {column: ";".join(given[column]) for column in LISTS if column in given}
        self._rows.writerow([harmless((given | joined).get(column, "")) for column in COLUMNS])
