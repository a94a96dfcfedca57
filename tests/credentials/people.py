"""Customers whose passwords came from elsewhere."""

import hashlib

from sqlalchemy import text

from menshen.credentials.formats import StoredHash, parse, weigh
from menshen.kit.clock import DAY
from tests.houses import Tested

OLD = "Alter-Kahn-7-Boje!"


def md5(password: str) -> StoredHash:
    """What a very old system kept."""
    return parse(hashlib.md5(password.encode()).hexdigest(), format="md5")


def imported(tested: Tested, stored: StoredHash, email: str = "alt@example.com") -> str:
    """A customer with a hash as it came, set a day ago."""
    account = tested.customer(email, None)
    set_at = tested.clock.now() - DAY
    row = tested.house.credentials.sealed_import(account, weigh(stored), set_at)
    with tested.house.foundation.database.write() as tx:
        tested.house.credentials.put_imported(tx, [row])
        tested.house.accounts.set_password_facts(tx, account, set_at, "imported")
    return account


def kept_hash(tested: Tested, account: str) -> StoredHash:
    """The stored hash, opened."""
    with tested.house.foundation.database.read() as tx:
        kept = tested.house.credentials.kept(tx, account)
    assert kept is not None
    return StoredHash.decode(tested.house.credentials.exported(kept))


def count(tested: Tested, table: str) -> int:
    """Rows of a table."""
    with tested.house.foundation.database.read() as tx:
        return int(tx.scalar(text(f"select count(*) from {table}")))


def works(tested: Tested, password: str, email: str = "alt@example.com") -> bool:
    """Whether a stranger's browser gets in with this password."""
    reply = tested.browser().post("/sign-in", {"who": email, "password": password})
    assert reply.status in (303, 401), reply.words[:200]
    return reply.status == 303
