"""The card on a customer's console page that says who this is, and the set-up step "bring customers in"."""

from collections.abc import Mapping
from typing import Any

from menshen.accounts.service import Accounts
from menshen.kit.database import Database
from menshen.kit.room import Part, Query
from menshen.kit.web.visitor import Visitor


def customer_part(database: Database, accounts: Accounts) -> Part:
    """Names, state and groups of the customer whose page it is (`account_id`); sealed facts stay sealed."""

    def render(_: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        account = str(known["account_id"])
        with database.read() as tx:
            standing = accounts.standing(tx, account)
            if standing is None:
                return None
            return {
                "standing": standing,
                "names": accounts.identifiers(tx, account),
                "external_ids": accounts.external_ids(tx, account),
            }

    return Part("console.customer", 10, render, "accounts/customer.html")


def setup_step(database: Database, accounts: Accounts) -> Part:
    """How many customers there are, and the command that brings them in; it shows, and acts on nothing."""

    def render(_: Visitor, __: Mapping[str, Any]) -> Mapping[str, Any]:
        with database.read() as tx:
            return {"count": accounts.count(tx, Query())}

    return Part("setup", 40, render, "accounts/setup_step.html")
