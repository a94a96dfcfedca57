"""Requiring, lapsing and lifting on both databases."""

import threading

import pytest
from sqlalchemy import text

from menshen.kit.clock import DAY
from menshen.kit.room import Query
from menshen.policy.rules import Refusal
from menshen.rotation.service import LARGEST_LIST
from tests.rotation.houses import House

WEEK = 7 * DAY


def test_nobody_has_to_change_without_a_reason(house: House) -> None:
    assert house.due(house.customer()) is None


def test_one_customer_has_to_change_and_the_standing_row_says_so(house: House) -> None:
    account, other = house.customer(age=DAY), house.customer(age=DAY)
    house.require(account, "help_desk")
    found = house.due(account)
    assert found is not None
    assert (found.cause, found.forced_now) == ("help_desk", True)
    assert house.mark(account) == ("help_desk", house.clock.now())
    assert house.due(other) is None


def test_a_new_password_makes_the_reason_lapse(house: House) -> None:
    account = house.customer(age=DAY)
    (reason,) = house.require(account)
    house.clock.advance(1)
    house.new_password(account)
    assert house.due(account) is None
    with house.database.read() as tx:
        assert house.rotation.reasons_for(tx, account) == ()
    assert house.lift(reason) is None
    assert house.mark(account) == (None, None)


def test_all_have_to_change_by_an_epoch_and_no_row_is_touched(house: House) -> None:
    accounts = [house.customer("shop", age=DAY), house.customer(age=DAY)]
    before = versions(house)
    house.require(Query(), "incident")
    assert [house.cause(account) for account in accounts] == ["incident", "incident"]
    assert versions(house) == before
    house.clock.advance(1)
    house.new_password(accounts[0])
    assert [house.cause(account) for account in accounts] == [None, "incident"]
    assert house.due(house.customer()) is None


def test_a_group_has_to_change_and_nobody_else(house: House) -> None:
    shop, guest = house.customer("shop", age=DAY), house.customer("guests", age=DAY)
    (reason,) = house.require(Query(group="shop"), "policy", house.clock.now() + WEEK)
    found = house.due(shop)
    assert found is not None
    assert (found.by, found.forced_now) == (house.clock.now() + WEEK, False)
    assert house.due(guest) is None
    house.clock.advance(WEEK)
    forced = house.due(shop)
    assert forced is not None
    assert forced.forced_now
    assert house.lift(reason) is None
    assert house.due(shop) is None


def test_every_node_sees_a_reason_for_many_and_its_lifting_at_its_next_look(house: House) -> None:
    account, other = house.customer(age=DAY), house.node()
    assert house.due(account, other) is None
    (reason,) = house.require(Query())
    assert house.due(account, other) is not None
    house.lift(reason)
    assert house.due(account, other) is None


def test_named_accounts_are_marked_one_by_one_where_the_query_means_them(house: House) -> None:
    shop, guest, absent = house.customer("shop", age=DAY), house.customer(age=DAY), house.customer("shop", age=DAY)
    assert len(house.require(Query(group="shop", account_ids=(shop, guest)))) == 1
    assert house.cause(shop) == "incident"
    assert house.due(guest) is None
    assert house.due(absent) is None


def test_more_names_than_one_transaction_carries_are_refused(house: House) -> None:
    names = tuple(f"{number:032x}" for number in range(LARGEST_LIST + 1))
    assert house.try_to_require(Query(account_ids=names)) == Refusal("rotation.too_many", {"most": LARGEST_LIST})


def test_the_earliest_of_several_reasons_is_marked_and_lifting_brings_the_next(house: House) -> None:
    account, now = house.customer(age=DAY), house.clock.now()
    (weak,) = house.require(account, "weak", now + 30 * DAY)
    (leaked,) = house.require(account, "leaked", now + WEEK)
    (policy,) = house.require(account, "policy", now + 60 * DAY)
    assert house.mark(account) == ("leaked", now + WEEK)
    house.lift(leaked)
    assert house.mark(account) == ("weak", now + 30 * DAY)
    house.lift(policy)
    assert house.mark(account) == ("weak", now + 30 * DAY)
    house.lift(weak)
    assert house.mark(account) == (None, None)
    assert house.due(account) is None


@pytest.mark.parametrize("until", [None, 30 * DAY])
def test_a_mark_that_another_room_left_comes_back_when_ours_is_lifted(house: House, until: int | None) -> None:
    account, now = house.customer(), house.clock.now()
    with house.database.write() as tx:
        house.accounts.mark_must_change(tx, account, "import", now + until if until else None)
    house.clock.advance(DAY)
    (reason,) = house.require(account, "incident")
    house.lift(reason)
    assert house.cause(account) == "import"


def test_what_is_not_there_cannot_be_required_or_lifted(house: House) -> None:
    assert house.try_to_require("0" * 32) == Refusal("rotation.nobody")
    assert house.lift("0" * 32) == Refusal("rotation.not_standing", {"reason": "0" * 32})
    (reason,) = house.require(Query())
    assert house.lift(reason) is None
    assert house.lift(reason) == Refusal("rotation.not_standing", {"reason": reason})


def test_an_account_without_password_has_nothing_to_change(house: House) -> None:
    account = house.customer()
    with house.database.write() as tx:
        house.accounts.set_password_facts(tx, account, None, None)
    assert house.try_to_require(account) == Refusal("rotation.no_password")


def test_one_refusal_in_a_list_leaves_the_whole_list_alone(house: House) -> None:
    fine, without = house.customer(age=DAY), house.customer(age=DAY)
    with house.database.write() as tx:
        house.accounts.set_password_facts(tx, without, None, None)
    assert isinstance(house.try_to_require(Query(account_ids=(fine, without))), Refusal)
    assert house.due(fine) is None


def test_where_the_profile_forbids_change_by_age_nobody_forces_it_by_hand(house: House) -> None:
    account = house.customer("staff", age=DAY)
    with house.database.write() as tx:
        house.policy.assign(tx, "staff", "nist-800-63b-4", actor="tester")
    for scope in (account, Query(group="staff")):
        refused = house.try_to_require(scope, "age")
        assert isinstance(refused, Refusal)
        assert refused.code == "rotation.age_forbidden"
        assert refused.values["clause"]
    house.require(Query(), "age")
    assert house.due(account) is None


def test_a_deadline_in_the_past_means_at_once(house: House) -> None:
    account = house.customer(age=DAY)
    house.require(account, by=house.clock.now() - WEEK)
    assert house.mark(account)[1] == house.clock.now()


def test_erasing_an_account_erases_its_reasons(house: House) -> None:
    account = house.customer(age=DAY)
    house.require(account)
    from menshen.rotation.store import TABLES

    with house.database.write() as tx:
        house.accounts.erase(tx, account, TABLES)
    with house.database.read() as tx:
        assert tx.scalar(text("select count(*) from change_reasons")) == 0
    assert house.try_to_require(account) == Refusal("rotation.nobody")


def test_requiring_and_lifting_are_journaled(house: House) -> None:
    account = house.customer(age=DAY)
    (reason,) = house.require(account)
    house.lift(reason)
    codes = house.below.events(account)
    assert codes.count("rotation.required") == 1
    assert codes.count("rotation.lifted") == 1


def test_a_reason_is_not_lost_when_another_is_lifted_at_the_same_time(crowded: House) -> None:
    """Mark and reasons must agree: a lifted reason may not take off the mark of one just written."""
    for _ in range(10):
        account = crowded.customer(age=DAY)
        (first,) = crowded.require(account, "weak")
        start = threading.Barrier(2)

        def require(account: str = account, start: threading.Barrier = start) -> None:
            start.wait()
            crowded.require(account, "leaked")

        def lift(first: str = first, start: threading.Barrier = start) -> None:
            start.wait()
            crowded.lift(first)

        pair = [threading.Thread(target=require), threading.Thread(target=lift)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        assert crowded.cause(account) == "leaked"


def test_many_requiring_at_once_leave_the_earliest_deadline(crowded: House) -> None:
    account, now = crowded.customer(age=DAY), crowded.clock.now()
    start = threading.Barrier(8)

    def require(days: int) -> None:
        start.wait()
        crowded.require(account, "incident", now + days * DAY)

    many = [threading.Thread(target=require, args=(days,)) for days in range(1, 9)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    assert crowded.mark(account) == ("incident", now + DAY)


def test_only_one_of_many_lifts_succeeds(crowded: House) -> None:
    (reason,) = crowded.require(Query())
    start = threading.Barrier(8)
    done: list[Refusal | None] = []

    def lift() -> None:
        start.wait()
        done.append(crowded.lift(reason))

    many = [threading.Thread(target=lift) for _ in range(8)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    assert done.count(None) == 1


def versions(house: House) -> list[int]:
    """The versions of all standing rows, which any change of a row raises."""
    with house.database.read() as tx:
        return [int(row.version) for row in tx.all(text("select version from accounts order by account_id"))]
