"""What all verbs of `operators` stand on: the tools they were given, and the rights of an operator."""

from collections.abc import Mapping

from menshen.accounts.service import Accounts
from menshen.codes.service import Codes
from menshen.credentials.service.changing import Changing
from menshen.journal.service import Journal
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice, new_id
from menshen.kit.room import Act
from menshen.messages.service import Messages
from menshen.operators import store
from menshen.operators.rules import CLI, rights
from menshen.policy.service import Policy
from menshen.signin.service import SignIn


class Ground:
    """The tools."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        dice: Dice,
        journal: Journal,
        codes: Codes,
        messages: Messages,
        accounts: Accounts,
        policy: Policy,
        changing: Changing,
        signin: SignIn,
        base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._journal = journal
        self._codes = codes
        self._messages = messages
        self._accounts = accounts
        self._policy = policy
        self._changing = changing
        self._signin = signin
        self._base = base
        self._acts: Mapping[str, Act] = {}

    def settled(self, tx: Tx) -> bool:
        """Whether the first operator has come in: it ends the set-up list and the printing of links, for good."""
        return tx.first(store.SETTLED) is not None

    def rights(self, tx: Tx, account: str) -> frozenset[str]:
        """All rights of an operator, or of the command line."""
        everything = self._policy.permissions("operator")
        if account == CLI:
            return everything
        return rights([row.role for row in tx.all(store.ROLES_OF, {"account": account})], everything)

    def _new_id(self) -> str:
        return new_id(self._clock.now(), self._dice)
