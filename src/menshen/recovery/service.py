"""The verbs of recovery: ask, prove an address by link or code, disown a sign-in, set the new password."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, insert

from menshen.accounts.rules import Standing, candidates, read
from menshen.accounts.service import Accounts
from menshen.codes.rules import Held, Wrong
from menshen.codes.service import Codes
from menshen.credentials.rules import Try
from menshen.credentials.service.changing import Changing, NotAllowed, Proposal
from menshen.credentials.service.tries import Tries
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import MINUTE, Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice, new_id, token
from menshen.kit.texts import when
from menshen.kit.web.visitor import Visitor
from menshen.messages.service import Messages
from menshen.policy.service import Policy
from menshen.recovery import events, store
from menshen.recovery.rules import (
    CHOOSE_WITHIN,
    MAY_RECOVER,
    PURPOSE,
    Finished,
    Proven,
    Refused,
    Step,
    WrongCode,
    budgets,
    lasts,
    may_recover,
    move,
    where_to,
)
from menshen.rotation.service import Rotation
from menshen.sessions.service import Sessions, hashed
from menshen.signin.rules import NOT_ME
from menshen.throttle.service import Throttle

NAMED = "recoveries.named"
TELLING = "recovery.letter"
DONE = "recovery.done"


class Named(msgspec.Struct, frozen=True):
    """What an attempt keeps sealed."""

    who: str
    """Whom the budgets count: the account's id, or the normal form of an unknown name."""
    typed: str
    """What the asking browser typed, to show it again there."""
    address: str
    """The stored address that was written to; empty where none was."""


@dataclass(frozen=True)
class Attempt:
    """A recovery on its way."""

    id: str
    token_hash: bytes
    account_id: str | None
    named: Named
    step: Step
    how: str
    epoch: int
    made_at: int


class Recovery:
    """Each verb opens its own transactions; nothing of an account changes before `choose`."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        dice: Dice,
        keys: Keys,
        journal: Journal,
        throttle: Throttle,
        codes: Codes,
        messages: Messages,
        accounts: Accounts,
        policy: Policy,
        sessions: Sessions,
        tries: Tries,
        changing: Changing,
        rotation: Rotation,
        base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self._throttle = throttle
        self._codes = codes
        self._messages = messages
        self._accounts = accounts
        self._policy = policy
        self._sessions = sessions
        self._tries = tries
        self._changing = changing
        self._rotation = rotation
        self._base = base

    # --- asking

    def begin(self, visitor: Visitor, typed: str, human_task: str, human_answer: str) -> str | Refused:
        """Ask for a way back in. Returns the token of an attempt, which exists for unknown names too."""
        with self._database.write() as tx:
            standing = self._accounts.find(tx, "customer", typed)
            who = standing.account_id if standing else self._normal(typed)
            device = visitor.devices.get(standing.account_id) if standing else None
            profile = self._policy.effective(tx, standing.groups if standing else ())
            if self._tries.needs_human(tx, Try(who, visitor.source, device), profile) and not self._tries.human.passed(
                tx, human_task, human_answer, visitor.source
            ):
                self._note(tx, events.THROTTLED.code, visitor, standing, "human check")
                return Refused("recovery.human")
            toll = self._throttle.charge(tx, budgets(who, visitor.source, device))
            if not toll.allowed:
                self._note(tx, events.THROTTLED.code, visitor, standing, "budget")
                return Refused("recovery.throttled", toll.wait)
            if standing and not may_recover(standing, profile):
                self._note(tx, events.ASKED.code, visitor, standing, standing.state)
                standing = None
            attempt, attempt_token = self._stored(tx, standing, typed, who)
            self._write_to(tx, attempt, standing, visitor)
        return attempt_token

    def again(self, visitor: Visitor, attempt_token: str) -> Refused | None:
        """Send once more; the tries already used up stay used up. Silent where there is nobody to write to."""
        with self._database.write() as tx:
            attempt = self._live(tx, attempt_token)
            if attempt is None or move(attempt.step, "sent_again") is None:
                return Refused("recovery.gone")
            device = visitor.devices.get(attempt.account_id or "")
            toll = self._throttle.charge(tx, budgets(attempt.named.who, visitor.source, device))
            standing = self._recoverable(tx, attempt)
            if not toll.allowed:
                self._note(tx, events.THROTTLED.code, visitor, standing, "budget")
                return Refused("recovery.throttled", toll.wait)
            self._write_to(tx, attempt, standing, visitor)
            until = self._clock.now() + self._lasts(tx, standing)
            tx.change(store.PROLONG, self._here(attempt) | {"until": until})
        return None

    def minutes(self) -> int:
        """How many minutes a code is good for, as the page says it to everyone."""
        with self._database.read() as tx:
            return self._lasts(tx, None) // MINUTE

    def human_task(self) -> str:
        """A task for the human check, for a page that was answered with `recovery.human`."""
        return self._tries.human.task()

    def attempt(self, attempt_token: str) -> Attempt | None:
        """The live attempt of a cookie."""
        with self._database.read() as tx:
            return self._live(tx, attempt_token)

    # --- proving

    def try_code(self, visitor: Visitor, attempt_token: str, code: str) -> Proven | WrongCode | None:
        """Compare the typed code; counted before it is compared. None: nothing is pending any more."""
        with self._database.write() as tx:
            attempt = self._live(tx, attempt_token)
            if attempt is None or move(attempt.step, "proof") is None:
                return None
            found = self._codes.try_typed(tx, PURPOSE, attempt.id, code)
            if isinstance(found, Wrong):
                self._journal.write(
                    tx, events.WRONG.code, visitor=visitor, account=attempt.account_id, outcome="refused"
                )
                return WrongCode(found.tries_left)
            return self._prove(tx, visitor, attempt, found, "typed") if found else None

    def link_lives(self, link: str) -> bool:
        """Whether a link from a mail still opens; looking uses nothing up."""
        with self._database.read() as tx:
            return self._codes.find_link(tx, PURPOSE, link) is not None

    def claim_link(self, visitor: Visitor, link: str) -> Proven | None:
        """The press on the link's button: the attempt moves to this browser."""
        with self._database.write() as tx:
            held = self._codes.find_link(tx, PURPOSE, link)
            row = tx.first(store.BY_ID, {"of": held.facts["attempt"], "now": self._clock.now()}) if held else None
            if held is None or row is None:
                return None
            return self._prove(tx, visitor, self._opened(row), held, "link")

    def disowned_lives(self, link: str) -> bool:
        """Whether the link "this was not me" still opens."""
        with self._database.read() as tx:
            return self._codes.find_link(tx, NOT_ME, link) is not None

    def disown(self, visitor: Visitor, link: str) -> Proven | None:
        """The owner says a sign-in was not theirs: all sessions end, the password must change, recovery is proven."""
        with self._database.write() as tx:
            held = self._codes.find_link(tx, NOT_ME, link)
            if held is None or held.account is None or not self._codes.burn(tx, held):
                return None
            account = held.account
            self._sessions.end_all(tx, account, visitor)
            self._accounts.bump_epoch(tx, account, visitor=visitor)
            self._journal.write(tx, events.DISOWNED.code, visitor=visitor, account=account)
            self._rotation.require_change(tx, account, "owner", who=account, visitor=visitor)
            standing = self._accounts.standing(tx, account)
            if standing is None or standing.state not in MAY_RECOVER:
                return None
            _, attempt_token = self._stored(tx, standing, "", account, proven="disowned")
        return Proven(attempt_token)

    # --- the new password

    def choose(
        self, visitor: Visitor, attempt_token: str, new: str, device_token: str | None
    ) -> Finished | NotAllowed | None:
        """Set the new password with all that follows, in one transaction. None: the attempt is over, nothing changed.

        Runs on a lane thread; judged and hashed before the transaction.
        """
        with self._database.read() as tx:
            attempt = self._live(tx, attempt_token)
            standing = self._recoverable(tx, attempt) if attempt else None
        if attempt is None or standing is None or move(attempt.step, "new_password") is None:
            return None
        proposal = self._changing.propose(standing, new, current=None)
        with self._database.write() as tx:
            if isinstance(proposal, NotAllowed):
                self._note(tx, events.REFUSED.code, visitor, standing, "new password")
                return proposal
            return self._finish(tx, visitor, attempt, proposal, device_token)

    # --- within

    def _finish(
        self, tx: Tx, visitor: Visitor, attempt: Attempt, proposal: Proposal, device_token: str | None
    ) -> Finished | None:
        standing = self._recoverable(tx, attempt)
        if tx.change(store.FINISH, self._here(attempt)) != 1 or standing is None:
            return None
        account = standing.account_id
        if not self._changing.put(tx, proposal, visitor):
            return None
        self._codes.void(tx, account, (NOT_ME,))
        self._accounts.bump_epoch(tx, account, visitor=visitor)
        self._accounts.unlock(tx, account, visitor=visitor)
        self._tries.forgive(tx, account)
        if attempt.named.address:
            proven = read("email", attempt.named.address, self._accounts.settings.region)
            self._accounts.verify_identifier(tx, account, proven, visitor=visitor)
        remembered, _, _ = self._sessions.remember(tx, account, visitor, device_token)
        self._journal.write(tx, events.FINISHED.code, visitor=visitor, account=account, facts={"how": attempt.how})
        self._tell_owner(tx, visitor, standing)
        return Finished(remembered, standing.realm)

    def _tell_owner(self, tx: Tx, visitor: Visitor, standing: Standing) -> None:
        locale = standing.locale or visitor.locale
        facts = {
            "at": when(self._clock.now(), standing.time_zone or visitor.time_zone, locale),
            "source": visitor.source,
            "link": f"{self._base}/recover",
        }
        for address in self._accounts.addresses(tx, standing.account_id, True):
            self._messages.send(tx, DONE, account=standing.account_id, to=[address], locale=locale, facts=facts)

    def _prove(self, tx: Tx, visitor: Visitor, attempt: Attempt, held: Held, how: str) -> Proven | None:
        """Burn what was shown and move on; the browser gets a new token, so that one that only asked is left behind."""
        onward = move(attempt.step, "proof")
        standing = self._recoverable(tx, attempt)
        if onward is None or standing is None or held.account != standing.account_id or not self._codes.burn(tx, held):
            return None
        fresh = token(self._dice)
        values = {"to_step": onward, "by": how, "fresh": hashed(fresh), "until": self._clock.now() + CHOOSE_WITHIN}
        if tx.change(store.PROVE, self._here(attempt) | values) != 1:
            return None
        self._codes.void(tx, standing.account_id, (PURPOSE,))
        self._journal.write(tx, events.PROVEN.code, visitor=visitor, account=standing.account_id, facts={"how": how})
        return Proven(fresh)

    def _recoverable(self, tx: Tx, attempt: Attempt) -> Standing | None:
        """How the account stands now, where it still may recover by this attempt: same epoch, same password, address
        still its own (S-33)."""
        standing = self._accounts.standing(tx, attempt.account_id) if attempt.account_id else None
        if standing is None or standing.epoch != attempt.epoch:
            return None
        if (standing.password_changed_at or 0) > attempt.made_at:
            return None
        if attempt.named.address and attempt.named.address not in self._accounts.addresses(
            tx, standing.account_id, False
        ):
            return None
        profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
        return standing if may_recover(standing, profile) else None

    def _stored(
        self, tx: Tx, standing: Standing | None, typed: str, who: str, *, proven: str = ""
    ) -> tuple[Attempt, str]:
        """Store an attempt; one for an unknown name looks the same from outside."""
        attempt_token, now = token(self._dice), self._clock.now()
        account = standing.account_id if standing else None
        address = self._address(tx, standing, typed) if standing and not proven else None
        named = Named(who, typed[:320], address or "")
        step: Step = "proven" if proven else "asked"
        attempt = Attempt(
            new_id(now, self._dice),
            hashed(attempt_token),
            account if proven or address else None,
            named,
            step,
            proven,
            standing.epoch if standing else 0,
            now,
        )
        row = {
            "id": attempt.id,
            "token_hash": attempt.token_hash,
            "account_id": attempt.account_id,
            "named": self._keys.seal(NAMED, attempt.account_id or "", attempt.id, msgspec.json.encode(named)),
            "step": step,
            "how": proven,
            "epoch": attempt.epoch,
            "made_at": now,
            "expires_at": now + (CHOOSE_WITHIN if proven else self._lasts(tx, standing)),
        }
        tx.execute(insert(store.recoveries), row)
        return attempt, attempt_token

    def _address(self, tx: Tx, standing: Standing, typed: str) -> str | None:
        writable = self._accounts.addresses(tx, standing.account_id, False)
        shown = {name.normal: name.shown for name in self._accounts.identifiers(tx, standing.account_id)}
        addresses = {normal: address for normal, address in shown.items() if address in writable}
        return where_to(addresses, typed, self._accounts.settings.region)

    def _write_to(self, tx: Tx, attempt: Attempt, standing: Standing | None, visitor: Visitor) -> None:
        """Make link and code, for unknown names too, and write to the owner where there is one."""
        account = attempt.account_id if standing else None
        if account:
            self._codes.void(tx, account, (PURPOSE,))
        life = self._lasts(tx, standing)
        link = self._codes.link(tx, PURPOSE, account, lasts=life, facts={"attempt": attempt.id})
        code = self._codes.typed(tx, PURPOSE, account, bound_to=attempt.id, lasts=life)
        self._journal.write(tx, events.ASKED.code, visitor=visitor, account=account)
        if account is None or standing is None:
            return
        facts = {"link": f"{self._base}/recover/link/{link}", "code": code, "minutes": str(life // MINUTE)}
        locale = standing.locale or visitor.locale
        self._messages.send(tx, TELLING, account=account, to=[attempt.named.address], locale=locale, facts=facts)

    def _lasts(self, tx: Tx, standing: Standing | None) -> int:
        default = self._policy.effective(tx, ())
        return lasts(default, self._policy.effective(tx, standing.groups) if standing else default)

    def _live(self, tx: Tx, attempt_token: str) -> Attempt | None:
        row = tx.first(store.BY_TOKEN, {"token": hashed(attempt_token), "now": self._clock.now()})
        return self._opened(row) if row else None

    def _opened(self, row: Row[Any]) -> Attempt:
        opened = self._keys.open(NAMED, row.account_id or "", row.id, row.named)
        named = msgspec.json.decode(opened, type=Named)
        return Attempt(row.id, row.token_hash, row.account_id, named, row.step, row.how, row.epoch, row.made_at)

    def _here(self, attempt: Attempt) -> dict[str, object]:
        return {"of": attempt.id, "at_step": attempt.step, "of_token": attempt.token_hash}

    def _normal(self, typed: str) -> str:
        """How an unknown name is counted: in its normal form, so that spellings share one budget (S-19)."""
        forms = candidates(typed[:320], self._accounts.settings.region)
        return f"customer:{forms[0] if forms else typed[:320].strip().casefold()}"

    def _note(self, tx: Tx, code: str, visitor: Visitor, standing: Standing | None, why: str) -> None:
        account = standing.account_id if standing else None
        self._journal.write(tx, code, visitor=visitor, account=account, outcome="refused", facts={"why": why})
