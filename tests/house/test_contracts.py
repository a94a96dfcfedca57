"""The import contracts are those of today's folders, are kept, and would notice a breach of each kind."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.walk import ROOT


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of a house, this one or a copy."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root / "src")}, capture_output=True, text=True)


def write_contracts(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script that writes the contracts."""
    return subprocess.run([sys.executable, root / "scripts" / "contracts.py", *options], capture_output=True, text=True)


def test_contracts_are_those_of_todays_folders() -> None:
    done = write_contracts(ROOT, "--check")
    assert done.returncode == 0, done.stderr


def test_contracts_are_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.fixture
def small_house(tmp_path: Path) -> Callable[[str, str], str]:
    """A house of four rooms in which one more import can be put; tells what the contracts say then."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "contracts.py", tmp_path / "scripts")
    for room in ("app", "signin", "accounts", "passwords", "kit"):
        for file in ("__init__", "pages", "service", "store", "rules", "database"):
            place = tmp_path / "src" / "menshen" / room / f"{file}.py"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    (tmp_path / "src" / "menshen" / "__init__.py").touch()

    def said(file: str, line: str) -> str:
        (tmp_path / "src" / "menshen" / file).write_text(line)
        write_contracts(tmp_path)
        done = lint_imports(tmp_path)
        return done.stdout + done.stderr

    return said


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("accounts/service.py", "from menshen.signin import service", "Street: "),
        ("accounts/store.py", "from menshen.accounts import service", "Floors of accounts"),
        ("accounts/rules.py", "import time", "Purity of accounts"),
        ("accounts/rules.py", "from menshen.kit import database", "Purity of accounts"),
        ("signin/rules.py", "from menshen.accounts import service", "Purity of signin"),
        ("signin/service.py", "from menshen.accounts import store", "Shelves of accounts"),
        ("signin/pages.py", "from menshen.accounts import pages", "Fronts of accounts"),
        ("passwords/service.py", "from menshen.kit import database", "Alone: passwords"),
    ],
)
def test_a_breach_is_noticed(small_house: Callable[[str, str], str], file: str, line: str, broken: str) -> None:
    said = small_house(file, line)
    assert "1 broken" in said
    assert any(broken in row and "BROKEN" in rest for row, rest in neighbours(said))


def test_an_allowed_import_is_allowed(small_house: Callable[[str, str], str]) -> None:
    said = small_house("signin/service.py", "from menshen.accounts import rules, service")
    assert "0 broken" in said


def test_a_room_without_a_place_on_the_street_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "contracts.py", tmp_path / "scripts")
    (tmp_path / "src" / "menshen" / "attic").mkdir(parents=True)
    (tmp_path / "src" / "menshen" / "attic" / "__init__.py").touch()
    done = write_contracts(tmp_path)
    assert done.returncode == 1
    assert "attic" in done.stderr


def neighbours(said: str) -> list[tuple[str, str]]:
    """Each line with itself and the next, since a long verdict is broken over two."""
    lines = said.splitlines()
    return [(line, line + following) for line, following in zip(lines, [*lines[1:], ""], strict=True)]
