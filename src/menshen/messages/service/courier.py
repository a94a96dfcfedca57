"""Carrying the outbox out: claim one message, hand it to its line with no transaction open, write what became of it."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, TypeVar

import msgspec

from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import Clock
from menshen.kit.database import Database
from menshen.kit.dice import Dice, new_id
from menshen.messages import events, store
from menshen.messages.rules import LEASE, Kind, Letter, Reply, delay, kind_of, scrubbed
from menshen.messages.senders.line import Carry, Line, LineDown
from menshen.messages.service.outbox import ADDRESSES, FACTS

MOST_AT_ONCE = 500
"""Letters of one run, so that other jobs of the node get their turn."""

T = TypeVar("T")


class Courier:
    """Sends what is due. Any number of nodes may run one: a claim is a lease, and only its holder settles it."""

    def __init__(
        self, database: Database, clock: Clock, dice: Dice, keys: Keys, journal: Journal, lines: Mapping[Kind, Line]
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self._lines = lines

    def deliver(self) -> int:
        """Send what is due, and tell how many messages were sent. Without any line everything waits, untried."""
        sent = 0
        if not self._lines:
            return sent
        with ExitStack() as closing:
            open_lines = _OpenLines(self._lines, closing)
            for _ in range(MOST_AT_ONCE):
                claimed = self._claim()
                if claimed is None:
                    break
                sent += self._send(claimed, open_lines)
        return sent

    def _claim(self) -> Any | None:
        now = self._clock.now()
        with self._database.write() as tx:
            return store.claim(tx, new_id(now, self._dice), now, now + LEASE)

    def _send(self, row: Any, lines: "_OpenLines") -> bool:
        try:
            addresses = self._read(ADDRESSES, row, row.addresses, list[str])
            facts = self._read(FACTS, row, row.facts, dict[str, str])
        except Exception as fault:
            # A row that cannot be read must not stand before the others for ever.
            return self._settle(row, [], row.place, "", Reply("later", f"fault: {type(fault).__name__}"))
        place = self._next_place(addresses, row.place)
        if place is None:
            return self._settle(row, addresses, row.place, "", Reply("later", "no line for this address"))
        to, kind = addresses[place], kind_of(addresses[place])
        letter = Letter(row.id, row.code, to, row.locale, facts, row.realm, row.tries, row.made_at)
        return self._settle(row, addresses, place, kind, lines.carry(kind, letter))

    def _read(self, where: str, row: Any, sealed: bytes, shape: type[T]) -> T:
        return msgspec.json.decode(self._keys.open(where, row.account_id or "", row.id, sealed), type=shape)

    def _next_place(self, addresses: list[str], start: int) -> int | None:
        return next((at for at in range(start, len(addresses)) if kind_of(addresses[at]) in self._lines), None)

    def _settle(self, row: Any, addresses: list[str], place: int, kind: str, reply: Reply) -> bool:
        now = self._clock.now()
        values: dict[str, Any] = {"line": kind, "place": place, "reason": scrubbed(reply.reason, addresses)}
        if reply.outcome == "sent":
            values |= {"state": "sent", "done_at": now}
        elif reply.outcome == "later":
            values |= {"state": "waiting", "next_at": now + delay(row.tries)}
        elif self._next_place(addresses, place + 1) is not None:
            values |= {"state": "waiting", "next_at": now, "place": place + 1}
        else:
            values |= {"state": "refused", "done_at": now}
        with self._database.write() as tx:
            settled = store.settle(tx, row.id, row.claim, values, blank=reply.outcome == "sent")
            if settled and values["state"] in ("sent", "refused"):
                sent = values["state"] == "sent"
                self._journal.write(
                    tx,
                    events.SENT if sent else events.REFUSED,
                    account=row.account_id,
                    actor="system",
                    outcome="done" if sent else "failed",
                    facts={"message": row.code, "outbox": row.id, "line": kind, "tries": row.tries},
                )
        return reply.outcome == "sent"


class _OpenLines:
    """The connections of one run, each opened at its first letter and forgotten when it breaks."""

    def __init__(self, lines: Mapping[Kind, Line], closing: ExitStack) -> None:
        self._lines = lines
        self._closing = closing
        self._open: dict[Kind, Carry] = {}

    def carry(self, kind: Kind, letter: Letter) -> Reply:
        """Hand a letter to its line. Whatever goes wrong is a reason to try again, and never holds up the others."""
        try:
            if kind not in self._open:
                self._open[kind] = self._closing.enter_context(self._lines[kind].open())
            return self._open[kind](letter)
        except LineDown as down:
            self._open.pop(kind, None)
            return Reply("later", str(down))
        except Exception as fault:
            return Reply("later", f"fault: {type(fault).__name__}")
