"""The verbs of `accounts`: find, create, name, move, mark, group, search, erase."""

from menshen.accounts.service.bulk import Bulk, Draft
from menshen.accounts.service.erasing import Erasing
from menshen.accounts.service.reading import as_standing
from menshen.accounts.service.standing import Standings
from menshen.accounts.store import accounts

__all__ = ("STANDING_ROW", "Accounts", "Draft", "as_standing")

STANDING_ROW = accounts
"""The standing row, for rooms above that read it beside a row of their own in one statement."""


class Accounts(Bulk, Standings, Erasing):
    """Everything about people but their secrets. Writing verbs take the transaction and journal what they did."""
