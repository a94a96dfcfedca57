"""The house keeps its shape: a word at each file's head, short files, field terms, pure rules, no machine in it."""

import ast
import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.house.walk import HOUSE, ROOT, committed, modules, name, own_names, rooms, tree

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGEST_README = 40

NOT_OUR_WORDS = re.compile(
    r"(?:^|_)(?:log[io]n|log_in|logon|blacklist|whitelist|2fa|managers?|helpers?|utils?)(?:_|$)"
    r"|^(?:handle|process)_(?![A-Z])"  # aiosmtpd calls its hooks handle_DATA and the like
)
"""Words that law 8 of the plan rules out, as parts of a name in snake case."""

NOT_FOR_READERS = re.compile(r"\b(?:log[io]n|log ?in|logging in|log ?on|blacklist\w*|whitelist\w*|2fa)\b", re.I)
"""The same words, as a reader would meet them."""

IMPURE_CALLS = {"now", "utcnow", "today", "fromtimestamp", "open", "urlopen"}
"""What reads the clock, the machine's time zone, a file or the network without an import that a contract sees."""


def snake(identifier: str) -> str:
    """CamelCase as snake_case, so that one pattern finds a word in either."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", identifier).lower() if "_" not in identifier else identifier


def test_each_file_says_its_job_first() -> None:
    silent = [name(path) for path in modules("src", "scripts", "tests") if not ast.get_docstring(tree(path))]
    assert silent == []


def test_files_are_short() -> None:
    long = {
        name(path): count
        for path in modules("src", "scripts")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{name(path)}:{node.lineno} {node.name}": length
        for path in modules("src", "scripts")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_the_program_does_not_assert() -> None:
    asserting = [
        f"{name(path)}:{node.lineno}"
        for path in modules("src", "scripts")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert)
    ]
    assert asserting == []


def test_names_use_the_terms_of_the_field() -> None:
    foreign = [
        f"{name(path)}:{line} {word}"
        for path in modules("src")
        for word, line in own_names(path)
        if NOT_OUR_WORDS.search(snake(word))
    ]
    assert foreign == []


def test_texts_and_pages_use_the_terms_of_the_field() -> None:
    foreign = [
        f"{name(path)}:{number} {found[0]}"
        for pattern in ("*/texts/en.po", "*/templates/**/*.html", "*/README.md", "*/templates/**/*.txt")
        for path in sorted(HOUSE.glob(pattern))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := NOT_FOR_READERS.search(line))
    ]
    assert foreign == []


def test_rules_read_no_clock_and_no_file() -> None:
    impure = [
        f"{name(path)}:{node.lineno} {called}()"
        for pattern in ("*/rules.py", "*/rules/**/*.py", "*/events.py")
        for path in sorted(HOUSE.glob(pattern))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and (called := call_name(node)) in IMPURE_CALLS
    ]
    assert impure == []


def call_name(call: ast.Call) -> str:
    """The last word of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


@pytest.mark.parametrize("room", rooms())
def test_each_room_introduces_itself_shortly(room: str) -> None:
    readme = HOUSE / room / "README.md"
    assert readme.is_file(), f"{room} has no README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_no_committed_file_names_a_machine() -> None:
    machine = re.compile("|".join(re.escape(mark) for mark in marks_of_this_machine()))
    named = [
        f"{name(path)}:{number} {found[0]}"
        for path in committed()
        if (text := readable(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if (found := machine.search(line))
    ]
    assert named == []


def marks_of_this_machine() -> list[str]:
    """Folders and hosts that mean something only here."""
    marks = ["/".join(["", "root", ""]), "/".join(["", "work", ""]), "/".join(["", "tmp", "brief"])]
    marks.append(f"{ROOT}/")
    if len(host := socket.gethostname()) > 8:
        marks.append(host)
    for setting in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "npm_config_registry"):
        index = urlsplit(os.environ.get(setting, "")).hostname
        if index and index not in ("pypi.org", "registry.npmjs.org"):
            marks.append(index)
    return marks


def test_locks_name_no_host() -> None:
    locks = [path for path in committed() if path.match("requirements/*.txt") or path.name == "package-lock.json"]
    assert len(locks) >= 4
    named = [
        f"{name(path)}:{number}"
        for path in locks
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if '"resolved"' in line or ("://" in line and path.suffix == ".txt")
    ]
    assert named == []


def readable(path: Path) -> str | None:
    """A file's text, or None for pictures and packed data."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
