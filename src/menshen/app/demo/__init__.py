"""`menshen demo`: a scratch deployment full of fictional customers and their history, so that no page is empty."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from menshen.app.demo.history import DAYS, History
from menshen.app.demo.town import resident
from menshen.app.house import House, build, ground_from, lay
from menshen.app.rules import DEFAULT_LISTEN
from menshen.app.serving import make_ready, must_be_free, serve, where
from menshen.kit.clock import SetClock, SystemClock
from menshen.kit.fault import Fault
from menshen.operators.rules import CLI
from menshen.operators.service import Invited
from menshen.passwords import generate

OPERATOR = "keeper@example.com"
MARK = "DEMO"
"""The file that tells a demo's folder from a real one."""

Say = Callable[[str], None]


def run(*, customers: int, folder: str, say: Say) -> None:
    """Fill the folder, unless an earlier demo did, say how to come in, and serve it with the mail sink."""
    os.umask(0o077)
    place = Path(folder)
    must_be_free(where(os.environ.get("MENSHEN_LISTEN") or DEFAULT_LISTEN))
    if not place.exists():
        fill(place, customers, say)
    elif (place / MARK).exists():
        say(f"{place} holds the demo of an earlier run: delete the folder to have it made anew")
    else:
        raise Fault(f"{place} is there and holds no demo: name another folder with --folder")
    os.environ |= {"MENSHEN_DATA": str(place), "MENSHEN_DATABASE_URL": ""}
    house = build(ground_from(os.environ))
    for line in ways_in(house):
        say(line)
    close(house)
    serve(workers=1, with_sink=True, say=say)


def fill(place: Path, customers: int, say: Say) -> None:
    """Live the history in a folder beside, which takes its name only when it is whole."""
    draft = place.with_name(f"{place.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    os.environ |= {"MENSHEN_DATA": str(draft), "MENSHEN_DATABASE_URL": ""}
    say(f"making {customers:,} fictional customers and {DAYS} days of their history in {place}")
    make_ready(ground_from(os.environ), lambda _: None)
    listen = os.environ.get("MENSHEN_LISTEN") or DEFAULT_LISTEN
    # What a power cut takes is made again: a demo need not wait for the disk.
    quick = {**os.environ, "MENSHEN_DATABASE_SYNCHRONOUS": "NORMAL"}
    clock = SetClock(SystemClock().now())
    house = build(lay(draft, listen=listen, environment=quick, clock=clock))
    prepared = house.credentials.prepare(generate(house.foundation.dice.bytes).password)
    History(house, clock, prepared).live(customers, lambda left: _tell(left, say))
    close(house)
    (draft / MARK).write_text("A demo made by `menshen demo`: nobody in it is real.\n", encoding="utf-8")
    draft.rename(place)


def ways_in(house: House) -> Sequence[str]:
    """How to come in as a customer, by a password drawn now and kept nowhere, and as the first operator."""
    word = generate(house.foundation.dice.bytes, no_lookalikes=True).password
    prepared = house.credentials.prepare(word)
    email = resident(0, DAYS).email
    with house.foundation.database.write() as tx:
        customer = house.accounts.find(tx, "customer", email)
        if customer is None:
            raise Fault(f"the demo lost its customer {email}: delete the folder to have it made anew")
        kept = house.credentials.kept(tx, customer.account_id)
        house.credentials.replace(tx, customer.account_id, prepared, keep_former=0, expected=kept, visitor=None)
        house.accounts.set_password_facts(tx, customer.account_id, house.foundation.clock.now(), "policy:classic")
        invited = None if house.operators.settled(tx) else house.operators.invite(tx, OPERATOR, actor=CLI, locale="en")
    lines = [f"come in as a customer: {email} with the password {word}"]
    if isinstance(invited, Invited):
        lines.append(f"come in as the operator, once and within the hour: {invited.link}")
    return lines


def close(house: House) -> None:
    """Let go of threads and database, for the server to open its own."""
    house.credentials.lane.close()
    house.foundation.database.close()


def _tell(days_left: int, say: Say) -> None:
    if days_left % 15 == 0 and days_left < DAYS:
        say(f"{days_left} days to go")
