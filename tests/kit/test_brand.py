"""The brand: names in both languages, colours that can be read, and settings that are refused."""

import pytest

from menshen.kit.brand import OWN_COLOUR, Brand, contrast_with_white
from menshen.kit.settings import WrongSetting, load


def test_the_house_has_a_name_in_each_language() -> None:
    assert [Brand().called(locale) for locale in ("zh_CN", "en")] == ["门神", "Menshen"]


def test_a_company_with_one_name_has_it_everywhere() -> None:
    assert [Brand(name="Clearbrook").called(locale) for locale in ("zh_CN", "en")] == ["Clearbrook", "Clearbrook"]
    assert Brand(name="清溪", name_en="Clearbrook").called("en") == "Clearbrook"


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#FFFFFF", 1.0), ("#000000", 21.0), ("#1F4E8C", 8.3), ("#767676", 4.54)]
)
def test_contrast_is_the_standards(colour: str, ratio: float) -> None:
    assert contrast_with_white(colour) == pytest.approx(ratio, abs=0.05)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"colour": "#FFCC00"}, "darker"),
        ({"colour": "red"}, "six hexadecimal"),
        ({"colour": "#1F4E8C;x"}, "six hexadecimal"),
        ({"name": "  "}, "needs a name"),
        ({"name": "a\r\nBcc: x@y"}, "one line"),
        ({"support": "javascript:alert(1)"}, "support is"),
        ({"support": "help@example.test?subject=x y"}, "support is"),
        ({"languages": ()}, "languages"),
        ({"languages": ("fr",)}, "languages"),
        ({"time_zone": "Peking"}, "time zone"),
        ({"time_zone": "../etc"}, "time zone"),
    ],
)
def test_what_would_not_look_right_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Brand(**wrong)  # type: ignore[arg-type]


def test_the_settings_say_why_a_colour_is_refused() -> None:
    with pytest.raises(WrongSetting, match="darker"):
        load({"brand": Brand}, None, {"MENSHEN_BRAND_COLOUR": "#FFCC00"})


def test_pages_get_the_brand_in_their_language() -> None:
    shown = Brand(name="清溪", colour="#0B5D3B", logo="/srv/logo.SVG", support="help@example.test").shown("zh_CN")
    assert (shown.name, shown.has_colour, shown.logo_url) == ("清溪", True, "/brand/logo.svg")
    assert not Brand(colour=OWN_COLOUR.lower()).shown("en").has_colour
    assert Brand().shown("en").logo_url == ""
