"""The database: the one place that opens transactions (SQLite or PostgreSQL), and the columns rooms build with."""

import threading
from collections import deque, namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    CursorResult,
    Engine,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeEngine

from menshen.kit.fault import Fault as Fault
from menshen.kit.marks import Mark

LEAST_SQLITE = (3, 37)
"""STRICT tables came with SQLite 3.37."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# STRICT tables take INTEGER, TEXT and BLOB only; PostgreSQL's integer is too short for microseconds.
Whole = Integer().with_variant(BigInteger(), "postgresql")
"""A whole number of up to 63 bits: counts, and instants in microseconds."""
Words = Text()
"""Text; JSON is text too."""
Bytes = LargeBinary()
"""Hashes and sealed values."""


def column(
    name: str, kind: TypeEngine[Any], *rest: Any, mark: Mark, sealed: bool = False, **options: Any
) -> Column[Any]:
    """A column with its statement; `nullable` is False unless said, `sealed` registers it for key rotation."""
    options.setdefault("nullable", False)
    return Column(name, kind, *rest, info={"mark": mark, "sealed": sealed}, **options)


def flag(name: str, *, mark: Mark, default: int = 0) -> Column[Any]:
    """A yes or no, held as 1 or 0."""
    return column(
        name,
        Integer(),
        CheckConstraint(f"{name} in (0, 1)", name=name),
        mark=mark,
        server_default=str(default),
    )


def table(name: str, *items: Any, subject: str | None = None) -> Table:
    """A table; `subject` names the column that holds the account whose row it is (None: no person is meant)."""
    return Table(name, metadata, *items, info={"subject": subject}, sqlite_strict=True)


class DatabaseTrouble(Fault):
    """The database cannot answer now: locked, full, gone. Nothing was changed."""


class Tx:
    """One open transaction. Verbs take it and never open one; what must wait for the commit goes to `after_commit`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self._afterwards: list[Callable[[], None]] = []

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; a sequence of values runs it once for each."""
        return self.connection.execute(statement, values)

    def first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row, or None."""
        return self.execute(statement, values).first()

    def all(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows."""
        return self.execute(statement, values).all()

    def scalar(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.execute(statement, values).scalar()

    def change(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> int:
        """Run a writing statement and tell how many rows it changed: the heart of every compare-and-set."""
        # Without the option the driver of PostgreSQL forgets how many rows an INSERT put in.
        return self.connection.execute(statement, values, execution_options={"preserve_rowcount": True}).rowcount

    def after_commit(self, act: Callable[[], None]) -> None:
        """Remember something to do once the transaction is safely in: waking a job, clearing a cache."""
        self._afterwards.append(act)

    def committed(self) -> None:
        """Do what was left for after the commit."""
        for act in self._afterwards:
            act()


class FairLock:
    """A first-come, first-served lock: SQLite's own busy handler sleeps at random, so that a waiter can starve."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class _Held(threading.local):
    """Whether this thread stands inside a transaction."""

    open = False


_held = _Held()


def in_transaction() -> bool:
    """Whether this thread holds a transaction; hashing and calls to the outside refuse to run then."""
    return _held.open


class Database:
    """Opens transactions. On SQLite one writer at a time, in order of arrival; readers beside it."""

    def __init__(self, url: str, *, threads: int = 16, pooler: bool = False, synchronous: str = "FULL") -> None:
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._writer_turn = FairLock() if self.embedded else None
        if self.embedded:
            self._read_engine = _sqlite_engine(url, "BEGIN", threads, synchronous)
            self._write_engine = _sqlite_engine(url, "BEGIN IMMEDIATE", 2, synchronous)
        else:
            options = {"prepare_threshold": None} if pooler else {}
            self._write_engine = create_engine(
                self.url,
                pool_size=threads,
                max_overflow=4,
                pool_pre_ping=True,
                connect_args=options,
                hide_parameters=True,
            )
            self._read_engine = self._write_engine

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads."""
        with _alone(), _troubles_named(), self._read_engine.begin() as connection:
            yield Tx(connection)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that writes: commits whole when the block ends, or not at all when it raises."""
        with _alone(), _troubles_named():
            if self._writer_turn is None:
                with self._write_engine.begin() as connection:
                    tx = Tx(connection)
                    yield tx
            else:
                with self._writer_turn, self._write_engine.begin() as connection:
                    tx = Tx(connection)
                    yield tx
        tx.committed()

    @property
    def read_engine(self) -> Engine:
        """The engine that reads, for `HotRead`."""
        return self._read_engine

    @property
    def engine(self) -> Engine:
        """The engine that writes, for migrations and doctor only."""
        return self._write_engine

    def checkpoint(self) -> None:
        """Have SQLite move its write-ahead log into the file and cut it, so that erased words leave it."""
        if not self.embedded:
            return
        connection = self._write_engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Give all connections back."""
        self._read_engine.dispose()
        self._write_engine.dispose()


@contextmanager
def _alone() -> Iterator[None]:
    if _held.open:
        raise Fault("a transaction was opened inside another: the outermost verb opens it, the others take `tx`")
    _held.open = True
    try:
        yield
    finally:
        _held.open = False


@contextmanager
def _troubles_named() -> Iterator[None]:
    """What the database itself cannot help (locked, full, gone) as DatabaseTrouble; a wrong statement stays a fault."""
    try:
        yield
    except (OperationalError, PoolTimeout) as trouble:
        # SQLite says "operational" of wrong statements too, and names those by its general error.
        reason = getattr(trouble, "orig", None) or trouble
        if getattr(reason, "sqlite_errorname", "") == "SQLITE_ERROR":
            raise
        raise DatabaseTrouble(f"the database cannot be used now ({str(reason).strip()}): nothing was changed") from None


def _sqlite_engine(url: str, begin: str, size: int, synchronous: str) -> Engine:
    engine = create_engine(url, pool_size=size, max_overflow=0, pool_timeout=30, hide_parameters=True)

    def on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins late on its own; we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=5000",
            "foreign_keys=ON",
            f"synchronous={synchronous}",
            "journal_size_limit=67108864",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


class HotRead:
    """One prebuilt SELECT of one row for the hottest routes: compiled once, run on a raw connection of each thread's
    own, outside any transaction, since a single statement needs none."""

    def __init__(self, database: Database, statement: Select[Any]) -> None:
        self._engine = database.read_engine
        compiled = statement.compile(dialect=self._engine.dialect)
        self._sql = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._order = compiled.positiontup if getattr(compiled, "positional", False) else None
        names = [each.name for each in statement.selected_columns]
        self._row: Any = namedtuple("_HotRow", names)  # type: ignore[misc]
        self._mine = threading.local()
        # The raw driver's own word for it, and SQLAlchemy's where a connection is made.
        self._trouble = (OperationalError, self._engine.dialect.loaded_dbapi.OperationalError)

    def one(self, **values: Any) -> Any:
        """The row with its columns as attributes, or None. A connection that broke is replaced once."""
        named = {**self._constants, **values}
        given: Any = tuple(named[name] for name in self._order) if self._order else named
        # Read to the end: an unfinished statement would keep its snapshot, and SQLite's log could not be cut.
        try:
            found = self._cursor().execute(self._sql, given).fetchall()
        except Exception:
            self._mine.__dict__.clear()
            try:
                found = self._cursor().execute(self._sql, given).fetchall()
            except self._trouble as trouble:
                raise DatabaseTrouble(f"the database cannot be read now ({str(trouble).strip()})") from None
        return self._row._make(found[0]) if found else None

    def _cursor(self) -> Any:
        cursor = getattr(self._mine, "cursor", None)
        if cursor is None:
            raw = self._engine.raw_connection()
            connection: Any = raw.driver_connection
            raw.detach()
            if self._engine.dialect.name == "postgresql":
                connection.autocommit = True
            cursor = self._mine.cursor = connection.cursor()
            self._mine.connection = connection
        return cursor


def insert_for(tx: Tx) -> Callable[[Table], Any]:
    """The dialect's own INSERT, which knows ON CONFLICT; both dialects spell it alike."""
    return postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
