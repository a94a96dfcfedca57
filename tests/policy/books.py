"""Builds a law book over a real journal; who is in which groups is told by the test."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from menshen.journal.service import Journal
from menshen.kit.clock import SetClock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import SystemDice
from menshen.passwords import Profile, named
from menshen.policy.events import EVENTS
from menshen.policy.rules import LawBook, PolicySettings, Refusal, Version
from menshen.policy.service import Policy

NOON = 1_800_000_000_000_000


@dataclass
class Meetings:
    """Which groups meet in one account."""

    sets: list[tuple[str, ...]] = field(default_factory=list)

    def group_sets(self, tx: Tx, among: Collection[str]) -> Iterable[Sequence[str]]:
        """The sets, as far as they lie among the groups asked for."""
        return [met for each in self.sets if len(met := tuple(group for group in each if group in among)) > 1]


class House:
    """A law book with its journal; `node` gives another node over the same database."""

    def __init__(self, database: Database, settings: PolicySettings | None = None) -> None:
        self.database = database
        self.clock = SetClock(NOON)
        self.meetings = Meetings()
        self.settings = settings or PolicySettings()
        self.journal = Journal(self.clock, SystemDice(), [event.code for event in EVENTS])
        self.policy = self.node()

    def node(self, reachable_level: int = 1, acts: Iterable[tuple[str, bool]] = ()) -> Policy:
        """Another node's law book."""
        return Policy(
            self.clock,
            SystemDice(),
            self.journal,
            self.meetings,
            self.settings,
            acts=acts,
            reachable_level=reachable_level,
        )

    def assign(self, group: str, name: str) -> Refusal | None:
        """Assign in a transaction of its own."""
        with self.database.write() as tx:
            return self.policy.assign(tx, group, name, actor="tester")

    def save(self, profile: Profile, based_on: int = 0, valid_from: int | None = None) -> Version | Refusal:
        """Save in a transaction of its own."""
        with self.database.write() as tx:
            return self.policy.save(tx, profile, based_on=based_on, actor="tester", valid_from=valid_from)

    def effective(self, *groups: str, realm: str = "customer", node: Policy | None = None) -> Profile:
        """What binds whoever is in these groups."""
        with self.database.read() as tx:
            return (node or self.policy).effective(tx, groups, realm=realm)

    def book(self) -> LawBook:
        """All policies."""
        with self.database.read() as tx:
            return self.policy.book(tx)


def own(name: str, base: str = "classic", *, days: int | None = 180, length: int = 8) -> Profile:
    """A policy of the company's own, made from a shipped one."""
    profile = named(base)
    return msgspec.structs.replace(
        profile,
        name=name,
        password=msgspec.structs.replace(profile.password, length_alone=length),
        rotation=msgspec.structs.replace(profile.rotation, change_after_days=days),
    )
