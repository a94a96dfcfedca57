"""Charging tries: counted before they are checked, whole or not at all."""

from collections.abc import Iterable, Sequence

from menshen.keys.service import Keys
from menshen.kit.clock import Clock
from menshen.kit.database import Tx
from menshen.throttle import store
from menshen.throttle.rules import Budget, Level, Toll, spend, stale_at


class Throttle:
    """Budgets in the database. Their keys may hold what a person typed, so they are kept as keyed hashes only."""

    def __init__(self, clock: Clock, keys: Keys) -> None:
        self._clock = clock
        self._keys = keys

    def charge(self, tx: Tx, budgets: Sequence[Budget]) -> Toll:
        """Take one try from every budget, or from none where one is spent.

        The caller commits before it checks the try, and commits a refusal too: else the count is lost (S-15).
        """
        if not budgets:
            return Toll(allowed=True)
        named = self._named(budgets)
        return self._decided(named, store.take(tx, named), tx)

    def peek(self, tx: Tx, budgets: Sequence[Budget]) -> Toll:
        """What a charge would come to now; nothing is charged."""
        named = self._named(budgets)
        return self._decided(named, store.look(tx, named), None)

    def give_back(self, tx: Tx, toll: Toll) -> None:
        """Return what was charged: for a try that turned out right. Once per toll."""
        store.give_back(tx, {key: budget.step for key, budget in self._named(toll.charged).items()})

    def clear(self, tx: Tx, keys: Iterable[str]) -> None:
        """Make these budgets whole and forget that they were ever shut."""
        store.forget(tx, [self._name(key) for key in keys])

    def forget_stale(self, tx: Tx, limit: int) -> int:
        """Delete up to `limit` rows of budgets that are whole again; tells how many went."""
        return store.forget_stale(tx, self._clock.now(), limit)

    def _decided(self, named: dict[bytes, Budget], levels: dict[bytes, Level], tx: Tx | None) -> Toll:
        now = self._clock.now()
        spent = {key: spend(levels.get(key, Level()), budget, now) for key, budget in named.items()}
        refusing = {key: wait for key, (_, wait) in spent.items() if wait}
        if tx:
            moved = refusing or spent
            store.write(tx, {key: (spent[key][0], stale_at(spent[key][0], named[key])) for key in sorted(moved)})
        if refusing:
            refused_by = tuple(named[key].key for key in refusing)
            return Toll(allowed=False, wait=max(refusing.values()), refused_by=refused_by)
        return Toll(allowed=True, charged=tuple(named.values()))

    def _named(self, budgets: Iterable[Budget]) -> dict[bytes, Budget]:
        listed = list(budgets)
        named = {self._name(budget.key): budget for budget in listed}
        if len(named) < len(listed):
            raise ValueError("two budgets of one charge share a key: one of them would not be counted")
        return named

    def _name(self, key: str) -> bytes:
        return self._keys.mac("throttle.key", key.encode())
