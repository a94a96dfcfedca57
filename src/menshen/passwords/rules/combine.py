"""Several policies for one customer: the strictest of each value wins, and what cannot be satisfied is never merged."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

import msgspec

from menshen.passwords.rules.profile import SECTIONS, Profile, Section
from menshen.passwords.rules.text import FOUR_KINDS
from menshen.passwords.rules.verdict import Reason


class Unsatisfiable(ValueError):
    """Policies that nobody can keep together; `contradictions` says which values and whose they are."""

    def __init__(self, contradictions: Sequence[Reason]) -> None:
        super().__init__(", ".join(sorted({found.code for found in contradictions})))
        self.contradictions = tuple(contradictions)


def strictest(*profiles: Profile) -> Profile:
    """The profile in which each value is the strictest of those given; raises Unsatisfiable (C14)."""
    found = contradictions(*profiles)
    if found:
        raise Unsatisfiable(found)
    return profiles[0] if len(profiles) == 1 else _merged(profiles)


def contradictions(*profiles: Profile) -> list[Reason]:
    """What in these profiles, alone or together, nobody can satisfy; empty where all is well."""
    if not profiles:
        raise ValueError("no profile given")
    merged = _merged(profiles)
    return [
        *_forbidden_and_demanded(
            "passwords.contradiction.composition", _forbid_classes(profiles), _demand_classes(profiles)
        ),
        *_forbidden_and_demanded(
            "passwords.contradiction.rotation", _forbid_change(profiles), _demand_change(profiles, merged)
        ),
        *_impossible(merged),
    ]


def _merged(profiles: Sequence[Profile]) -> Profile:
    clauses: dict[str, str] = {}
    settable: dict[str, tuple[int, int]] = {}
    sections: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        values: dict[str, Any] = {}
        for field, direction in directions(kind).items():
            key = f"{section}.{field}"
            stated = [getattr(getattr(profile, section), field) for profile in profiles]
            values[field] = _strictest_value(direction, stated)
            from_whom = [profile for profile, value in zip(profiles, stated, strict=True) if value == values[field]]
            clauses[key] = from_whom[0].clause(key) if from_whom else "; ".join(
                dict.fromkeys(profile.clause(key) for profile in profiles)
            )  # fmt: skip
            if from_whom and all(key in profile.settable for profile in from_whom):
                settable[key] = from_whom[0].settable[key]
        sections[section] = kind(**values)
    names = " + ".join(dict.fromkeys(profile.name for profile in profiles))
    editions = " + ".join(dict.fromkeys(profile.edition for profile in profiles))
    return Profile(name=names, edition=editions, clauses=clauses, settable=settable, **sections)


def directions(section: type[Section]) -> Mapping[str, tuple[str, Any]]:
    """For each field of a section in which direction it becomes stricter, with its type."""
    hints = get_type_hints(section, include_extras=True)
    return {
        field.name: (hints[field.name].__metadata__[0], get_args(hints[field.name])[0])
        for field in msgspec.structs.fields(section)
    }


def _strictest_value(direction: tuple[str, Any], stated: Sequence[Any]) -> Any:
    way, kind = direction
    if way == "later":
        return max(stated, key=get_args(kind).index)
    if way == "all":
        return frozenset().union(*stated)
    limits = [value for value in stated if value is not None]
    if not limits:
        return None
    return max(limits) if way in {"more", "yes"} else min(limits)


def _forbid_classes(profiles: Sequence[Profile]) -> list[tuple[str, str]]:
    field = "password.composition_forbidden"
    return [(one.name, one.clause(field)) for one in profiles if one.password.composition_forbidden]


def _demand_classes(profiles: Sequence[Profile]) -> list[tuple[str, str]]:
    return [(one.name, one.clause("password.kinds")) for one in profiles if one.password.demands_composition]


def _forbid_change(profiles: Sequence[Profile]) -> list[tuple[str, str]]:
    field = "rotation.forced_forbidden"
    return [(one.name, one.clause(field)) for one in profiles if one.rotation.forced_forbidden]


def _demand_change(profiles: Sequence[Profile], merged: Profile) -> list[tuple[str, str]]:
    """Who forces a change for age; not who does so for a sole factor, where a second one is asked of everyone (C2)."""
    never_sole = merged.second_step.demanded_of == "everyone"
    return [
        (one.name, one.clause("rotation.change_after_days"))
        for one in profiles
        if one.rotation.change_after_days is not None and not (one.rotation.only_if_sole_factor and never_sole)
    ]


def _forbidden_and_demanded(code: str, forbid: list[tuple[str, str]], demand: list[tuple[str, str]]) -> list[Reason]:
    return [
        Reason(code, {"forbidding": who, "demanding": whom}, f"{why}; {wherefore}")
        for who, why in forbid
        for whom, wherefore in demand
    ]


def _impossible(merged: Profile) -> list[Reason]:
    rules, found = merged.password, []
    least = max(rules.length_alone, rules.length_with_second_factor, merged.operators.least_length)
    if least > rules.longest:
        found.append(Reason("passwords.contradiction.length", {"least": least, "longest": rules.longest}))
    if rules.kinds > len(FOUR_KINDS):
        found.append(Reason("passwords.contradiction.kinds", {"kinds": rules.kinds}))
    due = merged.rotation.change_after_days
    if due is not None and merged.rotation.least_age_days >= due:
        found.append(Reason("passwords.contradiction.age", {"least": merged.rotation.least_age_days, "due": due}))
    return found
