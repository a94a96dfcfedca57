"""How an account stands: one frozen value, its states, and the moves between them."""

from typing import Literal, NamedTuple

import msgspec

from menshen.kit.room import Realm

State = Literal["invited", "active", "suspended", "locked", "closing", "erased"]
"""invited: asked in, not yet come. active. suspended: by an operator. locked: after too many wrong tries.
closing: the owner left, and may still turn back. erased: nothing tells of the person any more."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The one row that says how an account stands; instants in microseconds, days counted from 1970."""

    account_id: str
    realm: Realm
    state: State
    version: int
    """Grows with each change of the row: what a form showed is saved only if nothing moved meanwhile (S-166)."""
    epoch: int
    """Grows when all authority given out so far shall end; tokens carry the epoch they were born in."""
    methods: tuple[str, ...]
    """Ways of signing in that stand ready, in alphabetical order: `password`, `passkey`, ..."""
    groups: tuple[str, ...]
    must_change_why: str | None
    must_change_since: int | None
    must_change_by: int | None
    """Until when there is time; None: at the next sign-in."""
    password_changed_at: int | None
    password_class: str | None
    """How the password is kept: scheme and cost in short, as `credentials` names it."""
    locale: str | None
    """None: the brand's."""
    time_zone: str | None
    """None: the brand's."""
    display_name: str | None
    last_seen_day: int | None
    created_at: int
    closing_until: int | None

    @property
    def has_password(self) -> bool:
        """Whether a password stands ready."""
        return "password" in self.methods

    @property
    def must_change(self) -> bool:
        """Whether a reason to change the password stands."""
        return self.must_change_why is not None


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that stand alike, counted: what-if puts classes through the requirements, not people."""

    state: State
    methods: tuple[str, ...]
    groups: tuple[str, ...]
    must_change_why: str | None
    password_class: str | None
    password_month: int | None
    """Months of 30 days from 1970 to the last change of the password."""
    count: int


class Move(NamedTuple):
    """A change of state: where it may start, where it leads (None: back to where it came from), what is announced."""

    starts: tuple[State, ...]
    to: State | None
    event: str
    ends_authority: bool = False


MOVES: dict[str, Move] = {
    "activate": Move(("invited",), "active", "account.activated"),
    "suspend": Move(("invited", "active", "locked", "closing"), "suspended", "account.suspended", True),
    "resume": Move(("suspended",), None, "account.resumed"),
    "lock": Move(("active",), "locked", "account.locked", True),
    "unlock": Move(("locked",), "active", "account.unlocked"),
    "begin_closing": Move(("active",), "closing", "account.closing", True),
    "cancel_closing": Move(("closing",), "active", "account.closing_cancelled"),
}
"""All moves but erasing, which may start anywhere and never returns."""
