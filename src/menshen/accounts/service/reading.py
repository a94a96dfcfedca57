"""Finding a person and telling how they stand; nothing here writes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, and_, bindparam, exists, func, not_, or_, select

from menshen.accounts.rules import Class, Identifier, PersonFacts, Standing, candidates, search
from menshen.accounts.service.ground import LOCK, MINE, NAMES, Ground, as_identifier, from_json
from menshen.accounts.store import accounts, external_ids, facts, identifiers, memberships, search_keys
from menshen.kit.clock import DAY
from menshen.kit.database import Tx
from menshen.kit.room import Query, Realm

STANDING = select(accounts).where(MINE)
_proven = identifiers.alias("proven")
BY_NAME = (
    select(accounts)
    .join(identifiers, identifiers.c.account_id == accounts.c.account_id)
    .where(
        identifiers.c.realm == bindparam("realm"),
        identifiers.c.normal.in_([bindparam("first"), bindparam("second")]),
        # A claim beside a proven address of its kind finds nobody: it may be a stranger's, mistyped or prepared (S-49).
        or_(
            identifiers.c.state == "verified",
            not_(
                exists().where(
                    _proven.c.account_id == identifiers.c.account_id,
                    _proven.c.kind == identifiers.c.kind,
                    _proven.c.state == "verified",
                )
            ),
        ),
    )
    # A number or address goes before a user name that happens to be spelt like it.
    .order_by(identifiers.c.kind)
    .limit(1)
)
BY_EXTERNAL = (
    select(accounts)
    .join(external_ids, external_ids.c.account_id == accounts.c.account_id)
    .where(
        external_ids.c.realm == bindparam("realm"),
        external_ids.c.system == bindparam("system"),
        external_ids.c.external_id == bindparam("external"),
    )
)
FACTS_OF = select(facts).where(facts.c.account_id == bindparam("account"))
LAST = "\U0010ffff"


class Reading(Ground):
    """Reads; the hot ones by prebuilt statements."""

    def find(self, tx: Tx, realm: Realm, typed: str) -> Standing | None:
        """The account that a typed user name, address or number means, in any spelling of it."""
        forms = candidates(typed, self.settings.region)
        if not forms:
            return None
        row = tx.first(BY_NAME, {"realm": realm, "first": forms[0], "second": forms[-1]})
        return as_standing(row) if row else None

    def find_external(self, tx: Tx, realm: Realm, system: str, external: str) -> Standing | None:
        """The account that another system of the company knows by this id."""
        row = tx.first(BY_EXTERNAL, {"realm": realm, "system": system, "external": external})
        return as_standing(row) if row else None

    def standing(self, tx: Tx, account: str) -> Standing | None:
        """How an account stands; an erased one still does, as a pseudonym."""
        row = tx.first(STANDING, {"account": account})
        return as_standing(row) if row else None

    def standing_held(self, tx: Tx, account: str) -> Standing | None:
        """The same, and so it stays until `tx` ends."""
        row = tx.first(LOCK, {"account": account})
        return as_standing(row) if row else None

    def identifiers(self, tx: Tx, account: str) -> tuple[Identifier, ...]:
        """All names of an account, in order of preference."""
        return tuple(as_identifier(row) for row in tx.all(NAMES, {"account": account}))

    def addresses(self, tx: Tx, account: str, verified_only: bool) -> tuple[str, ...]:
        """The e-mail addresses that may be written to, in order of preference.

        Without `verified_only` a claimed address counts only while none is verified: the same rule by which it finds.
        """
        mails = [name for name in self.identifiers(tx, account) if name.kind == "email"]
        proven = tuple(mail.shown for mail in mails if mail.state == "verified")
        return proven if verified_only or proven else tuple(mail.shown for mail in mails)

    def person_facts(self, tx: Tx, account: str) -> PersonFacts:
        """What passwords of this person must not contain."""
        names = self.identifiers(tx, account)
        standing = self.standing(tx, account)
        known = self.facts(tx, account)
        by_kind = {
            kind: [name.shown for name in names if name.kind == kind] for kind in ("email", "phone", "user_name")
        }
        return PersonFacts(
            name=standing.display_name if standing else None,
            birthday=known.get("birthday"),
            phones=tuple(by_kind["phone"]),
            email=next(iter(by_kind["email"]), None),
            id_number=known.get("id_number"),
            company=known.get("company"),
            username=next(iter(by_kind["user_name"]), None),
        )

    def facts(self, tx: Tx, account: str) -> Mapping[str, str]:
        """The sealed facts of a person, opened."""
        return {
            row.kind: self._keys.open("accounts_facts.sealed", account, row.fact_id, row.sealed).decode()
            for row in tx.all(FACTS_OF, {"account": account})
        }

    def external_ids(self, tx: Tx, account: str) -> Mapping[str, str]:
        """System -> the account's id there."""
        found = select(external_ids).where(external_ids.c.account_id == account)
        return {row.system: row.external_id for row in tx.all(found)}

    def select(
        self, tx: Tx, query: Query, *, realm: Realm = "customer", after: str = "", limit: int = 100
    ) -> tuple[Standing, ...]:
        """The accounts a query means, erased ones left out, in order of account id from behind `after`."""
        chosen = _chosen(select(accounts), query, realm).where(accounts.c.account_id > after)
        return tuple(as_standing(row) for row in tx.all(chosen.order_by(accounts.c.account_id).limit(limit)))

    def count(self, tx: Tx, query: Query, *, realm: Realm = "customer") -> int:
        """How many accounts a query means."""
        found: int = tx.scalar(_chosen(select(func.count()).select_from(accounts), query, realm))
        return found

    def census(self, tx: Tx, query: Query, *, realm: Realm = "customer") -> tuple[Class, ...]:
        """The accounts a query means, counted by how they stand."""
        alike = (
            accounts.c.state,
            accounts.c.methods,
            accounts.c.group_names,
            accounts.c.must_change_why,
            accounts.c.password_class,
            (accounts.c.password_changed_at // (30 * DAY)).label("password_month"),
        )
        by = (*alike[:-1], "password_month")
        counted = _chosen(select(*alike, func.count().label("number")), query, realm).group_by(*by)
        return tuple(_as_class(row) for row in tx.all(counted))

    def group_sets(self, tx: Tx, among: Collection[str]) -> set[tuple[str, ...]]:
        """Each different set of two or more of these groups that some account not erased is in."""
        kept = select(accounts.c.group_names).where(accounts.c.state != "erased").distinct()
        met = (tuple(name for name in from_json(row.group_names) if name in among) for row in tx.all(kept))
        return {groups for groups in met if len(groups) > 1}

    def search(self, tx: Tx, realm: Realm, typed: str, *, limit: int = 50) -> tuple[Standing, ...]:
        """The accounts an operator may mean: part of a name, its pinyin or initials, address, tail of a number, id."""
        found: dict[str, None] = {}
        exact = self._by_external_id(tx, realm, typed.strip())
        for account in [*exact, *self._by_keys(tx, realm, typed, limit)]:
            found.setdefault(account)
        chosen = list(found)[:limit]
        rows = tx.all(select(accounts).where(accounts.c.account_id.in_(chosen))) if chosen else []
        by_id = {row.account_id: as_standing(row) for row in rows}
        return tuple(by_id[account] for account in chosen if account in by_id)

    def _by_external_id(self, tx: Tx, realm: Realm, typed: str) -> Sequence[str]:
        named = select(external_ids.c.account_id).where(
            external_ids.c.realm == realm, external_ids.c.external_id == typed
        )
        return [row.account_id for row in tx.all(named)]

    def _by_keys(self, tx: Tx, realm: Realm, typed: str, limit: int) -> Sequence[str]:
        sought = search.sought(typed)
        found: list[str] = []
        for key in sought.keys:
            begins = _begins(search_keys.c.key, key.text)
            here = (search_keys.c.realm == realm, search_keys.c.kind == key.kind, search_keys.c.shelf == key.shelf)
            meant = or_(begins, _begins(search_keys.c.initials, key.initials)) if key.initials else begins
            # Several keys of one account may begin alike: it is told once.
            near = select(search_keys.c.account_id).where(*here, meant).distinct()
            found += [row.account_id for row in tx.all(near.order_by(search_keys.c.account_id).limit(limit))]
        if sought.name:
            found += self._by_beginning(tx, realm, sought.name, limit)
        return found

    def _by_beginning(self, tx: Tx, realm: Realm, name: str, limit: int) -> Sequence[str]:
        """Addresses and user names need no search keys: they are indexed in their own order."""
        written = (identifiers.c.realm == realm, identifiers.c.kind.in_(("email", "user_name")))
        near = select(identifiers.c.account_id).where(*written, _begins(identifiers.c.normal, name))
        return [row.account_id for row in tx.all(near.order_by(identifiers.c.normal).limit(limit))]


def _begins(column: Column[Any], beginning: str) -> ColumnElement[bool]:
    return and_(column >= beginning, column < beginning + LAST)


def _chosen(statement: Select[Any], query: Query, realm: Realm) -> Select[Any]:
    """The query's conditions over the standing row."""
    conditions = [accounts.c.realm == realm]
    if query.group is not None:
        members = select(memberships.c.account_id).where(
            memberships.c.realm == realm, memberships.c.group_name == query.group
        )
        conditions.append(accounts.c.account_id.in_(members))
    conditions.append(accounts.c.state == query.state if query.state is not None else accounts.c.state != "erased")
    if query.must_change is not None:
        marked = accounts.c.must_change_why
        conditions.append(marked.is_not(None) if query.must_change else marked.is_(None))
    if query.account_ids is not None:
        conditions.append(accounts.c.account_id.in_(query.account_ids))
    return statement.where(*conditions)


def as_standing(row: Row[Any]) -> Standing:
    """The standing of a stored row."""
    return Standing(
        account_id=row.account_id,
        realm=row.realm,
        state=row.state,
        version=row.version,
        epoch=row.epoch,
        methods=from_json(row.methods),
        groups=from_json(row.group_names),
        must_change_why=row.must_change_why,
        must_change_since=row.must_change_since,
        must_change_by=row.must_change_by,
        password_changed_at=row.password_changed_at,
        password_class=row.password_class,
        locale=row.locale,
        time_zone=row.time_zone,
        display_name=row.display_name,
        last_seen_day=row.last_seen_day,
        created_at=row.created_at,
        closing_until=row.closing_until,
    )


def _as_class(row: Row[Any]) -> Class:
    return Class(
        state=row.state,
        methods=from_json(row.methods),
        groups=from_json(row.group_names),
        must_change_why=row.must_change_why,
        password_class=row.password_class,
        password_month=row.password_month,
        count=row.number,
    )
