"""A scratch house for measuring: a data folder with customers, and a real server in a child process."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from bench.load import Connection, request
from menshen.accounts.rules import read
from menshen.app.house import build, lay
from menshen.app.migrating import migrate
from menshen.app.serving import make_ready

PASSWORD = "Dorschau-7-Lampen!"  # noqa: S105  of customers that live for a minute
FLOOR = {"MENSHEN_CREDENTIALS_MEMORY_KIB": "19456", "MENSHEN_CREDENTIALS_ITERATIONS": "2"}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A running `menshen serve`."""

    port: int
    pid: int
    data: Path
    started_in: float

    @property
    def host(self) -> str:
        """The Host header."""
        return f"localhost:{self.port}"

    def family(self) -> list[int]:
        """The process and its children."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.pid)], capture_output=True, text=True)  # noqa: S603, S607
        return [self.pid, *(int(pid) for pid in found.stdout.split())]

    def cpu(self) -> float:
        """CPU seconds of all its processes."""
        total = 0.0
        for pid in self.family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
        return total

    def memory_mib(self) -> float:
        """Resident memory of the largest process, the worker."""
        sizes = []
        for pid in self.family():
            found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            sizes.append(int(found[1]) / 1024 if found else 0.0)
        return max(sizes)


def free_port() -> int:
    """A loopback port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def filled(customers: int, database: str = "") -> Iterator[tuple[Path, Mapping[str, str]]]:
    """A data folder with that many customers, all with the same password hashed at the floor."""
    data = Path(tempfile.mkdtemp(prefix="menshen-bench-"))
    environment = {**FLOOR, **({"MENSHEN_DATABASE_URL": database} if database else {})}
    ground = lay(data, listen="127.0.0.1:8080", environment=environment)
    try:
        if database:
            migrate(ground.database)
        for name in [name for name in os.environ if name.startswith("MENSHEN_")]:
            del os.environ[name]
        os.environ |= {**environment, "MENSHEN_DATA": str(data)}
        make_ready(ground, lambda sentence: None)
        house = build(ground)
        prepared = house.credentials.prepare(PASSWORD)
        for first in range(0, customers, 200):
            with ground.database.write() as tx:
                for number in range(first, min(first + 200, customers)):
                    address = read("email", f"customer{number}@example.com", "CN").verified()
                    account = house.accounts.create(
                        tx, "customer", identifiers=(address,), display_name=f"客户{number}"
                    )
                    if not isinstance(account, str):
                        raise RuntimeError("a name was taken")
                    house.credentials.replace(tx, account, prepared, keep_former=0, expected=None, visitor=None)
                    house.accounts.set_method(tx, account, "password", True)
                    house.accounts.set_password_facts(tx, account, ground.clock.now(), "policy:classic")
        house.credentials.lane.close()
        ground.database.close()
        yield data, environment
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def served(data: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """The house served by a child, ready to answer; stopped at the end."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")}
    own |= {**environment, "MENSHEN_DATA": str(data), "MENSHEN_LISTEN": f"127.0.0.1:{port}"}
    menshen = Path(sys.executable).with_name("menshen")
    start = time.perf_counter()
    child = subprocess.Popen([menshen, "serve"], env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_until_ready(port)
        yield Server(port, child.pid, data, time.perf_counter() - start)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()


def wait_until_ready(port: int) -> None:
    """Until /healthz answers."""
    for _ in range(1200):
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not answer within half a minute")


@dataclass(frozen=True)
class Browser:
    """A browser that one customer is remembered in, as ready-made bytes."""

    sign_in: bytes
    check: bytes


async def browser(server: Server, number: int) -> Browser:
    """Sign a customer in once and remember the device, so that later sign-ins come from a known one."""
    connection = Connection(server.port)
    _, head, page = await connection.send(request("GET", "/sign-in", server.host))
    door = re.search(rb"__Host-door=([^;]+)", head)
    token = re.search(rb'name="form_token" value="([0-9a-f]+)"', page)
    if door is None or token is None:
        raise RuntimeError("the sign-in page has no form")
    fields = {
        "form_token": token[1].decode(),
        "who": f"customer{number}@example.com",
        "password": PASSWORD,
        "remember": "1",
    }
    body = urlencode(fields).encode()
    cookies = f"__Host-door={door[1].decode()}"
    headers = {"origin": f"http://{server.host}", "content-type": "application/x-www-form-urlencoded"}
    status, head, page = await connection.send(
        request("POST", "/sign-in", server.host, {**headers, "cookie": cookies}, body)
    )
    if status != 303:
        raise RuntimeError(f"a customer was not let in: {status}")
    set_cookies = dict(re.findall(rb"set-cookie: (__Host-[a-z]+)=([^;]+)", head, re.I))
    connection.close()
    device, session = set_cookies[b"__Host-device"].decode(), set_cookies[b"__Host-session"].decode()
    return Browser(
        request("POST", "/sign-in", server.host, {**headers, "cookie": f"{cookies}; __Host-device={device}"}, body),
        request("GET", "/session/check", server.host, {"cookie": f"__Host-session={session}"}),
    )
