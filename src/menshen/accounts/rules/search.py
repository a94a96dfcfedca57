"""What an account can be found by: keys written at save, each found by its beginning."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from menshen.accounts.rules.identifiers import Identifier

KeyKind = Literal["hanzi", "word", "initials", "tail"]

MOST_TOKENS = 12
"""Signs or words of a name that are indexed; longer names are found by their beginning."""
MOST_READINGS = 4
"""Ways to read one name aloud that are indexed: 单 is dan, and shan as a surname."""
READINGS_OF_A_SIGN = 3
"""The common ones; each further reading would double the keys of a name."""
SHORTEST_TAIL = 4

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff々]")
_TOKEN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff々]|[^\W_\u3400-\u9fff\U00020000-\U0003ffff]+")


class Key(NamedTuple):
    """One search key; what is sought is a beginning of `text`."""

    kind: KeyKind
    text: str


def keys_of(display_name: str | None, identifiers: Iterable[Identifier]) -> set[Key]:
    """All keys of an account: its name by any part, aloud and by initials; its addresses; the tail of its numbers."""
    found = set(_keys_of_name(display_name)) if display_name else set()
    for identifier in identifiers:
        match identifier.kind:
            case "email":
                local, _, domain = identifier.normal.partition("@")
                found |= {Key("word", local), Key("word", domain)}
            case "phone":
                found.add(Key("tail", identifier.normal[:0:-1]))
            case "user_name":
                found |= {Key("word", identifier.normal), *_keys_of_name(identifier.shown)}
    return found


def keys_sought(typed: str) -> tuple[Key, ...]:
    """The beginnings that would answer what an operator typed; an empty tuple finds nobody."""
    folded = _folded(typed[:100])
    if not folded:
        return ()
    if "@" in folded:
        local, _, domain = folded.partition("@")
        return (Key("word", domain),) if not local else (Key("word", local),)
    plain = folded.replace(" ", "")
    if _has_han(plain):
        return (Key("hanzi", plain),)
    sought = [Key("word", plain)]
    digits = re.sub(r"[\s()+.-]", "", folded)
    if digits.isdecimal() and len(digits) >= SHORTEST_TAIL:
        sought.append(Key("tail", digits[::-1]))
    if plain.isalpha() and 2 <= len(plain) <= MOST_TOKENS:
        sought.append(Key("initials", plain))
    return tuple(sought)


def _keys_of_name(name: str) -> Iterator[Key]:
    tokens = _TOKEN.findall(_folded(name))[:MOST_TOKENS]
    if any(_has_han(token) for token in tokens):
        for tail in _tails(tokens):
            yield Key("hanzi", "".join(tail))
        for reading in _readings(tokens):
            for tail in _tails(reading):
                yield Key("word", "".join(tail))
                if len(tail) > 1:
                    yield Key("initials", "".join(syllable[0] for syllable in tail))
        return
    for tail in _tails(tokens):
        yield Key("word", "".join(tail))
    if len(tokens) > 1:
        yield Key("initials", "".join(token[0] for token in tokens))


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
