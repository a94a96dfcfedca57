"""Verbs of credentials: check a password, prepare and replace it, keep its history, count the schemes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, insert, update

from menshen.credentials import events, store
from menshen.credentials.formats import (
    Argon2Parameters,
    BadHash,
    StoredHash,
    Weighed,
    decoy,
    hash_new,
    needs_upgrade,
    scheme_and_cost,
    strength,
    verify,
)
from menshen.credentials.rules import as_typed, drawn_scheme, typed
from menshen.credentials.service.cost import SALT_BYTES, Cost
from menshen.credentials.service.lane import HashingLane
from menshen.journal.service import Journal
from menshen.keys.service import Keys, SealBroken
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Tx, insert_for
from menshen.kit.dice import Dice, new_id
from menshen.kit.web.visitor import Visitor

log = structlog.get_logger()

__all__ = ["Checked", "Cost", "Credentials", "HashingLane", "Kept", "Prepared"]

SEALED = "passwords.sealed"
SEALED_HISTORY = "password_history.sealed"


@dataclass(frozen=True)
class Kept:
    """What lies in the database for an account; opened only on a hash thread."""

    account_id: str
    sealed: bytes
    set_at: int
    """Tells one password of the account from the next. Sealing anew, wrapping and upgrading leave it as it is."""


@dataclass(frozen=True)
class Prepared:
    """A password already hashed with today's cost, ready to be put in within a transaction."""

    stored: StoredHash


@dataclass(frozen=True)
class Checked:
    """The outcome of checking a typed password, with what must still hold when it is used."""

    right: bool
    kept: Kept | None = None
    better: Prepared | None = None
    """A stronger hash of the same password, where the stored one is below today's cost."""


class Credentials:
    """The only place that opens stored hashes. Hashing happens in the lane and never inside a transaction."""

    def __init__(
        self, database: Database, clock: Clock, dice: Dice, keys: Keys, journal: Journal, lane: HashingLane, cost: Cost
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self.lane = lane
        self._cost = cost
        self._census: Mapping[str, int] = {}

    @property
    def cost(self) -> Argon2Parameters:
        """What a hash made now costs."""
        return self._cost.parameters

    def kept(self, tx: Tx, account: str) -> Kept | None:
        """The stored password of an account, still sealed."""
        row = tx.first(store.OF_ACCOUNT, {"account_id": account})
        return Kept(account, row.sealed, row.set_at) if row else None

    def check(self, kept: Kept | None, identifier: str, password: str) -> Checked:
        """Whether the typed password is right. Exactly one hash is computed whoever asks: without a stored one, a decoy
        whose scheme and cost are drawn by `identifier`. No transaction may be open."""
        native = typed(password)
        if native is None:
            return Checked(False)
        mine = self._readable(SEALED, kept.account_id, kept.account_id, kept.sealed) if kept else None
        stored = mine or self._decoy(identifier)
        given = native if stored.direct else as_typed(password)
        right = self.lane.hash(lambda: verify(stored, given))
        if not right or kept is None or mine is None:
            return Checked(False)
        better = self.prepare(password) if needs_upgrade(stored, self._cost.parameters) else None
        return Checked(True, kept, better)

    def burn(self, tx: Tx, checked: Checked, visitor: Visitor | None = None) -> bool:
        """Whether the check still holds. Puts in the stronger hash, if any."""
        if not self.holds(tx, checked):
            return False
        if checked.kept is not None and checked.better is not None:
            account = checked.kept.account_id
            same = store.passwords.c.account_id == account
            tx.change(update(store.passwords).where(same).values(self._row(account, checked.better)))
            facts = {"scheme": scheme_and_cost(checked.better.stored)}
            self._journal.write(tx, events.UPGRADED.code, visitor=visitor, account=account, facts=facts)
        return True

    def holds(self, tx: Tx, checked: Checked) -> bool:
        """Whether the password that was found right is still the account's, and stays so until `tx` ends.

        The row is held, so that a change of password comes wholly before (then it holds no more) or wholly after (then
        it ends what this transaction opens).
        """
        if checked.kept is None or not checked.right:
            return False
        held = tx.scalar(store.HELD, {"account_id": checked.kept.account_id})
        return held is not None and held == checked.kept.set_at

    def prepare(self, password: str) -> Prepared:
        """Hash a password with today's cost, in the lane. Raises ValueError for what `typed` refuses."""
        native = typed(password)
        if native is None:
            raise ValueError("a password that cannot be typed was to be hashed")
        salt = self._dice.bytes(SALT_BYTES)
        return Prepared(self.lane.hash(lambda: hash_new(native, self._cost.parameters, salt)))

    def used_before(self, kept: Kept | None, former: Sequence[tuple[str, bytes]], account: str, password: str) -> bool:
        """Whether the password is the present one or one of the former ones given (id, sealed)."""
        native = typed(password)
        if native is None:
            return False
        hashes = [self._readable(SEALED, account, account, kept.sealed)] if kept else []
        hashes += [self._readable(SEALED_HISTORY, account, name, sealed) for name, sealed in former]
        for stored in filter(None, hashes):
            given = native if stored.direct else as_typed(password)
            if self.lane.hash(lambda s=stored, g=given: verify(s, g)):  # type: ignore[misc]
                return True
        return False

    def former(self, tx: Tx, account: str, count: int) -> list[tuple[str, bytes]]:
        """The last `count` former passwords, still sealed, as (id, sealed)."""
        return (
            [(row.id, row.sealed) for row in tx.all(store.HISTORY.limit(count), {"account_id": account})]
            if count
            else []
        )

    def replace(
        self,
        tx: Tx,
        account: str,
        prepared: Prepared,
        *,
        keep_former: int,
        expected: Kept | None,
        visitor: Visitor | None,
    ) -> bool:
        """Put in a new password, keep `keep_former` old ones and purge older. False where the stored one is no longer
        `expected`: somebody else changed it in between."""
        ours = store.passwords.c
        # Always later than the one before, also under a clock that jumped back: it tells the two apart.
        set_at = max(self._clock.now(), expected.set_at + 1 if expected else 0)
        row = self._row(account, prepared) | {"set_at": set_at}
        put = (
            insert_for(tx)(store.passwords).values(account_id=account, **row).on_conflict_do_nothing()
            if expected is None
            else update(store.passwords).where(ours.account_id == account, ours.set_at == expected.set_at).values(row)
        )
        if tx.change(put) != 1:
            return False
        self._remember_former(tx, account, expected, keep_former)
        code = events.CHANGED.code if expected else events.SET.code
        self._journal.write(tx, code, visitor=visitor, account=account)
        return True

    def sealed_import(self, account: str, hashed: Weighed, set_at: int) -> Mapping[str, Any]:
        """Seal an imported hash as the row that `put_imported` takes. Outside any transaction: it costs time."""
        return {
            "account_id": account,
            "sealed": self._keys.seal(SEALED, account, account, hashed.text.encode()),
            "scheme": hashed.scheme,
            "set_at": set_at,
            "weak": int(hashed.weak),
        }

    def put_imported(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put in imported hashes; weak ones wait for the wrapping job."""
        if rows:
            tx.execute(insert(store.passwords), rows)

    def drop(self, tx: Tx, account: str) -> None:
        """Take the password away, with its history."""
        tx.execute(delete(store.passwords).where(store.passwords.c.account_id == account))
        tx.execute(delete(store.history).where(store.history.c.account_id == account))

    def count_schemes(self) -> Mapping[str, int]:
        """Count the stored schemes anew, for decoys, doctor and the console."""
        with self._database.read() as tx:
            self._census = {row.scheme: row.number for row in tx.all(store.CENSUS)}
        return self._census

    def exported(self, kept: Kept) -> str:
        """The stored hash as text, for an export that asked for it by name."""
        return self._unsealed(SEALED, kept.account_id, kept.account_id, kept.sealed).encode()

    def forget_former(self, tx: Tx, account: str, keep: int) -> int:
        """Delete former passwords beyond the last `keep`; tells how many."""
        beyond = tx.all(
            store.HISTORY.offset(keep).limit(-1 if tx.dialect == "sqlite" else None), {"account_id": account}
        )
        if beyond:
            tx.execute(delete(store.history).where(store.history.c.id.in_([row.id for row in beyond])))
        return len(beyond)

    def _readable(self, where: str, account: str, record: str, sealed: bytes) -> StoredHash | None:
        """The stored hash; None where the row was tampered with or torn: it opens to nobody (S-194)."""
        try:
            return self._unsealed(where, account, record, sealed)
        except (SealBroken, BadHash):
            log.exception("password.unreadable", where=where, account=account)
            return None

    def _decoy(self, identifier: str) -> StoredHash:
        draw = self._keys.mac("decoy", identifier.encode("utf-8", "replace"))
        scheme = drawn_scheme(self._census, draw, self._cost.scheme)
        try:
            return decoy(scheme, draw)
        except BadHash:
            log.exception("password.no_decoy", scheme=scheme)
            return decoy(self._cost.scheme, draw)

    def _unsealed(self, where: str, account: str, record: str, sealed: bytes) -> StoredHash:
        return StoredHash.decode(self._keys.open(where, account, record, sealed).decode())

    def _row(self, account: str, prepared: Prepared) -> dict[str, Any]:
        return {
            "sealed": self._keys.seal(SEALED, account, account, prepared.stored.encode().encode()),
            "scheme": scheme_and_cost(prepared.stored),
            "weak": 0,
        }

    def _remember_former(self, tx: Tx, account: str, former: Kept | None, keep: int) -> None:
        before = self._readable(SEALED, account, account, former.sealed) if former else None
        # A weak foreign hash is not kept: the job that wraps them looks after present passwords only.
        if before is not None and keep and (before.direct or strength(before) == "strong"):
            entry = new_id(self._clock.now(), self._dice)
            sealed = self._keys.seal(SEALED_HISTORY, account, entry, before.encode().encode())
            values = {"id": entry, "account_id": account, "sealed": sealed, "retired_at": self._clock.now()}
            tx.execute(insert(store.history), values)
        self.forget_former(tx, account, keep)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
