"""Wrapping weak imported hashes: argon2id over the old digest, by a job, even for customers who never come back."""

from collections.abc import Callable

import structlog
from sqlalchemy import update

from menshen.credentials import events, store
from menshen.credentials.formats import BadHash, StoredHash, hash_new, scheme_and_cost, wrap
from menshen.credentials.service import SEALED, Credentials
from menshen.credentials.service.cost import SALT_BYTES, Cost
from menshen.journal.service import Journal
from menshen.keys.service import Keys, SealBroken
from menshen.kit.database import Database
from menshen.kit.dice import Dice

log = structlog.get_logger()

BATCH = 50


class Wrapping:
    """Progress, pause and resume; safe beside sign-ins, since each row is put in by compare-and-set."""

    def __init__(
        self, database: Database, dice: Dice, keys: Keys, journal: Journal, credentials: Credentials, cost: Cost
    ) -> None:
        self._database = database
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self._credentials = credentials
        self._cost = cost

    def left(self) -> int:
        """How many weak hashes still wait."""
        with self._database.read() as tx:
            return int(tx.scalar(store.WEAK_LEFT))

    def run(self, *, most: int = 10_000, paused: Callable[[], bool] = lambda: False) -> int:
        """Wrap up to `most` weak hashes; stops at once when `paused` says so. Returns how many were wrapped."""
        done, after = 0, ""
        while done < most and not paused():
            with self._database.read() as tx:
                rows = tx.all(store.WEAK, {"after": after, "most": min(BATCH, most - done)})
            if not rows:
                break
            after = rows[-1].account_id
            wrapped = [(row.account_id, row.sealed, self._wrapped(row.account_id, row.sealed)) for row in rows]
            done += self._put([(account, seen, better) for account, seen, better in wrapped if better])
        return done

    def _wrapped(self, account: str, sealed: bytes) -> StoredHash | None:
        """None for a row that does not open: the others must not wait behind it."""
        try:
            stored = StoredHash.decode(self._keys.open(SEALED, account, account, sealed).decode())
        except (SealBroken, BadHash):
            log.exception("password.unreadable", where=SEALED, account=account)
            return None
        salt = self._dice.bytes(SALT_BYTES)
        return self._credentials.lane.hash(
            lambda: wrap(stored, lambda digest: hash_new(digest, self._cost.parameters, salt))
        )

    def _put(self, wrapped: list[tuple[str, bytes, StoredHash]]) -> int:
        ours, count = store.passwords.c, 0
        with self._database.write() as tx:
            for account, seen, better in wrapped:
                values = {
                    "sealed": self._keys.seal(SEALED, account, account, better.encode().encode()),
                    "scheme": scheme_and_cost(better),
                    "weak": 0,
                }
                count += tx.change(
                    update(store.passwords).where(ours.account_id == account, ours.sealed == seen).values(values)
                )
            if count:
                self._journal.write(tx, events.WRAPPED.code, actor="system", facts={"count": count})
        return count
