"""Making passwords: accepted by their profile, unbiased, with honest entropy."""

import hashlib
import math
from collections import Counter
from collections.abc import Callable
from itertools import count, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.passwords import PROFILE_NAMES, Person, generate, judge, named
from menshen.passwords.rules.generate import LOOKALIKES, below, fits, passphrase, random_password
from menshen.passwords.rules.generate import _how_many as how_many
from menshen.passwords.service import KINDS, Kind
from menshen.passwords.store import entries


def dice(seed: object = 0) -> Callable[[int], bytes]:
    """Bytes that look random and are the same each time."""
    turn = count()
    return lambda size: hashlib.shake_256(f"{seed}/{next(turn)}".encode()).digest(size)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("policy", PROFILE_NAMES)
def test_what_is_made_is_accepted(policy: str, kind: Kind) -> None:
    for seed in range(8):
        made = generate(dice(seed), policy, kind)
        assert judge(made.password, None, policy).accepted
        assert made.entropy_bits >= 64


def test_what_is_made_holds_nothing_of_the_person() -> None:
    person = Person(name="林伟", username="otter")
    assert all(judge(generate(dice(seed), person=person).password, person).accepted for seed in range(10))


def test_lookalikes_are_left_out() -> None:
    together = "".join(generate(dice(seed), no_lookalikes=True).password for seed in range(40))
    assert set(together) & LOOKALIKES == set()


@given(st.integers(1, 1000), st.integers())
def test_draws_stay_below_their_bound(bound: int, seed: int) -> None:
    assert 0 <= below(bound, dice(seed)) < bound


def test_each_number_is_equally_likely() -> None:
    """Fed with every byte once, a bound that is no power of two still comes out level."""
    every = iter(range(256))
    seen: Counter[int] = Counter()
    while True:
        try:
            seen[below(10, lambda size: bytes([next(every)]))] += 1
        except StopIteration:
            break
    assert set(seen) == set(range(10))
    assert len(set(seen.values())) == 1


@pytest.mark.parametrize("policy", PROFILE_NAMES)
def test_the_count_behind_the_entropy_is_exact(policy: str) -> None:
    rules, letters = named(policy).password, {"upper": "A", "lower": "bc", "digit": "7", "special": "#"}
    every = ["".join(drawn) for drawn in product("Abc7#", repeat=5)]
    sizes = {name: len(alphabet) for name, alphabet in letters.items()}
    assert how_many(sizes, 5, rules) == sum(fits(password, rules) for password in every)


def test_entropy_of_a_random_password() -> None:
    made = random_password(named("nist-800-63b-4").password, dice())
    assert made.entropy_bits == pytest.approx(16 * math.log2(76))
    assert random_password(named("classic").password, dice()).entropy_bits < made.entropy_bits


def test_a_phrase_is_long_enough_and_lacks_no_kind() -> None:
    made = passphrase(named("classic").password, entries("hanzi"), dice())
    assert fits(made.password, named("classic").password)
    assert made.entropy_bits > 5 * 12.9


@pytest.mark.parametrize(("name", "least"), [("english", 7700), ("hanzi", 8192), ("pinyin", 4096)])
def test_word_lists_hold_distinct_words(name: str, least: int) -> None:
    words = entries(name)
    assert len(words) == len(set(words)) >= least


def test_a_new_password_is_not_in_a_repr() -> None:
    made = generate(dice())
    assert made.password not in repr(made)
