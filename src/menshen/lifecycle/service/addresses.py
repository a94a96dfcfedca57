"""The verbs over a customer's addresses: ask for a change, prove the new one, take it back; every one is told."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, insert

from menshen.accounts.rules import Identifier, Standing, Taken, Unusable, read
from menshen.accounts.service import Accounts
from menshen.codes.rules import Held, Wrong
from menshen.codes.service import Codes
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import DAY, MINUTE, Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice, new_id, token
from menshen.kit.texts import when
from menshen.kit.web.visitor import Visitor
from menshen.lifecycle.rules.addresses import (
    LASTS,
    MOST,
    PURPOSE,
    REVERT_LASTS,
    Past,
    Swap,
    budgets,
    may_take_back,
    undone_with,
)
from menshen.lifecycle.service.joining import Denied
from menshen.lifecycle.store import rows
from menshen.messages.service import Messages
from menshen.rotation.service import Rotation
from menshen.sessions.service import Sessions
from menshen.throttle.service import Throttle

SWAP = "address_changes.swap"
PROOF = "lifecycle.address_letter"
HELD_ALREADY = "lifecycle.address_known"
CHANGED = "lifecycle.address_changed"
TOLD = "lifecycle.address_told"
NOTHING = "-"
"""Stands in a notice where no address came or went."""


@dataclass(frozen=True)
class Pending:
    """A change that waits for its proof."""

    id: str
    swap: Swap
    epoch: int


class _Taken(Exception):
    """An address that was to come back belongs to somebody else by now: nothing of this transaction stays."""


class Addresses:
    """Each verb opens its own transactions."""

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
        sessions: Sessions,
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
        self._sessions = sessions
        self._rotation = rotation
        self._base = base

    def of(self, account: str) -> list[Identifier]:
        """The customer's addresses, in order of preference."""
        with self._database.read() as tx:
            return self._mails(tx, account)

    # --- asking and proving

    def ask(self, visitor: Visitor, account: str, typed: str, old: str) -> str | Denied:
        """Ask for a new address, in place of `old` or beside the others. Returns the change's name.

        An address that another account holds gets a mail that says so; the page says the same as ever.
        """
        try:
            wanted = read("email", typed, self._accounts.settings.region)
        except Unusable as unusable:
            return Denied(unusable.code)
        with self._database.write() as tx:
            standing = self._accounts.standing(tx, account)
            mails = self._mails(tx, account)
            replaced = next((mail for mail in mails if mail.shown == old), None)
            if standing is None or (old and replaced is None):
                return Denied("lifecycle.address.gone")
            if any(mail.normal == wanted.normal and mail.state == "verified" for mail in mails):
                return Denied("lifecycle.address.yours")
            if not old and len(mails) >= MOST and all(mail.normal != wanted.normal for mail in mails):
                return Denied("lifecycle.address.most")
            toll = self._throttle.charge(tx, budgets(account, wanted.normal))
            if not toll.allowed:
                return Denied("lifecycle.throttled", toll.wait)
            pending = Pending(new_id(self._clock.now(), self._dice), Swap(wanted.shown, old), standing.epoch)
            self._put(tx, account, pending, LASTS)
            self._write_to(tx, visitor, standing, pending, wanted)
        return pending.id

    def pending(self, account: str, change: str) -> Pending | None:
        """The change of this customer that waits for its proof."""
        with self._database.read() as tx:
            return self._pending(tx, account, change)

    def try_code(self, visitor: Visitor, account: str, change: str, code: str) -> Swap | Wrong | Denied | None:
        """Compare the code that was sent to the new address; counted before it is compared."""
        with self._database.write() as tx:
            pending = self._pending(tx, account, change)
            if pending is None:
                return None
            found = self._codes.try_typed(tx, PURPOSE, pending.id, code)
            if isinstance(found, Wrong) or found is None:
                return found
            return self._do(tx, visitor, account, pending, found)

    def of_link(self, account: str, link: str) -> Pending | None:
        """What a link would do for this very customer; nobody else can use it."""
        with self._database.read() as tx:
            held = self._codes.find_link(tx, PURPOSE, link)
            return self._pending(tx, account, held.facts["change"]) if held and held.account == account else None

    def confirm_link(self, visitor: Visitor, account: str, link: str) -> Swap | Denied | None:
        """The press on the link's button, in a session of the customer who asked."""
        with self._database.write() as tx:
            held = self._codes.find_link(tx, PURPOSE, link)
            pending = self._pending(tx, account, held.facts["change"]) if held and held.account == account else None
            return self._do(tx, visitor, account, pending, held) if held and pending else None

    def remove(self, visitor: Visitor, account: str, shown: str) -> Swap | Denied:
        """Take an address away; a proven one must stay, for it is the way back in."""
        with self._database.write() as tx:
            standing, mails = self._accounts.standing(tx, account), self._mails(tx, account)
            gone = next((mail for mail in mails if mail.shown == shown), None)
            if standing is None or gone is None:
                return Denied("lifecycle.address.gone")
            if not any(mail.state == "verified" for mail in mails if mail is not gone):
                return Denied("lifecycle.address.last")
            before = self._accounts.addresses(tx, account, True)
            pending = Pending(new_id(self._clock.now(), self._dice), Swap(old=shown), standing.epoch)
            self._accounts.remove_identifier(tx, account, gone, visitor=visitor)
            self._put(tx, account, pending, LASTS)
            self._conclude(tx, visitor, standing, pending, before)
        return pending.swap

    # --- taking back

    def of_revert(self, link: str) -> Swap | None:
        """What a notice's link would take back; looking changes nothing."""
        with self._database.read() as tx:
            row = tx.first(rows.BY_REVERT, {"digest": self._digest(link), "now": self._clock.now()})
            return self._opened(row) if row else None

    def revert(self, visitor: Visitor, link: str) -> bool | Denied:
        """Take a change back with all that belongs to it: addresses as before, sessions ended, a new password due."""
        try:
            with self._database.write() as tx:
                return self._take_back(tx, visitor, link)
        except _Taken:
            return Denied("lifecycle.revert.taken")

    # --- within

    def _take_back(self, tx: Tx, visitor: Visitor, link: str) -> bool:
        row = tx.first(rows.BY_REVERT, {"digest": self._digest(link), "now": self._clock.now()})
        if row is None:
            return False
        account = row.account_id
        change = Past(row.id, self._opened(row), row.done_at)
        for past in undone_with(change, self._past(tx, account)):
            if tx.change(rows.REVERT, {"of": past.id}) == 1:
                self._undo(tx, visitor, account, past.swap)
        self._codes.void(tx, account)
        self._sessions.end_all(tx, account, visitor)
        self._accounts.bump_epoch(tx, account, visitor=visitor)
        self._rotation.require_change(tx, account, "owner", who=account, visitor=visitor)
        self._journal.write(tx, "address.reverted", visitor=visitor, account=account)
        return True

    def _do(self, tx: Tx, visitor: Visitor, account: str, pending: Pending, held: Held) -> Swap | Denied | None:
        standing = self._accounts.standing(tx, account)
        if standing is None or standing.epoch != pending.epoch or held.account != account:
            return None
        if not self._codes.burn(tx, held):
            return None
        before = self._accounts.addresses(tx, account, True)
        if isinstance(self._apply(tx, visitor, account, pending.swap), Taken):
            return Denied("lifecycle.address.taken")
        return pending.swap if self._conclude(tx, visitor, standing, pending, before) else None

    def _apply(self, tx: Tx, visitor: Visitor, account: str, swap: Swap) -> Taken | None:
        new = self._read(swap.new).verified()
        if not swap.old:
            return self._accounts.verify_identifier(tx, account, new, visitor=visitor)
        return self._accounts.replace_identifier(tx, account, self._read(swap.old), new, visitor=visitor)

    def _undo(self, tx: Tx, visitor: Visitor, account: str, swap: Swap) -> None:
        """The old one comes back before the new one goes, so that the account never stands without a name."""
        if swap.old and self._accounts.verify_identifier(tx, account, self._read(swap.old), visitor=visitor):
            raise _Taken
        if swap.new:
            self._accounts.remove_identifier(tx, account, self._read(swap.new), visitor=visitor)

    def _conclude(
        self, tx: Tx, visitor: Visitor, standing: Standing, pending: Pending, before: tuple[str, ...]
    ) -> bool:
        """Mark it done, end all links that older addresses may hold, and tell every address (ASVS 6.3.7)."""
        now, account = self._clock.now(), standing.account_id
        told_back = may_take_back(before, self._past(tx, account), now)
        revert = token(self._dice)
        values = {"of": pending.id, "now": now, "digest": self._digest(revert), "until": now + REVERT_LASTS}
        if tx.change(rows.DO_CHANGE, values) != 1:
            return False
        self._codes.void(tx, account)
        locale = standing.locale or visitor.locale
        facts = {
            "at": when(now, standing.time_zone or visitor.time_zone, locale),
            "new": pending.swap.new or NOTHING,
            "old": pending.swap.old or NOTHING,
        }
        for address in dict.fromkeys((*before, *self._accounts.addresses(tx, account, True))):
            if address in told_back:
                back = {"link": f"{self._base}/email/revert/{revert}", "days": str(REVERT_LASTS // DAY)}
                self._messages.send(tx, CHANGED, account=account, to=[address], locale=locale, facts=facts | back)
            else:
                self._messages.send(tx, TOLD, account=account, to=[address], locale=locale, facts=facts)
        return True

    def _write_to(self, tx: Tx, visitor: Visitor, standing: Standing, pending: Pending, wanted: Identifier) -> None:
        account, locale = standing.account_id, standing.locale or visitor.locale
        link = self._codes.link(tx, PURPOSE, account, lasts=LASTS, facts={"change": pending.id})
        code = self._codes.typed(tx, PURPOSE, account, bound_to=pending.id, lasts=LASTS)
        self._journal.write(tx, "address.asked", visitor=visitor, account=account, personal={"name": wanted.shown})
        holder = self._accounts.find(tx, standing.realm, wanted.normal)
        if holder is not None and holder.account_id != account:
            if wanted.shown in self._accounts.addresses(tx, holder.account_id, False):
                self._messages.send(
                    tx, HELD_ALREADY, account=holder.account_id, to=[wanted.shown], locale=locale, facts={}
                )
            return
        facts = {"link": f"{self._base}/account/email/link/{link}", "code": code, "minutes": str(LASTS // MINUTE)}
        self._messages.send(tx, PROOF, account=account, to=[wanted.shown], locale=locale, facts=facts)

    def _put(self, tx: Tx, account: str, pending: Pending, lasts: int) -> None:
        row = {
            "id": pending.id,
            "account_id": account,
            "step": "asked",
            "swap": self._keys.seal(SWAP, account, pending.id, msgspec.json.encode(pending.swap)),
            "epoch": pending.epoch,
            "revert_hash": None,
            "done_at": None,
            "expires_at": self._clock.now() + lasts,
        }
        tx.execute(insert(rows.address_changes), row)

    def _pending(self, tx: Tx, account: str, change: str) -> Pending | None:
        row = tx.first(rows.CHANGE, {"of": change, "account": account, "now": self._clock.now()})
        return Pending(row.id, self._opened(row), row.epoch) if row else None

    def _past(self, tx: Tx, account: str) -> list[Past]:
        found = tx.all(rows.DONE_OF, {"account": account, "now": self._clock.now()})
        return [Past(row.id, self._opened(row), row.done_at) for row in found]

    def _mails(self, tx: Tx, account: str) -> list[Identifier]:
        return [name for name in self._accounts.identifiers(tx, account) if name.kind == "email"]

    def _read(self, shown: str) -> Identifier:
        return read("email", shown, self._accounts.settings.region)

    def _opened(self, row: Row[Any]) -> Swap:
        return msgspec.json.decode(self._keys.open(SWAP, row.account_id, row.id, row.swap), type=Swap)

    def _digest(self, link: str) -> bytes:
        return self._keys.mac("lifecycle.revert", link.encode("utf-8", "replace"))
