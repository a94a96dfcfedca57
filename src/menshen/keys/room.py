"""What the key ring gives the house."""

import time

from menshen.keys import cli, rules
from menshen.keys.events import EVENTS
from menshen.keys.service import Keys
from menshen.keys.store import keys as ring
from menshen.kit.clock import HOUR
from menshen.kit.room import Job, Room

SETTINGS = rules.Settings
REST = 0.05
"""Seconds that a rotation leaves to the others after each batch."""


def furnish(keys: Keys) -> Room:
    """The room; `app` hands the sealed columns of all rooms to `keys.register`."""

    def rest() -> None:
        time.sleep(REST)

    return Room(
        "keys",
        tables=(ring,),
        events=EVENTS,
        jobs=(Job("keys.rotation", HOUR, lambda: keys.rotate(pause=rest, go_on=True).moved),),
        commands={"keys": cli.commands(keys, rest)},
    )
