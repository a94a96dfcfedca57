"""Many newcomers in one transaction, for the import: a few statements for all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from menshen.accounts.rules import Newcomer
from menshen.accounts.service.people import People
from menshen.accounts.store import accounts, external_ids, identifiers
from menshen.kit.database import Tx
from menshen.kit.room import Realm


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

    def create_many(
        self,
        tx: Tx,
        newcomers: Sequence[Newcomer],
        *,
        password_facts: Callable[[int], tuple[int, str] | None],
        actor: str,
    ) -> list[str]:
        """Create all or fail whole; the caller asked `holders` and `known_external` in the same transaction.

        `password_facts`: index of the newcomer -> (changed at, class) where a hash comes in with it. A name taken by a
        parallel transaction raises SQLAlchemy's IntegrityError: the caller rolls back and asks again.
        """
        created = [self._new_id() for _ in newcomers]
        gathered: dict[Table, list[dict[str, Any]]] = {accounts: [], identifiers: []}
        for index, (newcomer, account) in enumerate(zip(newcomers, created, strict=True)):
            known = password_facts(index)
            gathered[accounts].append(
                self._account_row(newcomer, account)
                | {
                    "methods": '["password"]' if known else "[]",
                    "password_changed_at": known[0] if known else None,
                    "password_class": known[1] if known else None,
                }
            )
            names = enumerate(newcomer.identifiers)
            gathered[identifiers] += [self._identifier_row(newcomer.realm, account, name, rank) for rank, name in names]
            for table, rows in self._rows(newcomer, account).items():
                gathered.setdefault(table, []).extend(rows)
        for realm in {newcomer.realm for newcomer in newcomers}:
            self.add_groups(
                tx, realm, sorted({name for each in newcomers if each.realm == realm for name in each.groups})
            )
        for table, rows in gathered.items():
            if rows:
                tx.execute(table.insert(), rows)
        for account in created:
            self._note(tx, "account.imported", account, None, actor)
        return created
