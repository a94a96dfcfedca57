"""Bringing in customers from a file: the whole file is checked first, then it comes in by short transactions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Literal, NamedTuple

import msgspec
from sqlalchemy.exc import IntegrityError

from menshen.accounts.service import Accounts, Draft
from menshen.credentials.formats import StoredHash, scheme_and_cost
from menshen.credentials.rules import typed
from menshen.credentials.service import Credentials
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice
from menshen.lifecycle.rules.lines import Entry, Line, Options, Refused, entry
from menshen.lifecycle.store.files import read_lines, refusals
from menshen.lifecycle.store.scratch import Scratch
from menshen.policy.rules import LawBook
from menshen.policy.service import Policy

CHUNK = 500
"""Lines that are looked up together."""
MOST_ROWS = 1_000
"""Rows written before the file rests, so that a serving process beside it keeps its pace (measured: p99 10 ms)."""
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


class Sound(NamedTuple):
    """An entry with the id it is known again by."""

    entry: Entry
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
    """One import. `rest` pauses between transactions; `say` gives the sentence of a refusal."""

    def __init__(
        self, rooms: Rooms, options: Options, *, rest: Callable[[], None], say: Callable[[Refused], str], tell: Tell
    ) -> None:
        self._rooms = rooms
        self._options = options
        self._rest = rest
        self._say = say
        self._tell = tell
        self._now = rooms.clock.now()
        self._counts = Counts()
        self._book: LawBook | None = None
        self._contradictions: dict[tuple[str, ...], bool] = {}

    def run(self, file: Path, *, dry_run: bool) -> Counts:
        """Check a file and, unless `dry_run`, bring it in; refused lines go to `FILE.errors` with their reasons.

        Killed at any point and begun again, it goes on with what is missing. Raises BadFile.
        """
        errors = file.with_name(f"{file.name}.errors")
        with Scratch(self._rooms.dice.bytes(32)) as scratch:
            with refusals(errors) as opened:
                self._check(file, scratch, opened)
                if not dry_run:
                    self._bring_in(file, scratch, opened)
            if not self._counts.refused:
                errors.unlink()
        if not dry_run:
            with self._rooms.database.write() as tx:
                counted = {name: getattr(self._counts, name) for name in ("lines", "created", "known", "refused")}
                self._rooms.journal.write(tx, "accounts.import_finished", actor=ACTOR, facts=counted)
        return self._counts

    # --- first pass

    def _check(self, file: Path, scratch: Scratch, errors: IO[str]) -> None:
        with self._rooms.database.read() as tx:
            present = set(self._rooms.accounts.groups(tx, self._options.realm))
        for position, chunk in self._chunks(file, scratch, errors, first=True):
            with self._rooms.database.read() as tx:
                known = self._known(tx, chunk)
                held = self._held(tx, chunk)
                for sound in chunk:
                    newcomer = sound.entry.newcomer
                    if sound.known_as in known:
                        self._counts.known += 1
                        scratch.refuse(sound.entry.number)
                    elif refused := self._in_the_way(tx, sound, held):
                        self._refuse(scratch, errors, sound.entry.number, sound.entry.external_id, refused)
                    else:
                        self._counts.plain += sound.entry.plain is not None
                        self._counts.groups |= set(newcomer.groups) - present
            self._tell("check", position, self._counts)

    def _chunks(
        self, file: Path, scratch: Scratch, errors: IO[str], *, first: bool
    ) -> Iterator[tuple[int, Sequence[Sound]]]:
        """The lines that make sense, some hundreds at a time, with how far into the file they reach."""
        lines = read_lines(file)
        while several := list(islice(lines, CHUNK)):
            chunk = []
            for number, line, _ in several:
                self._counts.lines += first
                if not first and scratch.refused(number):
                    continue
                external = line.external_id if isinstance(line, Line) else None
                try:
                    sound = self._sound(line, number)
                    if first:
                        self._once(scratch, sound)
                except Refused as refused:
                    self._refuse(scratch, errors, number, external, refused)
                else:
                    chunk.append(sound)
            yield several[-1].position, chunk

    def _sound(self, line: Line | Refused, number: int) -> Sound:
        if isinstance(line, Refused):
            raise line
        read = entry(line, number, self._options, self._now)
        if read.plain is not None and typed(read.plain) is None:
            raise Refused("import.password")
        if read.external_id is not None:
            return Sound(read, self._options.system, read.external_id)
        names = sorted(name.skeleton.encode() for name in read.newcomer.identifiers)
        return Sound(read, NAMELESS_SYSTEM, self._rooms.keys.mac("import.line", *names).hex())

    def _once(self, scratch: Scratch, sound: Sound) -> None:
        names = [f"{name.skeleton}" for name in sound.entry.newcomer.identifiers]
        earlier = scratch.first_seen([*names, f"{sound.system} {sound.known_as}"], sound.entry.number)
        if earlier is not None:
            raise Refused("import.twice", line=earlier)

    def _in_the_way(self, tx: Tx, sound: Sound, held: Iterable[str]) -> Refused | None:
        """Why a line cannot come in beside what is there: another's name, or groups that contradict (C14)."""
        newcomer = sound.entry.newcomer
        taken = next((name for name in newcomer.identifiers if name.skeleton in held), None)
        if taken:
            return Refused(f"import.taken.{taken.kind}")
        if newcomer.groups not in self._contradictions:
            against = self._rooms.policy.would_contradict(tx, newcomer.groups) if newcomer.groups else None
            self._contradictions[newcomer.groups] = against is not None
        return Refused("import.groups_contradict") if self._contradictions[newcomer.groups] else None

    # --- second pass

    def _bring_in(self, file: Path, scratch: Scratch, errors: IO[str]) -> None:
        with ThreadPoolExecutor(1) as writer:
            writing: Future[list[tuple[Sound, Refused]]] | None = None
            for position, chunk in self._chunks(file, scratch, errors, first=False):
                for batch in _batches(self._drafts(chunk)):
                    # The next batch is drafted while this one is written and rests.
                    self._refuse_late(scratch, errors, writing)
                    writing = writer.submit(self._put_and_rest, batch)
                self._tell("import", position, self._counts)
            self._refuse_late(scratch, errors, writing)

    def _refuse_late(
        self, scratch: Scratch, errors: IO[str], writing: Future[list[tuple[Sound, Refused]]] | None
    ) -> None:
        for sound, refused in writing.result() if writing else ():
            self._refuse(scratch, errors, sound.entry.number, sound.entry.external_id, refused)

    def _put_and_rest(self, batch: Sequence["Ready"]) -> list[tuple[Sound, Refused]]:
        refused = self._put(batch)
        self._rest()
        return refused

    def _drafts(self, chunk: Sequence[Sound]) -> Iterator["Ready"]:
        """All that costs time, before any transaction opens."""
        prepare = self._rooms.credentials.prepare
        with ThreadPoolExecutor(self._rooms.credentials.lane.width) as beside:
            hashing = {
                sound.entry.number: beside.submit(prepare, sound.entry.plain) for sound in chunk if sound.entry.plain
            }
            for sound in chunk:
                stored = (
                    hashing[sound.entry.number].result().stored if sound.entry.number in hashing else sound.entry.stored
                )
                password = (sound.entry.changed_at, scheme_and_cost(stored)) if stored else None
                newcomer = msgspec.structs.replace(sound.entry.newcomer, external_ids={sound.system: sound.known_as})
                yield Ready(sound, stored, self._rooms.accounts.draft(newcomer, password))

    def _put(self, batch: Sequence["Ready"]) -> list[tuple[Sound, Refused]]:
        """Put a batch in, in one transaction; those that something stands in the way of since the check are told."""
        try:
            return self._put_whole(batch)
        except IntegrityError:
            # Somebody took a name between our look and our write: one by one, only that line stays out.
            if len(batch) == 1:
                return [(batch[0].sound, Refused(f"import.taken.{batch[0].sound.entry.newcomer.identifiers[0].kind}"))]
            return [refused for ready in batch for refused in self._put([ready])]

    def _put_whole(self, batch: Sequence["Ready"]) -> list[tuple[Sound, Refused]]:
        rooms, sounds = self._rooms, [ready.sound for ready in batch]
        refused: list[tuple[Sound, Refused]] = []
        going: list[Ready] = []
        with rooms.database.write() as tx:
            self._forget_old_policies(tx)
            known, held = self._known(tx, sounds), self._held(tx, sounds)
            for ready in batch:
                if ready.sound.known_as in known:
                    continue
                reason = self._in_the_way(tx, ready.sound, held)
                if reason:
                    refused.append((ready.sound, reason))
                else:
                    going.append(ready)
            rooms.accounts.put_in(tx, [ready.draft for ready in going], actor=ACTOR)
            rooms.credentials.put_imported(
                tx,
                [
                    (ready.draft.account_id, ready.stored, ready.sound.entry.changed_at)
                    for ready in going
                    if ready.stored
                ],
            )
        self._counts.created += len(going)
        self._counts.known += len(batch) - len(going) - len(refused)
        return refused

    # --- both

    def _forget_old_policies(self, tx: Tx) -> None:
        """What was found of groups holds as long as the law book stands as it did."""
        book = self._rooms.policy.book(tx)
        if book is not self._book:
            self._book = book
            self._contradictions.clear()

    def _known(self, tx: Tx, chunk: Sequence[Sound]) -> set[str]:
        ids: dict[str, list[str]] = {}
        for sound in chunk:
            ids.setdefault(sound.system, []).append(sound.known_as)
        accounts, realm = self._rooms.accounts, self._options.realm
        return {one for system, several in ids.items() for one in accounts.known_external(tx, realm, system, several)}

    def _held(self, tx: Tx, chunk: Sequence[Sound]) -> set[str]:
        names = [name.skeleton for sound in chunk for name in sound.entry.newcomer.identifiers]
        return set(self._rooms.accounts.holders(tx, self._options.realm, names))

    def _refuse(self, scratch: Scratch, errors: IO[str], number: int, external: str | None, why: Refused) -> None:
        scratch.refuse(number)
        self._counts.refused += 1
        told = {"line": number, "external_id": external, "reason": why.code, "says": self._say(why)}
        if why.detail:
            told["detail"] = why.detail
        errors.write(msgspec.json.encode(told).decode() + "\n")


class Ready(NamedTuple):
    """A line ready to be put in."""

    sound: Sound
    stored: StoredHash | None
    draft: Draft


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
