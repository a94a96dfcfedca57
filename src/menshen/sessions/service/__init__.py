"""Verbs of sessions: open, look up, see again, list, end; remember and forget devices."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update

from menshen.journal.service import Journal
from menshen.kit.clock import Clock
from menshen.kit.database import Tx
from menshen.kit.dice import Dice, new_id, token
from menshen.kit.places import Places
from menshen.kit.web.visitor import Proof, Visitor
from menshen.sessions import events, store
from menshen.sessions.rules import DEVICE_LASTS, SEEN_EVERY, Device, Limits, Session, browser_name, over


class Sessions:
    """The only place that opens, finds and ends sessions."""

    def __init__(self, clock: Clock, dice: Dice, journal: Journal, places: Places) -> None:
        self._clock = clock
        self._dice = dice
        self._journal = journal
        self._places = places

    def open(
        self,
        tx: Tx,
        account: str,
        *,
        epoch: int,
        proofs: Sequence[Proof],
        visitor: Visitor,
        limits: Limits,
        host: str,
        realm: str = "customer",
        device_id: str | None = None,
        parent: Session | None = None,
    ) -> tuple[str, str]:
        """Open a session and end those longest unused beyond the parallel limit. Returns (token, session id).

        The token is always fresh (ASVS 7.2.4): nothing that a browser brought along becomes a session. One that hangs
        on a `parent` counts from its beginning, so that no other host outlasts the absolute limit (ASVS 7.3.2).
        """
        now = self._clock.now()
        session_token, session_id = token(self._dice), new_id(now, self._dice)
        tx.execute(
            insert(store.sessions),
            {
                "token_hash": hashed(session_token),
                "id": session_id,
                "account_id": account,
                "realm": realm,
                "host": host,
                "parent": parent.id if parent else None,
                "epoch": epoch,
                "proofs": msgspec.json.encode([(proof.method, proof.at) for proof in proofs]).decode(),
                "started_at": parent.started_at if parent else now,
                "last_seen_at": now,
                "browser": browser_name(visitor.browser),
                "source": visitor.source,
                "place": self._places.of(visitor.source, visitor.locale),
                "device_id": device_id,
            },
        )
        if parent is None:
            self._end_beyond(tx, account, visitor, limits.parallel, but=session_id)
        self._journal.write(
            tx,
            events.STARTED.code,
            visitor=visitor,
            account=account,
            facts={"methods": " ".join(proof.method for proof in proofs), "session": session_id},
            personal={
                "browser": browser_name(visitor.browser),
                "place": self._places.of(visitor.source, visitor.locale),
            },
        )
        return session_token, session_id

    def look_up(self, tx: Tx, session_token: str, host: str) -> Session | None:
        """The session of a cookie at the host it was made for, or None.

        Whether it is over is for the caller to ask: the limits are the policy's, the epoch is the account's.
        """
        row = tx.first(store.BY_TOKEN, {"token_hash": hashed(session_token)})
        if row is None or row.host != host:
            return None
        return session_of(row)

    def see(self, tx: Tx, session: Session) -> None:
        """Note that a session was used; written at most once a minute."""
        tx.execute(store.SEEN, {"session_id": session.id, "at": self._clock.now()})
        if session.parent:
            tx.execute(store.SEEN, {"session_id": session.parent, "at": self._clock.now()})

    def find(self, tx: Tx, account: str, session_id: str) -> Session | None:
        """One session of an account by its public id."""
        row = tx.first(store.ONE, {"account_id": account, "session_id": session_id})
        return session_of(row) if row else None

    def to_be_seen(self, session: Session) -> bool:
        """Whether the last use is long enough ago to be written again."""
        return self._clock.now() - session.last_seen_at >= SEEN_EVERY

    def ended_by_itself(self, session: Session, limits: Limits) -> bool:
        """Whether idle or absolute limit has passed."""
        return over(session, limits, self._clock.now())

    def of_account(self, tx: Tx, account: str, *, epoch: int, limits: Limits) -> list[Session]:
        """The live sessions at the sign-in host, last used first: of this epoch and within these limits."""
        found = [session_of(row) for row in tx.all(store.OF_ACCOUNT, {"account_id": account}) if row.parent is None]
        return [each for each in found if each.epoch == epoch and not self.ended_by_itself(each, limits)]

    def replace_proofs(self, tx: Tx, session: Session, proofs: Sequence[Proof]) -> str:
        """Give a session new proofs and, because authority rose, a new token (ASVS 7.2.4). Returns the token."""
        fresh = token(self._dice)
        encoded = msgspec.json.encode([(proof.method, proof.at) for proof in proofs]).decode()
        tx.execute(
            update(store.sessions)
            .where(store.sessions.c.id == session.id)
            .values(token_hash=hashed(fresh), proofs=encoded, last_seen_at=self._clock.now())
        )
        return fresh

    def end(self, tx: Tx, account: str, session_id: str, visitor: Visitor) -> bool:
        """End one session of the account and those at other hosts that hang on it; False where there is none."""
        ended = tx.change(store.END_ONE, {"account": account, "session_id": session_id})
        if ended:
            self._journal.write(tx, events.ENDED.code, visitor=visitor, account=account, facts={"session": session_id})
        return bool(ended)

    def end_all(self, tx: Tx, account: str, visitor: Visitor | None = None, *, but: str | None = None) -> int:
        """End every session of the account, or all but one with what hangs on it. Devices are forgotten likewise."""
        ours = store.sessions.c
        kept = (
            tx.first(select(ours.device_id, ours.id).where(ours.account_id == account, ours.id == but)) if but else None
        )
        doomed = delete(store.sessions).where(ours.account_id == account)
        devices = delete(store.devices).where(store.devices.c.account_id == account)
        if kept:
            doomed = doomed.where(ours.id != but, (ours.parent.is_(None)) | (ours.parent != but))
            if kept.device_id:
                devices = devices.where(store.devices.c.id != kept.device_id)
        ended, forgotten = tx.change(doomed), tx.change(devices)
        if ended or forgotten:
            facts = {"count": ended, "devices": forgotten}
            self._journal.write(tx, events.ALL_ENDED.code, visitor=visitor, account=account, facts=facts)
        return ended

    def remember(self, tx: Tx, account: str, visitor: Visitor, device_token: str | None) -> tuple[str, str, bool]:
        """Remember the browser as a device of the account. Returns (cookie token, device id, whether it is new).

        An account that joins gives the browser a new token, the others on it moving along: whoever planted or copied
        the old one knows nothing of the account (fixation, S-72).
        """
        now = self._clock.now()
        ours = store.devices.c
        known = tx.all(store.DEVICE, {"token_hash": hashed(device_token)}) if device_token else []
        mine = next((row for row in known if row.account_id == account), None)
        place, browser = self._places.of(visitor.source, visitor.locale), browser_name(visitor.browser)
        if device_token and mine is not None:
            changed = {"last_at": now, "place": place, "browser": browser}
            tx.execute(update(store.devices).where(ours.id == mine.id).values(changed))
            return device_token, mine.id, False
        cookie, device_id = token(self._dice), new_id(now, self._dice)
        if device_token and known:
            moved = update(store.devices).where(ours.token_hash == hashed(device_token))
            tx.execute(moved.values(token_hash=hashed(cookie)))
        row = {
            "id": device_id,
            "account_id": account,
            "token_hash": hashed(cookie),
            "browser": browser,
            "place": place,
            "first_at": now,
            "last_at": now,
        }
        tx.execute(insert(store.devices), row)
        self._journal.write(
            tx, events.DEVICE_REMEMBERED.code, visitor=visitor, account=account, facts={"device": device_id}
        )
        return cookie, device_id, True

    def known_for(self, tx: Tx, device_token: str) -> dict[str, str]:
        """The accounts that this browser was remembered for: account id to device id."""
        oldest = self._clock.now() - DEVICE_LASTS
        rows = tx.all(store.DEVICE, {"token_hash": hashed(device_token)})
        return {row.account_id: row.id for row in rows if row.last_at > oldest}

    def devices(self, tx: Tx, account: str) -> list[Device]:
        """The remembered devices of an account, last used first."""
        rows = tx.all(store.DEVICES_OF, {"account_id": account})
        return [Device(r.id, r.account_id, r.browser, r.place, r.first_at, r.last_at) for r in rows]

    def forget(self, tx: Tx, account: str, device_id: str, visitor: Visitor) -> bool:
        """Forget one device of the account and end its sessions."""
        ours = store.devices.c
        gone = tx.change(delete(store.devices).where(ours.account_id == account, ours.id == device_id))
        if gone:
            tx.execute(
                delete(store.sessions).where(
                    store.sessions.c.account_id == account, store.sessions.c.device_id == device_id
                )
            )
            self._journal.write(
                tx, events.DEVICE_FORGOTTEN.code, visitor=visitor, account=account, facts={"device": device_id}
            )
        return bool(gone)

    def purge(self, tx: Tx, longest: Limits, most: int) -> int:
        """Drop sessions that even the longest limits have ended, and devices whose cookie no browser keeps any more."""
        now, ours, theirs = self._clock.now(), store.sessions.c, store.devices.c
        old = select(ours.token_hash).where(
            (ours.last_seen_at < now - longest.idle) | (ours.started_at < now - longest.absolute)
        )
        faded = select(theirs.id).where(theirs.last_at <= now - DEVICE_LASTS)
        tx.execute(delete(store.devices).where(theirs.id.in_(faded.limit(most))))
        return tx.change(delete(store.sessions).where(ours.token_hash.in_(old.limit(most))))

    def count(self, tx: Tx) -> int:
        """How many sessions there are."""
        return int(tx.scalar(select(func.count()).select_from(store.sessions)))

    def _end_beyond(self, tx: Tx, account: str, visitor: Visitor, parallel: int, *, but: str) -> None:
        for row in tx.all(store.BEYOND, {"account_id": account, "but": but, "kept": parallel - 1}):
            tx.execute(store.END_ONE, {"account": account, "session_id": row.id})
            facts = {"session": row.id, "why": "more than may be open at once"}
            self._journal.write(tx, events.ENDED.code, visitor=visitor, account=account, facts=facts)


def hashed(reference_token: str) -> bytes:
    """How a token stands in the database: a token of 256 bits needs no slow hash."""
    return hashlib.sha256(reference_token.encode("utf-8", "replace")).digest()


SESSION_ROW = store.sessions
"""The table, for the door's check, which reads it beside the account's standing row in one statement."""
SESSION_COLUMNS = tuple(each.label(f"session_{each.name}") for each in store.sessions.c)


def session_beside(row: Row[Any]) -> Session:
    """The session in a row that was read with `SESSION_COLUMNS`."""
    return Session(
        id=row.session_id,
        account_id=row.session_account_id,
        realm=row.session_realm,
        host=row.session_host,
        epoch=row.session_epoch,
        proofs=tuple(proofs_of(row.session_proofs)),
        started_at=row.session_started_at,
        last_seen_at=row.session_last_seen_at,
        browser=row.session_browser,
        source=row.session_source,
        place=row.session_place,
        device_id=row.session_device_id,
        parent=row.session_parent,
    )


def session_of(row: Row[Any]) -> Session:
    """A row of the table as a value."""
    return Session(
        id=row.id,
        account_id=row.account_id,
        realm=row.realm,
        host=row.host,
        epoch=row.epoch,
        proofs=tuple(proofs_of(row.proofs)),
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        browser=row.browser,
        source=row.source,
        place=row.place,
        device_id=row.device_id,
        parent=row.parent,
    )


def proofs_of(encoded: str) -> Iterable[Proof]:
    """Proofs from their stored JSON."""
    pairs = msgspec.json.decode(encoded, type=list[tuple[str, int]])
    return (Proof(method, at) for method, at in pairs)
