"""What signing up and recovering cost a person, counted in a real browser: screens, fields typed, presses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.houses import PASSWORD
from tests.pages.served import CUSTOMER, Served, served_house

pytestmark = pytest.mark.browser


class Person:
    """Somebody at a browser, whose effort is counted."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.screens = self.typed = self.presses = 0
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def meet(self, address: str) -> None:
        """Open the first screen, or a link from a mail."""
        self.page.goto(address)
        self.screens += 1

    def fill(self, **fields: str) -> None:
        """Type into fields."""
        for name, value in fields.items():
            self.page.fill(f"#{name}", value)
            self.typed += 1

    def press(self, onto: str) -> None:
        """Press the page's first button, which leads onto an address."""
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_url(onto)
        self.presses += 1

    @property
    def effort(self) -> tuple[int, int, int]:
        """Screens, fields typed, presses."""
        return self.screens, self.typed, self.presses


@pytest.fixture(scope="module")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One house for the module."""
    folder = tmp_path_factory.mktemp("effort")
    (folder / "menshen.db").write_bytes(sqlite_template.read_bytes())
    with served_house(f"sqlite:///{folder / 'menshen.db'}", folder) as opened:
        yield opened


def test_sign_up_takes_three_screens(served: Served, window: Callable[..., Any]) -> None:
    person = Person(window().new_page())
    person.meet(f"{served.base}/sign-up")
    person.fill(email="fresh@example.com")
    person.press("**/sign-up/code")
    person.screens += 1
    person.fill(code=served.code("lifecycle.letter"))
    person.press("**/sign-up/password")
    person.screens += 1
    person.fill(password=PASSWORD)
    person.press("**/account")
    assert person.effort == (3, 3, 3)
    assert person.complaints == []


def test_recovery_takes_three_screens(served: Served, window: Callable[..., Any]) -> None:
    person = Person(window(locale="en-US").new_page())
    person.meet(f"{served.base}/recover")
    person.fill(who=CUSTOMER)
    person.press("**/recover/code")
    person.screens += 1
    person.fill(code=served.code("recovery.letter"))
    person.press("**/recover/password")
    person.screens += 1
    person.fill(password="Kranich-9-Laternen?")
    person.press("**/sign-in?changed=1")
    assert person.effort == (3, 3, 3)
    assert person.complaints == []
