"""What a judgement says: reasons with their clauses, the rules as they are met, and the parse behind the strength."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Param = int | str | tuple[str, ...]
"""What a sentence is filled with; a tuple is a list that the language joins."""


class Told(msgspec.Struct, frozen=True):
    """A message code with what fills its sentence, and the clause it rests on."""

    code: str
    params: Mapping[str, Param] = msgspec.field(default_factory=dict)
    clause: str = ""

    def __repr__(self) -> str:
        """Without the params: they may name parts of a password, and a repr ends in logs."""
        return f"{type(self).__name__}({self.code!r})"


class Reason(Told, frozen=True):
    """Why a password is refused, or what would make it better, saying what to do."""


class Rule(Told, frozen=True):
    """One rule as it is shown before typing."""


class RuleState(msgspec.Struct, frozen=True):
    """A rule and whether it is met; None where only the server's later look can tell."""

    rule: Rule
    met: bool | None
    reason: Reason | None = None
    """Why a broken one refuses, saying what to do."""


PieceKind = Literal["personal", "common", "word", "pinyin", "hanzi", "line", "repeat", "year", "date", "rest"]
"""`line`: a run in one direction through an alphabet, a keyboard or a number pad. `rest`: tried one by one."""


class Piece(msgspec.Struct, frozen=True):
    """Part of the parse: characters `start` to `end` of the normalised password, and the guesses they cost (log10)."""

    start: int
    end: int
    kind: PieceKind
    guesses_log10: float


class LeakFinding(msgspec.Struct, frozen=True):
    """What a look into leaked lists found: seen at least so many times (0: not found)."""

    times: int


class Verdict(msgspec.Struct, frozen=True):
    """The judgement on one password.

    `score` follows the usual lines: 1 from 10^3 guesses, 2 from 10^6, 3 from 10^8, 4 from 10^10.
    `advice` is what would help and is not demanded.
    """

    accepted: bool
    reasons: tuple[Reason, ...]
    advice: tuple[Reason, ...]
    rules: tuple[RuleState, ...]
    score: int
    guesses_log10: float
    parse: tuple[Piece, ...]


SCORE_LINES = (3.0, 6.0, 8.0, 10.0)


def score_of(guesses_log10: float) -> int:
    """0 to 4 from the guesses an attacker needs (log10)."""
    return sum(guesses_log10 >= line for line in SCORE_LINES)
