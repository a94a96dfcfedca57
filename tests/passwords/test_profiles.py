"""The law books: every value typed and with its clause; the strictest of several; what cannot be satisfied."""

import tomllib
from importlib.resources import files
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.passwords import (
    PROFILE_NAMES,
    ProfileFault,
    Unsatisfiable,
    adjusted,
    contradictions,
    for_operators,
    named,
    read_profile,
    strictest,
)
from menshen.passwords.rules.combine import directions
from menshen.passwords.rules.profile import SECTIONS, Profile


def page(name: str) -> dict[str, Any]:
    return tomllib.loads(files("menshen.passwords").joinpath("profiles", f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_every_value_stands_with_its_clause(name: str) -> None:
    profile = named(name)
    fields = {f"{section}.{field.name}" for section, kind in SECTIONS.items() for field in msgspec.structs.fields(kind)}
    assert set(profile.clauses) == fields
    assert all(clause.strip() for clause in profile.clauses.values())


@pytest.mark.parametrize(
    ("name", "alone", "with_second_factor", "change", "history", "failures", "then", "idle", "logs"),
    [
        ("classic", 8, 8, 180, 5, 10, "delay", 15, 180),
        ("modern", 15, 8, None, 0, 50, "disable", 30, 365),
        ("nist-800-63b-4", 15, 8, None, 0, 100, "disable", 60, 180),
        ("pci-dss-4", 12, 12, 90, 4, 10, "lock", 15, 365),
        ("mlps-3", 8, 8, 90, 5, 5, "lock", 30, 183),
    ],
)
def test_numbers_are_those_of_the_sources(
    name: str,
    alone: int,
    with_second_factor: int,
    change: int | None,
    history: int,
    failures: int,
    then: str,
    idle: int,
    logs: int,
) -> None:
    profile = named(name)
    assert (profile.password.least_length(False), profile.password.least_length(True)) == (alone, with_second_factor)
    assert (profile.rotation.change_after_days, profile.password.history) == (change, history)
    assert (profile.throttle.failures, profile.throttle.then) == (failures, then)
    assert (profile.sessions.idle_minutes, profile.logs.keep_days) == (idle, logs)


def test_a_value_without_clause_is_refused() -> None:
    stated = page("classic")
    stated["password"]["history"]["clause"] = " "
    with pytest.raises(ProfileFault, match=r"password\.history: the clause is missing"):
        read_profile(stated)


@pytest.mark.parametrize(
    ("section", "field", "entry", "says"),
    [
        ("password", "history", {"value": "five", "clause": "x"}, "password"),
        ("password", "histroy", {"value": 5, "clause": "x"}, "password"),
        ("password", "history", 5, "password.history"),
        ("passwords", "history", {"value": 5, "clause": "x"}, "unknown section"),
    ],
)
def test_wrong_values_are_refused_with_their_place(section: str, field: str, entry: object, says: str) -> None:
    stated = page("classic")
    stated.setdefault(section, {})[field] = entry
    with pytest.raises(ProfileFault, match=says):
        read_profile(stated)


def test_a_missing_value_is_refused() -> None:
    stated = page("classic")
    del stated["sessions"]["idle_minutes"]
    with pytest.raises(ProfileFault, match="idle_minutes"):
        read_profile(stated)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileFault, match="classic, modern"):
        named("clasic")


@pytest.mark.parametrize("days", [90, 120, 180])
def test_classic_change_is_settable_between_90_and_180_days(days: int) -> None:
    assert adjusted(named("classic"), {"rotation.change_after_days": days}).rotation.change_after_days == days


@pytest.mark.parametrize(("field", "value"), [("rotation.change_after_days", 89), ("password.history", 0), ("x.y", 1)])
def test_nothing_else_is_settable(field: str, value: int) -> None:
    with pytest.raises(ProfileFault, match=field):
        adjusted(named("classic"), {field: value})


def test_operators_have_stricter_values() -> None:
    profile = for_operators(named("modern"))
    assert profile.password.least_length(True) == 15
    assert (profile.sessions.idle_minutes, profile.sessions.absolute_minutes) == (15, 480)


def codes(*names: str) -> set[str]:
    return {found.code for found in contradictions(*map(named, names))}


def test_each_shipped_profile_can_be_satisfied_alone() -> None:
    assert [codes(name) for name in PROFILE_NAMES] == [set()] * 5


def test_nist_and_classic_contradict_each_other_and_are_never_merged() -> None:
    assert codes("nist-800-63b-4", "classic") == {
        "passwords.contradiction.composition",
        "passwords.contradiction.rotation",
    }
    with pytest.raises(Unsatisfiable) as refused:
        strictest(named("nist-800-63b-4"), named("classic"))
    assert {found.params["forbidding"] for found in refused.value.contradictions} == {"nist-800-63b-4"}


def test_pci_forces_no_change_where_everyone_has_a_second_factor() -> None:
    assert codes("pci-dss-4", "modern") == {"passwords.contradiction.composition"}


def test_modern_and_nist_go_together() -> None:
    both = strictest(named("modern"), named("nist-800-63b-4"))
    assert (both.throttle.failures, both.sessions.idle_minutes, both.password.common) == (50, 30, "variants")


def test_the_strictest_wins_and_brings_its_clause() -> None:
    both = strictest(named("classic"), named("pci-dss-4"), named("mlps-3"))
    assert (both.password.length_alone, both.password.kinds, both.password.history) == (12, 4, 5)
    assert both.password.classes == {"upper", "lower", "digit", "special", "letter"}
    assert both.clause("password.length_alone") == "PCI DSS 8.3.6"
    assert (both.rotation.change_after_days, both.rotation.applies_to) == (90, "everyone")
    assert both.throttle.then == "lock"


def test_an_impossible_length_is_a_contradiction() -> None:
    stated = page("modern")
    stated["password"]["length_alone"]["value"] = 200
    assert {found.code for found in contradictions(read_profile(stated))} == {"passwords.contradiction.length"}


def test_a_password_due_before_it_may_change_is_a_contradiction() -> None:
    stated = page("classic")
    stated["rotation"]["least_age_days"]["value"] = 180
    assert {found.code for found in contradictions(read_profile(stated))} == {"passwords.contradiction.age"}


def test_every_field_knows_in_which_direction_it_is_stricter() -> None:
    ways = {way for kind in SECTIONS.values() for way, _ in directions(kind).values()}
    assert ways == {"more", "fewer", "yes", "no", "all", "later"}


def values(profile: Profile) -> list[object]:
    return [getattr(profile, section) for section in SECTIONS]


@given(st.permutations(["classic", "pci-dss-4", "mlps-3"]))
def test_order_does_not_matter(order: list[str]) -> None:
    assert values(strictest(*map(named, order))) == values(strictest(*map(named, ["classic", "pci-dss-4", "mlps-3"])))


@pytest.mark.parametrize("pair", list(combinations(["classic", "pci-dss-4", "mlps-3"], 2)), ids=" and ".join)
def test_adding_a_policy_never_makes_it_laxer(pair: tuple[str, str]) -> None:
    both = strictest(*map(named, pair))
    assert values(strictest(both, named(pair[0]))) == values(both)
    assert values(strictest(both, named(pair[1]))) == values(both)
