"""Writing messages in the transaction of the decision that causes them, and asking what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import Clock
from menshen.kit.database import Fault, Tx
from menshen.kit.dice import Dice, new_id
from menshen.kit.room import MessageCode
from menshen.kit.web.visitor import Visitor
from menshen.messages import events, store
from menshen.messages.rules import KEEP_DONE, Queued, check_facts, kind_of, masked

ADDRESSES = "outbox.addresses"
FACTS = "outbox.facts"


class Messages:
    """The outbox. What a message says is sealed while it waits and blanked once it is sent or worth nothing."""

    def __init__(self, clock: Clock, dice: Dice, keys: Keys, journal: Journal) -> None:
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self._codes: dict[str, MessageCode] = {}

    def register(self, codes: Iterable[MessageCode]) -> None:
        """Take over the message codes of all rooms; once, at start."""
        self._codes |= {code.code: code for code in codes}

    def send(
        self,
        tx: Tx,
        code: str,
        *,
        account: str | None,
        to: Sequence[str],
        locale: str,
        facts: Mapping[str, str],
        realm: str = "customer",
        once: str | None = None,
    ) -> None:
        """Write one message to one person: it goes to the first address of `to` that takes it.

        Whoever must be told at every address gets a message for each. `once` names the cause: a second message with
        the same cause is not written. Raises BadMessage for an address or fact that must not go out.
        """
        known = self._codes.get(code)
        if known is None:
            raise Fault(f"no room offers the message {code}")
        if not to:
            return
        for address in to:
            kind_of(address)
        check_facts(known, facts)
        now = self._clock.now()
        message = new_id(now, self._dice)
        store.add(
            tx,
            {
                "id": message,
                "code": code,
                "realm": realm,
                "account_id": account,
                "addresses": self._keys.seal(ADDRESSES, account or "", message, msgspec.json.encode(list(to))),
                "place": 0,
                "locale": locale,
                "facts": self._keys.seal(FACTS, account or "", message, msgspec.json.encode(dict(facts))),
                "line": "",
                "state": "waiting",
                "tries": 0,
                "next_at": now,
                "claim": None,
                "lease_until": 0,
                "made_at": now,
                "expires_at": now + known.lasts,
                "done_at": None,
                "once": once,
                "reason": "",
            },
        )

    def drop_for(self, tx: Tx, account: str) -> int:
        """Drop what waits for an account that was suspended or erased, and blank it; tells how many."""
        dropped = store.drop(tx, account, self._clock.now())
        if dropped:
            self._journal.write(tx, events.DROPPED, account=account, actor="system", facts={"count": dropped})
        return dropped

    def retry(self, tx: Tx, message: str, visitor: Visitor) -> bool:
        """Have a waiting or refused message tried at once; False where it is finished or its body is gone."""
        row = store.retry(tx, message, self._clock.now())
        if row is None:
            return False
        facts = {"message": row.code, "outbox": message}
        self._journal.write(tx, events.RETRIED, visitor=visitor, account=row.account_id, facts=facts)
        return True

    def listing(
        self,
        tx: Tx,
        *,
        state: str | None = None,
        account: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Queued]:
        """Messages, newest first; `before` is the id of the last one seen."""
        return [self._queued(row) for row in store.page(tx, state, account, before, limit)]

    def counts(self, tx: Tx) -> dict[str, int]:
        """How many messages are in each state."""
        return store.counts(tx)

    def lag(self, tx: Tx) -> int:
        """Microseconds that the oldest unsent message has waited; 0 where none does."""
        oldest = store.oldest_waiting(tx)
        return 0 if oldest is None else max(self._clock.now() - oldest, 0)

    def expire(self, tx: Tx, limit: int) -> int:
        """Blank up to `limit` messages that lost their worth; tells how many expired unsent."""
        expired = store.expire(tx, self._clock.now(), limit)
        for row in expired:
            facts = {"message": row.code, "outbox": row.id}
            self._journal.write(
                tx, events.EXPIRED, account=row.account_id, actor="system", outcome="failed", facts=facts
            )
        return len(expired)

    def forget_done(self, tx: Tx, limit: int) -> int:
        """Delete up to `limit` rows finished thirty days ago."""
        return store.forget(tx, self._clock.now() - KEEP_DONE, limit)

    def _queued(self, row: Any) -> Queued:
        to = ""
        if row.addresses is not None:
            opened = self._keys.open(ADDRESSES, row.account_id or "", row.id, row.addresses)
            addresses = msgspec.json.decode(opened, type=list[str])
            to = masked(addresses[min(row.place, len(addresses) - 1)])
        body_there = row.facts is not None and row.expires_at > self._clock.now()
        return Queued(
            id=row.id,
            code=row.code,
            account=row.account_id,
            to=to,
            state=row.state,
            line=row.line,
            tries=row.tries,
            reason=row.reason,
            made_at=row.made_at,
            next_at=row.next_at,
            expires_at=row.expires_at,
            done_at=row.done_at,
            retriable=body_there and row.state in ("waiting", "refused"),
        )
