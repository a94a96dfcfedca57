"""How an account stands: facts that other rooms write here in their own transaction, and moves between states."""

from sqlalchemy import bindparam, or_, update

from menshen.accounts.rules import MOVES
from menshen.accounts.service.ground import MINE, Ground, as_json, from_json
from menshen.accounts.store import accounts
from menshen.kit.database import Tx
from menshen.kit.web.visitor import Visitor

RAISE = update(accounts).where(MINE).values(epoch=accounts.c.epoch + 1, version=accounts.c.version + 1)
RAISE_EPOCH = RAISE.returning(accounts.c.epoch)
SAW = (
    update(accounts)
    .where(MINE, or_(accounts.c.last_seen_day.is_(None), accounts.c.last_seen_day < bindparam("day")))
    .values(last_seen_day=bindparam("day"))
)


class Standings(Ground):
    """Verbs over the standing row; each is one compare-and-set or holds the row."""

    def set_password_facts(self, tx: Tx, account: str, changed_at: int | None, klass: str | None) -> None:
        """What `credentials` knows of the password now; `changed_at` None: there is none any more.

        Like every fact of another room it is journaled there, by the room that knows why.
        """
        row = self._locked(tx, account)
        methods = {*from_json(row.methods)} - {"password"} | ({"password"} if changed_at is not None else set())
        self._set(tx, account, password_changed_at=changed_at, password_class=klass, methods=as_json(methods))

    def set_method(
        self,
        tx: Tx,
        account: str,
        method: str,
        ready: bool,
        *,
        visitor: Visitor | None = None,
        actor: str | None = None,
    ) -> bool:
        """Say that a way of signing in stands ready, or no longer does; False where that was known."""
        row = self._locked(tx, account)
        present = {*from_json(row.methods)}
        if (method in present) == ready:
            return False
        self._set(tx, account, methods=as_json(present | {method} if ready else present - {method}))
        code = "account.method_added" if ready else "account.method_removed"
        self._note(tx, code, account, visitor, actor, facts={"method": method})
        return True

    def mark_must_change(
        self,
        tx: Tx,
        account: str,
        why: str,
        by: int | None,
        *,
        visitor: Visitor | None = None,
        actor: str | None = None,
    ) -> None:
        """Say why the password has to be changed, and until when there is time (None: at the next sign-in)."""
        self._locked(tx, account)
        self._set(tx, account, must_change_why=why, must_change_since=self._clock.now(), must_change_by=by)
        self._note(tx, "account.must_change", account, visitor, actor, facts={"why": why, "by": by})

    def clear_must_change(
        self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> bool:
        """Take the reason away, with the new password or because it fell away; False where none stood."""
        row = self._locked(tx, account)
        if row.must_change_why is None:
            return False
        self._set(tx, account, must_change_why=None, must_change_since=None, must_change_by=None)
        self._note(tx, "account.must_change_cleared", account, visitor, actor, facts={"why": row.must_change_why})
        return True

    def bump_epoch(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> int:
        """End all authority given out so far; the new epoch, or 0 where there is no such account."""
        epoch: int | None = tx.scalar(RAISE_EPOCH, {"account": account})
        if epoch is None:
            return 0
        self._note(tx, "account.epoch_raised", account, visitor, actor, facts={"epoch": epoch})
        return epoch

    def saw(self, tx: Tx, account: str, day: int) -> bool:
        """Remember the day (from 1970, UTC) on which the person was last here; False where it is known already."""
        return tx.change(SAW, {"account": account, "day": day}) == 1

    def activate(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> bool:
        """An invited person came."""
        return self._move(tx, account, "activate", visitor, actor)

    def suspend(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> bool:
        """Shut an account by an operator's decision: authority ends, waiting messages are dropped."""
        if not self._move(tx, account, "suspend", visitor, actor):
            return False
        self._drop_messages(tx, account)
        return True

    def resume(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> bool:
        """Lift a suspension: the account stands as it did before."""
        return self._move(tx, account, "resume", visitor, actor)

    def lock(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> bool:
        """Lock an account, as a profile with hard locks demands after too many wrong tries."""
        return self._move(tx, account, "lock", visitor, actor)

    def unlock(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> bool:
        """Lift a lock."""
        return self._move(tx, account, "unlock", visitor, actor)

    def begin_closing(
        self, tx: Tx, account: str, until: int, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> bool:
        """The owner wants to leave; until then it can be called back."""
        if not self._move(tx, account, "begin_closing", visitor, actor):
            return False
        self._set(tx, account, closing_until=until)
        return True

    def cancel_closing(self, tx: Tx, account: str, *, visitor: Visitor | None = None, actor: str | None = None) -> bool:
        """The owner stays."""
        if not self._move(tx, account, "cancel_closing", visitor, actor):
            return False
        self._set(tx, account, closing_until=None)
        return True

    def _move(self, tx: Tx, account: str, verb: str, visitor: Visitor | None, actor: str | None) -> bool:
        """Make a move of `MOVES`; False where the account does not stand where it starts."""
        move = MOVES[verb]
        row = self._locked(tx, account)
        if row.state not in move.starts:
            return False
        epoch = row.epoch + 1 if move.ends_authority else row.epoch
        before = row.state if verb == "suspend" else None
        state = move.to or row.state_before or "active"
        now = self._clock.now()
        self._set(tx, account, state=state, state_before=before, state_since=now, epoch=epoch)
        self._note(tx, move.event, account, visitor, actor, facts={"from": row.state, "to": state})
        return True
