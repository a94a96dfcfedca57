"""What all verbs of `accounts` stand on: the tools they were given, the row lock, the line in the journal."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, delete, select, update

from menshen.accounts.rules import Identifier, Key, Settings, keys_of
from menshen.accounts.store import accounts, identifiers, search_keys
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import Clock
from menshen.kit.database import Fault, Tx
from menshen.kit.dice import Dice, new_id
from menshen.kit.web.visitor import Visitor
from menshen.policy.rules import Refusal

MINE = accounts.c.account_id == bindparam("account")
LOCK = select(accounts).where(MINE).with_for_update()
NAMES = (
    select(identifiers)
    .where(identifiers.c.account_id == bindparam("account"))
    .order_by(identifiers.c.rank, identifiers.c.identifier_id)
)
DROP_KEYS = delete(search_keys).where(search_keys.c.account_id == bindparam("account"))


class NoSuchAccount(Fault):
    """A verb was asked to change an account that is not there: a fault of the caller, never of a customer."""


class Ground:
    """The tools. `drop_messages` drops what waits to be sent to an account (`Messages.drop_for`)."""

    def __init__(
        self,
        clock: Clock,
        dice: Dice,
        keys: Keys,
        journal: Journal,
        drop_messages: Callable[[Tx, str], object],
        settings: Settings = Settings(),  # noqa: B008 - frozen
    ) -> None:
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self._drop_messages = drop_messages
        self.would_contradict: Callable[[Tx, Collection[str]], Refusal | None] = lambda tx, groups: None
        self.settings = settings

    def govern(self, contradicting: Callable[[Tx, Collection[str]], Refusal | None]) -> None:
        """Take the question whether an account in these groups could satisfy its policies (`Policy.would_contradict`).

        `policy` needs the accounts to be built, so it can be asked only afterwards.
        """
        self.would_contradict = contradicting

    def _new_id(self) -> str:
        return new_id(self._clock.now(), self._dice)

    def _locked(self, tx: Tx, account: str) -> Row[Any]:
        """The standing row, held until the transaction ends, so that two changes of one person stand in line."""
        row = tx.first(LOCK, {"account": account})
        if row is None:
            raise NoSuchAccount(f"no account {account}")
        return row

    def _set(self, tx: Tx, account: str, **values: object) -> None:
        """Write columns of the standing row of a person held by `_locked`."""
        tx.change(
            update(accounts).where(accounts.c.account_id == account).values(version=accounts.c.version + 1, **values)
        )

    def _note(
        self,
        tx: Tx,
        code: str,
        account: str,
        visitor: Visitor | None,
        actor: str | None,
        *,
        facts: Mapping[str, str | int | bool | None] | None = None,
        personal: Mapping[str, str] | None = None,
    ) -> None:
        self._journal.write(
            tx, code, visitor=visitor, account=account, actor=actor, facts=facts or {}, personal=personal or {}
        )

    def _index_anew(self, tx: Tx, account: str) -> None:
        """Write the search keys of a person from what is stored now."""
        row = self._locked(tx, account)
        names = [as_identifier(name) for name in tx.all(NAMES, {"account": account})]
        tx.change(DROP_KEYS, {"account": account})
        rows = key_rows(row.realm, account, sorted(keys_of(row.display_name, names)))
        if rows:
            tx.execute(search_keys.insert(), rows)


def key_rows(realm: str, account: str, keys: Iterable[Key]) -> list[dict[str, Any]]:
    """The rows of search keys of one account."""
    return [
        {
            "realm": realm,
            "kind": key.kind,
            "shelf": key.shelf,
            "key": key.text,
            "initials": key.initials,
            "account_id": account,
        }
        for key in keys
    ]


def as_identifier(row: Row[Any]) -> Identifier:
    """The identifier of a stored row."""
    return Identifier(kind=row.kind, normal=row.normal, skeleton=row.skeleton, shown=row.shown, state=row.state)


def as_json(values: Iterable[str]) -> str:
    """A set of names as the text that the standing row keeps: sorted, each once."""
    return msgspec.json.encode(sorted(set(values))).decode()


def from_json(text: str | None) -> tuple[str, ...]:
    """The names again."""
    return msgspec.json.decode(text, type=tuple[str, ...]) if text else ()
