"""What `throttle` gives the house: its table and the job that sweeps it."""

from menshen.kit.clock import MINUTE
from menshen.kit.database import Database
from menshen.kit.room import Job, Room
from menshen.throttle import jobs, store
from menshen.throttle.service import Throttle

SETTINGS = None


def furnish(database: Database, throttle: Throttle) -> Room:
    """The room with its services filled in."""
    return Room(
        name="throttle",
        tables=(store.budgets,),
        jobs=(Job("throttle.sweep", 10 * MINUTE, lambda: jobs.sweep(database, throttle)),),
    )
