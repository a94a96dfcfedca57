"""Whether a new password is the old one in other clothes; only ever asked about the password just given."""

import re

from menshen.passwords.rules.text import fold, unleet
from menshen.passwords.rules.verdict import Reason

SHORTEST_STEM = 4


def too_alike(new: str, old: str, least_difference: int = 3, clause: str = "") -> Reason | None:
    """Why the new password is too like the old one, or None.

    Case and accents do not count as changes. With `least_difference` 1 only the very same password is refused.
    """
    if new == old:
        return Reason("passwords.same_as_current", {}, clause)
    if least_difference <= 1:
        return None
    changed = distance(fold(new), fold(old), least_difference)
    if changed < least_difference:
        return Reason("passwords.too_alike", {"difference": changed}, clause)
    if fold(new) == fold(old)[::-1]:
        return Reason("passwords.reversed", {}, clause)
    if stems(new) & stems(old):
        return Reason("passwords.same_stem", {}, clause)
    return None


def stems(password: str) -> frozenset[str]:
    """The letters that stay when a password is only counted up or dressed with other signs, as typed and as leet."""
    folded = fold(password)
    match = re.search(r"[^\W\d_](.*[^\W\d_])?", folded, re.DOTALL)
    if match is None:
        return frozenset()
    readings = (folded, *unleet(folded))
    cores = {reading[start : match.end()] for reading in readings for start in (0, match.start())}
    return frozenset(core for core in cores if len(core) >= SHORTEST_STEM)


def distance(one: str, other: str, limit: int) -> int:
    """How many characters must be put in, taken out or exchanged; counted no further than `limit`."""
    if abs(len(one) - len(other)) >= limit:
        return limit
    row = list(range(len(other) + 1))
    for i, here in enumerate(one, 1):
        before, row = row, [i] + [limit] * len(other)
        for j in range(max(1, i - limit), min(len(other), i + limit) + 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (here != other[j - 1]))
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)
