"""Every page of the house is sound in a browser, in both languages, narrow and wide, light and dark."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.gallery import State
from tests.pages.scenes import SCENES
from tests.pages.served import Served, served_house
from tests.pages.tour import faults

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One house for the whole tour."""
    data = tmp_path_factory.mktemp("tour")
    (data / "menshen.db").write_bytes(sqlite_template.read_bytes())
    with served_house(f"sqlite:///{data / 'menshen.db'}", data) as opened:
        yield opened


@pytest.mark.parametrize("state", [State("zh_CN", "light", 360), State("en", "dark", 1280)], ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_page_is_sound(name: str, state: State, served: Served, window: Callable[..., object]) -> None:
    assert faults(window, SCENES[name], served, state) == []  # type: ignore[arg-type]
