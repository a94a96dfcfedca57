"""Charging, giving back and sweeping on both databases, and the race on PostgreSQL."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from menshen.kit.clock import DAY, HOUR, MINUTE, SetClock
from menshen.kit.database import Database
from menshen.throttle import store
from menshen.throttle.jobs import sweep
from menshen.throttle.rules import Budget, Toll
from menshen.throttle.service import Throttle

ACCOUNT = Budget("account:anna@example.org", 3, HOUR)
SOURCE = Budget("source:192.0.2.1/32", 10, HOUR)


def charge(database: Database, throttle: Throttle, budgets: Sequence[Budget]) -> Toll:
    with database.write() as tx:
        return throttle.charge(tx, budgets)


def peek(database: Database, throttle: Throttle, budgets: Sequence[Budget]) -> Toll:
    with database.read() as tx:
        return throttle.peek(tx, budgets)


def rows(database: Database) -> int:
    with database.read() as tx:
        return len(tx.all(store.budgets.select()))


def test_a_spent_budget_refuses_and_says_how_long(database: Database, throttle: Throttle, clock: SetClock) -> None:
    tolls = [charge(database, throttle, [ACCOUNT, SOURCE]) for _ in range(4)]
    assert [toll.allowed for toll in tolls] == [True, True, True, False]
    assert tolls[3].wait == 20 * MINUTE
    assert tolls[3].refused_by == (ACCOUNT.key,)
    clock.advance(20 * MINUTE)
    assert charge(database, throttle, [ACCOUNT, SOURCE]).allowed


def test_a_refusal_spends_no_other_budget(database: Database, throttle: Throttle) -> None:
    """A source that is stopped must not be able to spend its victims' budgets."""
    tight = Budget("source:198.51.100.7/32", 1, HOUR)
    assert charge(database, throttle, [tight]).allowed
    for _ in range(20):
        assert not charge(database, throttle, [tight, ACCOUNT]).allowed
    assert [charge(database, throttle, [ACCOUNT]).allowed for _ in range(4)] == [True, True, True, False]


def test_s15_a_try_is_counted_though_its_caller_refuses_afterwards(database: Database, throttle: Throttle) -> None:
    budget = Budget("account:wei", 11, HOUR)
    for _ in range(11):
        assert charge(database, throttle, [budget]).allowed
    assert not peek(database, throttle, [budget]).allowed
    assert not charge(database, throttle, [budget]).allowed


def test_a_right_proof_gets_its_charge_back(database: Database, throttle: Throttle) -> None:
    for _ in range(30):
        toll = charge(database, throttle, [ACCOUNT, SOURCE])
        assert toll.allowed
        with database.write() as tx:
            throttle.give_back(tx, toll)
    assert len([1 for _ in range(5) if charge(database, throttle, [ACCOUNT]).allowed]) == ACCOUNT.capacity


def test_clearing_opens_a_lock_at_once(database: Database, throttle: Throttle) -> None:
    lock = Budget("account:locked", 1, HOUR, growing=True)
    for _ in range(2):
        charge(database, throttle, [lock])
    assert not peek(database, throttle, [lock]).allowed
    with database.write() as tx:
        throttle.clear(tx, [lock.key])
    assert charge(database, throttle, [lock]).allowed


def test_looking_charges_nothing(database: Database, throttle: Throttle) -> None:
    for _ in range(10):
        assert peek(database, throttle, [ACCOUNT]).allowed
    assert rows(database) == 0


def test_nothing_to_charge_is_allowed(database: Database, throttle: Throttle) -> None:
    assert charge(database, throttle, []) == Toll(allowed=True)


def test_two_budgets_of_one_key_are_refused(database: Database, throttle: Throttle) -> None:
    with pytest.raises(ValueError, match="share a key"):
        charge(database, throttle, [ACCOUNT, Budget(ACCOUNT.key, 100, DAY)])


def test_no_key_lies_in_the_clear(database: Database, throttle: Throttle) -> None:
    """People type passwords into the name field: what stands in the table is a keyed hash."""
    charge(database, throttle, [ACCOUNT])
    with database.read() as tx:
        (row,) = tx.all(store.budgets.select())
    assert len(row.key) == 32
    assert b"anna" not in row.key


def test_sweeping_deletes_what_says_nothing(database: Database, throttle: Throttle, clock: SetClock) -> None:
    for number in range(7):
        charge(database, throttle, [Budget(f"a{number}", 1, HOUR)])
    lock = Budget("lock", 1, HOUR, growing=True)
    for _ in range(2):
        charge(database, throttle, [lock])
    assert sweep(database, throttle) == 0
    clock.advance(2 * HOUR)
    assert sweep(database, throttle) == 7
    clock.advance(DAY)
    assert sweep(database, throttle) == 1


def test_a_sweep_between_two_tries_grants_none(database: Database, throttle: Throttle, clock: SetClock) -> None:
    lock = Budget("lock", 2, HOUR, growing=True)
    for _ in range(3):
        charge(database, throttle, [lock])
    clock.advance(HOUR)
    sweep(database, throttle)
    for _ in range(3):
        toll = charge(database, throttle, [lock])
    assert toll.wait == 2 * HOUR


@pytest.mark.postgres
def test_200_parallel_tries_never_pass_more_than_the_budget(postgres: Database, crowded: Throttle) -> None:
    shared = Budget("account:race", 5, HOUR)
    wide = Budget("source:race", 1000, HOUR)

    together = Barrier(200)

    def one(number: int) -> bool:
        together.wait()
        own = Budget(f"own:{number % 7}", 1000, HOUR)
        budgets = [shared, wide, own] if number % 2 else [own, wide, shared]
        return charge(postgres, crowded, budgets).allowed

    with ThreadPoolExecutor(200) as threads:
        granted = sum(threads.map(one, range(200)))
    assert granted == shared.capacity
