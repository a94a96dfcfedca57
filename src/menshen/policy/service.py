"""The law book's verbs: what holds for whom, what a permission demands, and changing it without contradiction."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Protocol

from menshen.journal.service import Journal
from menshen.kit.clock import Clock
from menshen.kit.database import Fault, Tx
from menshen.kit.dice import Dice, token
from menshen.kit.web.visitor import Visitor
from menshen.passwords import (
    PROFILE_NAMES,
    Profile,
    Unsatisfiable,
    adjusted,
    contradictions,
    for_operators,
    named,
    strictest,
)
from menshen.policy import rules, store
from menshen.policy.rules import Demand, LawBook, PolicySettings, Refusal, Version

EDITION = store.EDITION
"""The edition of the book as a subquery, for rooms that read it within a statement of their own."""
BUILT_IN = "menshen"
"""Who saved the versions that come with the program."""
REALMS = ("customer", "operator")
_NEVER = 2**63 - 1


class GroupSets(Protocol):
    """Who knows which groups meet in one account."""

    def group_sets(self, tx: Tx, among: Collection[str]) -> Iterable[Sequence[str]]:
        """Each different set of two or more of these groups that some account not erased is in, once."""
        ...


class UnknownPermission(Fault):
    """A route or act names a permission that no table has; it is refused, never let through."""


class Contradiction(Fault):
    """Policies that cannot be satisfied together meet in one account, although nobody could have saved that."""


class Policy:
    """The law book as one node knows it: read anew as soon as any node has changed it."""

    def __init__(
        self,
        clock: Clock,
        dice: Dice,
        journal: Journal,
        accounts: GroupSets,
        settings: PolicySettings,
        *,
        acts: Iterable[tuple[str, bool]] = (),
        reachable_level: int = 1,
    ) -> None:
        """`acts` are (verb, sensitive); `reachable_level` is the highest AAL that the house's methods can prove."""
        self._clock = clock
        self._dice = dice
        self._journal = journal
        self._accounts = accounts
        self._settings = settings
        self._reachable_level = reachable_level
        table = resources.files("menshen.policy").joinpath("permissions.toml").read_text(encoding="utf-8")
        self._permissions = rules.with_acts(rules.permissions_from(table), acts)
        self._built_in = _built_in(settings.rotation_days)
        self._known: _Known | None = None

    # --- reading

    def effective(self, tx: Tx, groups: Collection[str], *, realm: str = "customer") -> Profile:
        """The profile that binds whoever is in these groups: the strictest of their policies, or the default.

        Raises Contradiction, which is a refusal, rather than merge what cannot be satisfied together (C14).
        """
        known = self._now_known(tx)
        names = known.book.names_for(groups)
        merged = known.merged.get(names)
        if merged is None:
            try:
                merged = known.merged[names] = strictest(*known.book.profiles(names, known.read_at))
            except Unsatisfiable as found:
                raise Contradiction(f"policies {', '.join(sorted(names))} cannot hold together: {found}") from found
        return for_operators(merged) if realm == "operator" else merged

    def effective_at(self, edition: str, groups: Collection[str], *, realm: str) -> Profile | None:
        """The same without asking the database, where this node has read just this edition; else None."""
        known, now = self._known, self._clock.now()
        if known is None or known.edition != edition or not known.read_at <= now < known.until:
            return None
        merged = known.merged.get(known.book.names_for(groups))
        return for_operators(merged) if merged is not None and realm == "operator" else merged

    def demand(self, realm: str, needs: str, profile: Profile) -> Demand:
        """What a permission asks of a visitor of that realm under that profile. Raises UnknownPermission."""
        found = rules.demand(self._permissions, realm, needs, profile, self._reachable_level)
        if found is None:
            raise UnknownPermission(f"permission {needs!r} is in no table and the verb of no act")
        return found

    def learn(self, acts: Iterable[tuple[str, bool]]) -> None:
        """Take over the acts of all rooms, (verb, sensitive), as permissions of operators; once, at start."""
        self._permissions = rules.with_acts(self._permissions, acts)

    def permissions(self, realm: str) -> frozenset[str]:
        """All permissions of a realm."""
        return frozenset(name for of, name in self._permissions if of == realm)

    def knows(self, needs: str) -> bool:
        """Whether any table has this permission, for the check that every route's mark is known."""
        return any(name == needs for _, name in self._permissions)

    def book(self, tx: Tx) -> LawBook:
        """All policies, versions and assignments."""
        return self._now_known(tx).book

    def hold(self, tx: Tx) -> None:
        """Keep the book as it stands until the transaction ends, for who relies on an answer found before."""
        store.hold(tx, shared=True)

    def would_contradict(self, tx: Tx, groups: Collection[str]) -> Refusal | None:
        """Whether an account in these groups could satisfy its policies; ask in the transaction that puts it there."""
        self.hold(tx)
        return self._first_refusal(self._read(tx), [groups])

    def standing_contradiction(self, tx: Tx) -> Refusal | None:
        """The first contradiction that any account is in or will come into, although none should be."""
        book = self._read(tx)
        met = self._accounts.group_sets(tx, sorted(book.assigned))
        return self._first_refusal(book, [(), *([group] for group in book.assigned), *met])

    def beyond_reach(self, tx: Tx) -> list[str]:
        """Policies in use that demand a second step which no method of this house can prove."""
        book = self._now_known(tx).book
        used = sorted({book.default, *book.assigned.values()})
        profiles = [book.in_force(name, self._clock.now()).profile for name in used]
        return [
            profile.name
            for profile in profiles
            if max(rules.least_level(profile, realm) for realm in REALMS) > self._reachable_level
        ]

    # --- writing

    def save(
        self,
        tx: Tx,
        profile: Profile,
        *,
        based_on: int,
        actor: str,
        valid_from: int | None = None,
        visitor: Visitor | None = None,
    ) -> Version | Refusal:
        """Save a new version, valid at once or from a later instant; `based_on` is the number it was made from.

        Refused when another version was saved meanwhile (S-166), or when customers could not satisfy it (C14).
        """
        store.hold(tx, shared=False)
        now = self._clock.now()
        book = self._read(tx)
        newest = book.newest(profile.name)
        if (newest.number if newest else 0) != based_on:
            return Refusal(
                "policy.changed_meanwhile", {"policy": profile.name, "version": newest.number if newest else 0}
            )
        starts = max(now, valid_from or now, newest.valid_from if newest else 0)
        version = Version(profile.name, based_on + 1, profile, starts, actor)
        refusal = self._unsatisfiable(tx, book.with_version(version), profile.name)
        if refusal is not None:
            return refusal
        store.add_version(tx, version, now)
        facts: dict[str, str | int | None] = {
            "policy": version.name,
            "version": version.number,
            "valid_from": version.valid_from,
        }
        self._changed(tx, "policy.saved", facts, actor, visitor)
        return version

    def assign(self, tx: Tx, group: str, policy: str, *, actor: str, visitor: Visitor | None = None) -> Refusal | None:
        """Give a group a policy; refused when it is unknown or some member could not satisfy it (C14)."""
        store.hold(tx, shared=False)
        book = self._read(tx)
        if book.newest(policy) is None:
            return unknown(policy, book)
        refusal = self._unsatisfiable(tx, book.with_assignment(group, policy), policy)
        if refusal is not None:
            return refusal
        store.assign(tx, group, policy, self._clock.now(), actor)
        facts = {"group": group, "policy": policy, "before": book.assigned.get(group)}
        self._changed(tx, "policy.assigned", facts, actor, visitor)
        return None

    def release(self, tx: Tx, group: str, *, actor: str, visitor: Visitor | None = None) -> Refusal | None:
        """Take a group's policy away, so that the default holds for those whom no other group binds."""
        store.hold(tx, shared=False)
        book = self._read(tx)
        if not store.release(tx, group):
            return Refusal("policy.group_has_none", {"group": group})
        facts = {"group": group, "before": book.assigned.get(group)}
        self._changed(tx, "policy.released", facts, actor, visitor)
        return None

    # --- within

    def _unsatisfiable(self, tx: Tx, book: LawBook, policy: str) -> Refusal | None:
        """Whether, after a change to this policy, some account's groups could no longer be satisfied together."""
        met = self._accounts.group_sets(tx, sorted(book.assigned))
        touched = [groups for groups in met if policy in book.names_for(groups)]
        alone = [[group] for group, name in book.assigned.items() if name == policy]
        return self._first_refusal(book, [*alone, *touched]) or self._contradiction(book, frozenset({policy}), ())

    def _first_refusal(self, book: LawBook, group_sets: Iterable[Collection[str]]) -> Refusal | None:
        seen: set[frozenset[str]] = set()
        for groups in group_sets:
            names = book.names_for(groups)
            if names in seen:
                continue
            seen.add(names)
            refusal = self._contradiction(book, names, groups)
            if refusal is not None:
                return refusal
        return None

    def _contradiction(self, book: LawBook, names: frozenset[str], groups: Collection[str]) -> Refusal | None:
        """Tried at every instant from now on at which the profiles change, since versions may be scheduled."""
        for moment in book.moments(self._clock.now()):
            found = contradictions(*book.profiles(names, moment))
            if found:
                values = {"policies": ", ".join(sorted(names)), "groups": ", ".join(sorted(groups)) or "-"}
                return Refusal("policy.contradiction", values, tuple(found))
        return None

    def _changed(
        self, tx: Tx, code: str, facts: Mapping[str, str | int | None], actor: str, visitor: Visitor | None
    ) -> None:
        store.new_edition(tx, token(self._dice))
        self._journal.write(tx, code, visitor=visitor, actor=actor, facts=facts)

    def _now_known(self, tx: Tx) -> "_Known":
        edition = store.edition_of(tx)
        now = self._clock.now()
        known = self._known
        if known is None or known.edition != edition or not known.read_at <= now < known.until:
            book = self._read(tx)
            until = book.next_change(now)
            known = _Known(edition, now, until if until is not None else _NEVER, book)
            self._known = known
        return known

    def _read(self, tx: Tx) -> LawBook:
        versions = {name: [Version(name, 0, profile, 0, BUILT_IN)] for name, profile in self._built_in.items()}
        for version in store.versions(tx):
            versions.setdefault(version.name, []).append(version)
        book = LawBook(versions, store.assigned(tx), self._settings.default)
        if book.newest(book.default) is None:
            advice = unknown(book.default, book).values["nearest"]
            raise Fault(f"setting policy.default names no policy: {book.default!r}; did you mean {advice!r}?")
        return book


@dataclass
class _Known:
    """The book as last read, and the merges made of it since."""

    edition: str
    read_at: int
    until: int
    book: LawBook
    merged: dict[frozenset[str], Profile] = field(default_factory=dict)


def _built_in(rotation_days: int) -> dict[str, Profile]:
    """The shipped policies, `classic` with the days of the settings."""
    shipped = {name: named(name) for name in PROFILE_NAMES}
    return {**shipped, "classic": adjusted(shipped["classic"], {"rotation.change_after_days": rotation_days})}


def unknown(policy: str, book: LawBook) -> Refusal:
    """There is no such policy; the nearest name is told."""
    known = sorted(book.versions)
    near = difflib.get_close_matches(policy, known, 1, cutoff=0)
    return Refusal("policy.unknown", {"policy": policy, "nearest": near[0] if near else known[0]})
