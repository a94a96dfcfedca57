"""What `accounts` gives the house: its tables, events and acts, and the card of facts on a customer's page."""

from collections.abc import Callable, Sequence

from sqlalchemy import Table

from menshen.accounts import events, pages, rules, store
from menshen.accounts.room.acts import acts
from menshen.accounts.service import Accounts
from menshen.kit.database import Database
from menshen.kit.room import Room

SETTINGS = rules.Settings


def furnish(database: Database, accounts: Accounts, house: Callable[[], Sequence[Table]]) -> Room:
    """The room with its services filled in; `house` tells all tables of the house, for erasing."""
    return Room(
        name="accounts",
        tables=store.TABLES,
        parts=(pages.customer_part(database, accounts), pages.setup_step(database, accounts)),
        acts=acts(accounts, house, database.checkpoint),
        events=events.EVENTS,
    )
