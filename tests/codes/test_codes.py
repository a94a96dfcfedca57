"""Links and typed codes on both databases: single use, short-lived, older ones void, tries counted; and the races."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from menshen.codes import store
from menshen.codes.jobs import sweep
from menshen.codes.rules import Held, Wrong
from menshen.codes.service import Codes
from menshen.kit.clock import DAY, MINUTE, SECOND, SetClock
from menshen.kit.database import Database

ANNA = "a" * 32
WEI = "b" * 32


def link(database: Database, codes: Codes, purpose: str = "recovery", account: str | None = ANNA) -> str:
    with database.write() as tx:
        return codes.link(tx, purpose, account, lasts=10 * MINUTE, facts={"address": "anna@example.org"})


def typed(database: Database, codes: Codes, attempt: str = "attempt-1", account: str | None = ANNA) -> str:
    with database.write() as tx:
        return codes.typed(tx, "recovery", account, bound_to=attempt, lasts=10 * MINUTE)


def find(database: Database, codes: Codes, token: str, purpose: str = "recovery") -> Held | None:
    with database.read() as tx:
        return codes.find_link(tx, purpose, token)


def attempt(database: Database, codes: Codes, code: str, bound_to: str = "attempt-1") -> Held | Wrong | None:
    with database.write() as tx:
        return codes.try_typed(tx, "recovery", bound_to, code)


def burn(database: Database, codes: Codes, held: Held) -> bool:
    with database.write() as tx:
        return codes.burn(tx, held)


def other(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**8:08d}"


def test_a_link_is_held_with_its_facts_and_burns_once(database: Database, codes: Codes) -> None:
    token = link(database, codes)
    held = find(database, codes, token)
    assert held is not None
    assert (held.account, held.purpose, held.facts) == (ANNA, "recovery", {"address": "anna@example.org"})
    assert find(database, codes, token) == held  # a mail scanner's look uses nothing up
    assert burn(database, codes, held)
    assert not burn(database, codes, held)
    assert find(database, codes, token) is None


@pytest.mark.parametrize("token", ["", "null", "0", "None", "A" * 43])
def test_s43_an_empty_or_made_up_token_opens_nothing(database: Database, codes: Codes, token: str) -> None:
    link(database, codes)
    assert find(database, codes, token) is None


def test_s8_a_link_is_dead_a_second_after_it_expires_with_all_jobs_stopped(
    database: Database, codes: Codes, clock: SetClock
) -> None:
    token = link(database, codes)
    clock.advance(10 * MINUTE - SECOND)
    held = find(database, codes, token)
    assert held is not None
    clock.advance(2 * SECOND)
    assert find(database, codes, token) is None
    assert not burn(database, codes, held)


def test_s8_a_typed_code_is_dead_a_second_after_it_expires(database: Database, codes: Codes, clock: SetClock) -> None:
    code = typed(database, codes)
    clock.advance(10 * MINUTE + SECOND)
    assert attempt(database, codes, code) is None


def test_a_newer_link_makes_the_older_void(database: Database, codes: Codes) -> None:
    older = link(database, codes)
    held = find(database, codes, older)
    newer = link(database, codes)
    assert find(database, codes, older) is None
    assert held is not None
    assert not burn(database, codes, held)
    assert find(database, codes, newer) is not None


def test_links_of_other_purposes_and_accounts_stay(database: Database, codes: Codes) -> None:
    tokens = [link(database, codes), link(database, codes, "invitation"), link(database, codes, account=WEI)]
    strangers = [link(database, codes, "sign_up", None), link(database, codes, "sign_up", None)]
    purposes = ["recovery", "invitation", "recovery", "sign_up", "sign_up"]
    assert all(
        find(database, codes, token, purpose) for token, purpose in zip(tokens + strangers, purposes, strict=True)
    )


def test_s44_a_token_of_one_purpose_opens_no_other(database: Database, codes: Codes) -> None:
    token = link(database, codes, "invitation")
    assert find(database, codes, token, "recovery") is None


def test_a_typed_code_holds_until_it_is_burnt(database: Database, codes: Codes) -> None:
    code = typed(database, codes)
    for _ in range(9):  # a right code whose new password is refused may come again
        assert isinstance(attempt(database, codes, f"{code[:4]} {code[4:]}"), Held)
    held = attempt(database, codes, code)
    assert isinstance(held, Held)
    assert burn(database, codes, held)
    assert attempt(database, codes, code) is None
    assert not burn(database, codes, held)


def test_five_wrong_tries_destroy_the_code(database: Database, codes: Codes) -> None:
    code = typed(database, codes)
    lefts = [attempt(database, codes, wrong) for wrong in (other(code), "", "abc", "1" * 100, other(code))]
    assert lefts == [Wrong(left) for left in (4, 3, 2, 1, 0)]
    assert attempt(database, codes, code) is None


def test_s65_sending_again_gives_no_fresh_tries(database: Database, codes: Codes) -> None:
    code = typed(database, codes)
    for _ in range(4):
        attempt(database, codes, other(code))
    again = typed(database, codes)
    assert attempt(database, codes, other(again)) == Wrong(0)
    assert attempt(database, codes, again) is None
    assert attempt(database, codes, typed(database, codes)) is None


def test_s65_not_even_after_the_first_expired_or_was_made_void(
    database: Database, codes: Codes, clock: SetClock
) -> None:
    code = typed(database, codes)
    for _ in range(5):
        attempt(database, codes, other(code))
    with database.write() as tx:
        codes.void(tx, ANNA)
    clock.advance(11 * MINUTE)
    sweep(database, codes)
    assert attempt(database, codes, typed(database, codes)) is None


def test_only_the_newest_code_of_an_attempt_is_right(database: Database, codes: Codes) -> None:
    older, newer = typed(database, codes), typed(database, codes)
    assert older == newer or isinstance(attempt(database, codes, older), Wrong)
    assert isinstance(attempt(database, codes, newer), Held)


def test_s55_a_code_is_refused_in_another_attempt(database: Database, codes: Codes) -> None:
    mine, theirs = typed(database, codes, "attempt-1"), typed(database, codes, "attempt-2")
    assert mine == theirs or isinstance(attempt(database, codes, mine, "attempt-2"), Wrong)
    assert attempt(database, codes, mine, "attempt-3") is None
    assert isinstance(attempt(database, codes, mine, "attempt-1"), Held)


def test_a_code_sent_again_between_try_and_burn_is_not_burnt(database: Database, codes: Codes) -> None:
    held = attempt(database, codes, typed(database, codes))
    assert isinstance(held, Held)
    typed(database, codes)
    assert not burn(database, codes, held)


def test_making_void_ends_all_or_some(database: Database, codes: Codes) -> None:
    recovery, invitation, code = link(database, codes), link(database, codes, "invitation"), typed(database, codes)
    theirs = link(database, codes, account=WEI)
    with database.write() as tx:
        codes.void(tx, ANNA, ["recovery"])
    assert find(database, codes, recovery) is None
    assert attempt(database, codes, code) is None
    assert find(database, codes, invitation, "invitation") is not None
    with database.write() as tx:
        assert codes.void(tx, ANNA) == 1
    assert find(database, codes, invitation, "invitation") is None
    assert find(database, codes, theirs) is not None


def test_nothing_that_opens_lies_in_the_table(database: Database, codes: Codes) -> None:
    secrets = [link(database, codes), typed(database, codes), "anna@example.org"]
    with database.read() as tx:
        stored = " ".join(str(value) for row in tx.all(store.codes.select()) for value in row)
    assert not [secret for secret in secrets if secret in stored]


def test_sweeping_blanks_the_expired_and_deletes_the_old(database: Database, codes: Codes, clock: SetClock) -> None:
    link(database, codes)
    typed(database, codes)
    assert sweep(database, codes) == 0
    clock.advance(10 * MINUTE)
    assert sweep(database, codes) == 1
    with database.read() as tx:
        assert [row.facts for row in tx.all(store.codes.select())] == [None, None]
    clock.advance(DAY + SECOND)
    assert sweep(database, codes) == 2


def all_of(count: int, make: Callable[[], str]) -> list[str]:
    """What `count` threads that start at once have made."""
    made: list[str] = []

    def one(_: int) -> bool:
        made.append(make())
        return True

    assert together(count, one) == count
    return made


def together(count: int, act: Callable[[int], bool]) -> int:
    """How many of `count` threads that start at once come through."""
    ready = Barrier(count)

    def one(number: int) -> bool:
        ready.wait()
        return act(number)

    with ThreadPoolExecutor(count) as threads:
        return sum(threads.map(one, range(count)))


@pytest.mark.postgres
def test_s164_200_parallel_uses_of_one_link_succeed_once(postgres: Database, crowded: Codes) -> None:
    token = link(postgres, crowded)

    def use(_: int) -> bool:
        with postgres.write() as tx:
            held = crowded.find_link(tx, "recovery", token)
            return held is not None and crowded.burn(tx, held)

    assert together(200, use) == 1


@pytest.mark.postgres
def test_s164_200_parallel_uses_of_one_typed_code_succeed_once(postgres: Database, crowded: Codes) -> None:
    code = typed(postgres, crowded)

    def use(_: int) -> bool:
        held = attempt(postgres, crowded, code)
        return isinstance(held, Held) and burn(postgres, crowded, held)

    assert together(200, use) == 1


@pytest.mark.postgres
def test_200_parallel_wrong_tries_are_five(postgres: Database, crowded: Codes) -> None:
    code = typed(postgres, crowded)
    assert together(200, lambda _: isinstance(attempt(postgres, crowded, other(code)), Wrong)) == 5
    assert attempt(postgres, crowded, code) is None


@pytest.mark.postgres
def test_s65_parallel_sending_leaves_one_live_code(postgres: Database, crowded: Codes) -> None:
    sent = all_of(40, lambda: typed(postgres, crowded))
    live = [code for code in set(sent) if isinstance(held_by(postgres, crowded, code), Held)]
    assert len(live) == 1


def held_by(database: Database, codes: Codes, code: str) -> Held | Wrong | None:
    """What a try would come to, without counting it."""
    with database.write() as tx:
        found = codes.try_typed(tx, "recovery", "attempt-1", code)
        tx.change(store.codes.update().values(tries_left=5))
        return found


@pytest.mark.postgres
def test_parallel_links_leave_one_live(postgres: Database, crowded: Codes) -> None:
    sent = all_of(40, lambda: link(postgres, crowded))
    assert sum(find(postgres, crowded, token) is not None for token in sent) == 1
