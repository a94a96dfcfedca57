"""The arithmetic of budgets, and the one spelling of a source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.clock import DAY, HOUR, MINUTE
from menshen.throttle.rules import Budget, Level, settled, source_keys, spend, stale_at

NOW = 20_000 * DAY


def tries(budget: Budget, gaps: list[int]) -> list[tuple[int, int]]:
    """The instant and the wait of each of a row of tries, so far apart."""
    level, now, seen = Level(), NOW, []
    for gap in gaps:
        now += gap
        level, wait = spend(level, budget, now)
        seen.append((now, wait))
    return seen


@given(
    st.integers(1, 20),
    st.integers(1, 10**10),
    st.lists(st.integers(0, 10**9), max_size=120),
)
def test_no_window_sees_twice_its_budget(capacity: int, window: int, gaps: list[int]) -> None:
    granted = [at for at, wait in tries(Budget("a", capacity, window), gaps) if not wait]
    for start in granted:
        assert sum(start <= at < start + window for at in granted) < 2 * capacity


@given(st.integers(1, 50), st.integers(1, 10**10), st.booleans())
def test_exactly_the_capacity_passes_at_once(capacity: int, window: int, growing: bool) -> None:
    seen = tries(Budget("a", capacity, window, growing), [0] * (capacity + 5))
    assert [wait == 0 for _, wait in seen] == [True] * capacity + [False] * 5


@given(st.integers(1, 20), st.integers(1, 10**10), st.booleans(), st.lists(st.integers(0, 10**9), max_size=60))
def test_who_waits_as_told_is_let_in(capacity: int, window: int, growing: bool, gaps: list[int]) -> None:
    budget, level, now = Budget("a", capacity, window, growing), Level(), NOW
    for gap in gaps:
        now += gap
        level, wait = spend(level, budget, now)
        if wait:
            assert spend(level, budget, now + wait)[1] == 0


def test_s20_a_lock_that_passed_locks_again_and_longer() -> None:
    budget, level, now, pauses = Budget("a", 5, 15 * MINUTE, growing=True), Level(), NOW, []
    for _ in range(4):
        for _ in range(20):
            level, wait = spend(level, budget, now)
        pauses.append(wait)
        now += wait
    assert pauses == [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR]


def test_a_lock_never_outlasts_its_longest_and_is_forgotten_after_as_much_quiet() -> None:
    budget = Budget("a", 1, HOUR, growing=True, longest=3 * HOUR)
    level, wait = spend(Level(NOW + HOUR, shut_until=NOW - 1, times_shut=9), budget, NOW)
    assert wait == 3 * HOUR
    after = settled(level, budget, NOW + 6 * HOUR)
    assert after.times_shut == 0
    assert stale_at(level, budget) == NOW + 6 * HOUR


def test_tries_while_shut_do_not_lengthen_the_lock() -> None:
    budget = Budget("a", 1, HOUR, growing=True)
    level, _ = spend(Level(), budget, NOW)
    level, _ = spend(level, budget, NOW)
    for minute in range(60):
        level, wait = spend(level, budget, NOW + minute * MINUTE)
        assert wait == HOUR - minute * MINUTE


@given(st.integers(1, 20), st.integers(1, 10**9), st.booleans(), st.integers(0, 10**12))
def test_a_clock_that_jumped_back_locks_no_one_out_for_longer(
    capacity: int, window: int, growing: bool, jump: int
) -> None:
    budget = Budget("a", capacity, window, growing)
    level = Level()
    for _ in range(capacity + 1):
        level, _ = spend(level, budget, NOW + jump)
    _, wait = spend(level, budget, NOW)
    assert wait <= (budget.longest if growing else window + capacity)


@pytest.mark.parametrize("numbers", [{"capacity": 0}, {"window": 0}, {"longest": 0}])
def test_a_budget_without_a_try_is_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one try"):
        Budget("a", numbers.get("capacity", 1), numbers.get("window", 1), longest=numbers.get("longest", 1))


def test_s17_every_spelling_of_an_address_is_one_source() -> None:
    spellings = ("192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1", " 192.0.2.1 ")
    assert {source_keys(spelling) for spelling in spellings} == {("192.0.2.1/32", "192.0.2.0/24")}
    long = ("2001:db8:1:2::1", "2001:DB8:1:2::1", "2001:0db8:0001:0002:0000:0000:0000:0001", "2001:db8:1:2::1%eth0")
    assert {source_keys(spelling) for spelling in long} == {("2001:db8:1:2::/64", "2001:db8:1::/48")}


@given(st.integers(0, 2**64 - 1))
def test_s17_a_whole_64_is_one_bucket(host: int) -> None:
    tail = f"{host:016x}"
    address = "2001:db8:1:2:" + ":".join(tail[at : at + 4] for at in range(0, 16, 4))
    assert source_keys(address) == ("2001:db8:1:2::/64", "2001:db8:1::/48")


@pytest.mark.parametrize("text", ["", "unix:", "192.0.2.1, 10.0.0.1", "192.0.2.256", "example.org", "0x7f.1", "%eth0"])
def test_what_is_no_address_shares_one_budget(text: str) -> None:
    assert source_keys(text) == ("no address", "no network")
