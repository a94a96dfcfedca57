"""Registered applications: the origins that people may be sent to after signing in, and nothing else (S-88)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from menshen.journal.service import Journal
from menshen.kit.clock import SECOND, Clock
from menshen.kit.database import Database, Tx, insert_for
from menshen.sessions import events, store
from menshen.sessions.rules import WrongOrigin, origin, origin_of, own_path

FRESH = SECOND
"""How long a node may go on with the list it knows."""


@dataclass(frozen=True)
class App:
    """One application that stands behind this sign-in."""

    origin: str
    name: str
    added_at: int

    @property
    def host(self) -> str:
        """Host and port as a Host header names them."""
        return urlsplit(self.origin).netloc


class Apps:
    """The list of registered origins, known to each node for a second at most."""

    def __init__(self, database: Database, clock: Clock, journal: Journal, base: str) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal
        self._base = base
        self._known: dict[str, App] = {}
        self._read_at = -FRESH

    def add(self, tx: Tx, address: str, name: str) -> App:
        """Register an origin. Raises WrongOrigin with what to write instead."""
        found = urlsplit(origin(address))
        if found.hostname == urlsplit(self._base).hostname:
            # Cookies do not tell ports apart: the application's would take the place of ours.
            raise WrongOrigin(f"{found.hostname} is the sign-in host; give the application a host name of its own")
        app = App(origin(address), name or found.netloc, self._clock.now())
        values = {"origin": app.origin, "name": app.name, "added_at": app.added_at}
        put = insert_for(tx)(store.apps).values(values)
        tx.execute(put.on_conflict_do_update(index_elements=["origin"], set_={"name": app.name}))
        self._journal.write(tx, events.APP_ADDED.code, actor="cli", facts={"origin": app.origin})
        tx.after_commit(self._forget)
        return app

    def remove(self, tx: Tx, address: str) -> bool:
        """Take an origin off the list; False where it was not on it."""
        gone = tx.change(delete(store.apps).where(store.apps.c.origin == origin(address)))
        if gone:
            self._journal.write(tx, events.APP_REMOVED.code, actor="cli", facts={"origin": origin(address)})
            tx.after_commit(self._forget)
        return bool(gone)

    def all(self) -> list[App]:
        """Every registered application."""
        return sorted(self._now().values(), key=lambda app: app.origin)

    def of_target(self, target: str) -> App | None:
        """The application that a whole address leads to, where its origin is registered."""
        found = origin_of(target)
        return self._now().get(found) if found else None

    def of_host(self, host: str) -> App | None:
        """The application at a host, as its Host header names it."""
        return next((app for app in self._now().values() if app.host == host), None)

    def safe(self, target: str) -> str:
        """The target where it may be gone to, else an empty text: our own pages, or a registered origin."""
        if own_path(target) or self.of_target(target) is not None:
            return target
        if target.startswith(self._base + "/") and own_path(target.removeprefix(self._base)):
            return target.removeprefix(self._base)
        return ""

    def _now(self) -> dict[str, App]:
        now = self._clock.now()
        if not 0 <= now - self._read_at < FRESH:
            with self._database.read() as tx:
                rows = tx.all(select(store.apps))
            self._known = {row.origin: App(row.origin, row.name, row.added_at) for row in rows}
            self._read_at = now
        return self._known

    def _forget(self) -> None:
        self._read_at = -FRESH
