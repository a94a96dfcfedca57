"""Purging former passwords that no profile asks for any more, also for customers who never change theirs again."""

from menshen.accounts.service import Accounts
from menshen.credentials import store
from menshen.credentials.service import Credentials
from menshen.credentials.service.changing import former_of
from menshen.kit.database import Database, Tx
from menshen.policy.service import Policy

BATCH = 500


class Forgetting:
    """Walks the accounts that have a history and keeps what their profile, as it is now, still wants."""

    def __init__(self, database: Database, accounts: Accounts, policy: Policy, credentials: Credentials) -> None:
        self._database = database
        self._accounts = accounts
        self._policy = policy
        self._credentials = credentials

    def run(self) -> int:
        """Purge them all in short transactions; tells how many former passwords went."""
        after, gone = "", 0
        while True:
            with self._database.read() as tx:
                rows = tx.all(store.HISTORIES, {"after": after, "most": BATCH})
                over = {row.account_id: keep for row in rows if row.number > (keep := self._keep(tx, row.account_id))}
            if over:
                with self._database.write() as tx:
                    gone += sum(self._credentials.forget_former(tx, account, keep) for account, keep in over.items())
            if len(rows) < BATCH:
                return gone
            after = rows[-1].account_id

    def _keep(self, tx: Tx, account: str) -> int:
        standing = self._accounts.standing(tx, account)
        return former_of(self._policy.effective(tx, standing.groups, realm=standing.realm)) if standing else 0
