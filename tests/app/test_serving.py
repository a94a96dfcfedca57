"""`menshen serve` as a process: first start, what it refuses, TLS by itself, other servers, ending."""

import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.app.program import PATIENCE, PROGRAM, Served, environment, files, free_port, refusal, run, serving
from tests.servers.authority import Authority


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on its first start, with no configuration at all but its port."""
    with serving(tmp_path_factory.mktemp("started")) as served:
        yield served


def test_a_first_start_needs_no_configuration_and_says_what_it_made(started: Served) -> None:
    assert started.get("/healthz").text == "ok\n"
    assert started.get("/readyz").text == "ready\n"
    assert "made the key file var/master.key" in started.said
    assert "made a new database in var" in started.said
    assert "hashing a password costs" in started.said
    assert "NO MAIL ROUTE" in started.said
    assert f"serving http://localhost:{started.port}" in started.said


def test_what_it_makes_is_its_owners_alone_whatever_the_umask(started: Served) -> None:
    """S-101; the server was started under umask 000."""
    place = started.log.parent / "var"
    assert place.stat().st_mode & 0o777 == 0o700
    assert files(place)
    assert {name for name, mode in files(place).items() if mode & 0o077} == set()


def test_other_spellings_of_this_machine_lead_pages_to_the_base_and_answer_programs(started: Served) -> None:
    page = started.get("/sign-in?to=%2Faccount")
    assert page.status_code == 307
    assert page.headers["location"] == f"http://localhost:{started.port}/sign-in?to=%2Faccount"
    assert started.get("/healthz").status_code == 200
    assert started.get("/", headers={"host": f"localhost:{started.port}"}).status_code == 200


def test_a_web_socket_is_refused_and_the_worker_lives(started: Served) -> None:
    """S-167."""
    before = workers(started)
    head = (
        f"GET /sign-in HTTP/1.1\r\nHost: localhost:{started.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "
    ).encode()
    answer = raw(started, head + b"\x80\xff\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 101")
    assert started.get("/healthz").status_code == 200
    assert workers(started) == before


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.0\r\nX-Forwarded-Host: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"NONSENSE\r\n\r\n",
    ],
    ids=["no host (S-87)", "two hosts", "a foreign host", "two lengths", "no request"],
)
def test_a_head_that_can_be_read_two_ways_is_refused(started: Served, head: bytes) -> None:
    assert raw(started, head).split(b"\r\n")[0].split(b" ")[1:2] in ([b"400"], [b"404"], [])
    assert started.get("/healthz").status_code == 200


def test_nothing_that_a_request_brings_stands_in_the_log(started: Served) -> None:
    started.get("/sign-in?to=hunter2hunter2", headers={"host": "evil.example", "x-a": "hunter2hunter2"})
    assert "hunter2" not in started.said


def test_a_taken_port_is_refused_in_one_line(started: Served) -> None:
    said = refusal(run(started.log.parent, "serve", MENSHEN_LISTEN=f"127.0.0.1:{started.port}"))
    assert said.startswith(f"cannot listen at 127.0.0.1:{started.port}")
    assert "MENSHEN_LISTEN" in said


def test_it_ends_gracefully_and_starts_again_on_what_it_left(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.stop() == 0
    key = (tmp_path / "var" / "master.key").read_bytes()
    with serving(tmp_path) as again:
        assert again.get("/readyz").status_code == 200
        assert "made" not in again.said
        assert (tmp_path / "var" / "master.key").read_bytes() == key
        workers_then = workers(again)
        assert again.stop(signal.SIGINT) == 0
    assert [pid for pid in workers_then if Path(f"/proc/{pid}").exists()] == []


def test_a_request_under_way_is_answered_before_it_ends(tmp_path: Path) -> None:
    with serving(tmp_path) as served, socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(
            f"POST /language HTTP/1.1\r\nHost: localhost:{served.port}\r\nContent-Length: 4\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\nto".encode()
        )
        time.sleep(0.3)  # the server has to have taken the head before it is told to end
        served.process.terminate()
        line.sendall(b"=e")
        assert line.recv(65536).startswith(b"HTTP/1.1 403")
        assert served.process.wait(60) == 0


def test_a_worker_that_was_killed_comes_again(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        (first,) = workers(served)
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while not (set(workers(served)) - {first}) and time.monotonic() < until:
            time.sleep(0.1)
        assert set(workers(served)) - {first}
        while time.monotonic() < until:
            try:
                assert served.get("/readyz").status_code == 200
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        assert served.get("/readyz").status_code == 200


def test_the_server_speaks_tls_and_http2_by_itself(tmp_path: Path, authority: Authority) -> None:
    chain, key = authority.issue("localhost")
    tls = {"MENSHEN_SERVER_TLS_CERTIFICATE": str(chain), "MENSHEN_SERVER_TLS_KEY": str(key)}
    port = free_port()
    with serving(tmp_path, port=str(port), MENSHEN_SERVER_BASE=f"https://localhost:{port}", **tls) as served:
        trust = ssl.create_default_context(cafile=str(authority.file))
        page = httpx2.get(f"https://localhost:{served.port}/sign-in", verify=trust, timeout=30)
        assert page.status_code == 200
        assert "Secure" in page.headers["set-cookie"]
        trust.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", served.port)) as line,
            trust.wrap_socket(line, server_hostname="localhost") as closed,
        ):
            assert closed.selected_alpn_protocol() == "h2"


def test_it_runs_under_uvicorn_too(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    command = [sys.executable, "-m", "uvicorn", "--factory", "menshen.app.asgi:create", "--port", "{port}"]
    with serving(tmp_path, command=command) as served:
        assert served.get("/readyz").text == "ready\n"
        assert served.get("/sign-in", headers={"host": f"localhost:{served.port}"}).status_code == 200


def test_under_another_server_a_missing_schema_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-c", "from menshen.app.asgi import create; create()"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "no schema yet: run `menshen migrate`" in done.stderr


def test_the_sink_is_started_only_when_asked_for_and_says_where_it_is(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--with-sink") as served:
        assert "NO MAIL ROUTE" not in served.said
        address = next(line for line in served.said.splitlines() if "it is caught and shown at" in line).split()[-1]
        page = httpx2.get(address, timeout=30)
        assert page.status_code == 200
        assert "set-cookie" not in page.headers


REFUSED = {
    "an unknown setting": ({"MENSHEN_SERVER_BAES": "x"}, "did you mean MENSHEN_SERVER_BASE?"),
    "a wrong value": ({"MENSHEN_SERVER_THREADS": "many"}, "MENSHEN_SERVER_THREADS"),
    "a wrong network": ({"MENSHEN_SERVER_TRUSTED_PROXIES": "10.0.0.0/99"}, "server.trusted_proxies"),
    "a base that is none": ({"MENSHEN_SERVER_BASE": "id.example.com"}, "server.base"),
    "plain http for the world": ({"MENSHEN_SERVER_BASE": "http://id.example.com"}, "server.base"),
    "a place to listen that is none": ({"MENSHEN_LISTEN": "8080"}, "MENSHEN_LISTEN"),
    "a missing settings file": ({"MENSHEN_CONFIG": "missing.toml"}, "missing.toml: cannot be read"),
    "a data folder that cannot be": ({"MENSHEN_DATA": "/proc/none"}, "set MENSHEN_DATA"),
    "half of a certificate": ({"MENSHEN_SERVER_TLS_CERTIFICATE": "a.pem"}, "belong together"),
    "a certificate that is none": (
        {"MENSHEN_SERVER_TLS_CERTIFICATE": "a.pem", "MENSHEN_SERVER_TLS_KEY": "a.pem"},
        "cannot be used together",
    ),
    "another kind of database": ({"MENSHEN_DATABASE_URL": "mysql://localhost/x"}, "database.url"),
    "an address that is broken": ({"MENSHEN_DATABASE_URL": "postgresql://u:hidden-word@h:port/x"}, "database.url"),
    "a database that is away": ({"MENSHEN_DATABASE_URL": "postgresql://u:hidden-word@127.0.0.1:1/x"}, "database"),
    "a missing password file": (
        {"MENSHEN_DATABASE_URL": "postgresql://u@127.0.0.1:1/x", "MENSHEN_DATABASE_PASSWORD_FILE": "missing"},
        "database.password_file",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_one_line_that_tells_no_secret(tmp_path: Path, case: str) -> None:
    settings, expected = REFUSED[case]
    said = refusal(run(tmp_path, "serve", **{"MENSHEN_LISTEN": f"127.0.0.1:{free_port()}", **settings}))
    assert expected in said
    assert "hidden-word" not in said


def test_more_workers_need_postgresql(tmp_path: Path) -> None:
    assert "set database.url to PostgreSQL" in refusal(run(tmp_path, "serve", "--workers", "2"))


def test_a_lost_key_is_never_made_anew(laid: Path) -> None:
    (laid / "var" / "master.key").unlink()
    said = refusal(run(laid, "serve", MENSHEN_LISTEN=f"127.0.0.1:{free_port()}"))
    assert "key file var/master.key cannot be opened" in said
    assert not (laid / "var" / "master.key").exists()


def test_a_key_that_others_can_read_is_refused(laid: Path) -> None:
    (laid / "var" / "master.key").chmod(0o644)
    said = refusal(run(laid, "serve", MENSHEN_LISTEN=f"127.0.0.1:{free_port()}"))
    assert "chmod 600" in said


def test_a_newer_schema_is_refused(laid: Path) -> None:
    with sqlite3.connect(laid / "var" / "menshen.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    said = refusal(run(laid, "serve", MENSHEN_LISTEN=f"127.0.0.1:{free_port()}"))
    assert "newer than this version" in said


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    """A folder in which `menshen migrate` has run."""
    if run(tmp_path, "migrate").returncode:
        raise AssertionError("menshen migrate failed")
    return tmp_path


def workers(served: Served) -> list[int]:
    """The serving processes."""
    listed = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text(encoding="ascii")
    return [
        int(pid) for pid in listed.split() if Path(f"/proc/{pid}/cmdline").read_bytes().find(PROGRAM.name.encode()) > 0
    ]


def raw(served: Served, head: bytes) -> bytes:
    """What comes back to exactly these bytes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as line:
        line.sendall(head)
        line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
        return b"".join(parts)
