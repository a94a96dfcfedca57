"""The example of the documentation, started as its reader would: Menshen, nginx and the shop, on free ports."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.houses import CHEAP
from tests.servers.authority import Authority
from tests.servers.nginx import HOSTS
from tests.servers.programs import ROOT, answers, free_port, program, stop, unavailable, until

ACCOUNTS, SHOP = HOSTS


@dataclass(frozen=True)
class Example:
    """The running example; `log` holds what its programs said."""

    port: int
    folder: Path
    log: Path

    def url(self, host: str, path: str = "/") -> str:
        """The address of a path at one of the two hosts."""
        return f"https://{host}:{self.port}{path}"

    def menshen(self, *words: str) -> None:
        """Run a command beside the serving process."""
        command = [str(Path(sys.executable).with_name("menshen")), *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            unavailable(f"menshen {' '.join(words)}: {done.stdout}{done.stderr}")

    @property
    def environment(self) -> dict[str, str]:
        """What its Menshen was started with."""
        place = {"MENSHEN_CONFIG": str(self.folder / "menshen.toml"), "MENSHEN_DATA": str(self.folder / "data")}
        return {**os.environ, **CHEAP, **place}


@pytest.fixture(scope="module")
def example(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    """The example, with a certificate of the authority that the tests' browser trusts."""
    program("nginx", "nginx-light")
    folder = tmp_path_factory.mktemp("door")
    ports = [free_port() for _ in range(3)]
    chain, key = authority.issue(*HOSTS)
    words = ["--folder", folder / "var", "--ports", *ports, "--certificate", chain, "--key", key]
    command = [sys.executable, ROOT / "examples" / "nginx" / "run.py", *words]
    made = Example(ports[0], folder / "var", folder / "said")
    with made.log.open("wb") as said:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *(str(word) for word in command)],
            env={**os.environ, **CHEAP},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            if not until(lambda: process.poll() is not None or answers(made.port), 120) or process.poll() is not None:
                unavailable(f"the example did not start: {made.log.read_text(errors='replace')[-600:]}")
            yield made
        finally:
            stop(process)
