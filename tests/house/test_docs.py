"""The docs stay true where a machine can see it: links lead somewhere, example lines can be read."""

import re
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from menshen.credentials.formats import verify
from menshen.lifecycle.rules.lines import Options, entry, from_json
from tests.credentials.formats.vectors import ALL, Vector

ROOT = Path(__file__).parent.parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
NOW = 2_000_000_000_000_000
VECTORS = {vector.text: vector for vector in ALL}


def examples(page: str) -> list[str]:
    """The lines of an import file that stand in a page of the operators' docs."""
    text = (ROOT / "docs" / "operator" / page).read_text("utf-8")
    return [line for line in text.splitlines() if line.startswith('{"')]


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as link targets."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if "://" in link:
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("line", examples("moving-customers.md"))
def test_an_example_of_the_guide_comes_in(line: str) -> None:
    assert entry(from_json(line.encode()), 1, Options(zones=frozenset(available_timezones())), NOW).newcomer.identifiers


@pytest.mark.parametrize("line", examples("old-hashes.md"))
def test_an_example_of_an_old_hash_is_what_its_maker_says(line: str) -> None:
    written = from_json(line.encode())
    vector = VECTORS.get(written.password_hash or "", Vector("nobody", ""))
    read = entry(written, 1, Options(pepper=vector.pepper), NOW)
    if read.stored is None:
        assert read.plain == written.password_hash
    else:
        assert verify(read.stored, vector.password)
