"""What may be a password at all, its one normal form, and the folded form in which look-alikes meet."""

import unicodedata
from functools import lru_cache
from typing import Literal

from menshen.passwords.rules.verdict import Reason

LONGEST_TYPED = 512
"""Code points looked at before anything else is done with them; decomposed text is longer than its normal form."""

CharacterClass = Literal["upper", "lower", "letter", "digit", "special"]

FOUR_KINDS: tuple[CharacterClass, ...] = ("upper", "lower", "digit", "special")
"""What "kinds of characters" means where a policy counts them."""

EMOJI_JOINERS = "\u200c\u200d"
"""Invisible, yet part of what people type: they join emoji and some scripts."""


def normalise(password: str) -> str | Reason:
    """The form that is hashed: NFC, nothing trimmed, cut or folded (NIST SP 800-63B-4 3.1.1.2; ASVS 6.2.8).

    Anything of unreasonable length is refused before any work (S-27, S-31).
    """
    if len(password) > LONGEST_TYPED:
        return Reason("passwords.too_long", {"longest": LONGEST_TYPED}, "ASVS 6.2.9")
    if any("\ud800" <= character <= "\udfff" for character in password):
        return Reason("passwords.not_text", {}, "NIST 800-63B-4 3.1.1.2")
    return unicodedata.normalize("NFC", password)


def admit(password: str, longest: int) -> str | Reason:
    """The normal form of a password that may be set; control and invisible characters cannot be typed again.

    `longest` is in code points of the normal form, each of which counts as one character.
    """
    normal = normalise(password)
    if isinstance(normal, Reason):
        return normal
    if len(normal) > longest:
        return Reason("passwords.too_long", {"longest": longest}, "ASVS 6.2.9")
    if any(unseen(character) for character in normal):
        return Reason("passwords.unseen_character", {}, "RFC 8265 4.2")
    return normal


def unseen(character: str) -> bool:
    """Whether nobody can see or type the character: NUL and other controls, formats, unassigned, private."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Zl", "Zp"} and character not in EMOJI_JOINERS


def class_of(character: str) -> CharacterClass:
    """The kind of a character; a letter without case, such as hanzi, is only a `letter`."""
    if character.isupper():
        return "upper"
    if character.islower():
        return "lower"
    if character.isdecimal():
        return "digit"
    return "letter" if character.isalpha() else "special"


def classes_in(password: str) -> frozenset[CharacterClass]:
    """The kinds a password has; a letter with case counts as `letter` too."""
    found = {class_of(character) for character in password}
    return frozenset(found | ({"letter"} if found & {"upper", "lower"} else set()))


def fold(text: str) -> str:
    """Lower case, half width, without accents, character by character, so that places stay the same."""
    return "".join(map(_fold_character, text))


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character)
    base = plain[:1] if all(unicodedata.combining(mark) for mark in plain[1:]) else character
    lower = base.lower()
    return lower if len(lower) == 1 else character


LEET = (
    str.maketrans("0134578@$!|+€£", "oieastbasiltel"),
    str.maketrans("1!|6925", "lllggzs"),
)
"""Letters that digits and signs stand for; two tables, since 1 and ! stand for i as well as for l."""


def unleet(folded: str) -> tuple[str, ...]:
    """The readings of a folded text with signs taken for letters, where they differ from it."""
    first = folded.translate(LEET[0])
    second = folded.translate(LEET[1]).translate(LEET[0])
    return tuple(dict.fromkeys(reading for reading in (first, second) if reading != folded))
