"""What one idle worker weighs, how fast a second start answers, and how long 100,000 customers take to come in."""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import bcrypt

from bench import report
from bench.house import FLOOR, filled, served

ACCOUNTS = 100_000


def run() -> list[report.Figure]:
    """Memory, start and import."""
    figures = []
    with filled(1) as (data, environment):
        with served(data, environment):
            pass
        starts = []
        for _ in range(5):
            with served(data, environment) as server:
                starts.append(server.started_in)
                time.sleep(3)
                memory = server.memory_mib()
        figures.append(report.at_most("resident memory of one idle worker", memory, 150, "MiB"))
        figures.append(report.at_most("second start to first answer", sorted(starts)[2], 2.0, "s"))
        figures.append(report.at_most("import of 100,000 accounts", imported(data), 60, "s"))
    return figures


def imported(data: Path) -> float:
    """Seconds that `menshen accounts import` takes for bcrypt accounts, wrapping aside."""
    file = data / "customers.jsonl"
    hashes = [bcrypt.hashpw(b"x", bcrypt.gensalt(10)).decode() for _ in range(5)]
    with file.open("w", encoding="utf-8") as opened:
        for number in range(ACCOUNTS):
            row = {
                "external_id": f"c{number}",
                "emails": [f"import{number}@example.com"],
                "phones": [f"+861380{number:07d}"[:14]],
                "display_name": f"王小{number % 97}明",
                "password_hash": hashes[number % 5][:29] + secrets.token_hex(16)[:31],
            }
            opened.write(json.dumps(row, ensure_ascii=False) + "\n")
    own = {name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")}
    own |= {**FLOOR, "MENSHEN_DATA": str(data)}
    menshen = Path(sys.executable).with_name("menshen")
    start = time.perf_counter()
    done = subprocess.run([menshen, "accounts", "import", file], env=own, capture_output=True, text=True)  # noqa: S603
    took = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"the import ended with {done.returncode}: {done.stderr[-500:]}")
    return took
