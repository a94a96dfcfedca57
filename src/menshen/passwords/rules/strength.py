"""An honest, simple estimate: the cheapest way to spell a password in known pieces and single characters.

Work is bounded: at most 128 characters, words of at most 24, and a few readings.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from menshen.passwords.rules.common import Ranks
from menshen.passwords.rules.patterns import Span, dates, lines, repeats, years
from menshen.passwords.rules.text import class_of, fold, unleet
from menshen.passwords.rules.verdict import Piece, PieceKind

LONGEST_WORD = 24
SHORTEST_WORD = 3


class Known(msgspec.Struct, frozen=True):
    """What a list says of an entry: of which kind it is and its rank there."""

    kind: PieceKind
    rank: int


class Lexicon(msgspec.Struct, frozen=True):
    """The lists that are looked into: common passwords by rank, and the best rank of each entry of any list."""

    common: Ranks
    known: Mapping[str, Known]


def lexicon_of(lists: Mapping[PieceKind, Sequence[str]]) -> Lexicon:
    """Join lists, each folded and most frequent first; entries too short to be a find by themselves are left out."""
    known: dict[str, Known] = {}
    for kind, entries in lists.items():
        for rank, entry in enumerate(entries, 1):
            found = known.get(entry)
            if (found is None or rank < found.rank) and (len(entry) >= SHORTEST_WORD or not entry.isascii()):
                known[entry] = Known(kind, rank)
    return Lexicon({entry: rank for rank, entry in enumerate(lists["common"], 1)}, known)


CHARACTER_COST = {
    "digit": math.log10(10),
    "lower": math.log10(26),
    "upper": math.log10(26),
    "special": math.log10(33),
    "letter": math.log10(2500),
}
"""Guesses for one character tried by itself, by its class; a letter without case is a hanzi or the like."""

PERSONAL_COST = 1.5
LINE_COST = 1.7
YEAR_COST = math.log10(150)
DATE_COST = math.log10(365 * 100)
SYLLABLE_COST = math.log10(170)
"""Pinyin has some 400 syllables without tones, used so unevenly that guessing one is like guessing one of 170."""
CHANGE_COST = math.log10(2)
JOINT_COST = 0.3
"""Each further piece: an attacker must guess how they are put together."""

VOWELS = frozenset("aeiou")
SYLLABLE_STARTS = frozenset("b p m f d t n l g k h j q x zh ch sh r z c s y w".split()) | {""}  # noqa: SIM905
SYLLABLE_ENDS = frozenset(
    "a o e i u ai ei ui ao ou iu ie ue er an en in un ang eng ing ong".split()  # noqa: SIM905
) | {"ia", "iao", "ian", "iang", "iong", "ua", "uo", "uai", "uan", "uang"}
TYPED_WITH_V = frozenset({"lv", "nv", "lve", "nve"})
LONGEST_SYLLABLE = 6


def parse(password: str, lexicon: Lexicon, personal: list[Span]) -> tuple[Piece, ...]:
    """The cheapest spelling of the whole password, in reading order."""
    ending_at: Mapping[int, list[Piece]] = _by_end(password, lexicon, personal)
    best: list[tuple[float, Piece | None]] = [(0.0, None)]
    for end in range(1, len(password) + 1):
        single = Piece(end - 1, end, "rest", CHARACTER_COST[class_of(password[end - 1])])
        ways = [(best[end - 1][0] + single.guesses_log10, single)]
        ways += [
            (best[p.start][0] + p.guesses_log10 + (JOINT_COST if p.start else 0), p) for p in ending_at.get(end, ())
        ]
        best.append(min(ways, key=lambda way: way[0]))
    return _read_back(best)


def total(pieces: tuple[Piece, ...]) -> float:
    """The guesses of a parse (log10)."""
    joints = sum(1 for piece in pieces if piece.start and piece.kind != "rest")
    return sum(piece.guesses_log10 for piece in pieces) + JOINT_COST * joints


def _by_end(password: str, lexicon: Lexicon, personal: list[Span]) -> dict[int, list[Piece]]:
    ending_at: dict[int, list[Piece]] = {}
    for piece in (*_shapes(password, personal), *_dictionary(password, lexicon), *_syllables(password)):
        ending_at.setdefault(piece.end, []).append(piece)
    return ending_at


def _read_back(best: list[tuple[float, Piece | None]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    end = len(best) - 1
    while end:
        piece = best[end][1]
        if piece is None:
            break
        end = piece.start
        if piece.kind == "rest" and pieces and pieces[-1].kind == "rest":
            after = pieces.pop()
            piece = Piece(piece.start, after.end, "rest", piece.guesses_log10 + after.guesses_log10)
        pieces.append(piece)
    return tuple(reversed(pieces))


def _shapes(password: str, personal: list[Span]) -> Iterator[Piece]:
    folded = fold(password)
    for span in personal:
        yield _piece(span, "personal", PERSONAL_COST + _case_cost(password[span.start : span.end]))
    for span in lines(folded):
        yield _piece(span, "line", LINE_COST + math.log10(span.length))
    for span in years(folded):
        yield _piece(span, "year", YEAR_COST)
    for span in dates(folded):
        yield _piece(span, "date", DATE_COST)
    for span, block in repeats(folded):
        once = sum(CHARACTER_COST[class_of(character)] for character in password[span.start : span.start + block])
        yield _piece(span, "repeat", once + math.log10(span.length / block) + CHANGE_COST)


def _dictionary(password: str, lexicon: Lexicon) -> Iterator[Piece]:
    folded = fold(password)
    for reading in (folded, *unleet(folded)):
        backwards, size = reading[::-1], len(reading)
        for start in range(size - 1):
            for end in range(start + 2, min(size, start + LONGEST_WORD) + 1):
                straight = lexicon.known.get(reading[start:end])
                if straight:
                    yield _word(password, folded, reading, Span(start, end), straight, 0.0)
                turned = lexicon.known.get(backwards[size - end : size - start])
                if turned and turned is not straight:
                    yield _word(password, folded, reading, Span(start, end), turned, CHANGE_COST)


def _word(password: str, folded: str, reading: str, span: Span, known: Known, turned: float) -> Piece:
    places = range(span.start, span.end)
    leet = CHANGE_COST * sum(reading[place] != folded[place] for place in places)
    dressed = _case_cost(password[span.start : span.end]) + leet + turned
    return _piece(span, known.kind, math.log10(known.rank + 1) + dressed)


def _case_cost(typed: str) -> float:
    """What upper and lower case add: little at the start or throughout, more when mixed."""
    upper = sum(character.isupper() for character in typed)
    letters = sum(character.isalpha() for character in typed)
    if not upper:
        return 0.0
    if upper == letters or (upper == 1 and typed[0].isupper()):
        return CHANGE_COST
    return math.log10(sum(math.comb(letters, count) for count in range(1, min(upper, letters - upper) + 1)) + 1)


def _syllables(password: str) -> Iterator[Piece]:
    folded = fold(password)
    for start in range(len(folded)):
        for end in range(start + 2, min(len(folded), start + LONGEST_SYLLABLE) + 1):
            if is_syllable(folded[start:end]):
                yield _piece(Span(start, end), "pinyin", SYLLABLE_COST + _case_cost(password[start:end]))


def is_syllable(letters: str) -> bool:
    """Whether letters can be one syllable of pinyin."""
    start = next((size for size, letter in enumerate(letters) if letter in VOWELS), len(letters))
    return (letters[:start] in SYLLABLE_STARTS and letters[start:] in SYLLABLE_ENDS) or letters in TYPED_WITH_V


def _piece(span: Span, kind: PieceKind, guesses_log10: float) -> Piece:
    return Piece(span.start, span.end, kind, guesses_log10)
