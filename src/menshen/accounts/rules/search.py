"""What an account can be found by: keys written at save, each found by its beginning."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from menshen.accounts.rules.identifiers import Identifier

KeyKind = Literal["hanzi", "word", "tail"]

MOST_TOKENS = 12
"""Signs or words of a name that are indexed; longer names are found by their beginning."""
MOST_READINGS = 4
"""Ways to read one name aloud that are indexed: 单 is dan, and shan as a surname."""
READINGS_OF_A_SIGN = 3
"""The common ones; each further reading would double the keys of a name."""
SHORTEST_TAIL = 4
SHELVES = 32
"""A key stands on the shelf of its first sign, there in order of account. Writing is then adding at the end of some
shelves (measured: a third of the pages that keys in their own order dirty), and a search reads one shelf."""

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff々]")
_TOKEN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff々]|[^\W_\u3400-\u9fff\U00020000-\U0003ffff]+")


class Key(NamedTuple):
    """One search key; what is sought is a beginning of `text`, or of the `initials` of its syllables or words."""

    kind: KeyKind
    text: str
    initials: str = ""

    @property
    def shelf(self) -> int:
        """The shelf it stands on; initials begin alike, so that they are found there too."""
        return ord(self.text[0]) % SHELVES


class Sought(NamedTuple):
    """What a typed text may mean: the beginning of a key, or of an address or user name, which have their own index."""

    keys: tuple[Key, ...] = ()
    name: str = ""


def keys_of(display_name: str | None, identifiers: Iterable[Identifier]) -> set[Key]:
    """All keys of an account: its name by any part, aloud and by initials; its domains; the tail of its numbers."""
    found = set(_keys_of_name(display_name)) if display_name else set()
    for identifier in identifiers:
        match identifier.kind:
            case "email":
                found.add(Key("word", identifier.normal.partition("@")[2]))
            case "phone":
                found.add(Key("tail", identifier.normal[:0:-1]))
            case "user_name":
                found |= set(_keys_of_name(identifier.shown))
    return found


def sought(typed: str) -> Sought:
    """The beginnings that would answer what an operator typed; an empty one finds nobody."""
    folded = _folded(typed[:100])
    if "@" in folded:
        local, _, domain = folded.partition("@")
        return Sought(name=folded) if local else Sought((Key("word", domain),) if domain else ())
    plain = folded.replace(" ", "")
    if not plain:
        return Sought()
    if _has_han(plain):
        return Sought((Key("hanzi", plain),), plain)
    keys = [Key("word", plain, plain if plain.isalpha() and 2 <= len(plain) <= MOST_TOKENS else "")]
    digits = re.sub(r"[\s()+.-]", "", folded)
    if digits.isdecimal() and len(digits) >= SHORTEST_TAIL:
        keys.append(Key("tail", digits[::-1]))
    return Sought(tuple(keys), plain)


def _keys_of_name(name: str) -> Iterator[Key]:
    tokens = _TOKEN.findall(_folded(name))[:MOST_TOKENS]
    spoken: Iterable[Sequence[str]] = (tokens,)
    if any(_has_han(token) for token in tokens):
        for tail in _tails(tokens):
            yield Key("hanzi", "".join(tail))
        spoken = _readings(tokens)
    for reading in spoken:
        for tail in _tails(reading):
            yield Key("word", "".join(tail), "".join(token[0] for token in tail) if len(tail) > 1 else "")


def _tails(tokens: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """From each token to the end, so that any part is the beginning of one."""
    whole = tuple(tokens)
    for start in range(len(whole)):
        yield whole[start:]


def _readings(tokens: list[str]) -> Iterator[tuple[str, ...]]:
    """The surname's readings first: they are what callers and lists disagree about."""
    backwards = itertools.product(*(_aloud(token) for token in reversed(tokens)))
    return (spoken[::-1] for spoken in itertools.islice(backwards, MOST_READINGS))


@lru_cache(8192)
def _aloud(token: str) -> tuple[str, ...]:
    """The syllables that one sign can be read as, the common one first; a word stays as it is."""
    if not _has_han(token):
        return (token,)
    from pypinyin import Style, pinyin  # 140 ms to import: only where Chinese names are saved

    spoken = pinyin(token, style=Style.NORMAL, heteronym=True, errors="default")[0]
    return tuple(dict.fromkeys(syllable.replace("ü", "v") for syllable in spoken))[:READINGS_OF_A_SIGN]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip().replace("ü", "v")


def _has_han(text: str) -> bool:
    return _HAN.search(text) is not None
