"""Verbs of the house run in a child process that kills itself at a numbered point of its work with the database."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import event

from menshen.keys.rules import SETTLE
from menshen.kit.clock import SECOND
from menshen.lifecycle.service.importing import Rooms
from tests.client import Reply
from tests.houses import PASSWORD, Tested, opened_house
from tests.letters import letters
from tests.lifecycle.town import bring

NEW = "Quitten-9-Kelter?"
NEWCOMER = "new@example.com"


def change(tested: Tested) -> Reply:
    """The owner signs in and changes the password."""
    owner = tested.signed_in()
    return owner.post("/account/password", {"current": PASSWORD, "password": NEW})


def recover(tested: Tested) -> Reply:
    """From the forgotten password to the new one."""
    browser = tested.browser()
    browser.post("/recover", {"who": "lin@example.com"})
    browser.post(letters(tested, "recovery.letter")[-1].path)
    return browser.post("/recover/password", {"password": NEW})


def join(tested: Tested) -> Reply:
    """From the address to the account."""
    browser = tested.browser()
    browser.post("/sign-up", {"email": NEWCOMER})
    found = letters(tested, "lifecycle.letter")
    if not found:
        return browser.get("/healthz")
    browser.post(found[-1].path)
    return browser.post("/sign-up/password", {"name": "陈晨", "password": PASSWORD})


def rotate(tested: Tested) -> None:
    """A new seal key, and everything sealed again under it."""
    tested.house.keys.rotate(pause=lambda: None)
    tested.clock.advance(SETTLE + SECOND)
    tested.house.keys.rotate(pause=lambda: None, go_on=True)


def bring_in(tested: Tested) -> None:
    """A file of customers."""
    house, ground = tested.house, tested.house.foundation
    rooms = Rooms(
        ground.database,
        ground.clock,
        ground.dice,
        house.keys,
        house.journal,
        house.policy,
        house.accounts,
        house.credentials,
    )
    bring(rooms, tested.data / "customers.jsonl")


VERBS: Mapping[str, Callable[[Tested], object]] = {
    "change": change,
    "recovery": recover,
    "sign-up": join,
    "rotation": rotate,
    "import": bring_in,
}


def dies_at(url: str, data: Path, verb: str, point: int) -> bool:
    """Run a verb in a child that is killed at this point; False where the verb had fewer points and ended."""
    child = multiprocessing.get_context("fork").Process(target=_run, args=(url, data, verb, point))
    child.start()
    child.join(120)
    if child.exitcode not in (0, -signal.SIGKILL):
        raise AssertionError(f"{verb} at {point}: {child.exitcode}")
    return child.exitcode == -signal.SIGKILL


def points(url: str, data: Path, verb: str) -> int:
    """How many points a verb has, counted by running it."""
    queue = multiprocessing.get_context("fork").SimpleQueue()
    child = multiprocessing.get_context("fork").Process(target=_count, args=(url, data, verb, queue))
    child.start()
    found = int(queue.get())
    child.join(120)
    return found


def _run(url: str, data: Path, verb: str, point: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with opened_house(url, data) as tested:
        _at_each_point(tested, lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == point else None)
        VERBS[verb](tested)


def _count(url: str, data: Path, verb: str, queue: "multiprocessing.SimpleQueue[int]") -> None:
    seen = [0]
    with opened_house(url, data) as tested:
        _at_each_point(tested, lambda number: seen.__setitem__(0, number))
        VERBS[verb](tested)
    queue.put(seen[0])


def _at_each_point(tested: Tested, act: Callable[[int], object]) -> None:
    """Before and after each statement and before each commit of the engine that writes."""
    numbers = itertools.count(1)
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(tested.house.foundation.database.engine, moment, lambda *_: act(next(numbers)))
