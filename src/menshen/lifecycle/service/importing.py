"""Bringing in customers from a file: the whole file is checked first, then it comes in by short transactions."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import msgspec
from sqlalchemy.exc import IntegrityError

from menshen.accounts.service import Accounts, Draft
from menshen.credentials.formats import Weighed, weigh
from menshen.credentials.service import Credentials
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice
from menshen.lifecycle.rules.lines import Options, Refused
from menshen.lifecycle.service.readers import Chunk, Readers, Sound, Unsound
from menshen.lifecycle.store.files import refusals
from menshen.lifecycle.store.scratch import Scratch
from menshen.policy.rules import LawBook
from menshen.policy.service import Policy

MOST_ROWS = 1_000
"""Rows written in one transaction, so that a serving process beside it keeps its pace (measured: p99 10 ms)."""
NAMELESS_SYSTEM = "import"
"""Lines without an id of their own are known again by a keyed hash of their names, as ids in this system."""
ACTOR = "cli"

Phase = Literal["check", "import"]


@dataclass
class Counts:
    """What became of the lines of a file."""

    lines: int = 0
    created: int = 0
    known: int = 0
    refused: int = 0
    plain: int = 0
    """Passwords that lay in the file in the clear, and were hashed."""
    groups: set[str] = field(default_factory=set)
    """Groups that the file brings along and the house did not know."""


class Known(NamedTuple):
    """A line with the id it is known again by."""

    sound: Sound
    system: str
    known_as: str


Tell = Callable[[Phase, int, Counts], None]
"""(phase, bytes read, counts so far)."""


@dataclass(frozen=True)
class Rooms:
    """The rooms that an import works with."""

    database: Database
    clock: Clock
    dice: Dice
    keys: Keys
    journal: Journal
    policy: Policy
    accounts: Accounts
    credentials: Credentials


class Importing:
    """One import. `pace` is entered around each transaction; `say` gives the sentence of a refusal.

    `processes` read and understand the lines beside this one, which writes; 0: this one does all.
    """

    def __init__(
        self,
        rooms: Rooms,
        options: Options,
        *,
        pace: AbstractContextManager[None],
        say: Callable[[Refused], str],
        tell: Tell,
        processes: int = 0,
    ) -> None:
        self._rooms = rooms
        self._options = options
        self._pace = pace
        self._say = say
        self._tell = tell
        self._processes = processes
        self._now = rooms.clock.now()
        self._counts = Counts()
        self._book: LawBook | None = None
        self._contradictions: dict[tuple[str, ...], bool] = {}

    def run(self, file: Path, *, dry_run: bool) -> Counts:
        """Check a file and, unless `dry_run`, bring it in; refused lines go to `FILE.errors` with their reasons.

        Killed at any point and begun again, it goes on with what is missing. Raises BadFile.
        """
        errors = file.with_name(f"{file.name}.errors")
        readers = Readers(file, self._options, self._now, self._processes)
        with readers, Scratch(self._rooms.dice.bytes(32)) as scratch:
            with refusals(errors) as opened:
                self._check(readers.read(whole=False), scratch, opened)
                if not dry_run:
                    self._bring_in(readers.read(whole=True), scratch, opened)
            if not self._counts.refused:
                errors.unlink()
        if not dry_run:
            with self._pace, self._rooms.database.write() as tx:
                counted = {name: getattr(self._counts, name) for name in ("lines", "created", "known", "refused")}
                self._rooms.journal.write(tx, "accounts.import_finished", actor=ACTOR, facts=counted)
        return self._counts

    # --- first pass

    def _check(self, chunks: Iterable[Chunk], scratch: Scratch, errors: IO[str]) -> None:
        with self._rooms.database.read() as tx:
            present = set(self._rooms.accounts.groups(tx, self._options.realm))
        for chunk in chunks:
            self._counts.lines += chunk.lines
            lines = self._once_each(chunk, scratch, errors)
            with self._rooms.database.read() as tx:
                known, held = self._known(tx, lines), self._held(tx, lines)
                for line in lines:
                    if line.known_as in known:
                        self._counts.known += 1
                        scratch.refuse(line.sound.number)
                    elif refused := self._in_the_way(tx, line, held):
                        self._refuse(scratch, errors, line.sound, refused)
                    else:
                        self._counts.plain += line.sound.plain is not None
                        self._counts.groups |= set(line.sound.newcomer.groups) - present
            self._tell("check", chunk.position, self._counts)

    def _once_each(self, chunk: Chunk, scratch: Scratch, errors: IO[str]) -> list[Known]:
        """The lines that make sense and bear no name of an earlier one."""
        for unsound in chunk.unsound:
            self._refuse(scratch, errors, unsound, unsound.why)
        lines = []
        for line in map(self._recognised, chunk.sound):
            names = [name.skeleton for name in line.sound.newcomer.identifiers]
            earlier = scratch.first_seen([*names, f"{line.system} {line.known_as}"], line.sound.number)
            if earlier is None:
                lines.append(line)
            else:
                self._refuse(scratch, errors, line.sound, Refused("import.twice", line=earlier))
        return lines

    def _recognised(self, sound: Sound) -> Known:
        if sound.external_id is not None:
            return Known(sound, self._options.system, sound.external_id)
        names = sorted(name.skeleton.encode() for name in sound.newcomer.identifiers)
        return Known(sound, NAMELESS_SYSTEM, self._rooms.keys.mac("import.line", *names).hex())

    def _in_the_way(self, tx: Tx, line: Known, held: Container[str]) -> Refused | None:
        """Why a line cannot come in beside what is there: another's name, or groups that contradict (C14)."""
        newcomer = line.sound.newcomer
        taken = next((name for name in newcomer.identifiers if name.skeleton in held), None)
        if taken:
            return Refused(f"import.taken.{taken.kind}")
        if newcomer.groups not in self._contradictions:
            against = self._rooms.policy.would_contradict(tx, newcomer.groups) if newcomer.groups else None
            self._contradictions[newcomer.groups] = against is not None
        return Refused("import.groups_contradict") if self._contradictions[newcomer.groups] else None

    # --- second pass

    def _bring_in(self, chunks: Iterable[Chunk], scratch: Scratch, errors: IO[str]) -> None:
        for batch in _batches(self._ready(chunks, scratch, errors)):
            for line, refused in self._put(batch):
                self._refuse(scratch, errors, line.sound, refused)

    def _ready(self, chunks: Iterable[Chunk], scratch: Scratch, errors: IO[str]) -> Iterator["Ready"]:
        """All lines that are still to come in, drafted: what costs time is done before any transaction opens."""
        for chunk in chunks:
            for unsound in chunk.unsound:
                if not scratch.refused(unsound.number):  # somebody wrote in the file since it was checked
                    self._refuse(scratch, errors, unsound, unsound.why)
            coming = [sound for sound in chunk.sound if not scratch.refused(sound.number)]
            hashed = self._hashed(coming)
            for sound in coming:
                yield self._drafted(self._recognised(sound), hashed.get(sound.number, sound.hashed))
            self._tell("import", chunk.position, self._counts)

    def _hashed(self, sounds: Sequence[Sound]) -> dict[int, Weighed]:
        """Passwords that lie in the file in the clear, hashed in the lane; by the number of their line."""
        clear = [sound for sound in sounds if sound.plain is not None]
        if not clear:
            return {}
        credentials = self._rooms.credentials
        with ThreadPoolExecutor(credentials.lane.width) as beside:
            hashing = {sound.number: beside.submit(credentials.prepare, sound.plain or "") for sound in clear}
        return {number: weigh(done.result().stored) for number, done in hashing.items()}

    def _drafted(self, line: Known, hashed: Weighed | None) -> "Ready":
        sound = line.sound
        newcomer = msgspec.structs.replace(sound.newcomer, external_ids={line.system: line.known_as})
        password = (sound.changed_at, hashed.scheme) if hashed else None
        draft = self._rooms.accounts.draft(newcomer, password, sound.keys)
        sealed = self._rooms.credentials.sealed_import(draft.account_id, hashed, sound.changed_at) if hashed else None
        return Ready(line, draft, sealed)

    def _put(self, batch: Sequence["Ready"]) -> list[tuple[Known, Refused]]:
        """Put a batch in, in one transaction; those that something stands in the way of since the check are told."""
        try:
            return self._put_whole(batch, look=False)
        except IntegrityError:
            pass  # somebody came in since the check: look who it was
        try:
            return self._put_whole(batch, look=True)
        except IntegrityError:
            # Somebody took a name between our look and our write: one by one, only that line stays out.
            if len(batch) == 1:
                line = batch[0].line
                return [(line, Refused(f"import.taken.{line.sound.newcomer.identifiers[0].kind}"))]
            return [refused for ready in batch for refused in self._put([ready])]

    def _put_whole(self, batch: Sequence["Ready"], *, look: bool) -> list[tuple[Known, Refused]]:
        """All or none; only with `look` the database is asked for each name before."""
        rooms, lines = self._rooms, [ready.line for ready in batch]
        refused: list[tuple[Known, Refused]] = []
        going: list[Ready] = []
        with self._pace, rooms.database.write() as tx:
            if any(line.sound.newcomer.groups for line in lines):
                self._forget_old_policies(tx)
            known, held = (self._known(tx, lines), self._held(tx, lines)) if look else (set(), set())
            for ready in batch:
                if ready.line.known_as in known:
                    continue
                reason = self._in_the_way(tx, ready.line, held)
                if reason:
                    refused.append((ready.line, reason))
                else:
                    going.append(ready)
            rooms.accounts.put_in(tx, [ready.draft for ready in going], actor=ACTOR)
            rooms.credentials.put_imported(tx, [ready.sealed for ready in going if ready.sealed])
        self._counts.created += len(going)
        self._counts.known += len(batch) - len(going) - len(refused)
        return refused

    # --- both

    def _forget_old_policies(self, tx: Tx) -> None:
        """What was found of groups holds as long as the law book stands as it did, and does until `tx` ends."""
        self._rooms.policy.hold(tx)
        book = self._rooms.policy.book(tx)
        if book is not self._book:
            self._book = book
            self._contradictions.clear()

    def _known(self, tx: Tx, lines: Iterable[Known]) -> set[str]:
        ids: dict[str, list[str]] = {}
        for line in lines:
            ids.setdefault(line.system, []).append(line.known_as)
        accounts, realm = self._rooms.accounts, self._options.realm
        return {one for system, several in ids.items() for one in accounts.known_external(tx, realm, system, several)}

    def _held(self, tx: Tx, lines: Iterable[Known]) -> set[str]:
        names = [name.skeleton for line in lines for name in line.sound.newcomer.identifiers]
        return set(self._rooms.accounts.holders(tx, self._options.realm, names))

    def _refuse(self, scratch: Scratch, errors: IO[str], line: Sound | Unsound, why: Refused) -> None:
        scratch.refuse(line.number)
        self._counts.refused += 1
        told = {"line": line.number, "external_id": line.external_id, "reason": why.code, "says": self._say(why)}
        if why.detail:
            told["detail"] = why.detail
        errors.write(msgspec.json.encode(told).decode() + "\n")


class Ready(NamedTuple):
    """A line ready to be put in."""

    line: Known
    draft: Draft
    sealed: Mapping[str, Any] | None


def _batches(drafts: Iterable[Ready]) -> Iterator[list[Ready]]:
    """As many as write at most `MOST_ROWS` rows together, their events and hashes counted in; at least one."""
    batch: list[Ready] = []
    rows = 0
    for ready in drafts:
        more = ready.draft.size + 2
        if batch and rows + more > MOST_ROWS:
            yield batch
            batch, rows = [], 0
        batch.append(ready)
        rows += more
    if batch:
        yield batch
