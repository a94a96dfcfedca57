"""The verbs of the key ring: seal, open, keyed hashes, and who has custody."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy import Column

from menshen.keys import rules, store
from menshen.keys.service.rotation import Rotated, Rotation, Standing, count_by_key
from menshen.keys.store.custody import CustodyTrouble, KeyFile, Pkcs11, read_private
from menshen.kit.clock import Clock
from menshen.kit.database import Database, Fault
from menshen.kit.dice import Dice, new_id

__all__ = [
    "Custody",
    "CustodyTrouble",
    "KeyFile",
    "Keys",
    "NoRing",
    "Pkcs11",
    "Rotated",
    "SealBroken",
    "Standing",
    "custody",
]

log = structlog.get_logger()


class Custody(Protocol):
    """Who keeps the key that wraps the ring; `name` binds what is wrapped to its place in the ring."""

    def create(self) -> bool:
        """Make that key; False where there is one."""
        ...

    def wrap(self, key: bytes, name: str) -> bytes:
        """Wrap a key of the ring."""
        ...

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The key again; raises CustodyTrouble."""
        ...


class SealBroken(Fault):
    """A sealed value does not open here: changed, moved to another row, or sealed under a key that the ring lacks."""


class NoRing(Fault):
    """The database has no key ring yet."""


@dataclass(frozen=True)
class Ring:
    """The ring as one process knows it."""

    current: str
    seals: dict[str, bytes]
    root: bytes
    """Where the keys of all keyed hashes come from; no rotation changes it."""
    read_at: int
    purposes: dict[str, bytes] = field(default_factory=dict)


class Keys:
    """Seals what must not lie in the clear, and opens it again where it was sealed for."""

    def __init__(self, database: Database, clock: Clock, dice: Dice, custody: Custody) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._custody = custody
        self._reading = threading.Lock()
        self._known: Ring | None = None
        self._columns: tuple[Column[Any], ...] = ()

    def register(self, columns: Iterable[Column[Any]]) -> None:
        """Learn which columns hold sealed values, so that one rotation walks them all."""
        self._columns = (*self._columns, *columns)

    def establish(self) -> bool:
        """Make the ring of a new database, and the key that wraps it where there is none; False where a ring is there.

        A ring whose wrapping key was lost is never made anew: nothing would open any more. Opens its own transactions.
        """
        with self._database.read() as tx:
            if store.ring(tx):
                return False
        self._custody.create()
        first = [self._new_key("seal"), self._new_key("mac")]
        with self._database.write() as tx:
            added = [store.add_if_none(tx, key) for key in first]
        return all(added)

    def seal(self, where: str, account: str, record: str, plain: bytes) -> bytes:
        """Seal a value for one place: `where` is `table.column`, `account` may be empty, `record` is the row's key."""
        ring = self._ring()
        data = rules.associated(ring.current, where, account, record)
        nonce = self._dice.bytes(rules.NONCE_BYTES)
        return rules.prefix(ring.current) + nonce + rules.encrypt(ring.seals[ring.current], nonce, plain, data)

    def open(self, where: str, account: str, record: str, sealed: bytes) -> bytes:
        """The value that was sealed for this place; raises SealBroken where it was not, or was changed."""
        seal = rules.parsed(sealed)
        key = self._seal_key(seal.key_id) if seal else None
        if seal and key:
            data = rules.associated(seal.key_id, where, account, record)
            try:
                return rules.decrypt(key, seal.nonce, seal.body, data)
            except InvalidTag:
                pass
        log.error("seal.broken", where=where, account=account, record=record, key=seal.key_id if seal else None)
        raise SealBroken(
            f"a sealed value of {where} does not open in the row {record}: it was changed, moved, or its key is gone"
        )

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """A keyed hash (HMAC-SHA256, 32 bytes) under a key of this purpose alone; the same after every rotation."""
        ring = self._ring()
        key = ring.purposes.get(purpose)
        if key is None:
            key = ring.purposes[purpose] = rules.purpose_key(ring.root, purpose)
        return rules.keyed_hash(key, parts)

    def rotate(
        self,
        *,
        pause: Callable[[], None],
        tell: Callable[[str, int], None] = lambda column, moved: None,
        go_on: bool = False,
    ) -> Rotated:
        """Seal everything again under a new key, while the house serves; an unfinished rotation is gone on with.

        `pause` rests between batches; `tell(table.column, how many)` follows each. `go_on` begins nothing new. The
        old key retires when a count finds nothing under it, `rules.SETTLE` after the new one at the earliest.
        """
        if not go_on:
            self._begin_rotation()
        return Rotation(self._database, self, self._clock, self._columns).run(pause, tell)

    def status(self) -> Sequence[Standing]:
        """Each key of the ring with how many values are sealed under it, the eldest first."""
        with self._database.read() as tx:
            counts = count_by_key(tx, self._columns)
            return [
                Standing(key.id, key.kind, key.state, key.created_at, key.retired_at, counts.get(key.id, 0))
                for key in store.ring(tx)
            ]

    def reread(self) -> str:
        """Read the ring anew and tell the id of the key that seals now."""
        return self._read(self._known).current

    def _begin_rotation(self) -> None:
        with self._database.read() as tx:
            seals = [key for key in store.ring(tx) if key.kind == "seal"]
        if any(key.state == "old" for key in seals):
            return
        current = next((key for key in seals if key.state == "current"), None)
        if current is None:
            raise NoRing("the database has no key ring yet: menshen keys establish")
        new = self._new_key("seal")
        with self._database.write() as tx:
            store.succeed(tx, current.id, new)

    def _new_key(self, kind: Literal["seal", "mac"]) -> store.RingKey:
        now = self._clock.now()
        name = new_id(now, self._dice)
        wrapped = self._custody.wrap(self._dice.bytes(rules.KEY_BYTES), _wrapped_name(name, kind))
        return store.RingKey(name, kind, wrapped, "current", now, None)

    def _ring(self) -> Ring:
        known = self._known
        if known is not None and abs(self._clock.now() - known.read_at) < rules.FRESH:
            return known
        if known is not None and self._reading.locked():
            return known  # another thread is reading it just now
        return self._read(known)

    def _seal_key(self, key_id: str) -> bytes | None:
        """The key of that id; another process may have made it a moment ago, so an unknown one is looked up."""
        ring = self._ring()
        return ring.seals.get(key_id) or self._read(ring).seals.get(key_id)

    def _read(self, seen: Ring | None) -> Ring:
        """The ring from the database, unless another thread has read it since `seen`."""
        with self._reading:
            if self._known is None or self._known is seen:
                # The caller may stand inside a transaction of its own, so the reading has a thread of its own.
                with ThreadPoolExecutor(1) as aside:
                    self._known = aside.submit(self._read_aside, self._known).result()
            return self._known

    def _read_aside(self, known: Ring | None) -> Ring:
        now = self._clock.now()
        with self._database.read() as tx:
            keys = store.ring(tx)
        current = next((key.id for key in keys if key.kind == "seal" and key.state == "current"), None)
        root = next((key for key in keys if key.kind == "mac" and key.state == "current"), None)
        if current is None or root is None:
            raise NoRing("the database has no key ring yet: menshen keys establish")
        opened = known.seals if known else {}
        seals = {key.id: opened.get(key.id) or self._unwrap(key) for key in keys if key.kind == "seal"}
        if known is None:
            return Ring(current, seals, self._unwrap(root), now)
        return Ring(current, seals, known.root, now, known.purposes)

    def _unwrap(self, key: store.RingKey) -> bytes:
        return self._custody.unwrap(key.wrapped, _wrapped_name(key.id, key.kind))


def _wrapped_name(key_id: str, kind: str) -> str:
    return f"menshen ring {kind} {key_id}"


def custody(settings: rules.Settings, data: Path, dice: Dice) -> KeyFile | Pkcs11:
    """Who keeps the wrapping key, by the settings; `Keys.establish` makes it where it is missing."""
    if settings.custody == "file":
        return KeyFile(key_file(settings, data), dice)
    pin = settings.pkcs11_pin or read_private(Path(settings.pkcs11_pin_file)).strip()
    return Pkcs11(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_key, pin, dice)


def key_file(settings: rules.Settings, data: Path) -> Path:
    """Where the key file lies."""
    return Path(settings.file) if settings.file else data / "master.key"
