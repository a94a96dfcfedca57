"""The files of the house, as the lints walk them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "menshen"


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git keeps; the owner of the folder may be another user than the one who tests."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def modules(*folders: str) -> list[Path]:
    """The Python files below these folders, committed or about to be."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def rooms() -> list[str]:
    """The rooms that stand today."""
    return sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))


def name(path: Path) -> str:
    """A file's path from the root, for messages."""
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def own_names(path: Path) -> Iterator[tuple[str, int]]:
    """The names that a file chooses itself, with their lines: its own, not those of the libraries it calls."""
    yield path.stem, 1
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
