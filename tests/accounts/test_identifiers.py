"""How names are read: one form for all spellings, no two people for one look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.accounts.rules import Unusable, candidates, read
from menshen.accounts.rules.identifiers import Kind


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("Mike@Example.ORG", "mike@example.org"),
        ("  mike@example.org ", "mike@example.org"),
        ("ｍｉｋｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "mike@example.org"),
        ("MI\u212aE@example.org", "mike@example.org"),
        ("a@例子.公司", "a@xn--fsqu00a.xn--55qx5d"),
        ("LinWei", "linwei"),
        ("王小明８８", "王小明88"),
        ("138 0013 8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("+1 415-555-2671", "+14155552671"),
    ],
)
def test_every_spelling_of_a_name_has_one_form(typed: str, form: str) -> None:
    assert candidates(typed, "CN")[0] == form


@pytest.mark.parametrize(
    ("one", "other"), [("a.b@x.com", "ab@x.com"), ("a+b@x.com", "a@x.com"), ("a10@x.com", "a1o@x.com")]
)
def test_addresses_of_two_people_stay_two(one: str, other: str) -> None:
    assert read("email", one, "CN").skeleton != read("email", other, "CN").skeleton


@pytest.mark.parametrize(
    "typed",
    [
        "a@evil.com@corp.com",
        '"x@corp.com"@evil.com',
        "a(comment)@evil.com",
        "a@[127.0.0.1]",
        "a@localhost",
        "Mike <a@evil.com>",
        "a@evil.com\r\nBcc: b@evil.com",
        "a\x00@evil.com",
        "@evil.com",
        "a" * 65 + "@evil.com",
        "a@" + "b." * 40_000 + "com",
        "",
    ],
)
def test_strange_addresses_are_refused(typed: str) -> None:
    """S-51, S-154, S-169."""
    with pytest.raises(Unusable):
        read("email", typed, "CN")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("victim@example.org", "accounts.user_name.address"),
        ("victim＠example.org", "accounts.user_name.address"),
        ("13800138000", "accounts.user_name.address"),
        ("+86 138 0013 8000", "accounts.user_name.address"),
        ("p\u0430ypal", "accounts.user_name.mixed_scripts"),
        ("αlice", "accounts.user_name.mixed_scripts"),
        ("lin\u200dwei", "accounts.user_name.unreadable"),
        ("lin\u202ewei", "accounts.user_name.unreadable"),
        ("lin wei", "accounts.user_name.unreadable"),
        (".lin", "accounts.user_name.unreadable"),
        ("l", "accounts.user_name.unreadable"),
        ("x" * 65, "accounts.user_name.too_long"),
    ],
)
def test_user_names_that_mislead_are_refused(typed: str, code: str) -> None:
    """S-50."""
    with pytest.raises(Unusable) as refused:
        read("user_name", typed, "CN")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "typed", ["linwei", "lin.wei_1990", "王小明", "王Xiaoming8", "10012345", "дмитрий", "さくら子"]
)
def test_ordinary_user_names_are_fine(typed: str) -> None:
    assert read("user_name", typed, "CN").shown == typed


@pytest.mark.parametrize(
    ("one", "other"), [("coco", "сосо"), ("paypal", "paypa1"), ("linwei0", "LinWeiO"), ("cafe", "café")]
)
def test_user_names_that_look_alike_share_a_skeleton(one: str, other: str) -> None:
    assert read("user_name", one, "CN").skeleton == read("user_name", other, "CN").skeleton


@pytest.mark.parametrize("typed", ["12345", "+86 138 0013 8000 ext. 5", "+999123456789", "1" * 40, "abc"])
def test_numbers_no_network_gives_out_are_refused(typed: str) -> None:
    with pytest.raises(Unusable):
        read("phone", typed, "CN")


@given(st.from_regex(r"[a-z0-9._+-]{1,70}@[a-z0-9.-]{1,40}", fullmatch=True))
def test_the_short_way_says_what_the_validator_says(typed: str) -> None:
    """In capitals an address takes the long way; both ways agree on it."""
    try:
        short: str | None = read("email", typed, "CN").normal
    except Unusable:
        short = None
    try:
        long = read("email", typed[0].upper() + typed[1:-1] + typed[-1].upper(), "CN").normal
    except Unusable:
        long = None
    assert short == long


@given(st.from_regex(r"(\+86)?1[0-9]{10}", fullmatch=True))
def test_the_short_way_to_a_number_says_what_the_library_says(typed: str) -> None:
    """With spaces in it a number takes the long way."""
    apart = f"{typed[:-4]} {typed[-4:]}"
    assert candidates(typed, "CN")[0].replace(" ", "") == candidates(apart, "CN")[0].replace(" ", "")


def test_a_bare_chinese_number_is_one_only_in_china() -> None:
    assert candidates("13800138000", "DE")[0] != "+8613800138000"


@pytest.mark.parametrize("domain", ["corp.local", "x.test", "localhost", "x.invalid", "onion.onion"])
def test_addresses_no_mail_reaches_are_refused(domain: str) -> None:
    with pytest.raises(Unusable):
        read("email", f"lin@{domain}", "CN")


@given(st.text(max_size=300))
def test_whatever_is_typed_is_looked_up_or_nothing(typed: str) -> None:
    assert len(candidates(typed, "CN")) <= 2


@given(st.sampled_from(("user_name", "email", "phone")), st.text(max_size=80))
def test_reading_is_stable(kind: Kind, typed: str) -> None:
    """What is shown reads as itself again, and finds what it was stored as."""
    try:
        first = read(kind, typed, "CN")
    except Unusable:
        return
    assert read(kind, first.shown, "CN") == first
    assert first.normal in candidates(first.shown, "CN")
