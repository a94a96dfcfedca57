"""The verbs of the journal: write, tell a story, read in order, hold, and claim work."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from menshen.journal import events, rules
from menshen.journal.rules import Entry, Event, Fact, Outcome, Unfit
from menshen.journal.store import rows
from menshen.kit.clock import Clock
from menshen.kit.database import Tx
from menshen.kit.dice import Dice, new_id
from menshen.kit.web.visitor import Visitor

__all__ = ["Entry", "Event", "Journal", "Unfit"]

SYSTEM = "system"
"""The actor where nobody asked: jobs."""


class Journal:
    """Where every decision is written, in the transaction of what it tells of."""

    def __init__(self, clock: Clock, dice: Dice, codes: Iterable[str] = ()) -> None:
        self._clock = clock
        self._dice = dice
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
        rows.write(
            tx,
            {
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
            },
        )
        return body.id

    def history(self, tx: Tx, account: str, *, limit: int = 50, before: str | None = None) -> Sequence[Entry]:
        """An account's events, the newest first; `before` is the id of the last one already shown."""
        return rows.story(tx, account, limit, before)
