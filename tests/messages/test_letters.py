"""The mails themselves: golden files a person has looked at, and strangers' words that stay words."""

import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menshen.kit.brand import Brand
from menshen.messages.rules import Letter
from tests.messages.posts import LINK, NOTICE, TO, letters

GOLDEN = Path(__file__).parent / "golden"
FACTS = {
    "test.link": {"link": LINK, "minutes": "10"},
    "test.code": {"code": "12345678", "minutes": "10"},
    "test.notice": NOTICE,
}
BRAND = Brand(name="清溪书店", name_en="Clearbrook Books", colour="#0B5D3B", support="help@example.test")


@pytest.mark.parametrize("code", sorted(FACTS))
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", ["txt", "html"])
def test_a_mail_reads_as_it_was_looked_at(code: str, locale: str, kind: str) -> None:
    written = letters(BRAND).write(code, locale, FACTS[code])
    made = f"{written.subject}\n\n{written.text}" if kind == "txt" else written.html
    file = GOLDEN / f"{code}.{locale}.{kind}"
    if os.environ.get("MENSHEN_TEST_GOLDEN") == "write":
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


def mail(facts: dict[str, str], code: str = "test.notice", locale: str = "en") -> EmailMessage:
    return letters().mail(Letter("7" * 32, code, TO, locale, facts), "id@example.test")


def test_a_mail_is_the_same_on_every_try_but_for_its_boundary() -> None:
    first, second = mail(NOTICE), mail(NOTICE)
    assert first["message-id"] == second["message-id"] == f"<{'7' * 32}@example.test>"
    assert first["date"] == second["date"]


def test_a_mail_fetches_nothing_and_runs_nothing() -> None:
    for code, facts in FACTS.items():
        html = letters(BRAND).write(code, "en", facts).html
        assert not [tag for tag in ("<img", "<script", "<link", "src=", "url(", "@import", "<form") if tag in html]


@pytest.mark.parametrize("name", ["<a href=//e>", '"><script>alert(1)</script>', "{{ 7 * 7 }}", "{brand}"])
def test_a_name_stays_words_in_html(name: str) -> None:
    html = letters().write("test.notice", "en", {**NOTICE, "name": name}).html
    assert "<a href=//e>" not in html
    assert "<script" not in html
    assert "49" not in html


@settings(deadline=None)
@given(st.text(max_size=60))
def test_s154_no_name_adds_a_header_or_a_line(name: str) -> None:
    made = mail({**NOTICE, "name": name})
    assert set(made.keys()) == set(mail(NOTICE).keys())
    assert "\n" not in made["subject"]
    assert "\r" not in made["subject"]
    parsed = made.as_bytes().split(b"\r\n\r\n", 1)[0]
    assert parsed.count(b"\r\nTo:") == 1
    assert b"\r\nBcc:" not in parsed


def test_s154_a_bare_line_feed_in_a_name_is_a_space() -> None:
    made = mail({**NOTICE, "name": "Anna\r\nBcc: victim@example.test\n\nWin"})
    assert made["bcc"] is None
    assert made["subject"] == "Anna Bcc: victim@example.test Win, a new device signed in"


def test_chinese_survives_the_wire() -> None:
    made = mail(FACTS["test.code"], "test.code", "zh_CN")
    assert made["subject"] == "门神验证码"
    plain = made.get_body(("plain",))
    assert plain is not None
    assert "12345678" in plain.get_content()
    assert made.as_bytes().isascii()


def test_an_unknown_locale_is_the_first_language() -> None:
    assert letters().write("test.code", "fr", FACTS["test.code"]).subject == "门神验证码"
