"""What one hash costs here: measured once between a floor and a target time, then kept for all nodes."""

import time
from collections.abc import Callable

from sqlalchemy import select

from menshen.credentials import store
from menshen.credentials.formats import FLOOR, Argon2Parameters, hash_new, scheme_and_cost
from menshen.credentials.rules import CredentialSettings
from menshen.kit.clock import Clock
from menshen.kit.database import Database, insert_for

SALT_BYTES = 16
STEPS = ((19456, 2), (32768, 2), (47104, 2), (65536, 2), (65536, 3))
"""Memory (KiB) and passes from the floor (OWASP; ASVS App. C) upwards; one lane thread each."""


class Cost:
    """Today's argon2id parameters; a stored hash below them is replaced at the next good sign-in."""

    def __init__(self, parameters: Argon2Parameters = FLOOR) -> None:
        self.parameters = parameters
        self.scheme = scheme_and_cost(hash_new(b"any", parameters, bytes(SALT_BYTES)))
        """The census name of a hash made with them."""


def settled(
    database: Database, clock: Clock, settings: CredentialSettings, stopwatch: Callable[[], float] = time.perf_counter
) -> Cost:
    """The cost from the settings, else as kept in the database, else measured now and kept."""
    if settings.memory_kib and settings.iterations:
        return Cost(Argon2Parameters(settings.memory_kib, settings.iterations, 1))
    with database.read() as tx:
        row = tx.first(select(store.costs))
    if row is None:
        measured = calibrate(settings.target_ms / 1000, stopwatch)
        with database.write() as tx:
            values = {"memory_kib": measured.memory_kib, "iterations": measured.passes, "measured_at": clock.now()}
            tx.execute(insert_for(tx)(store.costs).values(id=1, **values).on_conflict_do_nothing())
            row = tx.first(select(store.costs))
    if row is None:
        return Cost()
    return Cost(Argon2Parameters(row.memory_kib, row.iterations, 1))


def calibrate(target: float, stopwatch: Callable[[], float]) -> Argon2Parameters:
    """The costliest step whose hash stays within `target` seconds, and never less than the floor."""
    best = FLOOR
    for memory, passes in STEPS:
        tried = Argon2Parameters(memory, passes, 1)
        start = stopwatch()
        hash_new(b"calibration", tried, bytes(SALT_BYTES))
        if stopwatch() - start > target:
            break
        best = tried
    return best
