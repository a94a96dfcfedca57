"""A profile as typed data: each value with the clause it comes from and the direction in which it is stricter."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from menshen.passwords.rules.text import CharacterClass

More = Annotated[int, "more"]
"""The larger number is the stricter one."""
Fewer = Annotated[int, "fewer"]
"""The smaller number is the stricter one."""
FewerOrNone = Annotated[int | None, "fewer"]
"""The smaller number is the stricter one; None sets no limit."""
Yes = Annotated[bool, "yes"]
No = Annotated[bool, "no"]
Either = Annotated[frozenset[CharacterClass], "all"]
"""Whatever any profile demands is demanded."""
Days = Annotated[frozenset[int], "all"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a profile."""


class PasswordRules(Section, frozen=True):
    """What a password must be. Lengths are in code points; all of `classes` must be present, and `kinds` of the four
    kinds upper, lower, digit and special."""

    length_alone: More
    length_with_second_factor: More
    longest: Fewer
    classes: Either
    kinds: More
    composition_forbidden: Yes
    personal: Annotated[Literal["whole", "rest", "part"], "later"]
    """`whole`: nothing but personal data; `rest`: too weak without it; `part`: none of it at all."""
    common: Annotated[Literal["whole", "variants"], "later"]
    sequences: Annotated[Literal["whole", "part"], "later"]
    leaked: Yes
    least_score: More
    history: More
    least_difference: More
    """Characters that must change from the password just given."""

    @property
    def demands_composition(self) -> bool:
        """Whether any kinds of characters are demanded."""
        return bool(self.classes) or self.kinds > 0

    def least_length(self, second_factor: bool) -> int:
        """The shortest length, by whether a second factor is bound to the account."""
        return self.length_with_second_factor if second_factor else self.length_alone


class OperatorRules(Section, frozen=True):
    """What is stricter for those who operate the house."""

    least_length: More
    idle_minutes: Fewer
    absolute_minutes: Fewer


class Rotation(Section, frozen=True):
    """When a password must change. `forced_forbidden`: the source forbids change for age alone."""

    change_after_days: FewerOrNone
    applies_to: Annotated[Literal["operators", "everyone"], "later"]
    only_if_sole_factor: No
    forced_forbidden: Yes
    remind_days_before: Days
    check_up_after_days: FewerOrNone
    least_age_days: More
    change_at_first_use: Yes
    change_on_compromise: Yes


class Throttle(Section, frozen=True):
    """How wrong tries are answered after `failures`; delays grow from `delay_from` on."""

    failures: Fewer
    then: Annotated[Literal["delay", "lock", "disable"], "later"]
    delay_from: Fewer
    first_delay_seconds: More
    longest_delay_minutes: More
    lock_minutes: More


class SecondStep(Section, frozen=True):
    """Whom a second step is asked of, and by which methods."""

    demanded_of: Annotated[Literal["nobody", "operators", "everyone"], "later"]
    encouraged: Yes
    cryptographic: Yes
    offer_phishing_resistant: Yes
    sms: Annotated[Literal["allowed", "restricted", "off"], "later"]
    mail_counts: No
    clock_drift_steps: Fewer


class Sessions(Section, frozen=True):
    """How long a session lives, in minutes, and how many one person may have."""

    idle_minutes: Fewer
    absolute_minutes: Fewer
    parallel: Fewer


class Recovery(Section, frozen=True):
    """The way back in: lives of links and codes, how many independent proofs, whether an operator confirms."""

    mail_minutes: Fewer
    code_minutes: Fewer
    proofs: More
    operator_confirms: Yes
    hints: No


class Accounts(Section, frozen=True):
    """Sleeping accounts, review of rights and separation of the operators' roles."""

    dormant_after_days: FewerOrNone
    review_every_days: FewerOrNone
    separate_roles: Yes


class Storage(Section, frozen=True):
    """The least that a stored hash costs; `keyed_step`: sealed under a key kept elsewhere."""

    scheme: Annotated[Literal["argon2id"], "later"]
    memory_kib: More
    passes: More
    lanes: More
    salt_bits: More
    keyed_step: Yes


class Logs(Section, frozen=True):
    """How long the journal is kept, and how much of it at hand."""

    keep_days: More
    at_hand_days: More


class Profile(msgspec.Struct, frozen=True):
    """A whole policy. `clauses` and `settable` are keyed `section.field`; `settable` gives the range of a value."""

    name: str
    edition: str
    password: PasswordRules
    operators: OperatorRules
    rotation: Rotation
    throttle: Throttle
    second_step: SecondStep
    sessions: Sessions
    recovery: Recovery
    accounts: Accounts
    storage: Storage
    logs: Logs
    clauses: Mapping[str, str]
    settable: Mapping[str, tuple[int, int]]

    def clause(self, field: str) -> str:
        """The clause a value comes from; `field` is like `password.length_alone`."""
        return self.clauses[field]


SECTIONS: Mapping[str, type[Section]] = {
    "password": PasswordRules,
    "operators": OperatorRules,
    "rotation": Rotation,
    "throttle": Throttle,
    "second_step": SecondStep,
    "sessions": Sessions,
    "recovery": Recovery,
    "accounts": Accounts,
    "storage": Storage,
    "logs": Logs,
}


class ProfileFault(ValueError):
    """A profile that cannot be used: a value missing, unknown, of the wrong kind, or without its clause."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value as it stands in the file; the word "none" stands for no limit, since TOML has no null."""

    value: Any
    clause: str
    settable: tuple[int, int] | None = None


def read_profile(page: Mapping[str, Any]) -> Profile:
    """A profile from its parsed file; raises ProfileFault naming the place."""
    unknown = page.keys() - SECTIONS.keys() - {"name", "edition"}
    if unknown or not isinstance(page.get("name"), str):
        raise ProfileFault(f"unknown section {sorted(unknown)}" if unknown else "a profile needs a name")
    entries = {
        f"{section}.{field}": _entry(f"{section}.{field}", stated)
        for section in SECTIONS
        for field, stated in page.get(section, {}).items()
    }
    sections = {section: _section(section, entries) for section in SECTIONS}
    return Profile(
        name=page["name"],
        edition=str(page.get("edition", "")),
        clauses={field: entry.clause for field, entry in entries.items()},
        settable={field: entry.settable for field, entry in entries.items() if entry.settable},
        **sections,
    )


def adjusted(profile: Profile, changes: Mapping[str, int]) -> Profile:
    """The profile with settable values changed, keyed `section.field`; ProfileFault outside what the clause allows."""
    sections: dict[str, Any] = {}
    for field, value in changes.items():
        allowed = profile.settable.get(field)
        if allowed is None or not allowed[0] <= value <= allowed[1]:
            raise ProfileFault(
                f"{field} = {value}: " + (f"allowed is {allowed[0]} to {allowed[1]}" if allowed else "not settable")
            )
        section, name = field.split(".")
        sections[section] = msgspec.structs.replace(sections.get(section, getattr(profile, section)), **{name: value})
    return msgspec.structs.replace(profile, **sections)


def for_operators(profile: Profile) -> Profile:
    """The same profile as it binds operators."""
    stricter = profile.operators
    return msgspec.structs.replace(
        profile,
        password=msgspec.structs.replace(
            profile.password,
            length_alone=max(profile.password.length_alone, stricter.least_length),
            length_with_second_factor=max(profile.password.length_with_second_factor, stricter.least_length),
        ),
        sessions=msgspec.structs.replace(
            profile.sessions,
            idle_minutes=min(profile.sessions.idle_minutes, stricter.idle_minutes),
            absolute_minutes=min(profile.sessions.absolute_minutes, stricter.absolute_minutes),
        ),
    )


def _entry(field: str, stated: Any) -> Entry:
    try:
        entry = msgspec.convert(stated, Entry)
    except msgspec.ValidationError as fault:
        raise ProfileFault(f"{field}: {fault}") from None
    if not entry.clause.strip():
        raise ProfileFault(f"{field}: the clause is missing")
    return entry


def _section(section: str, entries: Mapping[str, Entry]) -> Any:
    values = {
        field.partition(".")[2]: None if entry.value == "none" else entry.value
        for field, entry in entries.items()
        if field.startswith(f"{section}.")
    }
    try:
        return msgspec.convert(values, SECTIONS[section])
    except msgspec.ValidationError as fault:
        raise ProfileFault(f"{section}: {fault}") from None
