"""The load generator: keep-alive HTTP/1.1 connections on loopback, closed loop or at a set rate."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came of a run."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        """Latency in milliseconds that `part` of the answers stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000 if ordered else 0.0


def request(method: str, path: str, host: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """One request as bytes, made once and sent many times."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._port = port
        self._source = source
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, raw: bytes) -> tuple[int, bytes, bytes]:
        """Send and read the whole answer: (status, head, body)."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, local_addr=(self._source, 0)
            )
        self._writer.write(raw)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        size = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                size = int(line[15:])
        body = await self._reader.readexactly(size) if size and status not in (204, 304) else b""
        return status, head, body

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()


async def closed(port: int, connections: int, seconds: float, next_request: Callable[[int], bytes]) -> Outcome:
    """Each connection sends as soon as its answer is there; `next_request` gets a running number."""
    outcome, numbers, until = Outcome(), iter(range(10**9)), time.perf_counter() + seconds

    async def work() -> None:
        connection = Connection(port)
        while time.perf_counter() < until:
            raw = next_request(next(numbers))
            start = time.perf_counter()
            status, _, _ = await connection.send(raw)
            outcome.latencies.append(time.perf_counter() - start)
            outcome.statuses[status] += 1
        connection.close()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - start
    return outcome


async def at_rate(
    port: int, rate: float, seconds: float, next_request: Callable[[int], bytes], most: int = 2000
) -> Outcome:
    """Requests arrive at a set rate whether or not earlier ones are answered."""
    outcome, free, tasks = Outcome(), list[Connection](), set[asyncio.Task[None]]()

    async def one(number: int) -> None:
        connection = free.pop() if free else Connection(port)
        start = time.perf_counter()
        status, _, _ = await connection.send(next_request(number))
        outcome.latencies.append(time.perf_counter() - start)
        outcome.statuses[status] += 1
        free.append(connection)

    start, number = time.perf_counter(), 0
    while (now := time.perf_counter()) - start < seconds:
        while number < (now - start) * rate and len(tasks) < most:
            task = asyncio.create_task(one(number))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
        await asyncio.sleep(0.002)
    if tasks:
        await asyncio.wait(tasks, timeout=30)
    outcome.seconds = time.perf_counter() - start
    for connection in free:
        connection.close()
    return outcome
