"""What `codes` gives the house: its table and the job that sweeps it."""

from menshen.codes import jobs, store
from menshen.codes.service import Codes
from menshen.kit.clock import MINUTE
from menshen.kit.database import Database
from menshen.kit.room import Job, Room

SETTINGS = None


def furnish(database: Database, codes: Codes) -> Room:
    """The room with its services filled in."""
    return Room(
        name="codes",
        tables=(store.codes,),
        jobs=(Job("codes.sweep", 5 * MINUTE, lambda: jobs.sweep(database, codes)),),
    )
