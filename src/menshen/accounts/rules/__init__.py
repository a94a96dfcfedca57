"""Pure rules of `accounts`: how names are read, how an account may move, and what can be found by searching."""

from menshen.accounts.rules.identifiers import Identifier, Kind, Taken, Unusable, candidates, read
from menshen.accounts.rules.newcomer import FACTS, Newcomer, PersonFacts
from menshen.accounts.rules.search import Key, keys_of
from menshen.accounts.rules.settings import Settings
from menshen.accounts.rules.standing import MOVES, Class, Move, Standing, State

__all__ = (
    "FACTS",
    "MOVES",
    "Class",
    "Identifier",
    "Key",
    "Kind",
    "Move",
    "Newcomer",
    "PersonFacts",
    "Settings",
    "Standing",
    "State",
    "Taken",
    "Unusable",
    "candidates",
    "keys_of",
    "read",
)
