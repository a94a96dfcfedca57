"""When a password must change, at any moment of any year."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.clock import DAY
from menshen.kit.room import Query
from menshen.passwords import PROFILE_NAMES, Profile, named
from menshen.rotation.rules import CAUSES, Cause, Due, Reason, change_due, every_due, means

NOW = 1_800_000_000_000_000
CLASSIC, NIST, PCI, MLPS = (named(name) for name in ("classic", "nist-800-63b-4", "pci-dss-4", "mlps-3"))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A standing row as the rules see it."""

    account_id: str = "a1"
    realm: str = "customer"
    state: str = "active"
    groups: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("password",)
    has_password: bool = True
    password_changed_at: int | None = NOW - 10 * DAY
    must_change_why: str | None = None
    must_change_since: int | None = None
    must_change_by: int | None = None

    @property
    def must_change(self) -> bool:
        """Whether a mark stands."""
        return self.must_change_why is not None


def reason(cause: Cause = "incident", since: int = NOW, by: int = NOW, scope: Query | None = None) -> Reason:
    """A written reason."""
    return Reason("r1", scope or Query(), cause, since, by, "tester")


def aged(days: int, **more: object) -> Standing:
    """A customer whose password is so many days old."""
    return Standing(password_changed_at=NOW - days * DAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "due", "forced"),
    [(0, False, False), (165, False, False), (166, True, False), (179, True, False), (180, True, True)],
)
def test_classic_asks_after_180_days_and_says_so_14_days_before(days: int, due: bool, forced: bool) -> None:
    found = change_due(aged(days), [], CLASSIC.rotation, NOW)
    assert (found is not None) == due
    if found is not None:
        assert found == Due("age", NOW + (166 - days) * DAY, NOW + (180 - days) * DAY, forced)


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_age_is_forced_exactly_where_the_profile_forces_it(name: str) -> None:
    rotation = named(name).rotation
    found = change_due(aged(3650), [], rotation, NOW)
    forces = rotation.change_after_days is not None and rotation.applies_to == "everyone"
    assert (found is not None) == forces


def test_nist_forbids_age_even_when_someone_wrote_it_down() -> None:
    assert change_due(aged(3650), [reason("age")], NIST.rotation, NOW) is None
    assert change_due(aged(3650), [reason("leaked")], NIST.rotation, NOW) is not None


def test_pci_asks_by_age_only_of_those_whose_password_is_all_they_have() -> None:
    assert change_due(aged(91), [], PCI.rotation, NOW) is not None
    assert change_due(aged(91, methods=("password", "totp")), [], PCI.rotation, NOW) is None


def test_mlps_binds_operators_by_age() -> None:
    assert change_due(aged(91, realm="operator"), [], MLPS.rotation, NOW) is not None
    assert change_due(aged(91), [], MLPS.rotation, NOW) is None


@pytest.mark.parametrize(("changed", "due"), [(NOW - 1, True), (NOW, False), (NOW + 1, False)])
def test_a_reason_lapses_by_itself_with_a_newer_password(changed: int, due: bool) -> None:
    found = change_due(Standing(password_changed_at=changed), [reason()], CLASSIC.rotation, NOW + 2)
    assert (found is not None) == due


def test_a_password_of_unknown_age_outlives_nothing() -> None:
    found = change_due(Standing(password_changed_at=None), [reason(since=1)], NIST.rotation, NOW)
    assert found == Due("incident", 1, NOW, True)


def test_the_earliest_deadline_wins_wherever_it_comes_from() -> None:
    standing = aged(170, must_change_why="weak", must_change_since=NOW - DAY, must_change_by=NOW + 20 * DAY)
    reasons = [reason("incident", by=NOW + 3 * DAY), reason("leaked", by=NOW + 2 * DAY)]
    assert [due.cause for due in sorted(every_due(standing, reasons, CLASSIC.rotation, NOW), key=by)] == [
        "leaked",
        "incident",
        "age",
        "weak",
    ]
    found = change_due(standing, reasons, CLASSIC.rotation, NOW)
    assert found == Due("leaked", NOW, NOW + 2 * DAY, False)


def by(due: Due) -> int:
    """The deadline."""
    return due.by


@pytest.mark.parametrize("until", [None, NOW, NOW - DAY])
def test_a_mark_without_time_left_forces_at_once(until: int | None) -> None:
    standing = Standing(must_change_why="help_desk", must_change_since=NOW - 1, must_change_by=until)
    found = change_due(standing, [], NIST.rotation, NOW)
    assert found is not None
    assert found.forced_now


def test_a_mark_stands_until_it_is_taken_off_even_when_the_clock_jumps_back() -> None:
    standing = Standing(must_change_why="import", password_changed_at=NOW)
    found = change_due(standing, [], NIST.rotation, NOW - DAY)
    assert found is not None
    assert found.forced_now


def test_a_mark_of_an_unknown_cause_is_obeyed() -> None:
    found = change_due(Standing(must_change_why="quantum"), [], NIST.rotation, NOW)
    assert found is not None
    assert found.cause == "policy"


def test_who_has_no_password_has_nothing_to_change() -> None:
    standing = Standing(has_password=False, must_change_why="incident", password_changed_at=None)
    assert change_due(standing, [reason()], CLASSIC.rotation, NOW) is None


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        (Query(), True),
        (Query(group="shop"), True),
        (Query(group="staff"), False),
        (Query(state="active"), True),
        (Query(state="suspended"), False),
        (Query(must_change=False), True),
        (Query(must_change=True), False),
        (Query(account_ids=("a0", "a1")), True),
        (Query(account_ids=()), False),
        (Query(group="shop", state="suspended"), False),
    ],
)
def test_a_query_means_those_whom_all_its_fields_fit(query: Query, meant: bool) -> None:
    assert means(query, Standing(groups=("shop",))) == meant


def test_every_field_of_a_query_is_looked_at() -> None:
    """A field that `means` did not know would make a reason reach people who were never meant."""
    fields = {"group": "x", "state": "x", "must_change": True, "account_ids": ("x",)}
    assert fields.keys() == {field.name for field in msgspec.structs.fields(Query)}
    for name, value in fields.items():
        assert not means(msgspec.convert({name: value}, Query), Standing())


@given(
    changed=st.integers(0, NOW),
    reasons=st.lists(
        st.builds(
            Reason,
            st.just("r"),
            st.just(Query()),
            st.sampled_from(CAUSES),
            st.integers(0, NOW),
            st.integers(0, 2 * NOW),
            st.just("tester"),
        ),
        max_size=5,
    ),
    profile=st.sampled_from([CLASSIC, NIST, PCI, MLPS]),
)
def test_another_reason_never_gives_more_time(changed: int, reasons: list[Reason], profile: Profile) -> None:
    standing = Standing(password_changed_at=changed)
    fewer = change_due(standing, reasons[:-1], profile.rotation, NOW)
    more = change_due(standing, reasons, profile.rotation, NOW)
    if fewer is not None:
        assert more is not None
        assert more.by <= fewer.by
    fresh = change_due(Standing(password_changed_at=NOW), reasons, profile.rotation, NOW)
    assert fresh is None
