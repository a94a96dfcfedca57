"""Starting real programs for the tests: where they lie, as whom they run, when they are ready, how they stop."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
"""Seconds until a program that does not answer counts as failed."""


def unavailable(reason: str) -> NoReturn:
    """Fail the test with one line: what a test needs and lacks is never skipped."""
    pytest.fail(" ".join(reason.split()), pytrace=False)


def program(name: str, package: str) -> str:
    """Where a program lies; servers lie where an ordinary user's PATH does not look."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    return found or unavailable(f"{name} is not installed: apt-get install {package}")


def as_nobody() -> dict[str, Any]:
    """How a server that refuses root is started by root; for anyone else, as they are."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def as_root() -> list[str]:
    """What stands before a command that needs root: nothing for root, else a namespace in which one is root."""
    if os.geteuid() == 0:
        return []
    program("newuidmap", "uidmap")
    return ["unshare", "--user", "--map-root-user", "--map-auto", "--"]


@contextmanager
def folder(name: str, *, for_nobody: bool = False) -> Iterator[Path]:
    """A short-lived folder with a short path, since the path of a socket may have about 100 characters."""
    path = Path(tempfile.mkdtemp(prefix=f"menshen-{name}-"))
    try:
        path.chmod(0o755)
        if for_nobody and (owner := as_nobody()):
            os.chown(path, owner["user"], owner["group"])
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    """A port of the loopback that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens at this port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(command: Sequence[object], ready: Callable[[], bool], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; the test fails with its last words if it does not become ready."""
    # Should the test run be killed, its servers end with it.
    line = ["setpriv", "--pdeathsig", "TERM", "--", *(str(word) for word in command)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, **options)
        try:
            if not until(lambda: process.poll() is not None or ready()) or process.poll() is not None:
                said.seek(0)
                unavailable(f"{Path(line[4]).name} did not start: {said.read().decode(errors='replace')[-400:]}")
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end, and end it if it does not."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(seen: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Look again and again until it is seen; False when patience ends."""
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def run(command: Sequence[object], **options: Any) -> str:
    """Run a program to its end and return what it said; the test fails with its last words if it failed."""
    line = [str(word) for word in command]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        unavailable(f"{Path(line[0]).name} failed: {(done.stdout + done.stderr)[-400:]}")
    return str(done.stdout)
