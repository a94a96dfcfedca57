"""Lines of a file made sense of, beside the writing process where the file is large: each core has its work."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from menshen.accounts.rules import Key, Newcomer, keys_of
from menshen.credentials.formats import Weighed, weigh
from menshen.credentials.rules import typed
from menshen.kit.fault import Fault
from menshen.lifecycle.rules.lines import Line, Options, Refused, entry
from menshen.lifecycle.store.files import BadFile, read_lines

CHUNK = 500
"""Lines that travel and are looked up together."""


class Sound(NamedTuple):
    """A line that makes sense. Hash and search keys are there only when they are about to be written."""

    number: int
    external_id: str | None
    newcomer: Newcomer
    plain: str | None
    changed_at: int
    hashed: Weighed | None = None
    keys: Sequence[Key] = ()


class Unsound(NamedTuple):
    """A line that makes none."""

    number: int
    external_id: str | None
    why: Refused


class Chunk(NamedTuple):
    """Some hundred lines, with how many they are and how far into the file they reach."""

    lines: int
    position: int
    sound: Sequence[Sound]
    unsound: Sequence[Unsound]


class Readers:
    """Reads a file as often as asked, its chunks in order; `processes` beside this one, 0: in this one."""

    def __init__(self, file: Path, options: Options, now: int, processes: int) -> None:
        self._given = (file, options, now)
        self._processes = processes
        self._open = ExitStack()
        self._ends: list[Connection] = []

    def __enter__(self) -> Self:
        # Not by fork, which would take along open databases and half-held locks.
        spawning = get_context("spawn")
        for number in range(self._processes):
            here, there = spawning.Pipe()
            self._open.callback(here.close)
            child = spawning.Process(target=_serve, args=(there, *self._given, number, self._processes), daemon=True)
            child.start()
            there.close()
            self._open.callback(child.join)
            self._open.callback(child.terminate)
            self._ends.append(here)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def read(self, *, whole: bool) -> Iterator[Chunk]:
        """All chunks of the file; `whole` with hashes and search keys. Raises BadFile, and Fault where a child died."""
        if not self._ends:
            yield from _chunks(*self._given, whole)
            return
        for end in self._ends:
            end.send(whole)
        waiting = list(self._ends)
        while waiting:
            # Chunk by chunk from each in turn: none reads further ahead than its pipe is long.
            for end in tuple(waiting):
                got = _received(end)
                if got is None:
                    waiting.remove(end)
                else:
                    yield got


def _received(end: Connection) -> Chunk | None:
    try:
        got: Chunk | BadFile | None = end.recv()
    except (EOFError, OSError):
        raise Fault("a process that read the file has ended; begin again, and the import goes on") from None
    if isinstance(got, BadFile):
        raise got
    return got


def _serve(end: Connection, file: Path, options: Options, now: int, first: int, step: int) -> None:
    """Send every `step`th chunk from `first` on, then None, for each time that this is asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is asked to stop, and takes the pipe away
    try:
        while True:
            whole = end.recv()
            try:
                for chunk in _chunks(file, options, now, whole, first, step):
                    end.send(chunk)
                end.send(None)
            except BadFile as bad:
                end.send(bad)
    except (EOFError, OSError):
        return  # the parent is gone, maybe killed


def _chunks(file: Path, options: Options, now: int, whole: bool, first: int = 0, step: int = 1) -> Iterator[Chunk]:
    lines = read_lines(file)
    turn = 0
    while several := list(islice(lines, CHUNK)):
        if turn % step == first:
            read = [_sense(line, number, options, now, whole) for number, line, _ in several]
            sound = [one for one in read if isinstance(one, Sound)]
            yield Chunk(len(read), several[-1].position, sound, [one for one in read if isinstance(one, Unsound)])
        turn += 1


def _sense(line: Line | Refused, number: int, options: Options, now: int, whole: bool) -> Sound | Unsound:
    external = line.external_id if isinstance(line, Line) else None
    try:
        if isinstance(line, Refused):
            raise line
        read = entry(line, number, options, now)
        if read.plain is not None and typed(read.plain) is None:
            raise Refused("import.password")
    except Refused as refused:
        return Unsound(number, external, refused)
    sound = Sound(number, read.external_id, read.newcomer, read.plain, read.changed_at)
    if not whole:
        return sound
    keys = sorted(keys_of(read.newcomer.display_name, read.newcomer.identifiers))
    return sound._replace(hashed=weigh(read.stored) if read.stored else None, keys=keys)
