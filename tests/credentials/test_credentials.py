"""Stored passwords: checked, upgraded, wrapped, sealed anew and replaced while others do the same."""

import bcrypt
import pytest
from sqlalchemy import text

from menshen.credentials.formats import Argon2Parameters, parse
from menshen.credentials.service import Checked, Cost
from menshen.kit.clock import MINUTE
from tests.credentials.people import OLD, count, imported, kept_hash, md5, works
from tests.houses import PASSWORD, Tested


def check(tested: Tested, account: str, password: str) -> Checked:
    with tested.house.foundation.database.read() as tx:
        kept = tested.house.credentials.kept(tx, account)
    return tested.house.credentials.check(kept, account, password)


def holds(tested: Tested, checked: Checked) -> bool:
    with tested.house.foundation.database.write() as tx:
        return tested.house.credentials.burn(tx, checked)


@pytest.mark.parametrize("typed", ["", " ", "\0", PASSWORD[:-1], PASSWORD + "\0", PASSWORD + " ", "x" * 1025])
def test_only_the_whole_password_is_right(tested_sqlite: Tested, typed: str) -> None:
    """S-2, S-26: for a native, a foreign and no hash."""
    accounts = [tested_sqlite.customer(), imported(tested_sqlite, md5(PASSWORD)), "nobody"]
    assert [check(tested_sqlite, account, typed).right for account in accounts] == [False] * 3
    assert [check(tested_sqlite, account, PASSWORD).right for account in accounts] == [True, True, False]


@pytest.mark.parametrize("password", ["x" * 73, "x" * 129, "王" * 43, "x" * 1025, "\0"])
def test_known_and_unknown_cost_the_same_work(tested_sqlite: Tested, password: str) -> None:
    """S-9, S-10: one hash each, or none for what is refused before; seen red with the decoy left out."""
    accounts = [
        tested_sqlite.customer(),
        imported(tested_sqlite, md5(PASSWORD)),
        imported(tested_sqlite, parse(bcrypt.hashpw(b"other", bcrypt.gensalt(4)).decode()), "b@example.com"),
        tested_sqlite.customer("none@example.com", None),
        "customer:nobody@example.com",
    ]
    tested_sqlite.house.credentials.count_schemes()
    work = []
    for account in accounts:
        before = tested_sqlite.house.credentials.lane.hashed
        assert not check(tested_sqlite, account, password).right
        work.append(tested_sqlite.house.credentials.lane.hashed - before)
    assert len(set(work)) == 1


def test_two_people_with_one_password_have_different_records(tested: Tested) -> None:
    """S-30."""
    tested.customer()
    tested.customer("wang@example.com")
    with tested.house.foundation.database.read() as tx:
        sealed = [bytes(row.sealed) for row in tx.all(text("select sealed from passwords"))]
    assert len(set(sealed)) == 2
    assert not any(b"argon2" in each for each in sealed)


def test_bcrypt_of_the_source_holds_until_the_first_good_sign_in(tested: Tested) -> None:
    """S-24: then the whole password counts."""
    start = "a" * 72
    account = imported(tested, parse(bcrypt.hashpw(start.encode(), bcrypt.gensalt(4)).decode()))
    assert works(tested, start + "b")
    assert kept_hash(tested, account).direct
    assert not works(tested, start + "c")
    assert works(tested, start + "b")
    assert "password.upgraded" in tested.events(account)


def test_a_hash_below_todays_cost_is_made_anew(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    tested_sqlite.house.credentials._cost = Cost(Argon2Parameters(16, 2, 1))
    assert holds(tested_sqlite, check(tested_sqlite, account, PASSWORD))
    assert kept_hash(tested_sqlite, account).settings.number("memory") == 16
    assert check(tested_sqlite, account, PASSWORD).better is None


def test_weak_hashes_are_wrapped_though_nobody_comes(tested: Tested) -> None:
    """S-29: pause and resume; the sleeper's old digest is gone, and the password still opens."""
    accounts = [imported(tested, md5(OLD), f"alt{number}@example.com") for number in range(3)]
    wrapping = tested.house.wrapping
    assert wrapping.run(paused=lambda: True) == 0
    assert (wrapping.run(most=1), wrapping.left()) == (1, 2)
    assert (wrapping.run(), wrapping.left(), wrapping.run()) == (2, 0, 0)
    assert all(kept_hash(tested, account).wrapped for account in accounts)
    assert not works(tested, "wrong", "alt0@example.com")
    assert works(tested, OLD, "alt0@example.com")
    assert kept_hash(tested, accounts[0]).direct


def test_a_row_that_does_not_open_refuses_and_stops_no_other(tested_sqlite: Tested) -> None:
    """S-194: another's sealed hash in one's own row; seen red, sign-in and wrapping broke."""
    mine = imported(tested_sqlite, md5("mine"), "a@example.com")
    imported(tested_sqlite, md5(OLD), "b@example.com")
    with tested_sqlite.house.foundation.database.write() as tx:
        other = "(select sealed from passwords where account_id <> :of)"
        tx.execute(text(f"update passwords set sealed = {other} where account_id = :of"), {"of": mine})
    assert tested_sqlite.house.wrapping.run() == 1
    assert not works(tested_sqlite, OLD, "a@example.com")
    assert not works(tested_sqlite, "mine", "a@example.com")
    assert works(tested_sqlite, OLD, "b@example.com")


def test_wrapping_and_sealing_anew_between_check_and_use_refuse_nobody(tested: Tested) -> None:
    """Seen red with the proof compared by sealed bytes."""
    account = imported(tested, md5(OLD))
    before_wrapping = check(tested, account, OLD)
    assert tested.house.wrapping.run() == 1
    before_sealing = check(tested, account, OLD)
    tested.house.keys.rotate(pause=lambda: tested.clock.advance(MINUTE))
    assert holds(tested, before_wrapping)
    assert holds(tested, before_sealing)
    assert works(tested, OLD)
    assert kept_hash(tested, account).direct


def test_a_wrap_that_comes_late_leaves_the_new_password_alone(tested: Tested, monkeypatch: pytest.MonkeyPatch) -> None:
    account = imported(tested, md5(OLD))
    wrapping, wrapped = tested.house.wrapping, tested.house.wrapping._wrapped

    def overtaken(of: str, sealed: bytes) -> object:
        better = wrapped(of, sealed)
        assert holds(tested, check(tested, account, OLD))
        return better

    monkeypatch.setattr(wrapping, "_wrapped", overtaken)
    assert wrapping.run() == 0
    assert kept_hash(tested, account).direct


def test_a_proof_does_not_outlive_the_password(tested: Tested) -> None:
    """Also at one and the same instant, and under a clock that jumped back."""
    account = tested.customer()
    prepared = tested.house.credentials.prepare("Quitten-9-Kelter?")
    for jump in (0, -5_000_000):
        checked = check(tested, account, PASSWORD if jump == 0 else "Quitten-9-Kelter?")
        tested.clock.advance(jump)
        with tested.house.foundation.database.write() as tx:
            kept = tested.house.credentials.kept(tx, account)
            assert tested.house.credentials.replace(tx, account, prepared, keep_former=2, expected=kept, visitor=None)
            assert not tested.house.credentials.replace(
                tx, account, prepared, keep_former=2, expected=kept, visitor=None
            )
        assert checked.right
        assert not holds(tested, checked)


def test_no_first_password_where_one_stands(tested: Tested) -> None:
    """S-32."""
    account = tested.customer()
    prepared = tested.house.credentials.prepare("Quitten-9-Kelter?")
    with tested.house.foundation.database.write() as tx:
        put = tested.house.credentials.replace(tx, account, prepared, keep_former=0, expected=None, visitor=None)
    assert not put
    assert check(tested, account, PASSWORD).right


def test_no_weak_hash_lies_in_the_history(tested_sqlite: Tested) -> None:
    """Seen red: the job that wraps looks after present passwords only."""
    account = imported(tested_sqlite, md5(OLD))
    prepared = tested_sqlite.house.credentials.prepare("Quitten-9-Kelter?")
    for kept_former in (0, 1):
        with tested_sqlite.house.foundation.database.write() as tx:
            kept = tested_sqlite.house.credentials.kept(tx, account)
            tested_sqlite.house.credentials.replace(tx, account, prepared, keep_former=3, expected=kept, visitor=None)
        assert count(tested_sqlite, "password_history") == kept_former


def test_the_census_knows_no_secret_and_the_check_counts_what_waits(tested: Tested) -> None:
    tested.customer()
    imported(tested, md5(OLD))
    census = tested.house.credentials.count_schemes()
    assert sum(census.values()) == 2
    assert not any(md5(OLD).digest.hex() in scheme for scheme in census)
    (weak,) = [each for room in tested.house.rooms for each in room.checks if each.code == "credentials.weak_hashes"]
    assert weak.measure().outcome == "FAIL"
    tested.house.wrapping.run()
    assert weak.measure().outcome == "PASS"
