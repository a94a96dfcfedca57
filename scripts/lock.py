"""Writes requirements/*.txt anew: every package by version and hash, and no host in them."""

import subprocess
import sys
from pathlib import Path

from index import environment

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")

LOCKS: dict[str, tuple[str, ...]] = {
    "core": ("pyproject.toml",),
    "dev": ("pyproject.toml", "--all-extras", "--group", "dev"),
    "uv": ("-",),
}
"""What each file is made from. core: to run Menshen; dev: extras, checks, tests too; uv: the installer."""

OPTIONS = (
    *("--universal", "--generate-hashes", "--python-version", "3.11", "--upgrade", "--quiet"),
    *("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"),
)


def main() -> None:
    """Resolve for every platform and Python from 3.11 on, so that one file serves all."""
    for name, source in LOCKS.items():
        subprocess.run(
            [str(UV), "pip", "compile", *source, "-o", f"requirements/{name}.txt", *OPTIONS],
            cwd=ROOT,
            env=environment() | {"UV_CACHE_DIR": str(ROOT / ".cache" / "uv")},
            input=b"uv" if source == ("-",) else None,
            check=True,
        )


if __name__ == "__main__":
    main()
