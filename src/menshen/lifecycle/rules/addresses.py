"""Changing addresses: what a change is, how long it may be taken back, who may take it back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from menshen.kit.clock import DAY, HOUR
from menshen.throttle.rules import Budget

LASTS = HOUR
"""Of a change that waits for its proof."""
REVERT_LASTS = 7 * DAY
"""How long the notice's link takes a change back."""
SETTLED = DAY
"""An address younger than this gets no such link: else a thief's own could take back what the owner put right."""
MOST = 5
"""Addresses an account may have."""
PURPOSE = "lifecycle.address"

Step = Literal["asked", "done", "reverted"]


class Swap(msgspec.Struct, frozen=True):
    """What changes: `new` comes, `old` goes; one of them may be missing (an added or a removed address)."""

    new: str = ""
    old: str = ""


@dataclass(frozen=True)
class Past:
    """A change that was done."""

    id: str
    swap: Swap
    done_at: int


def budgets(account: str, normal: str) -> list[Budget]:
    """What asking for a change once is charged to."""
    return [Budget(f"address:account:{account}", 10, HOUR), Budget(f"address:to:{normal}", 5, HOUR)]


def may_take_back(addresses: Iterable[str], past: Sequence[Past], now: int) -> list[str]:
    """Which of these addresses get the link that takes a change back: those that have been there for a while."""
    fresh = {each.swap.new for each in past if now - each.done_at < SETTLED}
    return [address for address in addresses if address not in fresh]


def undone_with(change: Past, past: Sequence[Past]) -> list[Past]:
    """What goes back together with a change, newest first: all that came after it, and what came shortly before, since
    a thief who adds one address and removes another does it in one visit."""
    together = [each for each in past if each.done_at >= change.done_at - SETTLED]
    return sorted(together, key=lambda each: (each.done_at, each.id), reverse=True)
