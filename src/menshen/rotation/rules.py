"""When a password must change: the reasons as values, and the one question asked of them at every sign-in."""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

import msgspec

from menshen.kit.clock import DAY
from menshen.kit.room import Query
from menshen.passwords.rules.profile import Rotation

Cause = Literal["age", "leaked", "weak", "help_desk", "incident", "import", "policy", "owner"]
"""age: older than its profile allows. leaked: found in a list. weak: no longer good enough. help_desk: reset by
an agent. incident: something happened here. import: first sign-in after moving in. policy: the rules rose.
owner: "this was not me"."""

CAUSES: tuple[Cause, ...] = ("age", "leaked", "weak", "help_desk", "incident", "import", "policy", "owner")


class Stands(Protocol):
    """What of a standing row decides; `accounts` keeps it."""

    @property
    def account_id(self) -> str: ...
    @property
    def realm(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def methods(self) -> Sequence[str]: ...
    @property
    def groups(self) -> Sequence[str]: ...
    @property
    def has_password(self) -> bool: ...
    @property
    def password_changed_at(self) -> int | None: ...
    @property
    def must_change(self) -> bool: ...
    @property
    def must_change_since(self) -> int | None: ...
    @property
    def must_change_by(self) -> int | None: ...
    @property
    def must_change_why(self) -> str | None: ...


class Reason(msgspec.Struct, frozen=True):
    """One demand to change that was written down; for one account, or for all whom a query means."""

    reason_id: str
    scope: Query
    cause: Cause
    since: int
    """The epoch: whoever's password is older is meant; a newer one makes the reason lapse by itself."""
    by: int
    """The instant from which nobody signs in without changing first."""
    who: str


class Due(msgspec.Struct, frozen=True):
    """A change that is due: why, since when, and the instant from which it is forced."""

    cause: Cause
    since: int
    by: int
    forced_now: bool


def change_due(standing: Stands, reasons: Iterable[Reason], rotation: Rotation, now: int) -> Due | None:
    """The due change with the earliest deadline, or None while nothing is asked of this customer yet."""
    due = [each for each in every_due(standing, reasons, rotation, now) if each.since <= now]
    return min(due, key=lambda each: (each.by, each.since), default=None)


def every_due(standing: Stands, reasons: Iterable[Reason], rotation: Rotation, now: int) -> list[Due]:
    """All changes this customer faces, one by age included although its notice may begin later only."""
    if not standing.has_password:
        return []
    changed = standing.password_changed_at or 0  # of unknown age counts as oldest: nothing lapses
    found = [
        Due(reason.cause, reason.since, reason.by, reason.by <= now)
        for reason in reasons
        if holds(reason, standing, changed) and not (reason.cause == "age" and rotation.forced_forbidden)
    ]
    marked = _by_mark(standing, changed, now)
    aged = _by_age(standing, changed, rotation, now)
    return found + [each for each in (marked, aged) if each is not None]


def _by_mark(standing: Stands, changed: int, now: int) -> Due | None:
    """The mark in the standing row; `credentials` takes it off together with the old password, so it needs no epoch."""
    if not standing.must_change:
        return None
    since = standing.must_change_since if standing.must_change_since is not None else min(changed, now)
    by = standing.must_change_by if standing.must_change_by is not None else since
    return Due(known_cause(standing.must_change_why), since, by, by <= now)


def _by_age(standing: Stands, changed: int, rotation: Rotation, now: int) -> Due | None:
    """The day a password grows too old, said from the first reminder on (C2: forced only where the profile does)."""
    days = rotation.change_after_days
    if days is None or not ages(standing, rotation):
        return None
    by = changed + days * DAY
    return Due("age", by - max(rotation.remind_days_before, default=0) * DAY, by, by <= now)


def ages(standing: Stands, rotation: Rotation) -> bool:
    """Whether the profile forces this person's password to change by age at all."""
    if rotation.change_after_days is None or rotation.forced_forbidden:
        return False
    if rotation.applies_to == "operators" and standing.realm != "operator":
        return False
    return not (rotation.only_if_sole_factor and any(method != "password" for method in standing.methods))


def holds(reason: Reason, standing: Stands, changed: int) -> bool:
    """Whether a reason means this customer and their password is not newer than it."""
    return changed < reason.since and means(reason.scope, standing)


def means(query: Query, standing: Stands) -> bool:
    """Whether a query means this customer: every field that is set must fit."""
    return (
        (query.group is None or query.group in standing.groups)
        and (query.state is None or query.state == standing.state)
        and (query.must_change is None or query.must_change == standing.must_change)
        and (query.account_ids is None or standing.account_id in query.account_ids)
    )


def known_cause(why: str | None) -> Cause:
    """A mark's cause; one that this release does not know is still obeyed, as a demand of the policy."""
    for cause in CAUSES:
        if cause == why:
            return cause
    return "policy"
