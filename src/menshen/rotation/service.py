"""Rotation's verbs: is a change due, require one of a customer, a group or all, and lift it again."""

from menshen.accounts.rules.standing import Standing
from menshen.accounts.service import Accounts
from menshen.journal.service import Journal
from menshen.kit.clock import Clock
from menshen.kit.database import Tx
from menshen.kit.dice import Dice, new_id, token
from menshen.kit.room import Query
from menshen.kit.web.visitor import Visitor
from menshen.passwords import Profile
from menshen.policy.rules import Refusal
from menshen.policy.service import Policy
from menshen.rotation import rules, store
from menshen.rotation.rules import Cause, Due, Reason

EDITION = store.EDITION
"""The edition of the reasons as a subquery, for rooms that read it within a statement of their own."""
LARGEST_LIST = 1000
"""Accounts named one by one in one transaction (HOUSE: at most 1,000 rows, then rest)."""


class Rotation:
    """Who must change the password, why, since when and by when."""

    def __init__(self, clock: Clock, dice: Dice, journal: Journal, accounts: Accounts, policy: Policy) -> None:
        self._clock = clock
        self._dice = dice
        self._journal = journal
        self._accounts = accounts
        self._policy = policy
        self._known: tuple[str, tuple[Reason, ...]] | None = None

    # --- the question

    def change_due(self, tx: Tx, standing: Standing, profile: Profile) -> Due | None:
        """The change asked of this customer now, the earliest deadline first; None while there is none."""
        return rules.change_due(standing, self._meaning(tx, standing), profile.rotation, self._clock.now())

    def change_due_at(self, edition: str, standing: Standing, profile: Profile) -> tuple[bool, Due | None]:
        """(whether it can be told without asking the database, the change due): this node must have read just this
        edition, and no reason of the account's own may stand."""
        known = self._known
        if known is None or known[0] != edition or standing.must_change:
            return False, None
        return True, rules.change_due(standing, known[1], profile.rotation, self._clock.now())

    def every_due(self, tx: Tx, standing: Standing, profile: Profile) -> list[Due]:
        """All changes this customer faces, earliest deadline first, the coming one by age included."""
        found = rules.every_due(standing, self._meaning(tx, standing), profile.rotation, self._clock.now())
        return sorted(found, key=lambda due: (due.by, due.since))

    def noticed(self, tx: Tx, account: str) -> Due | None:
        """The change that this customer should hear of by now; one that is months away is no news."""
        standing = self._accounts.standing(tx, account)
        if standing is None:
            return None
        return self.change_due(tx, standing, self._policy.effective(tx, standing.groups, realm=standing.realm))

    def dues_of(self, tx: Tx, account: str) -> list[Due]:
        """The same for an account by its id; nothing for one that is not there."""
        standing = self._accounts.standing(tx, account)
        if standing is None:
            return []
        return self.every_due(tx, standing, self._policy.effective(tx, standing.groups, realm=standing.realm))

    def reasons_for_many(self, tx: Tx) -> tuple[Reason, ...]:
        """Reasons not lifted that mean a group, a query or all."""
        return self._for_many(tx)

    def reasons_for(self, tx: Tx, account: str) -> tuple[Reason, ...]:
        """Reasons not lifted that mean this account, alone or among many, and that no newer password has outlived."""
        standing = self._accounts.standing(tx, account)
        if standing is None:
            return ()
        written = (*self._for_many(tx), *store.live_for_one(tx, account))
        return tuple(each for each in written if rules.holds(each, standing, standing.password_changed_at or 0))

    # --- requiring and lifting

    def require_change(
        self,
        tx: Tx,
        scope: Query | str,
        cause: Cause,
        *,
        by: int | None = None,
        who: str,
        visitor: Visitor | None = None,
    ) -> tuple[str, ...] | Refusal:
        """Require a new password of one account (its id) or of all whom a query means; gives the reasons' ids.

        In force for everyone at the commit: a query touches no account's row, its reason holds for all whose
        password is older than now. `by` is the instant from which nobody comes in without changing; None: at once.
        """
        now = self._clock.now()
        by = max(by or now, now)
        if isinstance(scope, Query) and scope.account_ids is None:
            return self._require_of_many(tx, scope, cause, now, by, who, visitor)
        named = (scope,) if isinstance(scope, str) else scope.account_ids or ()
        if len(named) > LARGEST_LIST:
            return Refusal("rotation.too_many", {"most": LARGEST_LIST})
        meant = [standing for account in sorted(set(named)) if (standing := self._held(tx, account, scope))]
        refusals = [found for standing in meant if (found := self._refused_for_one(tx, standing, cause))]
        if refusals or not meant:
            return refusals[0] if refusals else Refusal("rotation.nobody")
        return tuple(self._require_of_one(tx, each, cause, now, by, who, visitor) for each in meant)

    def would_refuse(self, tx: Tx, account: str, cause: Cause) -> Refusal | None:
        """Whether a change could not be required of this account now, and why."""
        standing = self._held(tx, account)
        return Refusal("rotation.nobody") if standing is None else self._refused_for_one(tx, standing, cause)

    def lift(self, tx: Tx, reason_id: str, *, who: str, visitor: Visitor | None = None) -> Refusal | None:
        """Lift a reason; where it was the mark of an account, the next reason takes its place or the mark goes."""
        found = store.live(tx, reason_id)
        if found is None:
            return Refusal("rotation.not_standing", {"reason": reason_id})
        account, reason = found
        standing = self._held(tx, account) if account is not None else None
        if not store.lift(tx, reason_id, self._clock.now(), who):
            return Refusal("rotation.not_standing", {"reason": reason_id})
        if standing is not None:
            self._mark_next(tx, standing, reason)
        elif account is None:
            store.new_edition(tx, token(self._dice))
        facts = {"reason": reason_id, "cause": reason.cause}
        self._journal.write(tx, "rotation.lifted", account=account, actor=who, visitor=visitor, facts=facts)
        return None

    # --- within

    def _meaning(self, tx: Tx, standing: Standing) -> tuple[Reason, ...]:
        """Reasons that may mean this customer; those of the account itself are looked up only where a mark says so."""
        own = store.live_for_one(tx, standing.account_id) if standing.must_change else ()
        return (*self._for_many(tx), *own)

    def _for_many(self, tx: Tx) -> tuple[Reason, ...]:
        edition = store.edition_of(tx)
        known = self._known
        if known is None or known[0] != edition:
            known = self._known = (edition, store.live_for_many(tx))
        return known[1]

    def _held(self, tx: Tx, account: str, scope: Query | str | None = None) -> Standing | None:
        """The standing row, with requiring and lifting for this account held back until this transaction ends."""
        store.hold(tx, account)
        standing = self._accounts.standing(tx, account)
        if standing is None or standing.state == "erased":
            return None
        return standing if not isinstance(scope, Query) or rules.means(scope, standing) else None

    def _refused_for_one(self, tx: Tx, standing: Standing, cause: Cause) -> Refusal | None:
        if not standing.has_password:
            return Refusal("rotation.no_password")
        profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
        return _age_forbidden(cause, profile)

    def _require_of_one(
        self, tx: Tx, standing: Standing, cause: Cause, now: int, by: int, who: str, visitor: Visitor | None
    ) -> str:
        account = standing.account_id
        scope = Query(account_ids=(account,))
        reason = Reason(new_id(now, self._dice), scope, cause, now, by, who)
        marked = _mark_of(standing, new_id(now, self._dice))
        own = store.live_for_one(tx, account)
        if marked is not None and not any(_same_mark(each, marked) for each in own):
            store.add(tx, [(account, marked)], now)  # left by another room: lifting ours must bring it back
        store.add(tx, [(account, reason)], now)
        if marked is None or by < marked.by:
            self._accounts.mark_must_change(tx, account, cause, by)
        self._announce(tx, reason, account, visitor)
        return reason.reason_id

    def _require_of_many(
        self, tx: Tx, scope: Query, cause: Cause, now: int, by: int, who: str, visitor: Visitor | None
    ) -> tuple[str, ...] | Refusal:
        if scope.group is not None:
            refusal = _age_forbidden(cause, self._policy.effective(tx, [scope.group]))
            if refusal is not None:
                return refusal
        reason = Reason(new_id(now, self._dice), scope, cause, now, by, who)
        store.add(tx, [(None, reason)], now)
        store.new_edition(tx, token(self._dice))
        self._announce(tx, reason, None, visitor)
        return (reason.reason_id,)

    def _mark_next(self, tx: Tx, standing: Standing, lifted: Reason) -> None:
        """Put the next reason's mark in the standing row where the lifted one's stood."""
        marked = _mark_of(standing, "")
        if marked is None or not _same_mark(lifted, marked):
            return
        changed = standing.password_changed_at or 0
        own = [each for each in store.live_for_one(tx, standing.account_id) if changed < each.since]
        following = min(own, key=lambda each: each.by, default=None)
        if following is None:
            self._accounts.clear_must_change(tx, standing.account_id)
        else:
            self._accounts.mark_must_change(tx, standing.account_id, following.cause, following.by)

    def _announce(self, tx: Tx, reason: Reason, account: str | None, visitor: Visitor | None) -> None:
        facts: dict[str, str | int | None] = {
            "reason": reason.reason_id,
            "cause": reason.cause,
            "by": reason.by,
            "group": reason.scope.group,
        }
        self._journal.write(tx, "rotation.required", account=account, actor=reason.who, visitor=visitor, facts=facts)


def _age_forbidden(cause: Cause, profile: Profile) -> Refusal | None:
    """C2: where a profile forbids change for age alone, nobody may force it by hand either."""
    if cause != "age" or not profile.rotation.forced_forbidden:
        return None
    clause = profile.clause("rotation.forced_forbidden")
    return Refusal("rotation.age_forbidden", {"policy": profile.name, "clause": clause})


def _mark_of(standing: Standing, reason_id: str) -> Reason | None:
    """The mark in a standing row as a reason."""
    if not standing.must_change:
        return None
    # A standing mark means the present password, also one that an import dated to the same instant.
    since = max(standing.must_change_since or 0, (standing.password_changed_at or 0) + 1)
    by = standing.must_change_by if standing.must_change_by is not None else since
    scope = Query(account_ids=(standing.account_id,))
    return Reason(reason_id, scope, rules.known_cause(standing.must_change_why), since, by, "system")


def _same_mark(reason: Reason, marked: Reason) -> bool:
    return reason.cause == marked.cause and reason.by == marked.by
