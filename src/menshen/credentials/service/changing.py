"""Changing a password: judged by policy, hashed outside the transaction, put in whole with all that follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from menshen.accounts.rules import Standing
from menshen.accounts.service import Accounts
from menshen.codes.service import Codes
from menshen.credentials import events
from menshen.credentials.rules import Try
from menshen.credentials.service import Credentials, Kept, Prepared
from menshen.credentials.service.tries import Tries
from menshen.journal.service import Journal
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Tx
from menshen.kit.texts import when
from menshen.kit.web.visitor import Visitor
from menshen.messages.service import Messages
from menshen.passwords import Person, Profile, Reason, Verdict, judge
from menshen.policy.service import Policy
from menshen.sessions.rules import browser_name
from menshen.sessions.service import Sessions

MAY_CHANGE = frozenset({"active", "closing"})


TOLD = "password.told"
"""The notice of a change, to every verified address."""


@dataclass(frozen=True)
class Proposal:
    """A new password that was judged good and is hashed already; only the transaction is left."""

    account_id: str
    prepared: Prepared
    kept: Kept | None
    profile: Profile

    def of(self, account: str) -> "Proposal":
        """The same for an account that has come into being."""
        return replace(self, account_id=account)


@dataclass(frozen=True)
class NotAllowed:
    """Why nothing changed: `current` wrong, too many tries (`wait` microseconds), or what the verdict says."""

    code: str
    verdict: Verdict | None = None
    wait: int = 0

    @property
    def reasons(self) -> Sequence[Reason]:
        """What the new password must do to be taken."""
        return self.verdict.reasons if self.verdict else ()


@dataclass(frozen=True)
class Changed:
    """The password is changed; `also` is what the caller did in the same transaction."""

    also: Any = None


class Changing:
    """The one way in which a password becomes another, for the account page, forced change, recovery and sign-up."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        credentials: Credentials,
        tries: Tries,
        accounts: Accounts,
        sessions: Sessions,
        codes: Codes,
        policy: Policy,
        journal: Journal,
        messages: Messages,
        base: str,
        context: Sequence[str],
        outliving: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._credentials = credentials
        self._tries = tries
        self._accounts = accounts
        self._sessions = sessions
        self._codes = codes
        self._policy = policy
        self._journal = journal
        self._messages = messages
        self._base = base
        self._context = tuple(context)
        """The company's own words: name, product, domain (ASVS 6.1.2)."""
        self._outliving = tuple(outliving)
        """Purposes of links by which the owner takes back what a thief did: a new password may be the thief's."""

    def person(self, tx: Tx, account: str) -> Person:
        """What a password of this customer must not contain."""
        return msgspec.convert(msgspec.to_builtins(self._accounts.person_facts(tx, account)), Person)

    def verdict(self, new: str, profile: Profile, person: Person | None, *, current: str | None = None) -> Verdict:
        """The judgement that page and server share."""
        return judge(new, person, profile, context=self._context, current=current)

    def change(
        self,
        account: str,
        visitor: Visitor,
        current: str,
        new: str,
        *,
        device: str | None,
        keep_session: str | None = None,
        also: Callable[[Tx, Standing], Any] = lambda tx, standing: None,
    ) -> Changed | NotAllowed:
        """The owner changes the password, proving the present one in the same form. Opens its own transactions."""
        attempt = Try(account, visitor.source, device)
        with self._database.write() as tx:
            standing = self._accounts.standing(tx, account)
            if standing is None or standing.state not in MAY_CHANGE:
                self._refused(tx, account, visitor, "state")
                return NotAllowed("password.refused")
            profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
            toll = self._tries.charge(tx, attempt, profile)
            if not toll.allowed:
                self._refused(tx, account, visitor, "throttled")
                return NotAllowed("password.throttled", wait=toll.wait)
            kept = self._credentials.kept(tx, account)
        checked = self._credentials.check(kept, account, current)
        if not checked.right:
            with self._database.write() as tx:
                self._refused(tx, account, visitor, "current password")
            return NotAllowed("password.current_wrong")
        proposal = self.propose(standing, new, current=current)
        if isinstance(proposal, NotAllowed):
            with self._database.write() as tx:
                self._tries.right(tx, toll, attempt)
                self._refused(tx, account, visitor, "new password")
            return proposal
        with self._database.write() as tx:
            if not self._stands(tx, standing):
                self._refused(tx, account, visitor, "state")
                return NotAllowed("password.refused")
            # Both must hold: the password proven above, and the one that the history was looked at for.
            if not self._credentials.holds(tx, checked) or not self.put(
                tx, proposal, visitor, keep_session=keep_session
            ):
                self._refused(tx, account, visitor, "changed meanwhile")
                return NotAllowed("password.changed_meanwhile")
            self._tries.right(tx, toll, attempt)
            self._tell_owner(tx, standing, visitor)
            now_standing = self._accounts.standing(tx, account)
            return Changed(also(tx, now_standing)) if now_standing else NotAllowed("password.refused")

    def propose(self, standing: Standing, new: str, *, current: str | None) -> Proposal | NotAllowed:
        """Judge and hash a new password; nothing is written. `current` is the password just proven, where one was."""
        with self._database.read() as tx:
            profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
            person = self.person(tx, standing.account_id)
            kept = self._credentials.kept(tx, standing.account_id)
            former = self._credentials.former(tx, standing.account_id, former_of(profile))
        verdict = self.verdict(new, profile, person, current=current)
        if not verdict.accepted:
            return NotAllowed("password.not_good", verdict)
        if profile.password.history and self._credentials.used_before(kept, former, standing.account_id, new):
            return NotAllowed("password.used_before")
        return Proposal(standing.account_id, self._credentials.prepare(new), kept, profile)

    def propose_first(self, person: Person, new: str) -> Proposal | NotAllowed:
        """The same for somebody who has no account yet; `Proposal.of` names it once it exists."""
        with self._database.read() as tx:
            profile = self._policy.effective(tx, ())
        verdict = self.verdict(new, profile, person)
        if not verdict.accepted:
            return NotAllowed("password.not_good", verdict)
        return Proposal("", self._credentials.prepare(new), None, profile)

    def put(self, tx: Tx, proposal: Proposal, visitor: Visitor | None, *, keep_session: str | None = None) -> bool:
        """Put the new password in with all that follows: history, standing row, other sessions ended, links void.

        False where the stored password is no longer the one that was looked at.
        """
        account = proposal.account_id
        keep = former_of(proposal.profile)
        if not self._credentials.replace(
            tx, account, proposal.prepared, keep_former=keep, expected=proposal.kept, visitor=visitor
        ):
            return False
        self._accounts.set_password_facts(tx, account, self._clock.now(), f"policy:{proposal.profile.name}")
        self._accounts.clear_must_change(tx, account)
        self._codes.void(tx, account, but=self._outliving)
        self._sessions.end_all(tx, account, visitor, but=keep_session)
        return True

    def _stands(self, tx: Tx, before: Standing) -> bool:
        """Whether the account may still change its password: neither shut nor ended while we hashed (S-21)."""
        now = self._accounts.standing(tx, before.account_id)
        return now is not None and now.state in MAY_CHANGE and now.epoch == before.epoch

    def _tell_owner(self, tx: Tx, standing: Standing, visitor: Visitor) -> None:
        """Tell every verified address, so that a change by somebody else is noticed (ASVS 6.3.7)."""
        locale = standing.locale or visitor.locale
        facts = {
            "at": when(self._clock.now(), standing.time_zone or visitor.time_zone, locale),
            "browser": browser_name(visitor.browser) or "?",
            "source": visitor.source,
            "link": f"{self._base}/recover",
        }
        for address in self._accounts.addresses(tx, standing.account_id, True):
            self._messages.send(
                tx, TOLD, account=standing.account_id, to=[address], locale=locale, facts=facts, realm=standing.realm
            )

    def _refused(self, tx: Tx, account: str, visitor: Visitor, why: str) -> None:
        self._journal.write(
            tx, events.CHANGE_REFUSED.code, visitor=visitor, account=account, outcome="refused", facts={"why": why}
        )


def former_of(profile: Profile) -> int:
    """How many former passwords are kept: with the present one they are the last N that may not come back."""
    return max(profile.password.history - 1, 0)
