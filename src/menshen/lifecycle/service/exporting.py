"""Taking customers out, in the form in which the import reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from menshen.accounts.rules import Standing
from menshen.kit.clock import iso
from menshen.kit.database import Tx
from menshen.kit.room import Query, Realm
from menshen.kit.texts import LANGUAGE_TAGS
from menshen.lifecycle.rules.lines import Line
from menshen.lifecycle.service.importing import ACTOR, NAMELESS_SYSTEM, Rooms
from menshen.lifecycle.service.readers import CHUNK
from menshen.lifecycle.store.files import Writer, is_csv, whole

OPEN = ("invited", "active", "locked")
"""States that the form can carry: it has no word for an account that was shut, and would bring it back open."""


@dataclass
class Written:
    """What became of the accounts."""

    written: int = 0
    left_out: int = 0
    """Suspended and closing accounts."""


def export(
    rooms: Rooms,
    file: Path,
    *,
    realm: Realm = "customer",
    system: str = "crm",
    with_hashes: bool = False,
    tell: Callable[[Written], None] = lambda written: None,
) -> Written:
    """Write all open accounts to a file for its owner alone; hashes only where they are asked for. Raises BadFile."""
    counts = Written()
    with whole(file) as opened:
        writer = Writer(opened, table=is_csv(file))
        after = ""
        while True:
            with rooms.database.read() as tx:
                page = rooms.accounts.select(tx, Query(), realm=realm, after=after, limit=CHUNK)
                lines = [_line(rooms, tx, each, system, with_hashes) for each in page if each.state in OPEN]
            if not page:
                break
            for line in lines:
                writer.write(line)
            after = page[-1].account_id
            counts.written += len(lines)
            counts.left_out += len(page) - len(lines)
            tell(counts)
    with rooms.database.write() as tx:
        facts = {"written": counts.written, "left_out": counts.left_out, "with_proofs": with_hashes}
        rooms.journal.write(tx, "accounts.export_written", actor=ACTOR, facts=facts)
    return counts


def _line(rooms: Rooms, tx: Tx, standing: Standing, system: str, with_hashes: bool) -> Line:
    account = standing.account_id
    names = rooms.accounts.identifiers(tx, account)
    ids = rooms.accounts.external_ids(tx, account)
    kept = rooms.credentials.kept(tx, account) if with_hashes else None
    changed_at = standing.password_changed_at
    return Line(
        external_id=ids.get(system) or next((there for other, there in ids.items() if other != NAMELESS_SYSTEM), None),
        user_name=next((name.shown for name in names if name.kind == "user_name"), None),
        emails=tuple(name.shown for name in names if name.kind == "email"),
        phones=tuple(name.shown for name in names if name.kind == "phone"),
        display_name=standing.display_name,
        birthday=rooms.accounts.facts(tx, account).get("birthday"),
        locale=LANGUAGE_TAGS.get(standing.locale or ""),
        time_zone=standing.time_zone,
        groups=standing.groups,
        password_hash=rooms.credentials.exported(kept) if kept else None,
        password_changed_at=iso(changed_at) if changed_at is not None and kept else None,
    )
