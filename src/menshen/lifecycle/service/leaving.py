"""The verbs of leaving: close with a grace period, erase when it is over, keep the list of erasures and replay it."""

from collections.abc import Callable, Sequence

from sqlalchemy import Table

from menshen.accounts.service import Accounts
from menshen.codes.service import Codes
from menshen.journal.service import Entry
from menshen.kit.clock import DAY, Clock
from menshen.kit.database import Database, Tx
from menshen.kit.room import Query
from menshen.kit.texts import day
from menshen.kit.web.visitor import Visitor
from menshen.lifecycle.store.erasures import Erased, Erasures
from menshen.messages.service import Messages
from menshen.sessions.service import Sessions

CLOSING = "lifecycle.closing"
PAGE = 200
"""Closing accounts looked at in one go."""


class Leaving:
    """Each verb opens its own transactions; `hear` is called in the reader's."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        codes: Codes,
        messages: Messages,
        accounts: Accounts,
        sessions: Sessions,
        erasures: Erasures,
        tables: Callable[[], Sequence[Table]],
        grace: int,
        base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._codes = codes
        self._messages = messages
        self._accounts = accounts
        self._sessions = sessions
        self._erasures = erasures
        self._tables = tables
        self._grace = grace
        self._base = base

    def until(self) -> int:
        """Until when an account closed now could be called back."""
        return self._clock.now() + self._grace

    @property
    def grace_days(self) -> int:
        """The grace period in days."""
        return self._grace // DAY

    def close(self, visitor: Visitor, account: str) -> int | None:
        """The owner leaves: sessions end, links die, a mail says until when signing in calls it back. None: not now."""
        until = self.until()
        with self._database.write() as tx:
            if not self._accounts.begin_closing(tx, account, until, visitor=visitor):
                return None
            self._sessions.end_all(tx, account, visitor)
            self._codes.void(tx, account)
            standing = self._accounts.standing(tx, account)
            locale = (standing.locale if standing else None) or visitor.locale
            zone = (standing.time_zone if standing else None) or visitor.time_zone
            facts = {"until": day(until, zone, locale), "link": f"{self._base}/sign-in"}
            for address in self._accounts.addresses(tx, account, True):
                self._messages.send(tx, CLOSING, account=account, to=[address], locale=locale, facts=facts)
        return until

    def erase_due(self) -> int:
        """Erase accounts whose grace period is over, each in a transaction of its own; tells how many."""
        erased, after = 0, ""
        while True:
            with self._database.read() as tx:
                closing = self._accounts.select(tx, Query(state="closing"), after=after, limit=PAGE)
            due = [each.account_id for each in closing if (each.closing_until or 0) <= self._clock.now()]
            erased += sum(self._erase(account) for account in due)
            if len(closing) < PAGE:
                break
            after = closing[-1].account_id
        if erased:
            self._database.checkpoint()
        return erased

    def hear(self, tx: Tx, event: Entry) -> None:
        """Write an erasure into the list. The event is committed already, and is heard again until this has happened;
        a line that then comes twice is known by the event's id."""
        if event.account:
            self._erasures.append(Erased(event.account, event.at, event.id))

    def replay(self) -> int:
        """Erase again who stands in the list and is back, as after a restore; tells how many were."""
        again = 0
        for account in dict.fromkeys(each.account for each in self._erasures.read()):
            with self._database.write() as tx:
                standing = self._accounts.standing(tx, account)
                if standing is not None and standing.state != "erased":
                    again += self._accounts.erase(tx, account, self._tables(), actor="system", again=True)
        return again

    def _erase(self, account: str) -> bool:
        """Asked again inside: the owner may have come back, or a legal hold may stand."""
        with self._database.write() as tx:
            standing = self._accounts.standing_held(tx, account)
            if standing is None or standing.state != "closing" or (standing.closing_until or 0) > self._clock.now():
                return False
            if self._accounts.on_hold(tx, account):
                return False
            return self._accounts.erase(tx, account, self._tables(), actor="system")
