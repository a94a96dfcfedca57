"""/session/check a second and a worker, against plain ASGI that makes the same one-row read by the raw driver."""

import asyncio
import contextlib
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import report
from bench.house import browser, filled, free_port, served, wait_until_ready
from bench.load import closed

CUSTOMERS = 50
SECONDS = 6.0
CONNECTIONS = 16


def plain() -> Any:
    """The bare thing, served by the same server: cookie to hash, one row by the raw driver in a worker thread."""
    address, threads = os.environ["PLAIN_DATABASE"], __import__("threading").local()

    def connection() -> Any:
        if not hasattr(threads, "connection"):
            if address.startswith("postgresql"):
                import psycopg

                threads.connection = psycopg.connect(address, autocommit=True)
            else:
                threads.connection = sqlite3.connect(address, isolation_level=None)
        return threads.connection

    mark = "%s" if address.startswith("postgresql") else "?"
    statement = f"SELECT * FROM sessions WHERE token_hash = {mark}"  # noqa: S608

    def look(token: bytes) -> Any:
        return connection().execute(statement, (hashlib.sha256(token).digest(),)).fetchone()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        cookie = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
        row = await asyncio.to_thread(look, cookie.partition(b"__Host-session=")[2])
        await send({"type": "http.response.start", "status": 204 if row else 401, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


@contextlib.contextmanager
def plainly_served(address: str) -> Any:
    """The bare application under granian, one worker."""
    port = free_port()
    granian = str(Path(sys.executable).with_name("granian"))
    options = ["--interface", "asgi", "--port", str(port), "--no-ws", "--factory"]
    command = [granian, *options, "bench.session_check:plain"]
    child = subprocess.Popen(  # noqa: S603
        command, env={**os.environ, "PLAIN_DATABASE": address}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with contextlib.suppress(RuntimeError):
            wait_until_ready(port)
        yield port
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(20)


async def ratio(database: str) -> tuple[float, float]:
    """(ours over plain, ours a second): both servers stand beside each other and are driven in turns."""
    with filled(CUSTOMERS, database) as (data, environment), served(data, environment) as server:
        browsers = [await browser(server, number) for number in range(CUSTOMERS)]
        address = database.replace("+psycopg", "") if database else str(data / "menshen.db")
        with plainly_served(address) as port:
            ratios, rates = [], []
            for _ in range(5):
                ours = await closed(server.port, CONNECTIONS, SECONDS / 2, lambda n: browsers[n % CUSTOMERS].check)
                bare = await closed(port, CONNECTIONS, SECONDS / 2, lambda n: browsers[n % CUSTOMERS].check)
                if set(ours.statuses) != {204} or set(bare.statuses) != {204}:
                    raise RuntimeError(f"not all were found: {ours.statuses} {bare.statuses}")
                ratios.append(ours.rate / bare.rate)
                rates.append(ours.rate)
    return sorted(ratios)[2], sorted(rates)[2]


async def run(postgres: str) -> list[report.Figure]:
    """Both databases."""
    figures = []
    for name, database in (("SQLite", ""), ("PostgreSQL", postgres)):
        found, rate = await ratio(database)
        title = f"/session/check over the plain one-row read, {name}"
        figures.append(report.at_least(title, found, 0.5, "", f"{rate:,.0f}/s a worker"))
    return figures
