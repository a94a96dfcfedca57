"""What a room gives the house: one `Room` value. `app` reads it and hands the lists down; nobody else does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import typer
from sqlalchemy import Table

from menshen.kit.database import Tx
from menshen.kit.web.routes import Route
from menshen.kit.web.visitor import Visitor

Realm = Literal["customer", "operator"]
"""Two kinds of people who never mix: it stands in every unique key."""


@dataclass(frozen=True)
class EventCode:
    """One thing the house can say happened. `codes` in events.py are in the past tense: `password.changed`."""

    code: str
    meaning: str
    """English, for auditors; people read the sentence of catalogue key `event.<code>`."""


@dataclass(frozen=True)
class MessageCode:
    """One message the house can send: its catalogue keys are `<code>.subject`, `<code>.body`."""

    code: str
    lasts: int
    """Microseconds after which it is no longer worth sending; its body is blanked then."""
    to_unverified: bool = False
    """Whether it may go to an address nobody has proven yet; such a message carries no free text (S-153)."""


@dataclass(frozen=True)
class Preview:
    """What an act would do, before it does it."""

    sentence: str
    """Catalogue code."""
    values: Mapping[str, Any] = field(default_factory=dict)
    count: int = 1


@dataclass(frozen=True)
class Act:
    """Something that can be done to a customer: offered by its room, run only by `operators`."""

    verb: str
    """`sessions.end_all`; also the permission it needs."""
    arguments: type[msgspec.Struct]
    preview: Callable[[Tx, str, Any], Preview]
    """(tx, account id, arguments) -> what would happen."""
    do: Callable[[Tx, str, Any, Visitor], Mapping[str, Any]]
    """(tx, account id, arguments, operator) -> what `undo` needs, as plain JSON values."""
    undo: Callable[[Tx, str, Mapping[str, Any], Visitor], None] | None = None
    sensitive: bool = False
    """Ask the operator for their proof again."""


@dataclass(frozen=True)
class Finding:
    """What a check found: PASS, FAIL, or honestly NOT MEASURED; never PASS by absence of data."""

    outcome: Literal["PASS", "FAIL", "NOT MEASURED"]
    evidence: str
    advice: str = ""


@dataclass(frozen=True)
class Check:
    """Something that can be measured here: doctor's findings, controls and the casebook are one kind."""

    code: str
    why: str
    measure: Callable[[], Finding]
    advice_only: bool = False
    """A FAIL is worth saying and does not make doctor's exit code."""


Place = Literal[
    "account.security", "account.nav", "console.customer", "console.nav", "setup", "door.sign_in", "door.foot"
]


@dataclass(frozen=True)
class Part:
    """A piece of a page that a room offers; `app` lines up the parts of one place by rank."""

    place: Place
    rank: int
    render: Callable[[Visitor, Mapping[str, Any]], Mapping[str, Any] | None]
    """(visitor, what the page knows) -> values for `template`, or None where it has nothing to show."""
    template: str
    """Template that shows the values, under the key `part`."""


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which customers are meant: one value over the standing row, for searches, bulk scopes, reminders and what-if."""

    group: str | None = None
    state: str | None = None
    must_change: bool | None = None
    account_ids: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Job:
    """Clocked work; due work itself is rows claimed by compare-and-set, so any node may run it at any time."""

    name: str
    every: int
    """Microseconds between two runs."""
    run: Callable[[], int]
    """Do what is due, in short transactions, and tell how much was done."""


@dataclass(frozen=True)
class Listener:
    """A reader of the journal with a cursor of its own, moved in the transaction of its effect."""

    name: str
    codes: Sequence[str]
    hear: Callable[[Tx, Any], None]
    """(tx, journal event)."""


@dataclass(frozen=True)
class Room:
    """Everything a room gives the house."""

    name: str
    tables: Sequence[Table] = ()
    routes: Sequence[Route] = ()
    parts: Sequence[Part] = ()
    acts: Sequence[Act] = ()
    checks: Sequence[Check] = ()
    methods: Sequence[Any] = ()
    """Sign-in methods (`signin.rules.Method`)."""
    events: Sequence[EventCode] = ()
    messages: Sequence[MessageCode] = ()
    listeners: Sequence[Listener] = ()
    jobs: Sequence[Job] = ()
    commands: Mapping[str, typer.Typer] = field(default_factory=dict)
    """Command groups by name: `menshen <name> ...`."""

    @property
    def texts(self) -> Path:
        """Folder of the room's catalogues."""
        return Path(__file__).parent.parent / self.name / "texts"

    @property
    def templates(self) -> Path:
        """Folder of the room's page templates."""
        return Path(__file__).parent.parent / self.name / "templates"
