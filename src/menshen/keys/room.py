"""What the key ring gives the house."""

import time
from collections.abc import Callable

from menshen.keys import cli, rules
from menshen.keys.events import EVENTS
from menshen.keys.service import Keys, Rotated
from menshen.keys.store import keys as ring
from menshen.kit.clock import HOUR
from menshen.kit.room import Job, Room

SETTINGS = rules.Settings
REST = 0.05
"""Seconds that a rotation leaves to the others after each batch."""


def furnish(keys: Keys, note: Callable[[Rotated], None]) -> Room:
    """The room; `app` hands the sealed columns of all rooms to `keys.register`, and `note` writes the journal, which
    stands above this room."""

    def rotate(tell: Callable[[str, int], None], go_on: bool) -> Rotated:
        done = keys.rotate(pause=lambda: time.sleep(REST), tell=tell, go_on=go_on)
        note(done)
        return done

    return Room(
        "keys",
        tables=(ring,),
        events=EVENTS,
        jobs=(Job("keys.rotation", HOUR, lambda: rotate(lambda column, moved: None, True).moved),),
        commands={"keys": cli.commands(rotate, keys)},
    )
