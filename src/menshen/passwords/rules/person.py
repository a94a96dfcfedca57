"""The person in front of the password, and every usual spelling of what is known about them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import islice, product
from typing import Literal

import msgspec

from menshen.passwords.rules.text import fold


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be known about a person; all of it optional, none of it ever printed by accident."""

    name: str | None = None
    birthday: date | None = None
    phones: tuple[str, ...] = ()
    email: str | None = None
    id_number: str | None = None
    company: str | None = None
    username: str | None = None

    def __repr__(self) -> str:
        """Without the data: a repr ends in logs."""
        return "Person(...)"


Reach = Literal["anywhere", "word", "digits", "beside", "inside"]
"""Where a token counts: anywhere; as a whole run of letters; at an end of a run of digits; as a run of letters beside
another find; or with any five digits of it."""


class Token(msgspec.Struct, frozen=True):
    """One spelling to look for, folded."""

    text: str
    reach: Reach


HANZI = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[^\W\d_]+")
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 南宫 独孤 长孙 宇文".split()  # noqa: SIM905
)
MOST_READINGS = 8
"""Of a name with several readings; bounded, so that no name costs much."""

COMPANY_PADDING = frozenset(
    "ltd inc llc gmbh company corp corporation limited group the and".split()  # noqa: SIM905
) | {"有限公司", "有限责任公司", "股份有限公司", "公司", "集团", "科技", "股份"}
MAIL_HOSTS = frozenset(
    "gmail googlemail outlook hotmail live yahoo icloud qq foxmail sina sohu aliyun mail email example".split()  # noqa: SIM905
)


@lru_cache(maxsize=256)
def tokens_of(person: Person, context: tuple[str, ...] = ()) -> frozenset[Token]:
    """All spellings of a person's data and of the deployment's own words, forwards and backwards."""
    found = {
        *_name(person.name or ""),
        *_birthday(person.birthday),
        *_numbers((*person.phones, person.id_number or "")),
        *_handle((person.email or "").partition("@")[0]),
        *_words((person.email or "").partition("@")[2].split(".")[:-1], MAIL_HOSTS),
        *_handle(person.username or ""),
        *_words([person.company or "", *context], COMPANY_PADDING),
    }
    return frozenset(found | {Token(token.text[::-1], token.reach) for token in found if token.reach != "inside"})


def _name(name: str) -> Iterator[Token]:
    for hanzi in HANZI.findall(name):
        yield from _chinese_name(hanzi)
    latin = [fold(word) for word in WORD.findall(HANZI.sub(" ", name))]
    yield from map(_spelling, latin)
    if len(latin) > 1:
        yield from _joined(latin[0], "".join(latin[1:]))
        yield from _joined(latin[0], latin[-1])
        yield Token("".join(word[0] for word in latin), "beside")


def _chinese_name(hanzi: str) -> Iterator[Token]:
    split = 2 if hanzi[:2] in COMPOUND_SURNAMES else 1
    yield from (Token(part, "anywhere") for part in (hanzi, hanzi[split:]) if len(part) > 1)
    for syllables in islice(readings(hanzi), MOST_READINGS):
        family, given = "".join(syllables[:split]), "".join(syllables[split:])
        initials = "".join(syllable[0] for syllable in syllables)
        yield from map(_spelling, (family, given, family + initials[split:]))
        yield from _joined(family, given)
        yield from (Token(letters, "beside") for letters in (initials, initials[split:] + initials[:split]))


def readings(hanzi: str) -> Iterator[tuple[str, ...]]:
    """The pinyin of a text without tones, one tuple of syllables a combination of readings; ü also as v and yu."""
    from pypinyin import Style, pinyin  # 140 ms to import: only for those who have hanzi

    each = pinyin(hanzi, style=Style.NORMAL, heteronym=True, errors="ignore")
    spelled = [dict.fromkeys(form for reading in read for form in _with_u(reading)) for read in each]
    return product(*spelled)


def _with_u(reading: str) -> tuple[str, ...]:
    plain = reading.replace("ü", "v")
    return (plain, plain.replace("v", "u"), plain.replace("v", "yu")) if "v" in plain else (plain,)


def _joined(one: str, other: str) -> Iterator[Token]:
    for first, second in ((one, other), (other, one)):
        if first and second:
            yield _spelling(first + second)
            yield from (_spelling(part) for part in (first[0] + second, first + second[0]) if len(part) > 3)


def _spelling(letters: str) -> Token:
    return Token(letters, "anywhere" if len(letters) > 3 else "word" if len(letters) == 3 else "beside")


def _birthday(day: date | None) -> Iterator[Token]:
    if day is None:
        return
    year, short = f"{day.year:04d}", f"{day.year % 100:02d}"
    month, number = f"{day.month:02d}", f"{day.day:02d}"
    plain_month, plain_day = str(day.month), str(day.day)
    forms = {year, month + number, number + month, year + month, month + year}
    for y in (year, short):
        for m, d in ((month, number), (plain_month, plain_day)):
            forms |= {y + m + d, d + m + y, m + d + y}
    yield from (Token(form, "anywhere" if len(form) > 4 else "digits") for form in forms if len(form) > 3)
    yield Token(short, "beside")


def _numbers(numbers: Iterable[str]) -> Iterator[Token]:
    for number in numbers:
        digits = "".join(character for character in fold(number) if character.isdecimal() or character == "x")
        if len(digits) >= 5:
            yield Token(digits, "inside")
            yield Token(digits[::-1], "inside")
            yield from (Token(tail, "digits") for tail in {digits[-4:], digits.rstrip("x")[-4:]})


def _handle(handle: str) -> Iterator[Token]:
    """A user name or the local part of an address: whole, and its words and numbers."""
    folded = fold(handle)
    for whole in {folded, re.sub(r"[\W_]+", "", folded)}:
        if len(whole) > 2:
            yield Token(whole, "anywhere" if len(whole) > 3 else "word")
    yield from (_spelling(word) for word in WORD.findall(folded) if len(word) > 2)
    yield from _numbers(re.findall(r"\d{5,}", folded))
    yield from (Token(number, "digits") for number in re.findall(r"(?<!\d)\d{4}(?!\d)", folded))


def _words(names: Iterable[str], padding: frozenset[str]) -> Iterator[Token]:
    for name in names:
        words = [word for word in WORD.findall(fold(name)) if word not in padding]
        together = "".join(words)
        yield from (_spelling(word) for word in {*words, together} if len(word) > 2 and not HANZI.search(word))
        for hanzi in HANZI.findall(name):
            core = _without_padding(hanzi, padding)
            if len(core) > 1:
                yield Token(core, "anywhere")
                yield from (_spelling("".join(syllables)) for syllables in islice(readings(core), MOST_READINGS))


def _without_padding(hanzi: str, padding: frozenset[str]) -> str:
    for suffix in sorted(padding, key=len, reverse=True):
        if len(hanzi) - len(suffix) > 1:
            hanzi = hanzi.removesuffix(suffix)
    return hanzi
