"""Addresses, facts, delays and settings: what may go out and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.clock import DAY, MINUTE, SECOND
from menshen.kit.room import MessageCode
from menshen.messages.rules import BadMessage, Settings, check_facts, delay, kind_of, masked, scrubbed

UNPROVEN = MessageCode("sign_up.code", lasts=DAY, to_unverified=True)
PROVEN = MessageCode("device.new", lasts=DAY)


@pytest.mark.parametrize(
    "address", ["anna@example.org", "o'neil+tag@mail.example.org", "用户@例子.测试", "a@b", "a.b@c-d.e"]
)
def test_a_mail_address_is_mail(address: str) -> None:
    assert kind_of(address) == "mail"


@pytest.mark.parametrize("number", ["+8613812345678", "+12025550123"])
def test_a_number_is_for_sms(number: str) -> None:
    assert kind_of(number) == "sms"


@pytest.mark.parametrize(
    "address",
    [
        '"a\r\nRCPT TO:<x@y>"@example.com',
        "a\nb@example.com",
        "a@example.com\n",
        "a@example.com\r\nBcc: x@y",
        "a@example.com,b@example.com",
        "a@example.com b@example.com",
        "a@evil@example.com",
        "Anna <a@example.com>",
        "a@[127.0.0.1]",
        "a@-example.com",
        "a\x00@example.com",
        "a\u2028b@example.com",
        "a\x85@example.com",
        "tel:+8613812345678",
        "+86138",
        "@example.com",
        "",
        "x" * 65 + "@example.com",
        "a@" + "x" * 260,
    ],
)
def test_s154_s38_what_could_become_a_command_or_a_list_is_refused(address: str) -> None:
    with pytest.raises(BadMessage):
        kind_of(address)


@pytest.mark.parametrize(
    "value",
    ["https://id.example.test/verify/aB3_-?x=1#t", "http://localhost:8080/a", "12345678", "10", "2026-11-24 22:52",
     "2026年11月24日 22:52", "24 Nov 2026 22:52"],
)  # fmt: skip
def test_links_codes_and_times_may_go_to_an_unproven_address(value: str) -> None:
    check_facts(UNPROVEN, {"fact": value})


@pytest.mark.parametrize(
    "value",
    ["<a href=//e>", "Win at evil.test", "", "12345678 evil.test", "https://id.example.test", "https://a.test/ b",
     "javascript:alert(1)", "https://a.test/\nx", "2026年11月24日 evil"],
)  # fmt: skip
def test_s153_a_strangers_words_never_go_to_an_unproven_address(value: str) -> None:
    with pytest.raises(BadMessage):
        check_facts(UNPROVEN, {"name": value})


def test_a_proven_address_may_get_words() -> None:
    check_facts(PROVEN, {"name": "Anna"})


def test_tries_come_back_ever_slower_but_never_rest_long() -> None:
    assert [delay(tries) for tries in (1, 2, 3, 4)] == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert delay(7) == delay(10**6) == 5 * MINUTE


def test_a_reason_names_no_address_and_is_one_line() -> None:
    said = "550 5.1.1 <Anna@example.test>: no such\r\nuser\x1b[31m here" + "x" * 400
    kept = scrubbed(said, ["anna@example.test"])
    assert kept.startswith("550 5.1.1 <a***@example.test>: no such user [31m here")
    assert len(kept) == 300


@given(st.text())
def test_a_reason_is_always_printable(said: str) -> None:
    assert scrubbed(said, []).isprintable()


def test_an_address_is_masked() -> None:
    assert [masked("anna@example.test"), masked("+8613812345678")] == ["a***@example.test", "***5678"]


SERVER = {"host": "mail.example.test", "sender": "id@example.test"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": "mail.example.test"}, "needs? a sender"),
        ({**SERVER, "sender": "id@example.test\nBcc: x@y"}, "neither"),
        ({**SERVER, "sender": "+8613812345678"}, "not a mail address"),
        ({**SERVER, "user": "id"}, "password_file"),
        ({**SERVER, "user": "id", "password_file": "f", "security": "none"}, "only over checked TLS"),
        ({**SERVER, "user": "id", "password_file": "f", "security": "opportunistic"}, "only over checked TLS"),
        ({**SERVER, "dkim_domain": "example.test"}, "all three"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(**settings)
