"""`menshen doctor`: every check of every room, and those of the roof; each finding says what, why and what to do."""

import shutil
import sqlite3
import stat
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import text

from menshen.app.house import House
from menshen.kit.database import LEAST_SQLITE
from menshen.kit.fault import Fault
from menshen.kit.room import Check, Finding

LEAST_FREE = 500_000_000
"""Bytes that the data folder's disk should have left."""


def examine(asked: Sequence[Check], *, as_json: bool, say: Callable[[str], None]) -> int:
    """Measure each check and tell what it found. Returns 1 where a check that is more than advice failed, else 0."""
    failed = 0
    for check in asked:
        finding = measured(check)
        failed += finding.outcome == "FAIL" and not check.advice_only
        if as_json:
            fields = {"code": check.code, "why": check.why, **msgspec.structs.asdict(_Told(**finding.__dict__))}
            say(msgspec.json.encode(fields).decode())
        else:
            say(f"{finding.outcome:<13}{check.code}: {finding.evidence}")
            if finding.outcome != "PASS":
                say(f"{'':<13}why: {check.why}")
            if finding.advice:
                say(f"{'':<13}do:  {finding.advice}")
    if not as_json:
        say("Something needs doing." if failed else "All is well.")
    return int(failed > 0)


def checks(house: House) -> Sequence[Check]:
    """All checks: the rooms', then the roof's own."""
    return (
        *(check for room in house.rooms for check in room.checks),
        Check("keys.ring", "without the key that sealed them no password can be checked", _ring(house)),
        Check("database.version", "an old database lacks what keeps rows whole", _version(house)),
        Check("data.permissions", "whoever can read the data folder can copy the key and the database", _closed(house)),
        Check("data.space", "a full disk stops every sign-in, since nothing goes unrecorded", _space(house)),
        Check("base.address", "links in mails and passkeys need the address customers really use", _address(house)),
    )


def measured(check: Check) -> Finding:
    """What a check finds; one that breaks has not measured anything, and says so."""
    try:
        return check.measure()
    except Exception as trouble:
        return Finding("NOT MEASURED", f"{type(trouble).__name__} while measuring", "look into the log")


class _Told(msgspec.Struct):
    outcome: str
    evidence: str
    advice: str


def _ring(house: House) -> Callable[[], Finding]:
    def measure() -> Finding:
        try:
            house.keys.mac("doctor")
        except Fault as fault:
            return Finding("FAIL", str(fault), "bring back the key file from its copy, readable by its owner alone")
        return Finding("PASS", "the key that wraps the ring opens it, and nobody else can read its file")

    return measure


def _version(house: House) -> Callable[[], Finding]:
    def measure() -> Finding:
        if not house.foundation.database.embedded:
            with house.foundation.database.read() as tx:
                return Finding("PASS", f"PostgreSQL {tx.scalar(text('SHOW server_version'))}")
        if sqlite3.sqlite_version_info < LEAST_SQLITE:
            least = ".".join(map(str, LEAST_SQLITE))
            return Finding("FAIL", f"SQLite {sqlite3.sqlite_version}", f"run a Python whose SQLite is {least} or newer")
        return Finding("PASS", f"SQLite {sqlite3.sqlite_version}")

    return measure


def _closed(house: House) -> Callable[[], Finding]:
    def measure() -> Finding:
        data = house.foundation.data
        mode = stat.S_IMODE(data.stat().st_mode)
        if mode & 0o077:
            return Finding("FAIL", f"{data} is open to others ({mode:o})", f"chmod 700 {data}")
        return Finding("PASS", f"{data} is its owner's alone")

    return measure


def _space(house: House) -> Callable[[], Finding]:
    def measure() -> Finding:
        free = shutil.disk_usage(house.foundation.data).free
        told = f"{free // 1_000_000:,} MB are free"
        return Finding("PASS", told) if free > LEAST_FREE else Finding("FAIL", told, "make room on the disk")

    return measure


def _address(house: House) -> Callable[[], Finding]:
    def measure() -> Finding:
        if house.foundation.settings["server"].base:
            return Finding("PASS", f"customers come to {house.base}")
        return Finding("FAIL", f"no public address is set, so links lead to {house.base}", "set [server] base")

    return measure
