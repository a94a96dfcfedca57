"""Shapes that need no dictionary: runs along an alphabet, a keyboard or a number pad, repeats, years and dates."""

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

KEYBOARD = ("`1234567890-=", " qwertyuiop[]\\", " asdfghjkl;'", " zxcvbnm,./")
SHIFTED = str.maketrans('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./")
NUMBER_PAD = ("789", "456", "123")
ALPHABETS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "零一二三四五六七八九十",
    "甲乙丙丁戊己庚辛壬癸",
    "子丑寅卯辰巳午未申酉戌亥",
    "春夏秋冬",
    "东南西北",
)

Place = tuple[int, int]


def _places(rows: tuple[str, ...]) -> dict[str, Place]:
    return {key: (row, column) for row, keys in enumerate(rows) for column, key in enumerate(keys) if key != " "}


SCALES: tuple[dict[str, Place], ...] = (
    {letter: (row, column) for row, letters in enumerate(ALPHABETS) for column, letter in enumerate(letters)},
    _places(KEYBOARD),
    _places(NUMBER_PAD),
)
ALONG_ONE_ROW = 0
DIRECTIONS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))

SHORTEST_LINE = 3
EARLIEST_YEAR, LATEST_YEAR = 1900, 2049
"""Years that people put into passwords, birth years and the near future; fixed, since rules know no clock."""


class Span(msgspec.Struct, frozen=True):
    """Characters `start` to `end` of a text."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many characters it has."""
        return self.end - self.start


def lines(folded: str) -> list[Span]:
    """Runs of three and more in one constant direction: abcd, 4321, aaaa, qwer, 1qaz, 147."""
    unshifted = folded.translate(SHIFTED)
    found = set()
    for number, scale in enumerate(SCALES):
        start, direction = 0, None
        for place, pair in enumerate(pairwise(unshifted), 1):
            step = _step(scale, pair, flat=number == ALONG_ONE_ROW)
            if step is None or step != direction:
                found.add((start, place))
                start, direction = (place - 1 if step is not None else place), step
        found.add((start, len(unshifted)))
    return [Span(*ends) for ends in sorted(found) if ends[1] - ends[0] >= SHORTEST_LINE]


def _step(scale: dict[str, Place], pair: tuple[str, str], *, flat: bool) -> Place | None:
    if pair[0] == pair[1]:
        return (0, 0)
    here, there = scale.get(pair[0]), scale.get(pair[1])
    if here is None or there is None:
        return None
    step = (there[0] - here[0], there[1] - here[1])
    return step if step in DIRECTIONS and not (flat and step[0]) else None


REPEATED = re.compile(r"(.{1,16}?)\1+", re.DOTALL)


def repeats(folded: str) -> Iterator[tuple[Span, int]]:
    """Repeated blocks with the length of the block: abab, 123123, passwordpassword."""
    for match in REPEATED.finditer(folded):
        if match.end() - match.start() >= SHORTEST_LINE:
            yield Span(match.start(), match.end()), len(match[1])


YEAR = re.compile(r"(?=((?:19|20)\d\d))")
DATE = re.compile(r"(?=(\d{8}|\d{6}|\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{1,2}[-./]\d{1,2}[-./]\d{4}))")


def years(folded: str) -> Iterator[Span]:
    """Four digits that may be a year."""
    for match in YEAR.finditer(folded):
        if EARLIEST_YEAR <= int(match[1]) <= LATEST_YEAR:
            yield Span(match.start(1), match.end(1))


def dates(folded: str) -> Iterator[Span]:
    """Digits that are a calendar date in one of the usual orders, with or without separators."""
    for match in DATE.finditer(folded):
        if is_date(re.findall(r"\d+", match[1])):
            yield Span(match.start(1), match.end(1))


def is_date(numbers: list[str]) -> bool:
    """Whether digits, in one group or three, are year, month and day, or day and month in either order and year."""
    if len(numbers) == 1:
        digits, year = numbers[0], len(numbers[0]) - 4
        first = [digits[:year], digits[year : year + 2], digits[year + 2 :]]
        last = [digits[:2], digits[2:4], digits[4:]]
    else:
        first = last = numbers
    return _is_day(*first) or _is_day(last[2], last[1], last[0]) or _is_day(last[2], last[0], last[1])


def _is_day(year: str, month: str, day: str) -> bool:
    plausible = EARLIEST_YEAR <= int(year) <= LATEST_YEAR if len(year) == 4 else len(year) == 2
    return plausible and 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def covered(spans: list[Span]) -> set[int]:
    """The places that lie in any of the spans."""
    return {place for span in spans for place in range(span.start, span.end)}


def longest_apart(spans: list[Span]) -> list[Span]:
    """The longest spans that do not overlap, in reading order."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (-one.length, one.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda one: one.start)
