"""Inviting operators and letting them in: one link, one password, one role."""

from dataclasses import dataclass

from menshen.accounts.rules import Identifier, Standing, Taken, Unusable, read
from menshen.accounts.service import as_standing
from menshen.codes.rules import Held
from menshen.credentials.service.changing import NotAllowed, Proposal
from menshen.kit.database import Tx
from menshen.kit.room import Query
from menshen.kit.web.visitor import Visitor
from menshen.operators import events, store
from menshen.operators.rules import INVITATION, MAILED_LASTS, MAY_BE_INVITED, OWNER, PRINTED_LASTS, Refusal
from menshen.operators.service.ground import Ground
from menshen.signin.rules import Outcome, Wish


@dataclass(frozen=True)
class Invited:
    """An invitation stands; `link` is there only where no mail carries it."""

    account_id: str
    link: str | None


@dataclass(frozen=True)
class Operator:
    """An operator as a list shows them."""

    standing: Standing
    address: str
    role: str
    """Empty: none."""


class Inviting(Ground):
    """Nobody becomes an operator but by an invitation to an address."""

    def invite(
        self, tx: Tx, email: str, *, actor: str, locale: str, visitor: Visitor | None = None
    ) -> Invited | Refusal:
        """Invite an address. The link comes back only until the first operator has come in; then it leaves by mail."""
        try:
            address = self._read(email)
        except Unusable:
            return Refusal("operators.invite.address", {"typed": email[:100]})
        standing = self._accounts.find(tx, "operator", email)
        if standing is None:
            created = self._accounts.create(tx, "operator", state="invited", identifiers=(address,), actor=actor)
            if isinstance(created, Taken):
                return Refusal("operators.invite.alike", {"typed": email[:100]})
            account = created
        elif standing.state not in MAY_BE_INVITED:
            return Refusal("operators.invite.state", {"typed": email[:100]})
        else:
            account = standing.account_id
        printed = not self.settled(tx)
        if printed:
            self._void_others(tx)
        lasts = PRINTED_LASTS if printed else MAILED_LASTS
        token = self._codes.link(tx, INVITATION, account, lasts=lasts, facts={"first": "1" if printed else ""})
        link = f"{self._base}/console/welcome/{token}"
        self._journal.write(
            tx,
            events.INVITED.code,
            visitor=visitor,
            account=account,
            actor=actor,
            facts={"by_mail": not printed},
            personal={"address": address.shown},
            realm="operator",
        )
        if printed:
            return Invited(account, link)
        self._messages.send(
            tx, INVITATION, account=account, to=[address.shown], locale=locale, facts={"link": link}, realm="operator"
        )
        return Invited(account, None)

    def guest(self, link: str) -> Standing | None:
        """Whom a live link invites; looking uses nothing up, since mail scanners look too."""
        with self._database.read() as tx:
            held = self._live(tx, link)
            return self._accounts.standing(tx, held.account) if held and held.account else None

    def come_in(self, visitor: Visitor, link: str, new: str, wish: Wish) -> Outcome | NotAllowed | None:
        """Take the invitation up with a new password, and sign in. None: the link was used, replaced or expired.

        Password, role and session come in one transaction: whoever has a role has signed in. Runs on a lane thread.
        """
        standing = self.guest(link)
        if standing is None:
            return None
        proposal = self._changing.propose(standing, new, current=None)
        if isinstance(proposal, NotAllowed):
            return proposal
        try:
            with self._database.write() as tx:
                return self._let_in(tx, visitor, link, proposal, wish)
        except _Gone:
            return None

    def operators(self, tx: Tx) -> tuple[Operator, ...]:
        """All operators, invited ones included."""
        rows = tx.all(store.OPERATORS)
        return tuple(
            Operator(as_standing(row), self._address(tx, row.account_id) or "", row.role or "") for row in rows
        )

    # --- within

    def _let_in(self, tx: Tx, visitor: Visitor, link: str, proposal: Proposal, wish: Wish) -> Outcome:
        held = self._live(tx, link)
        if held is None or held.account != proposal.account_id or not self._codes.burn(tx, held):
            raise _Gone
        if held.facts.get("first") and not store.settle(tx, self._clock.now()):
            raise _Gone
        account = proposal.account_id
        address = self._address(tx, account)
        if address is None or not self._changing.put(tx, proposal, visitor):
            raise _Gone
        self._accounts.verify_identifier(tx, account, self._read(address), visitor=visitor)
        self._accounts.activate(tx, account, visitor=visitor)
        if store.give(tx, account, OWNER, self._clock.now(), account):
            facts = {"role": OWNER}
            self._journal.write(tx, events.ROLE_GIVEN.code, visitor=visitor, account=account, facts=facts)
        self._journal.write(tx, events.CAME.code, visitor=visitor, account=account)
        return self._signin.conclude_new(tx, visitor, account, wish)

    def _live(self, tx: Tx, link: str) -> Held | None:
        """The link, where it may still be used by an account that may still come in."""
        held = self._codes.find_link(tx, INVITATION, link)
        standing = self._accounts.standing(tx, held.account) if held and held.account else None
        if held is None or standing is None or standing.state not in MAY_BE_INVITED:
            return None
        return None if held.facts.get("first") and self.settled(tx) else held

    def _void_others(self, tx: Tx) -> None:
        """Of links printed on the terminal only the newest is worth anything."""
        for each in self._accounts.select(tx, Query(), realm="operator"):
            self._codes.void(tx, each.account_id, (INVITATION,))

    def _read(self, email: str) -> Identifier:
        return read("email", email, self._accounts.settings.region)

    def _address(self, tx: Tx, account: str) -> str | None:
        return next(iter(self._accounts.addresses(tx, account, False)), None)


class _Gone(Exception):
    """The link was used, replaced or outrun in the meantime; nothing of this transaction stays."""
