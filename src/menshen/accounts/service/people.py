"""Creating accounts, and what people tell of themselves: name, language, facts, groups, consents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Table, delete, select, update

from menshen.accounts.rules import FACTS, Identifier, Key, Newcomer, Taken, keys_of
from menshen.accounts.rules.newcomer import clean_name
from menshen.accounts.service.ground import as_json, from_json, key_rows
from menshen.accounts.service.naming import Naming
from menshen.accounts.store import (
    accounts,
    consents,
    external_ids,
    facts,
    groups,
    identifiers,
    memberships,
    search_keys,
)
from menshen.kit.database import Fault, Tx, insert_for
from menshen.kit.room import Realm
from menshen.kit.web.visitor import Visitor
from menshen.policy.rules import Refusal


class UnknownFact(Fault):
    """A kind of personal fact that has no purpose in `FACTS` is not recorded."""


class People(Naming):
    """Verbs about the person."""

    def create(
        self,
        tx: Tx,
        realm: Realm,
        *,
        state: Literal["invited", "active"] = "active",
        identifiers: Sequence[Identifier] = (),
        display_name: str | None = None,
        facts: Mapping[str, str] | None = None,
        locale: str | None = None,
        time_zone: str | None = None,
        groups: Sequence[str] = (),
        external_ids: Mapping[str, str] | None = None,
        visitor: Visitor | None = None,
        actor: str | None = None,
    ) -> str | Taken:
        """A new account's id, or the refusal because one of its names is another's; then there is no account."""
        newcomer = Newcomer(
            realm=realm,
            state=state,
            identifiers=tuple(identifiers),
            display_name=clean_name(display_name) if display_name else None,
            locale=locale,
            time_zone=time_zone,
            groups=tuple(groups),
            external_ids=external_ids or {},
            facts=facts or {},
        )
        account = self._new_id()
        refused = self._settle_all(tx, newcomer, account)
        if refused:
            return refused
        tx.execute(accounts.insert(), self._account_row(newcomer, account))
        self._settle_rest(tx, newcomer, account)
        self._note(tx, "account.created", account, visitor, actor, facts={"realm": realm, "state": state})
        return account

    def save_profile(
        self,
        tx: Tx,
        account: str,
        version: int,
        *,
        display_name: str | None,
        locale: str | None,
        time_zone: str | None,
        visitor: Visitor | None = None,
        actor: str | None = None,
    ) -> bool:
        """Save what a form showed of `version`; False where the row moved meanwhile (S-166)."""
        values = {
            "display_name": clean_name(display_name) if display_name else None,
            "locale": locale,
            "time_zone": time_zone,
            "version": version + 1,
        }
        unmoved = (accounts.c.account_id == account, accounts.c.version == version, accounts.c.state != "erased")
        if tx.change(update(accounts).where(*unmoved).values(values)) != 1:
            return False
        self._index_anew(tx, account)
        self._note(tx, "profile.changed", account, visitor, actor)
        return True

    def speak(self, tx: Tx, account: str, locale: str, *, visitor: Visitor | None = None) -> None:
        """Remember the language somebody chose on a page; it needs no form of the whole profile."""
        self._locked(tx, account)
        self._set(tx, account, locale=locale)
        self._note(tx, "profile.changed", account, visitor, None, facts={"locale": locale})

    def record_fact(
        self,
        tx: Tx,
        account: str,
        kind: str,
        value: str | None,
        *,
        visitor: Visitor | None = None,
        actor: str | None = None,
    ) -> None:
        """Seal a personal fact in place of the former one; None removes it."""
        self._locked(tx, account)
        tx.change(delete(facts).where(facts.c.account_id == account, facts.c.kind == kind))
        if value is not None:
            tx.execute(facts.insert(), self._fact_row(account, kind, value))
        code = "fact.removed" if value is None else "fact.recorded"
        self._note(tx, code, account, visitor, actor, facts={"kind": kind})

    def join_group(
        self, tx: Tx, account: str, group: str, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> bool | Refusal:
        """Put an account into a group, which comes into being with its first member; False where it was in already.

        Refused where its policies could not be satisfied together (C14).
        """
        row = self._locked(tx, account)
        present = from_json(row.group_names)
        if group in present:
            return False
        refused = self.would_contradict(tx, [*present, group])
        if refused is not None:
            return refused
        self.add_groups(tx, row.realm, [group])
        tx.execute(memberships.insert(), {"realm": row.realm, "group_name": group, "account_id": account})
        self._set(tx, account, group_names=as_json([*present, group]))
        self._note(tx, "group.joined", account, visitor, actor, facts={"group": group})
        return True

    def leave_group(
        self, tx: Tx, account: str, group: str, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> bool:
        """Take an account out of a group; False where it was not in."""
        row = self._locked(tx, account)
        present = from_json(row.group_names)
        if group not in present:
            return False
        gone = (memberships.c.account_id == account, memberships.c.group_name == group)
        tx.change(delete(memberships).where(*gone))
        self._set(tx, account, group_names=as_json(name for name in present if name != group))
        self._note(tx, "group.left", account, visitor, actor, facts={"group": group})
        return True

    def add_groups(self, tx: Tx, realm: Realm, names: Sequence[str]) -> None:
        """Make sure that groups exist."""
        make = insert_for(tx)(groups).on_conflict_do_nothing()
        for name in names:
            tx.execute(make, {"realm": realm, "name": name, "created_at": self._clock.now()})

    def groups(self, tx: Tx, realm: Realm) -> tuple[str, ...]:
        """All groups of a realm by name."""
        return tuple(tx.execute(select(groups.c.name).where(groups.c.realm == realm).order_by(groups.c.name)).scalars())

    def give_consent(
        self, tx: Tx, account: str, document: str, version: str, how: str, *, visitor: Visitor | None = None
    ) -> None:
        """Record that the owner agreed to a version of a document, and how (a box ticked, a paper, an import)."""
        row = {
            "consent_id": self._new_id(),
            "account_id": account,
            "document": document,
            "version": version,
            "given_at": self._clock.now(),
            "how": how,
        }
        tx.execute(consents.insert(), row)
        self._note(tx, "consent.given", account, visitor, None, facts={"document": document, "version": version})

    def withdraw_consent(self, tx: Tx, account: str, document: str, *, visitor: Visitor | None = None) -> bool:
        """Record that the owner no longer agrees to any version of a document; False where no consent stood."""
        stands = (consents.c.account_id == account, consents.c.document == document, consents.c.withdrawn_at.is_(None))
        if tx.change(update(consents).where(*stands).values(withdrawn_at=self._clock.now())) == 0:
            return False
        self._note(tx, "consent.withdrawn", account, visitor, None, facts={"document": document})
        return True

    def consented(self, tx: Tx, account: str, document: str) -> str | None:
        """The newest version of a document that a standing consent covers."""
        stands = (consents.c.account_id == account, consents.c.document == document, consents.c.withdrawn_at.is_(None))
        found: str | None = tx.scalar(
            select(consents.c.version).where(*stands).order_by(consents.c.given_at.desc()).limit(1)
        )
        return found

    def _settle_all(self, tx: Tx, newcomer: Newcomer, account: str) -> Taken | None:
        """All names or none. In one order for everybody, so that two sign-ups never wait for each other in a ring."""
        ranks = {name: rank for rank, name in enumerate(newcomer.identifiers)}
        for name in sorted(ranks, key=lambda each: each.skeleton):
            refused = self._settle(tx, newcomer.realm, account, name, ranks[name])
            if refused:
                tx.change(delete(identifiers).where(identifiers.c.account_id == account))
                return refused
        return None

    def _settle_rest(self, tx: Tx, newcomer: Newcomer, account: str) -> None:
        rows = self._rows(newcomer, account, sorted(keys_of(newcomer.display_name, newcomer.identifiers)))
        self.add_groups(tx, newcomer.realm, newcomer.groups)
        for table, several in rows.items():
            if several:
                tx.execute(table.insert(), several)

    def _rows(self, newcomer: Newcomer, account: str, keys: Iterable[Key]) -> dict[Table, list[dict[str, Any]]]:
        """What stands beside the standing row and the names."""
        realm = newcomer.realm
        return {
            memberships: [
                {"realm": realm, "group_name": name, "account_id": account} for name in sorted(set(newcomer.groups))
            ],
            external_ids: [
                {"realm": realm, "system": system, "external_id": there, "account_id": account}
                for system, there in newcomer.external_ids.items()
            ],
            facts: [self._fact_row(account, kind, value) for kind, value in newcomer.facts.items()],
            search_keys: key_rows(realm, account, keys),
        }

    def _account_row(self, newcomer: Newcomer, account: str) -> dict[str, object]:
        now = self._clock.now()
        return {
            "account_id": account,
            "realm": newcomer.realm,
            "state": newcomer.state,
            "state_since": now,
            "group_names": as_json(newcomer.groups),
            "locale": newcomer.locale,
            "time_zone": newcomer.time_zone,
            "display_name": newcomer.display_name,
            "created_at": now,
        }

    def _fact_row(self, account: str, kind: str, value: str) -> dict[str, object]:
        if kind not in FACTS:
            raise UnknownFact(f"no purpose is known for the personal fact {kind!r}")
        record = self._new_id()
        return {
            "fact_id": record,
            "account_id": account,
            "kind": kind,
            "sealed": self._keys.seal("accounts_facts.sealed", account, record, value.encode()),
            "recorded_at": self._clock.now(),
        }
