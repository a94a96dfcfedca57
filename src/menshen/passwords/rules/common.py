"""Common passwords, and the small changes that people make to them."""

import re
from collections.abc import Mapping
from itertools import product

from menshen.passwords.rules.patterns import Span, dates, lines, repeats, years
from menshen.passwords.rules.text import fold, unleet

Ranks = Mapping[str, int]
"""Folded entries with their place in the list, the most frequent first (1)."""

SHORTEST_CORE = 4
MOST_TRIMMINGS = 3
SHORT_TRIMMING = 3
TRIMMED = re.compile(r"^([\W\d_]*)(.*?)([\W\d_]*)$", re.DOTALL)


def is_common(password: str, ranks: Ranks) -> bool:
    """Whether the whole password, apart from upper and lower case, stands in the list."""
    return fold(password) in ranks


def common_core(password: str, ranks: Ranks) -> Span | None:
    """The common password that this one only dresses up: case, leet, doubled, a few digits and signs around it."""
    folded = fold(password)
    for reading in (folded, *unleet(folded)):
        if reading in ranks:
            return Span(0, len(folded))
        doubled = next(repeats(reading), None)
        if doubled and doubled[0].length == len(reading) and reading[: doubled[1]] in ranks:
            return Span(0, doubled[1])
        core = _trimmed(folded, reading, ranks)
        if core:
            return core
    return None


def _trimmed(folded: str, reading: str, ranks: Ranks) -> Span | None:
    """The core between the signs and digits at either end, which may also, as leet, belong to the core."""
    match = TRIMMED.match(folded)
    if match is None:
        return None
    for start, end in product({match.start(2), 0}, {match.end(2), len(folded)}):
        known = end - start >= SHORTEST_CORE and reading[start:end] in ranks
        if known and _expected(folded[:start], ranks) and _expected(folded[end:], ranks):
            return Span(start, end)
    return None


def _expected(trimming: str, ranks: Ranks) -> bool:
    """Whether people put this before or after a word: little, a year, a date, a line, a repeat, a common number."""
    runs = re.findall(r"\d+|[^\d]+", trimming)
    return len(runs) <= MOST_TRIMMINGS and all(len(run) <= SHORT_TRIMMING or _usual(run, ranks) for run in runs)


def _usual(run: str, ranks: Ranks) -> bool:
    whole = Span(0, len(run))
    shapes = (*lines(run), *years(run), *dates(run), *(span for span, _ in repeats(run)))
    return run in ranks or whole in shapes
