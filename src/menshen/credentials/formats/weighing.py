"""A hash as it goes into the database: its text, to be sealed, and what stands beside it in the clear."""

from typing import NamedTuple

from menshen.credentials.formats.decoys import scheme_and_cost
from menshen.credentials.formats.proving import strength
from menshen.credentials.formats.stored import StoredHash


class Weighed(NamedTuple):
    """A hash with all that its row tells of it; `text` is a secret."""

    text: str
    scheme: str
    weak: bool


def weigh(stored: StoredHash) -> Weighed:
    """Write a hash down, and say what it costs and whether it waits to be wrapped."""
    return Weighed(stored.encode(), scheme_and_cost(stored), strength(stored) == "weak")
