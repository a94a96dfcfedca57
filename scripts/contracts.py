"""Writes the import contracts (.importlinter) from the folders: street, floors, purity, doors."""

import configparser
import io
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "menshen"
CONTRACTS = ROOT / ".importlinter"

STREET: tuple[tuple[str, ...], ...] = (
    ("app",),
    ("casebook",),
    ("compliance",),
    ("training", "crm"),
    ("response",),
    ("monitoring",),
    ("federation", "vault", "recovery", "lifecycle"),
    ("operators",),
    ("signin",),
    ("rotation", "second_factor", "passkeys", "upstream", "risk"),
    ("credentials",),
    ("sessions",),
    ("accounts",),
    ("policy",),
    ("passwords", "breaches", "messages", "codes"),
    ("throttle",),
    ("journal",),
    ("keys",),
    ("kit",),
)
"""Rooms from the roof down; a row may import the rows below it, rooms side by side do not know each other."""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("room",),
    ("pages", "api", "cli", "jobs"),
    ("service",),
    ("store", "senders"),
    ("rules",),
    ("events",),
)
"""Floors of a room from the top down; doors on one floor may know each other."""

UNFLOORED = ("app", "kit")
"""The roof puts rooms together and the ground carries them; neither has a domain of its own."""

IMPURE = (
    "http",
    "httpx2",
    "multiprocessing",
    "os",
    "pathlib",
    "psycopg",
    "random",
    "redis",
    "secrets",
    "shutil",
    "smtplib",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
)
"""What a rule must not reach for: clock, chance, files, network, database."""

SHELVES = ("store", "senders")
"""Floors that only their own room opens: its tables and its outside lines."""

FRONTS = ("room", "pages", "api", "cli", "jobs")
"""Floors that only the roof opens, to line them up."""

FRONT_GUESTS = {"passwords": ("policy",)}
"""`passwords` knows nothing of the house, so `policy` offers its commands."""


def rooms() -> list[str]:
    """The rooms that stand today, each a package."""
    return sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))


def has(room: str, floor: str) -> bool:
    """Whether a room has this floor, as a file or as a folder."""
    place = HOUSE / room / floor
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def contracts() -> dict[str, dict[str, str]]:
    """All contracts by section name, in the words of import-linter."""
    standing = rooms()
    unplaced = set(standing) - {room for row in STREET for room in row}
    if unplaced:
        sys.exit(f"no place on the street for: {', '.join(sorted(unplaced))} (scripts/contracts.py, STREET)")
    made = {"street": street(standing)}
    floored = [room for room in standing if room not in UNFLOORED]
    for room in floored:
        made |= {
            f"floors-{room}": floors(room),
            f"purity-{room}": purity(room, floored),
            f"shelves-{room}": shelves(room),
            f"fronts-{room}": fronts(room, standing),
        }
    made["alone-passwords"] = alone("passwords", standing)
    return {name: body for name, body in made.items() if body}


def street(standing: list[str]) -> dict[str, str]:
    """Rooms import downwards only."""
    rows = [" | ".join(room for room in row if room in standing) for row in STREET]
    return {
        "name": "Street: a room imports only rooms of the rows below it",
        "type": "layers",
        "containers": "menshen",
        "layers": lines(row for row in rows if row),
    }


def floors(room: str) -> dict[str, str]:
    """Within a room each floor imports downwards only."""
    rows = [" : ".join(floor for floor in row if has(room, floor)) for row in FLOORS]
    rows = [row for row in rows if row]
    if len(rows) < 2:
        return {}
    return {
        "name": f"Floors of {room}: pages over service over store over rules over events",
        "type": "layers",
        "containers": f"menshen.{room}",
        "layers": lines(rows),
    }


def purity(room: str, floored: list[str]) -> dict[str, str]:
    """Rules and events get time, chance and facts as arguments."""
    pure = [floor for floor in ("rules", "events") if has(room, floor)]
    if not pure:
        return {}
    above = ("service", *FRONTS)
    busy = [f"menshen.{other}.{floor}" for other in floored for floor in above if has(other, floor)]
    if has("kit", "database"):
        busy.append("menshen.kit.database")
    return {
        "name": f"Purity of {room}: its rules reach for no clock, chance, file, network or database",
        "type": "forbidden",
        "source_modules": lines(f"menshen.{room}.{floor}" for floor in pure),
        "forbidden_modules": lines([*IMPURE, *busy]),
        # What the kit's values import on their own account is the kit's affair.
        "allow_indirect_imports": "True",
    }


def shelves(room: str) -> dict[str, str]:
    """A room's tables and outside lines are opened by that room alone."""
    return protected(room, SHELVES, "Shelves", [room])


def fronts(room: str, standing: list[str]) -> dict[str, str]:
    """A room's pages, routes, commands and jobs are lined up by the roof alone."""
    guests = [guest for guest in ("app", *FRONT_GUESTS.get(room, ())) if guest in standing]
    return protected(room, FRONTS, "Fronts", [room, *guests])


def protected(room: str, doors: Iterable[str], name: str, importers: list[str]) -> dict[str, str]:
    """One contract per room, since a wildcard would let one room's service open another's store."""
    shut = [floor for floor in doors if has(room, floor)]
    if not shut:
        return {}
    return {
        "name": f"{name} of {room}: {', '.join(shut)} opened only by {', '.join(importers)}",
        "type": "protected",
        "protected_modules": lines(f"menshen.{room}.{floor}" for floor in shut),
        "allowed_importers": lines(f"menshen.{importer}" for importer in importers),
    }


def alone(room: str, standing: list[str]) -> dict[str, str]:
    """A room that can be used without the house imports none of it."""
    others = [f"menshen.{other}" for other in standing if other != room]
    if room not in standing or not others:
        return {}
    return {
        "name": f"Alone: {room} imports nothing of the house",
        "type": "forbidden",
        "source_modules": lines([f"menshen.{room}"]),
        "forbidden_modules": lines(others),
    }


def lines(items: Iterable[str]) -> str:
    """A list in the form that the file wants: one item a line."""
    return "".join(f"\n{item}" for item in items)


def text() -> str:
    """The whole file."""
    file = configparser.ConfigParser()
    file["importlinter"] = {"root_package": "menshen", "include_external_packages": "True"}
    for name, body in contracts().items():
        file[f"importlinter:contract:{name}"] = body
    out = io.StringIO()
    out.write("# Written by scripts/contracts.py from the folders of the house: `make contracts`.\n")
    file.write(out)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().strip().splitlines())


def main() -> None:
    """Write the file, or with --check only say whether it is the one that would be written."""
    if "--check" not in sys.argv[1:]:
        CONTRACTS.write_text(text(), encoding="utf-8")
    elif not CONTRACTS.is_file() or CONTRACTS.read_text(encoding="utf-8") != text():
        sys.exit("the import contracts are older than the folders of the house: make contracts")


if __name__ == "__main__":
    main()
