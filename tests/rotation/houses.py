"""Builds rotation over the rooms it stands on."""

from collections.abc import Sequence
from pathlib import Path

from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from menshen.kit.room import Query
from menshen.policy.events import EVENTS as POLICY_EVENTS
from menshen.policy.rules import PolicySettings, Refusal
from menshen.policy.service import Policy
from menshen.rotation.events import EVENTS
from menshen.rotation.rules import Cause, Due
from menshen.rotation.service import Rotation
from tests.accounts import houses
from tests.policy.books import Meetings


class House:
    """Rotation, and short ways to ask and tell it things."""

    def __init__(self, database: Database, folder: Path) -> None:
        below = houses.House.build(database, folder)
        below.journal.register(event.code for event in (*EVENTS, *POLICY_EVENTS))
        self.below = below
        self.database, self.clock, self.journal, self.accounts = database, below.clock, below.journal, below.accounts
        self.policy = Policy(self.clock, SystemDice(), self.journal, Meetings(), PolicySettings())
        self.rotation = self.node()
        self._count = 0

    def node(self) -> Rotation:
        """Another node's rotation over the same database."""
        return Rotation(self.clock, SystemDice(), self.journal, self.accounts, self.policy)

    def customer(self, *groups: str, age: int = 0) -> str:
        """A customer whose password is `age` old (microseconds)."""
        self._count += 1
        account = self.below.create(houses.name("email", f"c{self._count}@example.com"), groups=groups)
        self.new_password(account, self.clock.now() - age)
        return account

    def new_password(self, account: str, at: int | None = None) -> None:
        """What `credentials` does when a password is set: facts and mark in one transaction."""
        with self.database.write() as tx:
            self.accounts.set_password_facts(tx, account, at if at is not None else self.clock.now(), "argon2id")
            self.accounts.clear_must_change(tx, account)

    def require(self, scope: str | Query, cause: Cause = "incident", by: int | None = None) -> Sequence[str]:
        """Require a change; a refusal fails the test."""
        done = self.try_to_require(scope, cause, by)
        if isinstance(done, Refusal):
            raise AssertionError(done)
        return done

    def try_to_require(
        self, scope: str | Query, cause: Cause = "incident", by: int | None = None
    ) -> Sequence[str] | Refusal:
        """Require a change in a transaction of its own."""
        with self.database.write() as tx:
            return self.rotation.require_change(tx, scope, cause, by=by, who="tester")

    def lift(self, reason: str) -> Refusal | None:
        """Lift in a transaction of its own."""
        with self.database.write() as tx:
            return self.rotation.lift(tx, reason, who="tester")

    def due(self, account: str, node: Rotation | None = None) -> Due | None:
        """What the sign-in of this customer asks."""
        with self.database.read() as tx:
            standing = self.accounts.standing(tx, account)
            if standing is None:
                raise AssertionError(account)
            profile = self.policy.effective(tx, standing.groups)
            return (node or self.rotation).change_due(tx, standing, profile)

    def cause(self, account: str) -> str | None:
        """Why this customer has to change now, or None."""
        due = self.due(account)
        return due.cause if due is not None else None

    def mark(self, account: str) -> tuple[str | None, int | None]:
        """The mark in the standing row: why and by when."""
        with self.database.read() as tx:
            standing = self.accounts.standing(tx, account)
        if standing is None:
            raise AssertionError(account)
        return standing.must_change_why, standing.must_change_by
