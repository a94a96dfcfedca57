"""Finding a person in a password: whole, in parts, reversed, in leet, with separators between."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from menshen.passwords.rules.patterns import Span, longest_apart
from menshen.passwords.rules.person import Token
from menshen.passwords.rules.text import fold, unleet

SEPARATORS = frozenset(" .-_/,;:+#@&'·年月日")
LEAST_DIGITS = 5
"""Of a phone or identity number before digits in a row count as it."""


class View(msgspec.Struct, frozen=True):
    """One way to read a password, with the place that each of its characters has in the password."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """The characters of the password behind these of the view."""
        return Span(self.places[start], self.places[end - 1] + 1)


def personal_spans(password: str, tokens: Iterable[Token]) -> list[Span]:
    """Where the password holds any of the tokens, the longest finds first served, in reading order."""
    tokens = list(tokens)
    if not tokens or not password:
        return []
    readings, squeezed = views(password)
    found: set[Span] = set()
    for view in (*readings, *squeezed):
        found.update(view.span(*ends) for token in tokens for ends in _finds(view, token, strict=view in squeezed))
    kept = longest_apart(list(found))
    beside = {
        view.span(*ends)
        for view in readings[:1]
        for token in tokens
        if token.reach == "beside"
        for ends in _beside(view.text, token.text, kept)
    }
    return longest_apart([*kept, *beside])


def views(password: str) -> tuple[list[View], list[View]]:
    """The folded password and its leet readings; and the same with separators taken out, where it has any."""
    folded = fold(password)
    places = tuple(range(len(folded)))
    readings = [View(text, places) for text in (folded, *unleet(folded))]
    kept = tuple(place for place in places if folded[place] not in SEPARATORS)
    if not kept or len(kept) == len(folded):
        return readings, []
    return readings, [View("".join(view.text[place] for place in kept), kept) for view in readings]


def _finds(view: View, token: Token, *, strict: bool) -> Iterator[tuple[int, int]]:
    text = view.text
    if token.reach == "inside":
        yield from _shared_digits(text, token.text)
    elif token.reach == "anywhere":
        yield from _occurrences(text, token.text)
    elif not strict and token.reach == "word":
        yield from (ends for ends in _occurrences(text, token.text) if _whole(text, *ends))
    elif not strict and token.reach == "digits":
        yield from (
            (start, end)
            for start, end in _occurrences(text, token.text)
            if not (text[start - 1 : start].isdecimal() and text[end : end + 1].isdecimal())
        )


def _occurrences(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    start = text.find(wanted)
    while start >= 0:
        yield start, start + len(wanted)
        start = text.find(wanted, start + 1)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no letter stands before or after; a digit from a leet reading is a letter here and there alike."""
    return not (text[start - 1 : start].isalpha() if start else False) and not text[end : end + 1].isalpha()


def _shared_digits(text: str, number: str) -> Iterator[tuple[int, int]]:
    for run in re.finditer(r"[\dx]{5,}", text):
        start = run.start()
        while start + LEAST_DIGITS <= run.end():
            end = start + LEAST_DIGITS
            if text[start:end] in number:
                while end < run.end() and text[start : end + 1] in number:
                    end += 1
                yield start, end
                start = end
            else:
                start += 1


def _beside(text: str, wanted: str, finds: list[Span]) -> Iterator[tuple[int, int]]:
    """Initials and short years count only where they touch another find and no character of their own kind."""
    for start, end in _occurrences(text, wanted):
        if any(find.end == start or find.start == end for find in finds):
            before, after = text[start - 1 : start] if start else "", text[end : end + 1]
            alike = str.isdecimal if wanted.isdecimal() else str.isalpha
            touching = {find.end for find in finds} | {find.start for find in finds}
            if (start in touching or not alike(before)) and (end in touching or not alike(after)):
                yield start, end


def beyond(password: str, spans: list[Span]) -> str:
    """What remains of a password without the spans and without separators at their edges."""
    rest, last = [], 0
    for span in spans:
        rest.append(password[last : span.start])
        last = span.end
    rest.append(password[last:])
    return "".join(part.strip("".join(SEPARATORS)) for part in rest)
