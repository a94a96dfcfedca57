"""Counting tries of passwords before they are checked, in one way for every door that checks one (S-22)."""

from menshen.credentials.rules import Try, budgets, suspicion
from menshen.kit.database import Tx
from menshen.passwords import Profile
from menshen.throttle.rules import Budget, Toll
from menshen.throttle.service import Throttle
from menshen.throttle.service.human import HumanCheck


class Tries:
    """Charges a try to whoever is named and to where it comes from; a right password gives its own charge back."""

    def __init__(self, throttle: Throttle, human: HumanCheck, strangers_a_minute: int) -> None:
        self._throttle = throttle
        self._strangers = Budget("password:strangers", strangers_a_minute, 60_000_000)
        self.human = human

    def charge(self, tx: Tx, attempt: Try, profile: Profile) -> Toll:
        """Count one try; the caller commits whatever comes out."""
        return self._throttle.charge(tx, budgets(attempt, profile))

    def needs_human(self, tx: Tx, attempt: Try, profile: Profile) -> bool:
        """Whether the house or this source is under attack, so that strangers must show some work."""
        if attempt.device is not None:
            return False
        return not self._throttle.peek(tx, [self._strangers, suspicion(attempt)]).allowed

    def suspect(self, tx: Tx, attempt: Try) -> None:
        """Note a wrong try; a few from one network, or many in all, bring strangers the human check."""
        if attempt.device is None:
            for budget in (suspicion(attempt), self._strangers):
                self._throttle.charge(tx, [budget])

    def right(self, tx: Tx, toll: Toll, attempt: Try) -> None:
        """The password was right: its own charge comes back, and the run of wrong ones is broken."""
        self._throttle.give_back(tx, toll)
        runs = [budget.key for budget in toll.charged if budget.key.startswith("password:run:")]
        if runs:
            self._throttle.clear(tx, runs)

    def forgive(self, tx: Tx, account: str) -> None:
        """The owner has proven themself another way (recovery): a stranger's tries no longer stand against them."""
        self._throttle.clear(tx, [f"password:{kind}:{account}" for kind in ("burst", "hour", "lock", "run")])
