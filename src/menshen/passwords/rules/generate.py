"""Making passwords: unbiased draws from bytes that are passed in, with the entropy of what was drawn."""

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import msgspec

from menshen.passwords.rules.profile import PasswordRules
from menshen.passwords.rules.text import FOUR_KINDS, classes_in

BytesOf = Callable[[int], bytes]
"""Unguessable bytes, so many of them."""

ALPHABETS = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "digit": "0123456789",
    "special": "!#$%&*+-=?@^_~",
}
"""Signs that every keyboard and every form takes."""
LOOKALIKES = frozenset("0OoQD1lIi2Z5S8B6bG9gqvu")
"""Characters that are taken for one another when read from paper or told by voice."""

USUAL_LENGTH = 16
STRONG_BITS = 64.0
"""Entropy that a phrase reaches at least."""
SEPARATOR = "-"


class Made(msgspec.Struct, frozen=True):
    """A new password and its entropy in bits, counted from how it was drawn."""

    password: str
    entropy_bits: float

    def __repr__(self) -> str:
        """Without the password: a repr ends in logs."""
        return f"Made({self.entropy_bits:.1f} bits)"


def below(bound: int, bytes_of: BytesOf) -> int:
    """A number from 0 to bound - 1, each equally likely: draws beyond the bound are thrown away."""
    bits = (bound - 1).bit_length()
    while True:
        drawn = int.from_bytes(bytes_of((bits + 7) // 8 or 1), "big") & ((1 << bits) - 1)
        if drawn < bound:
            return drawn


def random_password(rules: PasswordRules, bytes_of: BytesOf, *, no_lookalikes: bool = False) -> Made:
    """Random characters with all demanded kinds: whole draws are repeated, so that all that fit are equally likely."""
    length = max(USUAL_LENGTH, rules.length_alone, rules.length_with_second_factor)
    alphabets = {
        name: "".join(character for character in letters if not (no_lookalikes and character in LOOKALIKES))
        for name, letters in ALPHABETS.items()
    }
    everything = "".join(alphabets.values())
    while True:
        password = "".join(everything[below(len(everything), bytes_of)] for _ in range(length))
        if fits(password, rules):
            return Made(
                password,
                math.log2(_how_many({name: len(letters) for name, letters in alphabets.items()}, length, rules)),
            )


def fits(password: str, rules: PasswordRules) -> bool:
    """Whether the demanded kinds of characters are there."""
    present = classes_in(password)
    return rules.classes <= present and len(present.intersection(FOUR_KINDS)) >= rules.kinds


def _how_many(sizes: dict[str, int], length: int, rules: PasswordRules) -> int:
    """How many passwords fit: for each set of kinds, those that use just this set (inclusion and exclusion)."""
    fitting = 0
    for count in range(1, len(sizes) + 1):
        for used in combinations(sizes, count):
            present = frozenset(used) | ({"letter"} if {"upper", "lower"} & set(used) else set())
            if rules.classes <= present and count >= rules.kinds:
                fitting += sum(
                    (-1) ** (count - kept) * sum(sizes[name] for name in part) ** length
                    for kept in range(1, count + 1)
                    for part in combinations(used, kept)
                )
    return fitting


def passphrase(rules: PasswordRules, words: Sequence[str], bytes_of: BytesOf) -> Made:
    """Words drawn with equal chance, joined, with a short tail where the profile demands kinds that words lack."""
    per_word = math.log2(len(words))
    drawn = [words[below(len(words), bytes_of)] for _ in range(math.ceil(STRONG_BITS / per_word))]
    while len(SEPARATOR.join(drawn)) < max(rules.length_alone, rules.length_with_second_factor):
        drawn.append(words[below(len(words), bytes_of)])
    phrase = SEPARATOR.join(drawn)
    tail, tail_bits = _tail(phrase, rules, bytes_of)
    return Made(phrase + tail, per_word * len(drawn) + tail_bits)


def _tail(phrase: str, rules: PasswordRules, bytes_of: BytesOf) -> tuple[str, float]:
    """One character of each kind still missing, demanded ones first, after a separator."""
    tail, bits = "", 0.0
    for name in sorted(FOUR_KINDS, key=lambda kind: kind not in rules.classes):
        if fits(phrase + tail, rules):
            break
        if name not in classes_in(phrase):
            letters = [letter for letter in ALPHABETS[name] if letter not in LOOKALIKES]
            tail = (tail or SEPARATOR) + letters[below(len(letters), bytes_of)]
            bits += math.log2(len(letters))
    return tail, bits
