"""The law book, pure: what a permission demands, which policies a customer's groups bring, which version holds."""

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from menshen.kit.clock import MINUTE
from menshen.passwords.rules.profile import SECTIONS, Profile
from menshen.passwords.rules.verdict import Told


class PolicySettings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which policy holds for customers whose groups have none."""

    default: Annotated[str, msgspec.Meta(description="Policy of customers whose groups have none")] = "classic"
    rotation_days: Annotated[
        int, msgspec.Meta(ge=90, le=180, description="Days after which built-in `classic` asks for a new password")
    ] = 180


# --- what a permission demands


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the permission table."""

    level: Annotated[int, msgspec.Meta(ge=1, le=3)]
    clause: str
    fresh_minutes: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Demand(msgspec.Struct, frozen=True):
    """What a permission asks of a visitor: who, proven how strongly, and how lately."""

    realm: str
    level: int
    """AAL 1 to 3 (NIST SP 800-63B-4 section 2)."""
    fresh_within: int | None = None
    """Microseconds since the newest proof; None: any live session will do."""


Permissions = Mapping[tuple[str, str], Need]
"""(realm, permission) -> what it demands."""

_ACT = Need(1, "ISO 27001 A 8.2")
_SENSITIVE_ACT = Need(1, "ASVS 7.5.3", fresh_minutes=10)


def permissions_from(text: str) -> Permissions:
    """The permission table out of its TOML text."""
    written = msgspec.convert(tomllib.loads(text), dict[str, dict[str, Need]], strict=True)
    return {(realm, name): need for realm, names in written.items() for name, need in names.items()}


def with_acts(permissions: Permissions, acts: Iterable[tuple[str, bool]]) -> Permissions:
    """The table with one operator permission for each act, given as (verb, sensitive)."""
    added = {("operator", verb): _SENSITIVE_ACT if sensitive else _ACT for verb, sensitive in acts}
    return {**added, **permissions}


def demand(permissions: Permissions, realm: str, needs: str, profile: Profile, reachable: int) -> Demand | None:
    """What `needs` asks of a visitor of that realm; one that only the other realm has asks for the other realm.

    A profile that demands a second step lifts every permission to AAL 2, as far as methods of this house reach.
    None where no realm has the permission: the caller refuses.
    """
    for asked in (realm, *sorted(other for other, name in permissions if name == needs and other != realm)):
        need = permissions.get((asked, needs))
        if need is not None:
            level = max(need.level, min(least_level(profile, asked), reachable))
            return Demand(asked, level, need.fresh_minutes * MINUTE if need.fresh_minutes else None)
    return None


def least_level(profile: Profile, realm: str) -> int:
    """The AAL that a profile asks of every session of a realm."""
    asked_of = profile.second_step.demanded_of
    return 2 if asked_of == "everyone" or (asked_of == "operators" and realm == "operator") else 1


# --- which policy holds for whom, and since when


class Version(msgspec.Struct, frozen=True):
    """One version of a policy; number 0 is the one built in."""

    name: str
    number: int
    profile: Profile
    valid_from: int
    saved_by: str


@dataclass(frozen=True)
class LawBook:
    """All policies with their versions, and which group has which."""

    versions: Mapping[str, Sequence[Version]]
    """By name, oldest first."""
    assigned: Mapping[str, str]
    """Group -> name of its policy."""
    default: str

    def in_force(self, name: str, now: int) -> Version:
        """The version that holds now: the newest whose day has come. Raises KeyError for an unknown name."""
        return [each for each in self.versions[name] if each.valid_from <= now][-1]

    def newest(self, name: str) -> Version | None:
        """The newest version, in force or not yet; None for an unknown name."""
        return self.versions[name][-1] if name in self.versions else None

    def names_for(self, groups: Collection[str]) -> frozenset[str]:
        """The policies these groups bring; the default holds only where no group has one."""
        return frozenset(self.assigned[group] for group in groups if group in self.assigned) or frozenset(
            {self.default}
        )

    def profiles(self, names: Iterable[str], now: int) -> list[Profile]:
        """The profiles of these policies as they hold now, in order of name."""
        return [self.in_force(name, now).profile for name in sorted(names)]

    def next_change(self, now: int) -> int | None:
        """When the next scheduled version comes into force."""
        return min((each.valid_from for each in self._all() if each.valid_from > now), default=None)

    def moments(self, now: int) -> list[int]:
        """Now and every instant at which a scheduled version comes into force."""
        return sorted({now, *(each.valid_from for each in self._all() if each.valid_from > now)})

    def with_version(self, version: Version) -> "LawBook":
        """The book as it would be with one more version."""
        older = self.versions.get(version.name, ())
        return LawBook({**self.versions, version.name: (*older, version)}, self.assigned, self.default)

    def with_assignment(self, group: str, name: str | None) -> "LawBook":
        """The book as it would be with this group assigned (None: released)."""
        kept = {each: policy for each, policy in self.assigned.items() if each != group}
        return LawBook(self.versions, kept if name is None else {**kept, group: name}, self.default)

    def has_own_versions(self) -> bool:
        """Whether anything was saved beyond what is built in."""
        return any(version.number > 0 for version in self._all())

    def _all(self) -> Iterable[Version]:
        return (version for versions in self.versions.values() for version in versions)


@dataclass(frozen=True)
class Refusal:
    """Why nothing was changed: a code of the catalogue, its values, and the profiles' contradictions if any."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Told, ...] = ()


def as_toml(profile: Profile) -> str:
    """A profile in the form that `passwords` reads, each value with its clause; reading it again gives the same."""
    lines = [f"name = {_toml(profile.name)}", f"edition = {_toml(profile.edition)}"]
    for section in SECTIONS:
        lines += ["", f"[{section}]"]
        for name, value in msgspec.structs.asdict(getattr(profile, section)).items():
            key = f"{section}.{name}"
            entry = {"value": value, "clause": profile.clause(key)}
            if key in profile.settable:
                entry["settable"] = profile.settable[key]
            lines.append(f"{name} = {{ {', '.join(f'{part} = {_toml(held)}' for part, held in entry.items())} }}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if value is None:
        return '"none"'
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    # JSON's strings, numbers and truths are TOML's too; only DEL may not stand in a TOML string as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
