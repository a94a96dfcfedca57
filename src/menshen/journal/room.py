"""What the journal gives the house."""

import time

from menshen.journal import rules
from menshen.journal.events import EVENTS
from menshen.journal.jobs import jobs
from menshen.journal.service import Journal
from menshen.journal.store import claims, counts, events, holds, leaves, readers
from menshen.kit.clock import Clock
from menshen.kit.database import Database
from menshen.kit.room import Room

SETTINGS = rules.Settings
REST = 0.05
"""Seconds that a batch writer leaves to the others after each batch."""


def furnish(database: Database, clock: Clock, journal: Journal, settings: rules.Settings) -> Room:
    """The room; the listeners of all rooms become jobs by `jobs.listening`."""
    return Room(
        "journal",
        tables=(events, leaves, readers, counts, claims, holds),
        events=EVENTS,
        jobs=jobs(database, clock, journal, settings, lambda: time.sleep(REST)),
    )
