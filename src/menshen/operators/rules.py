"""Roles and their rights, how long invitations and undoing last, and the arguments of an act as fields of a form."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from menshen.kit.clock import DAY, HOUR
from menshen.kit.room import Act, Preview

OWNER = "owner"
"""The one role so far: every right there is."""
OWN_ACCOUNT = frozenset(
    {
        "account.read",
        "account.edit",
        "history.read",
        "sessions.read",
        "sessions.end",
        "sessions.end_others",
        "password.change",
        "email.change",
    }
)
"""What every operator may do, without any role: look after the own account."""

CLI = "cli"
"""Who acts from the command line: whoever may run it on this machine could change the database as well."""

INVITATION = "operators.invitation"
"""Purpose of the one-time link, and code of the mail that carries it."""
PRINTED_LASTS = HOUR
"""A link printed on the terminal is used at once or printed anew (S-100)."""
MAILED_LASTS = 3 * DAY
MAY_BE_INVITED = frozenset({"invited", "active"})
"""Active too: the link lets an operator who lost the password choose a new one. A suspension stands."""

UNDO_WITHIN = DAY
"""Microseconds; later, others may have built on what was done."""
LONGEST_WHY = 500


@dataclass(frozen=True)
class Refusal:
    """Why nothing was done: a code of the catalogue and its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """An act with its arguments, and what it would do now."""

    act: Act
    arguments: msgspec.Struct
    preview: Preview


@dataclass(frozen=True)
class Done:
    """An act was done; the run's id undoes it where it can be undone."""

    run_id: str
    undoable: bool


@dataclass(frozen=True)
class Field:
    """One argument of an act, as a form asks for it."""

    name: str
    kind: Literal["choice", "number", "words"]
    choices: tuple[str, ...] = ()
    default: str = ""


def rights(roles: Collection[str], permissions: Collection[str]) -> frozenset[str]:
    """The rights of an operator with these roles, among all permissions of the realm."""
    return frozenset(permissions) if OWNER in roles else OWN_ACCOUNT


def irreversible(act: Act) -> bool:
    """Whether what it does is beyond recall and grave, so that a page asks to type whom it means."""
    return act.sensitive and act.undo is None


def fields_of(arguments: type[msgspec.Struct]) -> Sequence[Field]:
    """The arguments of an act, in order."""
    described = msgspec.inspect.type_info(arguments)
    if not isinstance(described, msgspec.inspect.StructType):
        return ()
    return [_field(each) for each in described.fields]


def arguments_from(arguments: type[msgspec.Struct], given: Mapping[str, str]) -> msgspec.Struct | None:
    """The arguments out of what a form or command line gave; None where they are not such."""
    try:
        return msgspec.convert(dict(given), arguments, strict=False)
    except msgspec.ValidationError:
        return None


def _field(described: msgspec.inspect.Field) -> Field:
    default = "" if described.default is msgspec.NODEFAULT else str(described.default)
    if isinstance(described.type, msgspec.inspect.LiteralType):
        return Field(described.name, "choice", tuple(str(value) for value in described.type.values), default)
    kind: Literal["number", "words"] = "number" if isinstance(described.type, msgspec.inspect.IntType) else "words"
    return Field(described.name, kind, default=default)
