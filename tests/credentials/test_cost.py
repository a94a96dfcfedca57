"""Measuring what one hash may cost here, by a stopwatch that the test holds."""

from collections.abc import Callable, Iterator

import pytest

from menshen.credentials.formats import FLOOR, Argon2Parameters
from menshen.credentials.rules import CredentialSettings
from menshen.credentials.service import cost
from menshen.credentials.service.cost import STEPS, calibrate, settled
from menshen.kit.clock import SetClock
from menshen.kit.database import Database
from tests.houses import NOON


def stopwatch(*durations: float) -> Callable[[], float]:
    """Each measurement takes the next duration."""

    def readings() -> Iterator[float]:
        now = 0.0
        for duration in durations:
            yield now
            now += duration
            yield now

    read = readings()
    return lambda: next(read)


@pytest.fixture(autouse=True)
def no_real_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stopwatch says how long a hash takes, so none needs to."""
    monkeypatch.setattr(cost, "hash_new", lambda password, parameters, salt: None)


def test_a_slow_machine_stays_at_the_floor() -> None:
    assert calibrate(0.1, stopwatch(0.5)) == FLOOR


def test_the_costliest_step_within_the_target_is_taken() -> None:
    assert calibrate(0.1, stopwatch(0.03, 0.06, 0.101)) == Argon2Parameters(*STEPS[1], 1)
    assert calibrate(0.1, stopwatch(*[0.01] * len(STEPS))) == Argon2Parameters(*STEPS[-1], 1)


def test_steps_only_rise_from_the_floor() -> None:
    assert STEPS[0] == (FLOOR.memory_kib, FLOOR.passes)
    assert sorted(memory * passes for memory, passes in STEPS) == [memory * passes for memory, passes in STEPS]


def test_it_is_measured_once_for_all_nodes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "scheme_and_cost", lambda stored: "scheme")
    first = settled(database, SetClock(NOON), CredentialSettings(), stopwatch(0.03, 0.2))
    second = settled(database, SetClock(NOON), CredentialSettings(), stopwatch())
    assert first.parameters == second.parameters == Argon2Parameters(*STEPS[0], 1)


def test_settings_say_otherwise(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "scheme_and_cost", lambda stored: "scheme")
    wanted = CredentialSettings(memory_kib=65536, iterations=3)
    assert settled(database, SetClock(NOON), wanted, stopwatch()).parameters == Argon2Parameters(65536, 3, 1)
