"""Many newcomers in one short transaction, for the import: all that costs time is drafted before it opens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from menshen.accounts.rules import Key, Newcomer
from menshen.accounts.service.ground import as_json
from menshen.accounts.service.people import People
from menshen.accounts.store import accounts, external_ids, identifiers, put_rows
from menshen.kit.database import Tx
from menshen.kit.room import Realm


@dataclass(frozen=True)
class Draft:
    """A newcomer's rows, ready to be put in: facts sealed, search keys made."""

    account_id: str
    newcomer: Newcomer
    rows: Mapping[Table, Sequence[Mapping[str, Any]]]

    @property
    def size(self) -> int:
        """How many rows it writes."""
        return sum(map(len, self.rows.values()))


class Bulk(People):
    """Verbs over many accounts at once."""

    def holders(self, tx: Tx, realm: Realm, skeletons: Iterable[str]) -> Mapping[str, str]:
        """Skeleton -> account, for those names that somebody holds already."""
        held = select(identifiers.c.skeleton, identifiers.c.account_id).where(
            identifiers.c.realm == realm, identifiers.c.skeleton.in_(list(skeletons))
        )
        return {row.skeleton: row.account_id for row in tx.all(held)}

    def known_external(self, tx: Tx, realm: Realm, system: str, ids: Iterable[str]) -> Mapping[str, str]:
        """Id in the other system -> account, for those that came in already."""
        known = select(external_ids.c.external_id, external_ids.c.account_id).where(
            external_ids.c.realm == realm,
            external_ids.c.system == system,
            external_ids.c.external_id.in_(list(ids)),
        )
        return {row.external_id: row.account_id for row in tx.all(known)}

    def draft(self, newcomer: Newcomer, password: tuple[int, str] | None, keys: Iterable[Key]) -> Draft:
        """Prepare a newcomer outside any transaction.

        `password`: when it was changed, and its class; `keys`: the newcomer's search keys (`rules.keys_of`).
        """
        account = self._new_id()
        standing = self._account_row(newcomer, account) | {
            "methods": as_json(["password"] if password else []),
            "password_changed_at": password[0] if password else None,
            "password_class": password[1] if password else None,
        }
        names = enumerate(newcomer.identifiers)
        rows = {
            accounts: [standing],
            identifiers: [self._identifier_row(newcomer.realm, account, name, rank) for rank, name in names],
            **self._rows(newcomer, account, keys),
        }
        return Draft(account, newcomer, rows)

    def put_in(self, tx: Tx, drafts: Sequence[Draft], *, actor: str) -> None:
        """Write all drafts or none.

        A name or id that an account has already raises SQLAlchemy's IntegrityError: roll back, and ask `holders` and
        `known_external` which.
        """
        for realm in {draft.newcomer.realm for draft in drafts}:
            named = {name for draft in drafts if draft.newcomer.realm == realm for name in draft.newcomer.groups}
            self.add_groups(tx, realm, sorted(named))
        gathered: dict[Table, list[Mapping[str, Any]]] = {}
        for draft in drafts:
            for table, rows in draft.rows.items():
                gathered.setdefault(table, []).extend(rows)
        for table, several in gathered.items():
            if several:
                put_rows(tx, table, several)
        self._journal.write_many(tx, "account.imported", [draft.account_id for draft in drafts], actor=actor)
