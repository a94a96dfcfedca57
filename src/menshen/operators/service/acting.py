"""Running what can be done to an account: right, fresh proof, reason, preview, do, journal; and taking it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from menshen.keys.service import Rotated
from menshen.kit.database import Tx
from menshen.kit.room import Act
from menshen.kit.web.visitor import Visitor
from menshen.operators import events, store
from menshen.operators.rules import CLI, LONGEST_WHY, UNDO_WITHIN, Done, Planned, Refusal, arguments_from
from menshen.operators.service.ground import Ground
from menshen.sessions.rules import assurance, newest_proof
from menshen.signin.rules import MAY_SIGN_IN


@dataclass(frozen=True)
class Run:
    """An act that was done lately and can still be taken back."""

    id: str
    verb: str
    account_id: str
    who: str
    at: int


class Acting(Ground):
    """The one way in which anything is done to an account by somebody else."""

    def note_rotation(self, rotated: Rotated) -> None:
        """Put a rotation of the key ring on record: that room stands below the journal."""
        if not rotated.moved and not rotated.retired:
            return
        with self._database.write() as tx:
            if rotated.moved:
                facts = {"values": rotated.moved, "broken": len(rotated.broken)}
                self._journal.write(tx, "keys.rotated", actor=CLI, facts=facts, realm="operator")
            for key in rotated.retired:
                self._journal.write(tx, "keys.retired", actor=CLI, facts={"key": key}, realm="operator")

    def learn(self, acts: Iterable[Act]) -> None:
        """Take over the acts of all rooms; once, at start."""
        self._acts = {act.verb: act for act in acts}

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything that can be done."""
        return tuple(self._acts.values())

    def plan(
        self, tx: Tx, visitor: Visitor, verb: str, account: str, arguments: Mapping[str, str]
    ) -> Planned | Refusal:
        """What an act would do; nothing is written. A refusal where it may not or would change nothing."""
        act = self._acts.get(verb)
        if act is None:
            return Refusal("operators.act.unknown", {"verb": verb[:100]})
        refusal = self._unallowed(tx, visitor, act)
        if refusal is not None:
            return refusal
        if self._accounts.standing(tx, account) is None:
            return Refusal("operators.act.nobody")
        read = arguments_from(act.arguments, arguments)
        if read is None:
            return Refusal("operators.act.arguments", {"verb": verb})
        preview = act.preview(tx, account, read)
        if preview.count == 0:
            return Refusal(preview.sentence, preview.values)
        return Planned(act, read, preview)

    def run(
        self, tx: Tx, visitor: Visitor, verb: str, account: str, arguments: Mapping[str, str], why: str
    ) -> Done | Refusal:
        """Do it, for the reason given. The caller commits whatever comes out: a refusal is written down too."""
        planned = self.plan(tx, visitor, verb, account, arguments)
        reason = " ".join(why.split())[:LONGEST_WHY]
        if isinstance(planned, Planned) and not reason:
            planned = Refusal("operators.act.why_missing")
        if isinstance(planned, Refusal):
            return self._refused(tx, visitor, verb, account, planned)
        try:
            with tx.connection.begin_nested():
                return self._do(tx, visitor, planned, account, reason)
        except _NoOwnerLeft:
            return self._refused(tx, visitor, verb, account, Refusal("operators.act.last_owner"))

    def undo(self, tx: Tx, visitor: Visitor, run_id: str) -> Done | Refusal:
        """Take back what a run did, within a day and once."""
        row = store.run(tx, run_id)
        act = self._acts.get(row.verb) if row else None
        if row is None or act is None or act.undo is None or not self._recent(row.at):
            return Refusal("operators.undo.not_possible")
        refusal = self._unallowed(tx, visitor, act)
        if refusal is not None:
            return self._refused(tx, visitor, act.verb, row.account_id, refusal)
        try:
            with tx.connection.begin_nested():
                return self._take_back(tx, visitor, act, row)
        except _NoOwnerLeft:
            return self._refused(tx, visitor, act.verb, row.account_id, Refusal("operators.act.last_owner"))

    def recent(self, tx: Tx, account: str) -> tuple[Run, ...]:
        """What was done to an account lately and can still be taken back, the newest first."""
        rows = tx.all(store.SINCE, {"account": account, "since": self._clock.now() - UNDO_WITHIN})
        return tuple(
            Run(row.id, row.verb, row.account_id, row.who, row.at)
            for row in rows
            if (act := self._acts.get(row.verb)) is not None and act.undo is not None and row.kept is not None
        )

    def account_of(self, tx: Tx, run_id: str) -> str | None:
        """Whom a run was about."""
        row = store.run(tx, run_id)
        return str(row.account_id) if row else None

    def target(self, tx: Tx, named: str) -> str:
        """The account that an id, address or name on the command line means; what is neither is given back."""
        found = self._accounts.find(tx, "customer", named) or self._accounts.find(tx, "operator", named)
        return found.account_id if found else named

    # --- within

    def _unallowed(self, tx: Tx, visitor: Visitor, act: Act) -> Refusal | None:
        """Why this visitor may not run this act now: no right to it, or a proof that is too weak or too old for it."""
        if visitor.account_id == CLI:
            return None
        standing = self._accounts.standing(tx, visitor.account_id or "")
        if standing is None or visitor.realm != "operator" or act.verb not in self.rights(tx, standing.account_id):
            return Refusal("operators.act.no_right")
        profile = self._policy.effective(tx, standing.groups, realm="operator")
        demand = self._policy.demand("operator", act.verb, profile)
        age = self._clock.now() - newest_proof(visitor.proofs)
        stale = demand.fresh_within is not None and age > demand.fresh_within
        return Refusal("operators.act.again") if stale or assurance(visitor.proofs) < demand.level else None

    def _do(self, tx: Tx, visitor: Visitor, planned: Planned, account: str, why: str) -> Done:
        """Written down first, so that an act that erases the person takes the reason along."""
        act, run_id, who = planned.act, self._new_id(), visitor.account_id or CLI
        tx.all(store.OWNERS_HELD)
        row = {
            "id": run_id,
            "verb": act.verb,
            "account_id": account,
            "arguments": msgspec.json.encode(planned.arguments).decode(),
            "who": who,
            "why": why,
            "at": self._clock.now(),
        }
        store.add_run(tx, row)
        self._note(tx, events.DONE.code, visitor, act.verb, account, run_id, {"why": why})
        kept = act.do(tx, account, planned.arguments, visitor)
        if act.undo is not None:
            tx.execute(store.KEEP, {"run_id": run_id, "what": msgspec.json.encode(dict(kept)).decode()})
        self._keep_an_owner(tx)
        return Done(run_id, act.undo is not None)

    def _take_back(self, tx: Tx, visitor: Visitor, act: Act, row: Any) -> Done | Refusal:
        tx.all(store.OWNERS_HELD)
        values = {"run_id": row.id, "now": self._clock.now(), "by": visitor.account_id or CLI}
        if act.undo is None or row.kept is None or tx.change(store.UNDO, values) != 1:
            return Refusal("operators.undo.not_possible")
        act.undo(tx, row.account_id, msgspec.json.decode(row.kept), visitor)
        self._note(tx, events.UNDONE.code, visitor, act.verb, row.account_id, row.id, {})
        self._keep_an_owner(tx)
        return Done(row.id, False)

    def _keep_an_owner(self, tx: Tx) -> None:
        """Whatever was done, once the house has owners one of them must still be able to come in (S-96)."""
        if self.settled(tx) and not tx.scalar(store.ABLE_OWNERS, {"able": sorted(MAY_SIGN_IN)}):
            raise _NoOwnerLeft

    def _recent(self, at: int) -> bool:
        return self._clock.now() - at < UNDO_WITHIN

    def _refused(self, tx: Tx, visitor: Visitor, verb: str, account: str, refusal: Refusal) -> Refusal:
        known = self._accounts.standing(tx, account)
        self._journal.write(
            tx,
            events.REFUSED.code,
            visitor=visitor,
            account=known.account_id if known else None,
            outcome="refused",
            facts={"verb": verb[:100], "why": refusal.code},
        )
        return refusal

    def _note(
        self,
        tx: Tx,
        event: str,
        visitor: Visitor,
        verb: str,
        account: str,
        run_id: str,
        personal: Mapping[str, str],
    ) -> None:
        facts = {"verb": verb, "run": run_id}
        self._journal.write(tx, event, visitor=visitor, account=account, facts=facts, personal=personal)


class _NoOwnerLeft(Exception):
    """Nothing of what was just done may stay."""
