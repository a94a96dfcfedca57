"""The verbs of `accounts`: find, create, name, move, mark, group, search, erase."""

from menshen.accounts.service.bulk import Bulk
from menshen.accounts.service.erasing import Erasing
from menshen.accounts.service.reading import Reading
from menshen.accounts.service.standing import Standings

__all__ = ("Accounts",)


class Accounts(Reading, Bulk, Standings, Erasing):
    """Everything about people but their secrets. Writing verbs take the transaction and journal what they did."""
