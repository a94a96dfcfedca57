"""Settings: the file, the environment over it, and refusals that name line, reason and the nearest right name."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from menshen.kit.settings import WrongSetting, load, reference, shown, variable


class Door(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the door stands."""

    name: Annotated[str, Meta(description="what it is called")] = "front"
    width: Annotated[int, Meta(ge=60, le=300, description="in centimetres")] = 90
    open: Annotated[bool, Meta(description="whether it stands open")] = False
    guards: Annotated[tuple[str, ...], Meta(description="who stands at it")] = ()
    closes: Annotated[int | None, Meta(description="hour at which it closes")] = None


class Roof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies above."""

    name: Annotated[str, Meta(description="of the tiles")] = "clay"


SECTIONS: dict[str, type[msgspec.Struct]] = {"door": Door, "roof": Roof}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """An empty settings file, for a test to write."""
    return tmp_path / "menshen.toml"


def refused(file: Path | None = None, **environment: str) -> str:
    """Why these settings are refused."""
    with pytest.raises(WrongSetting) as wrong:
        load(SECTIONS, file, environment)
    return str(wrong.value)


def test_without_a_file_the_defaults_hold() -> None:
    assert load(SECTIONS, None, {}) == {"door": Door(), "roof": Roof()}


def test_the_environment_overrides_the_file_and_the_file_the_defaults(written: Path) -> None:
    written.write_text('[door]\nname = "side"\nwidth = 120\n', encoding="utf-8")
    found = load(SECTIONS, written, {"MENSHEN_DOOR_WIDTH": "200"})
    assert found["door"] == Door(name="side", width=200)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("神荼,郁垒", ("神荼", "郁垒")), (" 神荼 , ", ("神荼",)), ("", ())],
)
def test_a_list_is_written_with_commas_in_a_variable(raw: str, expected: tuple[str, ...]) -> None:
    assert load(SECTIONS, None, {"MENSHEN_DOOR_GUARDS": raw})["door"] == Door(guards=expected)


@pytest.mark.parametrize(
    ("raw", "expected"), [("true", True), ("1", True), ("yes", True), ("On", True), ("false", False), ("no", False)]
)
def test_yes_and_no_are_written_as_people_do(raw: str, expected: bool) -> None:
    assert load(SECTIONS, None, {"MENSHEN_DOOR_OPEN": raw})["door"] == Door(open=expected)


def test_what_may_be_absent_is_read_as_a_number_where_it_is_given() -> None:
    assert load(SECTIONS, None, {"MENSHEN_DOOR_CLOSES": "22"})["door"] == Door(closes=22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[dor]\n", "menshen.toml, line 1: [dor] is not a setting; did you mean 'door'?"),
        ("\n[door]\nwidht = 90\n", "menshen.toml, line 3: door.widht is not a setting; did you mean 'width'?"),
        ('[roof]\nname = "a"\n[door]\nname = 7\n', "menshen.toml, line 4: door.name: "),
        ('# width = 1\n[door]\nwidth = "90"\n', "menshen.toml, line 3: door.width: "),
        ("[door]\nwidth = 7\n", "menshen.toml, line 2: door.width: "),
        ("[door]\nguards = [7]\n", "menshen.toml, line 2: door.guards: "),
        ('door = "open"\n', "menshen.toml, line 1: door is a section: write [door] on a line of its own"),
        ("[door]\nwidth = \n", "menshen.toml: not TOML: "),
        ("[door]\nwidth = 90\nwidth = 91\n", "menshen.toml: not TOML: "),
        ("[[door]]\nwidth = 90\n", "menshen.toml, line 1: door is a section"),
        ("[door]\nqqqq = 1\n", "known here: closes, guards, name, open, width"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_line(written: Path, text: str, expected: str) -> None:
    written.write_text(text, encoding="utf-8")
    assert expected in refused(written)


def test_a_file_that_cannot_be_read_is_named(written: Path) -> None:
    assert "cannot be read (No such file or directory)" in refused(written)
    written.write_bytes(b"[door]\nname = '\xff'\n")
    assert refused(written).endswith("menshen.toml, line 2: not UTF-8: save the file as UTF-8")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MENSHEN_DOOR_WIDHT", "90", "MENSHEN_DOOR_WIDHT is not a setting; did you mean MENSHEN_DOOR_WIDTH?"),
        ("MENSHEN_DATABASE", "x", "MENSHEN_DATABASE is not a setting; did you mean MENSHEN_DATA?"),
        ("MENSHEN_DOOR_WIDTH", "wide", "environment variable MENSHEN_DOOR_WIDTH: "),
        ("MENSHEN_DOOR_WIDTH", "7", "environment variable MENSHEN_DOOR_WIDTH: "),
        ("MENSHEN_DOOR_OPEN", "perhaps", "environment variable MENSHEN_DOOR_OPEN: "),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(name: str, value: str, expected: str) -> None:
    assert expected in refused(None, **{name: value})


def test_variables_of_others_and_of_the_tests_are_let_be() -> None:
    environment = {"HOME": "/", "MENSHEN_TEST_POSTGRES": "x", "MENSHEN_DATA": "x", "MENSHEN_LISTEN": "x"}
    assert load(SECTIONS, None, environment)["door"] == Door()


def test_the_reference_has_every_setting_with_its_variable_default_and_meaning() -> None:
    text = reference(SECTIONS)
    assert "## [door]\n\nHow the door stands.\n" in text
    assert "| `width` | `MENSHEN_DOOR_WIDTH` | `90` | in centimetres |" in text
    assert "| `guards` | `MENSHEN_DOOR_GUARDS` | `[]` | who stands at it |" in text
    assert "| `closes` | `MENSHEN_DOOR_CLOSES` |  | hour at which it closes |" in text
    assert variable("roof", "name") in text


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("url", "postgresql://menshen:geheim@db/x", '"postgresql://menshen:***@db/x"'),
        ("url", "postgresql://menshen@db/x", '"postgresql://menshen@db/x"'),
        ("pin", "1234", '"(set)"'),
        ("pin", "", '""'),
        ("password_file", "/etc/word", '"/etc/word"'),
        ("width", 90, "90"),
    ],
)
def test_settings_are_shown_without_their_secrets(name: str, value: object, expected: str) -> None:
    assert shown(name, value) == expected
