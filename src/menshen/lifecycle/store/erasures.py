"""The list of erasures outside the database: pseudonyms only, one JSON line each, appended and never rewritten."""

import os
from pathlib import Path

import msgspec

NAME = "erasures.jsonl"


class Erased(msgspec.Struct, frozen=True):
    """One erasure."""

    account: str
    """The account's id, which by then is only a pseudonym."""
    at: int
    event: str
    """Id of the journal's event, by which a line written twice is known."""


class Erasures:
    """The file, readable by its owner alone; what was appended is on the disk when `append` returns."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME

    def append(self, erased: Erased) -> None:
        """Add a line. A line cut short by a crash is closed first, so that it spoils no other."""
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            whole = not size or os.pread(descriptor, 1, size - 1) == b"\n"
            os.write(descriptor, (b"" if whole else b"\n") + msgspec.json.encode(erased) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> list[Erased]:
        """All erasures, each event once; a line cut short is passed over, since it is written again."""
        if not self.file.exists():
            return []
        found: dict[str, Erased] = {}
        for line in self.file.read_bytes().splitlines():
            try:
                erased = msgspec.json.decode(line, type=Erased)
            except msgspec.DecodeError:
                continue
            found.setdefault(erased.event, erased)
        return list(found.values())
