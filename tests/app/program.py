"""The program as its keeper starts it: a process of its own in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

PROGRAM = Path(sys.executable).with_name("menshen")
PATIENCE = 90.0
"""Seconds: a start takes one or two, and many tests may start at once."""
CHEAP = {"MENSHEN_CREDENTIALS_MEMORY_KIB": "8", "MENSHEN_CREDENTIALS_ITERATIONS": "1"}


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def said(self) -> str:
        """What it has written to standard error so far."""
        return self.log.read_text(encoding="utf-8")

    def get(self, path: str, **more: object) -> httpx2.Response:
        """One plain request, redirects not followed."""
        return httpx2.get(f"http://127.0.0.1:{self.port}{path}", timeout=30, **more)  # type: ignore[arg-type]

    def stop(self, by: int = signal.SIGTERM) -> int:
        """Tell it to end. Returns its exit status."""
        self.process.send_signal(by)
        return self.process.wait(60)


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of its own, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")}
    return {**kept, **CHEAP, **more}


def run(place: Path, *words: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """The program run to its end in a folder."""
    return subprocess.run(
        [PROGRAM, *words],
        cwd=place,
        env=environment(**settings),
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which the program refused; anything else is no refusal."""
    lines = done.stderr.strip().splitlines()
    if done.returncode != 2 or len(lines) != 1 or not lines[0].startswith("menshen: "):
        raise AssertionError(f"exit {done.returncode}: {done.stderr[-2000:]}")
    return lines[0].removeprefix("menshen: ")


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    place: Path, *words: str, command: Sequence[str] = (), ready: str = "/healthz", **settings: str
) -> Iterator[Served]:
    """The server in a folder, from its first answer to the end of the block."""
    port = int(settings.pop("port", "0")) or free_port()
    log = place / "stderr.txt"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [each.format(port=port) for each in command] or [str(PROGRAM), *(words or ("serve",))],
            cwd=place,
            env=environment(MENSHEN_LISTEN=f"127.0.0.1:{port}", **settings),
            stdout=errors,
            stderr=errors,
            umask=0,
        )
    served = Served(process, port, log)
    try:
        wait_for_answer(served, ready, "https" if "MENSHEN_SERVER_TLS_CERTIFICATE" in settings else "http")
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def wait_for_answer(served: Served, path: str, scheme: str) -> None:
    """Return at the first answer; AssertionError where the server ends before it, or none comes."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if served.process.poll() is not None:
            raise AssertionError(f"ended with {served.process.returncode}: {served.said}")
        try:
            httpx2.get(f"{scheme}://127.0.0.1:{served.port}{path}", verify=False, timeout=5)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no answer: {served.said}")


def files(place: Path) -> Mapping[str, int]:
    """Every file and folder below a place with its permissions."""
    return {str(path.relative_to(place)): path.stat().st_mode & 0o777 for path in sorted(place.rglob("*"))}
