"""Recovery as one table of moves, what its verbs come to, who may recover, and what asking costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from menshen.accounts.rules import Standing, candidates
from menshen.kit.clock import HOUR, MINUTE
from menshen.kit.room import Realm
from menshen.passwords import Profile
from menshen.throttle.rules import Budget, source_keys

CHOOSE_WITHIN = 15 * MINUTE
"""How long the new-password page of a proven attempt waits."""
MAIL_WORTH = 30 * MINUTE
"""A letter that could not leave for so long is not sent any more."""
PURPOSE = "recovery"

Step = Literal["asked", "proven", "finished", "ended"]
"""asked: a mail may be on its way. proven: an address was. finished: the new password stands. ended: no change."""
Happening = Literal["sent_again", "wrong", "proof", "not_good", "new_password", "expiry"]

MOVES: Mapping[tuple[Step, Happening], Step] = {
    ("asked", "sent_again"): "asked",
    ("asked", "wrong"): "asked",
    ("asked", "proof"): "proven",
    ("asked", "expiry"): "ended",
    ("proven", "not_good"): "proven",
    ("proven", "new_password"): "finished",
    ("proven", "expiry"): "ended",
}
"""All there is: whatever is not in the table does not happen (S-37)."""

MAY_RECOVER = frozenset({"active", "closing", "locked"})
"""locked: the owner who proves an address is not kept out by a stranger's tries; the lock is lifted at the end.
invited: an invitation is not replaced by recovery (S-44). suspended: an operator's decision stands."""


def lasts(default: Profile, own: Profile) -> int:
    """How long an attempt, its link and its code live, in microseconds; the mail names this number (S-42).

    Never longer than the page says, which knows the default profile alone: it must say the same to everyone.
    """
    return min(default.recovery.mail_minutes, own.recovery.mail_minutes) * MINUTE


@dataclass(frozen=True)
class Refused:
    """Not begun; `code` is a sentence that says the same to everyone."""

    code: str
    wait: int = 0
    """Microseconds until it may be asked again."""


@dataclass(frozen=True)
class Proven:
    """An address was proven; the token is the browser's new one."""

    attempt_token: str


@dataclass(frozen=True)
class WrongCode:
    """Not the code that was sent."""

    tries_left: int


@dataclass(frozen=True)
class Finished:
    """The new password stands; the device token remembers this browser and is no authentication."""

    device_token: str
    realm: Realm
    """Whose door to sign in at: operators disown sign-ins too."""


def move(step: Step, happening: Happening) -> Step | None:
    """Where a happening leads; None where it cannot happen at this step."""
    return MOVES.get((step, happening))


def proofs_needed(standing: Standing, profile: Profile) -> int:
    """How many different proofs recovery of this account takes; the second-step room asks for more."""
    return 1


def may_recover(standing: Standing, profile: Profile) -> bool:
    """Whether proof of one address leads to a new password."""
    return standing.state in MAY_RECOVER and proofs_needed(standing, profile) == 1


def where_to(addresses: Mapping[str, str], typed: str, region: str) -> str | None:
    """The stored address to write to: the one that was typed, where it is the account's, else the preferred one (S-39).

    `addresses`: normal form to shown form, in order of preference.
    """
    forms = candidates(typed, region)
    named = next((addresses[form] for form in forms if form in addresses), None)
    return named or next(iter(addresses.values()), None)


STRANGERS = (5, HOUR)
DEVICE = (5, HOUR)
NARROW = (30, HOUR)
"""Askings from one address (IPv4 /32, IPv6 /64)."""
WIDE = (150, HOUR)
"""Askings from one network (IPv4 /24, IPv6 /48)."""


def budgets(who: str, source: str, device: str | None) -> list[Budget]:
    """What asking once is charged to. A known device has a budget of its own, which no stranger can spend."""
    if device is not None:
        return [Budget(f"recovery:device:{device}", *DEVICE)]
    narrow, wide = source_keys(source)
    return [
        Budget(f"recovery:who:{who}", *STRANGERS),
        Budget(f"recovery:narrow:{narrow}", *NARROW),
        Budget(f"recovery:wide:{wide}", *WIDE),
    ]


def diagram() -> str:
    """The moves as a Mermaid state diagram."""
    lines = [f"    {step} --> {onward}: {happening}" for (step, happening), onward in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> asked", *lines])
