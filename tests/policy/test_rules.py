"""The pure parts: what permissions demand, which policies groups bring, which version holds, TOML out and in."""

import tomllib
from importlib import resources

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.clock import DAY, MINUTE
from menshen.kit.web.routes import PUBLIC, SIGNED_IN
from menshen.passwords import PROFILE_NAMES, named, read_profile
from menshen.policy.rules import (
    Demand,
    LawBook,
    Need,
    Version,
    as_toml,
    demand,
    permissions_from,
    with_acts,
)
from tests.policy.books import NOON, own

TABLE = permissions_from(resources.files("menshen.policy").joinpath("permissions.toml").read_text(encoding="utf-8"))
CLASSIC, MLPS, PCI = named("classic"), named("mlps-3"), named("pci-dss-4")


def test_reading_the_own_account_needs_any_session() -> None:
    assert demand(TABLE, "customer", SIGNED_IN, CLASSIC, 1) == Demand("customer", 1, None)


@pytest.mark.parametrize("needs", ["password.change", "email.change", "account.close"])
def test_what_takes_an_account_over_needs_a_proof_of_the_last_ten_minutes(needs: str) -> None:
    assert demand(TABLE, "customer", needs, CLASSIC, 1) == Demand("customer", 1, 10 * MINUTE)


def test_a_customer_who_asks_for_the_console_is_told_that_an_operator_is_needed() -> None:
    asked = demand(TABLE, "customer", "console.read", CLASSIC, 1)
    assert asked is not None
    assert asked.realm == "operator"


@pytest.mark.parametrize("needs", ["", PUBLIC, "console.reed", "account", "account.read "])
def test_an_unknown_permission_demands_nothing_and_is_told_apart(needs: str) -> None:
    assert demand(TABLE, "customer", needs, CLASSIC, 1) is None


def test_every_row_says_who_asks_for_it() -> None:
    assert all(need.clause for need in TABLE.values())
    assert {realm for realm, _ in TABLE} == {"customer", "operator"}


@pytest.mark.parametrize("wrong", ["level = 4\nclause = 'x'", "level = 1", "level = 1\nclause = 'x'\nfresh = 3"])
def test_a_wrong_row_is_refused(wrong: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        permissions_from(f'[customer."a.b"]\n{wrong}')


def test_acts_bring_operator_permissions_and_change_none_that_is_written() -> None:
    table = with_acts(TABLE, [("sessions.end_all", True), ("accounts.suspend", False), ("console.read", True)])
    assert table["operator", "sessions.end_all"].fresh_minutes == 10
    assert table["operator", "accounts.suspend"].fresh_minutes is None
    assert table["operator", "console.read"] == TABLE["operator", "console.read"]
    assert ("customer", "accounts.suspend") not in table


@pytest.mark.parametrize(
    ("profile", "realm", "reachable", "level"),
    [
        (CLASSIC, "customer", 3, 1),
        (MLPS, "customer", 3, 2),
        (MLPS, "customer", 1, 1),
        (PCI, "customer", 3, 1),
        (PCI, "operator", 3, 2),
    ],
)
def test_a_demanded_second_step_lifts_every_permission_as_far_as_methods_reach(
    profile: object, realm: str, reachable: int, level: int
) -> None:
    asked = demand(TABLE, realm, SIGNED_IN, profile, reachable)  # type: ignore[arg-type]
    assert asked is not None
    assert asked.level == level


def test_a_level_that_a_permission_itself_asks_is_never_lowered() -> None:
    asked = demand({("customer", "vault.open"): Need(2, "here")}, "customer", "vault.open", CLASSIC, 1)
    assert asked is not None
    assert asked.level == 2


def book(**assigned: str) -> LawBook:
    """The shipped policies, some assigned."""
    versions = {name: [Version(name, 0, named(name), 0, "menshen")] for name in PROFILE_NAMES}
    return LawBook(versions, assigned, "classic")


def test_the_default_holds_only_where_no_group_has_a_policy() -> None:
    found = book(staff="mlps-3", shop="pci-dss-4")
    assert found.names_for(()) == {"classic"}
    assert found.names_for(["guests"]) == {"classic"}
    assert found.names_for(["guests", "staff"]) == {"mlps-3"}
    assert found.names_for(["staff", "shop"]) == {"mlps-3", "pci-dss-4"}


def test_a_scheduled_version_holds_from_its_instant_on() -> None:
    found = book().with_version(Version("classic", 1, own("classic", days=90), NOON + DAY, "me"))
    assert found.in_force("classic", NOON + DAY - 1).number == 0
    assert found.in_force("classic", NOON + DAY).number == 1
    assert found.next_change(NOON) == NOON + DAY
    assert found.next_change(NOON + DAY) is None
    assert found.moments(NOON) == [NOON, NOON + DAY]


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_a_policy_written_as_toml_reads_back_the_same(name: str) -> None:
    assert read_profile(tomllib.loads(as_toml(named(name)))) == named(name)


@given(st.text(st.characters(codec="utf-8")).filter(str.strip), st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_name_and_clause_survives_toml(clause: str, name: str) -> None:
    written = msgspec.structs.replace(
        named("classic"), name=name, clauses={**named("classic").clauses, "logs.keep_days": clause}
    )
    assert read_profile(tomllib.loads(as_toml(written))) == written
