"""Signing up: how long it may take, and what asking costs."""

from typing import Literal

from menshen.kit.clock import HOUR, MINUTE
from menshen.throttle.rules import Budget, source_keys

LASTS = 30 * MINUTE
"""Of a sign-up, its link and its code alike; the mail names this number."""
PURPOSE = "lifecycle.sign_up"
TERMS = "terms"
"""The document that newcomers agree to."""

Step = Literal["asked", "proven"]

NARROW = (20, HOUR)
"""Sign-ups from one address (IPv4 /32, IPv6 /64)."""
WIDE = (100, HOUR)
"""Sign-ups from one network (IPv4 /24, IPv6 /48)."""
ADDRESS = (5, HOUR)
"""Mails to one address."""


def budgets(normal: str, source: str) -> list[Budget]:
    """What asking once is charged to; the same for known and unknown addresses."""
    narrow, wide = source_keys(source)
    return [
        Budget(f"sign_up:address:{normal}", *ADDRESS),
        Budget(f"sign_up:narrow:{narrow}", *NARROW),
        Budget(f"sign_up:wide:{wide}", *WIDE),
    ]
