"""The account's front page: the one most useful next step, and which events a customer is shown."""

from collections.abc import Sequence
from typing import Literal

from menshen.accounts.rules import Identifier

Next = Literal["change", "verify", "address", "second", "well"]
"""change: the password is due. verify: no address is proven. address: there is none. second: only one leads back in.
well: nothing to do."""

UNTOLD = frozenset(
    {
        "account.epoch_raised",
        "account.must_change_cleared",
        "account.imported",
        "account.method_added",
        "account.method_removed",
        "group.joined",
        "group.left",
        "identifier.displaced",
        "password.upgraded",
        "message.dropped",
        "message.expired",
        "message.sent",
    }
)
"""Events that say nothing to the customer, or repeat what another of the same moment says."""


def next_step(due: bool, names: Sequence[Identifier]) -> Next:
    """What would help this customer most."""
    mails = [name for name in names if name.kind == "email"]
    if due:
        return "change"
    if not mails:
        return "address"
    if not any(mail.state == "verified" for mail in mails):
        return "verify"
    return "second" if len(mails) < 2 else "well"


ZONES = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Asia/Macau",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Bangkok",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Australia/Sydney",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Moscow",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Johannesburg",
    "Pacific/Auckland",
    "UTC",
)
"""Time zones that are offered by name; an account may keep any other."""
