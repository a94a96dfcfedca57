"""The verbs of the journal: write, tell a story, read in order, hold, and claim work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import get_ident
from typing import Any, Literal

import msgspec

from menshen.journal import events, rules
from menshen.journal.rules import Entry, Event, Fact, Outcome, Unfit
from menshen.journal.service.readers import Count, Counting, Reader, counts, listen
from menshen.journal.store import keeping, rows
from menshen.journal.store.keeping import create_partitions
from menshen.kit.clock import Clock
from menshen.kit.database import Tx
from menshen.kit.dice import Dice, new_id
from menshen.kit.web.visitor import Visitor

__all__ = [
    "Count",
    "Counting",
    "Entry",
    "Event",
    "Hold",
    "Journal",
    "Reader",
    "Unfit",
    "counts",
    "create_partitions",
    "listen",
]

SYSTEM = "system"
"""The actor where nobody asked: jobs."""


@dataclass(frozen=True)
class Hold:
    """A legal hold that stands."""

    id: str
    account: str | None
    since: int | None
    until: int | None
    reason: str
    placed_at: int
    placed_by: str


class Journal:
    """Where every decision is written, in the transaction of what it tells of."""

    def __init__(self, clock: Clock, dice: Dice, codes: Iterable[str] = ()) -> None:
        self._clock = clock
        self._dice = dice
        self._process = dice.bytes(8).hex()
        self._codes = {event.code for event in events.EVENTS} | set(codes)

    def register(self, codes: Iterable[str]) -> None:
        """Learn what a room can announce; any other code is refused."""
        self._codes.update(codes)

    def write(
        self,
        tx: Tx,
        code: str,
        *,
        visitor: Visitor | None = None,
        account: str | None = None,
        actor: str | None = None,
        outcome: Outcome = "done",
        facts: Mapping[str, Fact] | None = None,
        personal: Mapping[str, str | None] | None = None,
        realm: Literal["customer", "operator"] | None = None,
    ) -> str:
        """Write one event and tell its id.

        `visitor` gives source, browser, correlation and realm. `account` is whose event it is; `actor` who did it: by
        default the visitor's account, else the account itself, else "system" ("cli" is given by the command line).
        `facts` tell of no person: they are never erased. `personal` can be, and an account's are erased with it.
        Raises Unfit for an unknown code, a name that promises a secret, or a value that JSON does not keep exactly.
        """
        row = self._row(code, visitor, account, actor, outcome, facts, personal, realm)
        rows.write(tx, row)
        return str(row["id"])

    def write_many(self, tx: Tx, code: str, accounts: Sequence[str], *, actor: str) -> None:
        """Write the same event to each of these accounts at once, where somebody did to many what tells of no more."""
        if accounts:
            rows.write(tx, [self._row(code, account=account, actor=actor) for account in accounts])

    def history(self, tx: Tx, account: str, *, limit: int = 50, before: str | None = None) -> Sequence[Entry]:
        """An account's events, the newest first; `before` is the id of the last one already shown."""
        return rows.story(tx, account, limit, before)

    def claim(self, tx: Tx, work: str, lease: int) -> bool:
        """Take a piece of due work for `lease` microseconds; False while another holds it."""
        now = self._clock.now()
        return keeping.claim(tx, work, self._holder(), now, now + lease)

    def release(self, tx: Tx, work: str) -> bool:
        """Give the work back; False where the claim lapsed and another took it, so that nothing may be concluded."""
        return keeping.release(tx, work, self._holder())

    def place_hold(
        self,
        tx: Tx,
        *,
        reason: str,
        actor: str,
        account: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> str:
        """Keep an account's events, or everybody's of a time, from erasure and trimming. Tells the hold's id."""
        if account is None and since is None and until is None:
            raise Unfit("a legal hold names an account or a time")
        now = self._clock.now()
        hold = new_id(now, self._dice)
        row = {"id": hold, "account_id": account, "since": since, "until": until, "reason": rules.visible(reason)}
        keeping.add_hold(tx, row | {"placed_at": now, "placed_by": actor, "released_at": None})
        facts = {"hold": hold, "reason": reason, "since": since, "until": until}
        self.write(tx, events.HOLD_PLACED, account=account, actor=actor, facts=facts)
        return hold

    def lift_hold(self, tx: Tx, hold: str, *, actor: str) -> bool:
        """Lift a legal hold; False where it does not stand."""
        lifted = keeping.lift_hold(tx, hold, self._clock.now())
        if lifted is None:
            return False
        self.write(tx, events.HOLD_LIFTED, account=lifted.account_id, actor=actor, facts={"hold": hold})
        return True

    def holds(self, tx: Tx) -> Sequence[Hold]:
        """The legal holds that stand, the eldest first."""
        return [
            Hold(row.id, row.account_id, row.since, row.until, row.reason, row.placed_at, row.placed_by)
            for row in keeping.standing_holds(tx)
        ]

    def held(self, tx: Tx, account: str) -> bool:
        """Whether erasing this account must wait: a hold names it, or covers one of its events."""
        return keeping.held(tx, account)

    def trim(self, tx: Tx, before: int, limit: int = 500) -> int:
        """Delete events of before an instant that no hold covers; their leaf hashes stay. Tells how many."""
        trimmed = keeping.trim(tx, before, limit)
        if trimmed:
            self.write(tx, events.TRIMMED, facts={"before": before, "count": trimmed})
        return trimmed

    def _holder(self) -> str:
        return f"{self._process}.{get_ident()}"

    def _row(
        self,
        code: str,
        visitor: Visitor | None = None,
        account: str | None = None,
        actor: str | None = None,
        outcome: Outcome = "done",
        facts: Mapping[str, Fact] | None = None,
        personal: Mapping[str, str | None] | None = None,
        realm: Literal["customer", "operator"] | None = None,
    ) -> Mapping[str, Any]:
        if code not in self._codes:
            raise Unfit(f"no room has announced that it writes {code!r}")
        now = self._clock.now()
        seen = {"source": visitor.source, "browser": visitor.browser} if visitor else {}
        values = rules.personal({**seen, **(personal or {})})
        salts = [self._dice.bytes(rules.SALT_BYTES) for _ in values]
        body = rules.Body(
            account=account,
            actor=actor or (visitor and visitor.account_id) or account or (None if visitor else SYSTEM),
            at=now,
            code=code,
            correlation=rules.visible(visitor.correlation) if visitor else "",
            facts=rules.facts(facts or {}),
            id=new_id(now, self._dice),
            outcome=outcome,
            personal={name: rules.salted(salt, values[name]) for name, salt in zip(values, salts, strict=True)},
            realm=realm or (visitor.realm if visitor else "customer"),
        )
        text = rules.body(body)
        kept = {name: (salt.hex(), values[name]) for name, salt in zip(values, salts, strict=True)}
        return {
            "id": body.id,
            "at": now,
            "code": code,
            "account_id": account,
            "actor": body.actor,
            "realm": body.realm,
            "outcome": outcome,
            "correlation": body.correlation,
            "body": text,
            "personal": msgspec.json.encode(kept).decode() if kept else None,
            "leaf": rules.leaf(text),
        }
