"""The list of cases in the documents names tests that are there, and leaves no case out."""

import re

from tests.servers.programs import ROOT

LIST = ROOT / "docs" / "developer" / "security-cases.md"


def test_the_list_of_cases_is_true() -> None:
    """Unseen yet to fail with a test renamed."""
    told = LIST.read_text()
    files = [file.read_text() for file in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in files for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    assert set(re.findall(r"`(test_\w+)`", told)) - there == set()
    assert [int(number) for number in re.findall(r"^\| S-(\d+) ", told, re.MULTILINE)] == list(range(1, 196))
