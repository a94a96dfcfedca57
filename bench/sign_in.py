"""Sign-ins a second against the raw hash rate, CPU beside the hash, and what others feel under three times too many."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argon2.low_level import Type, hash_secret_raw

from bench import report
from bench.house import Browser, Server, browser, filled, served
from bench.load import at_rate, closed, request

CUSTOMERS = 120
HALF = CUSTOMERS // 2
"""One half signs in again and again, the other keeps its sessions: more than ten at once end the oldest."""
SECONDS = 10.0


def one_hash() -> None:
    """One argon2id at the floor."""
    hash_secret_raw(b"password", b"0123456789abcdef", 2, 19_456, 1, 32, Type.ID)


@contextmanager
def hashing(threads: int) -> Iterator[Callable[[], int]]:
    """Threads that do nothing but hash; gives a reader of how many they have done."""
    done, stop = [0] * threads, threading.Event()

    def work(place: int) -> None:
        while not stop.is_set():
            one_hash()
            done[place] += 1

    workers = [threading.Thread(target=work, args=(place,)) for place in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield lambda: sum(done)
    finally:
        stop.set()
        for worker in workers:
            worker.join()


async def run() -> list[report.Figure]:
    """All figures about sign-ins."""
    with filled(CUSTOMERS) as (data, environment), served(data, environment) as server:
        browsers = [await browser(server, number) for number in range(CUSTOMERS)]
        rates, ratios, cpus = [], [], []
        for _ in range(3):
            before = server.cpu()
            signed = await closed(server.port, 6, SECONDS, lambda number: browsers[number % HALF].sign_in)
            used = server.cpu() - before
            wrong = {status: n for status, n in signed.statuses.items() if status != 303}
            if wrong:
                raise RuntimeError(f"sign-ins failed: {wrong}")
            raw = await raw_rate(server, signed.rate)
            rates.append(signed.rate)
            ratios.append(signed.rate / raw)
            cpus.append((used / len(signed.latencies) - hash_cpu()) * 1000)
        ratios.sort()
        cpus.sort()
        figures = [
            report.at_least(
                "sign-ins a second over raw hashes a second", ratios[1], 0.80, "", f"{sorted(rates)[1]:.0f} sign-ins/s"
            ),
            report.at_most("CPU of a sign-in beside its hash", cpus[1], 4.0, "ms"),
        ]
        return figures + await under_pressure(server, browsers, sorted(rates)[1])


async def raw_rate(server: Server, rate: float) -> float:
    """Hashes a second of two threads here, while the generator drives a route that only answers, at the same rate."""
    answer = request("GET", "/healthz", server.host)
    with hashing(2) as done:
        start, first = time.perf_counter(), done()
        await at_rate(server.port, rate, SECONDS / 2, lambda number: answer)
        return (done() - first) / (time.perf_counter() - start)


def hash_cpu() -> float:
    """CPU seconds of one hash while both cores hash, as they do under sign-ins: they share the memory's bandwidth."""
    with hashing(2) as done:
        start, first = time.process_time(), done()
        time.sleep(3)
        return (time.process_time() - start) / (done() - first)


async def under_pressure(server: Server, browsers: list[Browser], capacity: float) -> list[report.Figure]:
    """Three times as many sign-ins as can be hashed, mostly by strangers; checks and known devices beside them."""
    stranger = stranger_try(browsers[0])
    p99s, errors, known = [], 0, []
    for _ in range(3):
        flood, checks, owners = await asyncio.gather(
            at_rate(server.port, capacity * 3, SECONDS, lambda number: stranger),
            at_rate(server.port, 100, SECONDS, lambda number: browsers[HALF + number % HALF].check),
            at_rate(server.port, capacity * 0.3, SECONDS, lambda number: browsers[number % HALF].sign_in),
        )
        p99s.append(checks.percentile(0.99))
        errors += sum(n for status, n in checks.statuses.items() if status != 204)
        errors += sum(n for status, n in flood.statuses.items() if status >= 500 and status != 503)
        known.append(owners.statuses[303] / max(sum(owners.statuses.values()), 1))
    return [
        report.at_most("p99 of /session/check under three times too many sign-ins", sorted(p99s)[1], 25, "ms"),
        report.at_most("errors then", errors, 0),
        report.at_least("share of sign-ins from known devices that succeed then", min(known), 1.0),
    ]


def stranger_try(known: Browser) -> bytes:
    """The same form without the device cookie."""
    head, _, body = known.sign_in.partition(b"\r\n\r\n")
    lines = [
        line.partition(b"; __Host-device=")[0] if line.startswith(b"cookie:") else line for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
