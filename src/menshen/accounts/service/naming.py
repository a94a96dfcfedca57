"""The names an account signs in by: added, proven, replaced, removed, and taken from who never proved them."""

from sqlalchemy import bindparam, delete, func, select, update

from menshen.accounts.rules import Identifier, Taken
from menshen.accounts.service.reading import Reading
from menshen.accounts.store import identifiers
from menshen.kit.database import Tx, insert_for
from menshen.kit.room import Realm
from menshen.kit.web.visitor import Visitor

HELD = select(identifiers).where(
    identifiers.c.realm == bindparam("realm"), identifiers.c.skeleton == bindparam("skeleton")
)
PROVE = (
    update(identifiers)
    .where(identifiers.c.account_id == bindparam("account"), identifiers.c.normal == bindparam("name"))
    .values(state="verified", since=bindparam("now"))
)
REMOVE = delete(identifiers).where(
    identifiers.c.account_id == bindparam("account"), identifiers.c.normal == bindparam("name")
)
DISPLACE = delete(identifiers).where(
    identifiers.c.identifier_id == bindparam("identifier"), identifiers.c.state == "claimed"
)


class Naming(Reading):
    """Changes of names. Whoever proves an address takes it: claims of others on the same address fall away."""

    def add_identifier(
        self, tx: Tx, account: str, wanted: Identifier, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> Taken | None:
        """Give an account a further name, in the state that `wanted` says; a refusal where another holds it."""
        row = self._locked(tx, account)
        held = [name.normal for name in self.identifiers(tx, account) if name.state in (wanted.state, "verified")]
        if wanted.normal in held:
            return None
        refused = self._settle(tx, row.realm, account, wanted, self._next_rank(tx, account))
        if refused:
            return refused
        code = "identifier.verified" if wanted.state == "verified" else "identifier.added"
        self._named(tx, code, account, wanted, visitor, actor)
        return None

    def verify_identifier(
        self, tx: Tx, account: str, proven: Identifier, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> Taken | None:
        """The owner proved to hold exactly this address or number (S-47); one that the account lacks is added."""
        row = self._locked(tx, account)
        values = {"account": account, "name": proven.normal, "now": self._clock.now()}
        if tx.change(PROVE, values) == 0:
            refused = self._settle(tx, row.realm, account, proven.verified(), self._next_rank(tx, account))
            if refused:
                return refused
        self._named(tx, "identifier.verified", account, proven, visitor, actor)
        return None

    def replace_identifier(
        self,
        tx: Tx,
        account: str,
        old: Identifier,
        new: Identifier,
        *,
        visitor: Visitor | None = None,
        actor: str | None = None,
    ) -> Taken | None:
        """Put a new name in the place of an old one (which may be gone by now), unless another account holds it."""
        row = self._locked(tx, account)
        ranked = select(identifiers.c.rank).where(
            identifiers.c.account_id == account, identifiers.c.normal == old.normal
        )
        rank = tx.scalar(ranked)
        tx.change(REMOVE, {"account": account, "name": new.normal})
        refused = self._settle(tx, row.realm, account, new, self._next_rank(tx, account) if rank is None else rank)
        if refused:
            return refused
        if old.normal != new.normal:
            tx.change(REMOVE, {"account": account, "name": old.normal})
        self._named(tx, "identifier.replaced", account, new, visitor, actor, before=old.shown)
        return None

    def remove_identifier(
        self, tx: Tx, account: str, gone: Identifier, *, visitor: Visitor | None = None, actor: str | None = None
    ) -> bool:
        """Take a name away; False where the account has no such name or none besides it."""
        self._locked(tx, account)
        others = select(func.count()).where(identifiers.c.account_id == account, identifiers.c.normal != gone.normal)
        if tx.scalar(others) == 0 or tx.change(REMOVE, {"account": account, "name": gone.normal}) == 0:
            return False
        self._named(tx, "identifier.removed", account, gone, visitor, actor)
        return True

    def _settle(self, tx: Tx, realm: Realm, account: str, wanted: Identifier, rank: int) -> Taken | None:
        """Insert a name or tell who stands in the way; the unique key decides, so that no race can give it twice."""
        values = self._identifier_row(realm, account, wanted, rank)
        place = insert_for(tx)(identifiers).on_conflict_do_nothing(index_elements=["realm", "skeleton"])
        while tx.first(place.returning(identifiers.c.identifier_id), values) is None:
            held = tx.first(HELD, {"realm": realm, "skeleton": wanted.skeleton})
            if held is None:  # let go between the two statements
                continue
            same = held.normal == wanted.normal
            if not (same and wanted.state == "verified" and held.state == "claimed"):
                return Taken(wanted, lookalike=not same)
            if tx.change(DISPLACE, {"identifier": held.identifier_id}) == 1 and held.account_id != account:
                self._named(tx, "identifier.displaced", held.account_id, wanted, None, account)
        return None

    def _identifier_row(self, realm: Realm, account: str, wanted: Identifier, rank: int) -> dict[str, object]:
        return {
            "identifier_id": self._new_id(),
            "account_id": account,
            "realm": realm,
            "kind": wanted.kind,
            "normal": wanted.normal,
            "skeleton": wanted.skeleton,
            "shown": wanted.shown,
            "state": wanted.state,
            "since": self._clock.now(),
            "rank": rank,
        }

    def _next_rank(self, tx: Tx, account: str) -> int:
        highest = select(func.coalesce(func.max(identifiers.c.rank), -1)).where(identifiers.c.account_id == account)
        return int(tx.scalar(highest)) + 1

    def _named(
        self,
        tx: Tx,
        code: str,
        account: str,
        name: Identifier,
        visitor: Visitor | None,
        actor: str | None,
        before: str | None = None,
    ) -> None:
        self._index_anew(tx, account)
        personal = {"name": name.shown} | ({"before": before} if before else {})
        self._note(tx, code, account, visitor, actor, facts={"kind": name.kind}, personal=personal)
