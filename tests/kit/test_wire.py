"""What came over the wire: one Host, one address to hold responsible, one reading of cookies and bodies."""

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.web import wire
from menshen.kit.web.guard import Hosts
from menshen.kit.web.wire import Bad, Wire

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


def head(
    *pairs: tuple[str, str], client: tuple[str, int] | None = ("192.0.2.7", 4000), trusted: Any = (), **scope: Any
) -> Wire:
    """A request's head as it was read."""
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    base = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "client": client, "headers": raw}
    return wire.read({**base, **scope}, trusted)


def refused(*pairs: tuple[str, str]) -> int:
    """The status with which a head is refused."""
    with pytest.raises(Bad) as bad:
        head(*pairs)
    return bad.value.status


@pytest.mark.parametrize(
    "host",
    ["", " ", "evil@example.com", "example.com.", "a/b", "a b", "a\tb", "例.com", "ex\xe4mple.com", "a" * 300, "a:b",
     "a:123456", "[::1", "..", "-a.example", "a,b", "a\\b", "localhost:8080@evil.example"],
)  # fmt: skip
def test_a_host_that_is_none_is_refused(host: str) -> None:
    """S-86."""
    assert refused(("host", host.encode("utf-8").decode("latin-1"))) == 400


def test_no_host_is_refused_whatever_a_forwarding_header_says() -> None:
    """S-87."""
    assert refused(("x-forwarded-host", "localhost")) == 400


@pytest.mark.parametrize("name", ["host", "content-type", "content-length", "origin", "authorization"])
def test_a_header_that_decides_may_come_once(name: str) -> None:
    assert refused(("host", "localhost"), (name, "a"), (name.upper(), "a")) == 400


def test_too_many_and_too_long_headers_are_refused() -> None:
    assert refused(("host", "localhost"), *((f"x-{number}", "") for number in range(wire.MOST_HEADERS))) == 431
    assert refused(("host", "localhost"), ("x-long", "a" * wire.MOST_HEADER_BYTES)) == 431


FORGED = {"x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", "forwarded": "for=203.0.113.9"}


@pytest.mark.parametrize("name", FORGED)
def test_a_stranger_does_not_choose_the_address_that_is_held_responsible(name: str) -> None:
    """S-16, S-178."""
    assert head(("host", "localhost"), (name, FORGED[name])).source == "192.0.2.7"


@pytest.mark.parametrize(
    ("forwarded", "source"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("203.0.113.9, nonsense", "10.0.0.1"),
        ("203.0.113.9, nonsense, 10.0.0.2", "10.0.0.2"),
        ("", "10.0.0.1"),
        ("a" * 10_000, "10.0.0.1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1%eth0", "2001:db8::1"),
    ],
)
def test_behind_our_proxy_the_last_address_it_did_not_add_counts(forwarded: str, source: str) -> None:
    """S-1: what cannot be read ends the walk and breaks nothing."""
    seen = head(("host", "localhost"), ("x-forwarded-for", forwarded), client=("10.0.0.1", 4000), trusted=PROXIES)
    assert (seen.source, seen.direct) == (source, False)


def test_only_a_trusted_proxy_says_that_the_way_was_closed() -> None:
    pair = ("x-forwarded-proto", "https")
    assert not head(("host", "localhost"), pair).secure
    assert head(("host", "localhost"), pair, client=("10.0.0.1", 1), trusted=PROXIES).secure
    assert head(("host", "localhost"), scheme="https").secure


@pytest.mark.parametrize(
    ("client", "pairs", "direct"),
    [
        (("127.0.0.1", 1), [], True),
        (("::1", 1), [], True),
        (("::ffff:127.0.0.1", 1), [], True),
        (("127.0.0.1", 1), [("x-forwarded-for", "127.0.0.1")], False),
        (("127.0.0.1", 1), [("forwarded", "for=127.0.0.1")], False),
        (("127.0.0.1", 1), [("x-real-ip", "127.0.0.1")], False),
        (("127.0.0.1", 1), [("x-forwarded-host", "a")], False),
        (("127.0.0.1", 1), [("x-forwarded-proto", "http")], False),
        (("127.0.0.1", 1), [("via", "1.1 proxy")], False),
        (("192.0.2.7", 1), [], False),
    ],
)
def test_only_this_machine_without_any_forwarding_header_is_direct(
    client: tuple[str, int], pairs: list[tuple[str, str]], direct: bool
) -> None:
    assert head(("host", "localhost"), *pairs, client=client).direct is direct


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1; a=2; b=3", {"b": "3"}),
        ("a=1; a=1", {}),
        ("a=1; A=2", {"a": "1", "A": "2"}),
        ("a=" + "x" * 8000, {}),
        ("novalue; =x; a", {"": "x"}),
        ("a=b=c", {"a": "b=c"}),
    ],
)
def test_a_cookie_that_comes_twice_or_is_too_long_counts_as_absent(header: str, expected: dict[str, str]) -> None:
    """S-6."""
    assert dict(head(("host", "localhost"), ("cookie", header)).cookies) == expected


def test_a_cookie_cannot_come_twice_by_two_headers() -> None:
    assert head(("host", "localhost"), ("cookie", "a=1"), ("cookie", "a=2")).cookies == {}


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """What a route wants."""

    who: str = ""
    number: int = 0


FORM = ("content-type", "application/x-www-form-urlencoded")


def form(raw: bytes, media: tuple[str, str] = FORM) -> Shape:
    """A form in its shape."""
    return wire.shaped(wire.form_fields(head(("host", "localhost"), media), raw), Shape)


def test_a_form_is_read() -> None:
    assert form(b"who=%E6%9E%97%E8%96%87+a") == Shape(who="林薇 a")
    assert form(b"who=", ("content-type", "application/x-www-form-urlencoded; charset=utf-8")) == Shape()


@pytest.mark.parametrize(
    ("raw", "media", "status"),
    [
        (b"who=a&who=b", FORM[1], 400),
        (b"who=%FF", FORM[1], 400),
        (b"who=\xff", FORM[1], 400),
        (b"who=%00", FORM[1], 400),
        (b"who", FORM[1], 400),
        (b"who=a&admin=1", FORM[1], 400),
        (b"&".join(b"a%d=" % number for number in range(500)), FORM[1], 400),
        (b"{}", "application/json", 415),
        (b"who=a", "text/plain", 415),
        (b"who=a", "multipart/form-data; boundary=x", 415),
    ],
)
def test_a_form_that_can_be_read_two_ways_is_refused(raw: bytes, media: str, status: int) -> None:
    """S-38."""
    with pytest.raises(Bad) as bad:
        form(raw, ("content-type", media))
    assert bad.value.status == status


@pytest.mark.parametrize(
    ("raw", "media", "status"),
    [
        (b"[" * 20_000 + b"]" * 20_000, "application/json", 400),
        (b'{"who":' * 20_000 + b"1" + b"}" * 20_000, "application/json", 400),
        (b'{"who":"\xff"}', "application/json", 400),
        (b'{"who":1}', "application/json", 400),
        (b'{"other":"a"}', "application/json", 400),
        (b'{"who":"a"', "application/json", 400),
        (b'{"number":1e999}', "application/json", 400),
        (b"", "application/json", 400),
        (b'{"who":"a"}', "text/plain", 415),
        (b'{"who":"a"}', FORM[1], 415),
    ],
)
def test_a_broken_or_deep_json_body_is_a_clean_refusal(raw: bytes, media: str, status: int) -> None:
    """S-170, and JSON under another media type."""
    with pytest.raises(Bad) as bad:
        wire.json_shaped(head(("host", "localhost"), ("content-type", media)), raw, Shape)
    assert bad.value.status == status


def brought(parts: list[bytes], *pairs: tuple[str, str], most: int = 100) -> bytes:
    """A body that comes in these parts."""
    waiting = [*parts]

    async def receive() -> dict[str, Any]:
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    return asyncio.run(wire.body(head(("host", "localhost"), *pairs), receive, most))


def test_a_body_in_parts_is_put_together() -> None:
    assert brought([b"a", b"", b"bc"]) == b"abc"


@pytest.mark.parametrize(
    ("parts", "declared"),
    [([b"a" * 60, b"a" * 60], None), ([b""], "101"), ([b""], "-1"), ([b""], "1e1"), ([b""], "٣")],
)
def test_a_body_that_is_too_large_or_says_no_size_is_refused(parts: list[bytes], declared: str | None) -> None:
    pairs = [("content-length", declared.encode().decode("latin-1"))] if declared else []
    with pytest.raises(Bad) as bad:
        brought(parts, *pairs)
    assert bad.value.status == 413


def test_a_body_that_ends_early_is_refused() -> None:
    async def receive() -> Mapping[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(Bad) as bad:
        asyncio.run(wire.body(head(("host", "localhost")), receive, 10))  # type: ignore[arg-type]
    assert bad.value.status == 400


@given(st.binary(max_size=300))
def test_no_body_breaks_the_reading_of_forms(raw: bytes) -> None:
    try:
        status = 200 if isinstance(form(raw), Shape) else 0
    except Bad as bad:
        status = bad.status
    assert status in (200, 400)


@given(st.lists(st.tuples(st.sampled_from(["host", "cookie", "origin", "x-forwarded-for"]), st.binary(max_size=60))))
def test_no_head_breaks_the_reading_of_heads(pairs: list[tuple[str, bytes]]) -> None:
    raw = [(name.encode(), value) for name, value in pairs]
    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "client": ("10.0.0.1", 1), "headers": raw}
    try:
        status = 200 if ipaddress.ip_address(wire.read(scope, PROXIES).source) else 0
    except Bad as bad:
        status = bad.status
    assert status in (200, 400, 431)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("localhost", True),
        ("localhost:8080", True),
        ("127.0.0.1", True),
        ("127.9.9.9:1", True),
        ("[::1]", True),
        ("[::1]:8080", True),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("[::2]:8080", False),
        ("192.0.2.7", False),
    ],
)
def test_spellings_of_this_machine_are_known_whole(host: str, is_loopback: bool) -> None:
    assert Hosts("http://localhost", lambda _: False, any_loopback=True).loopback(host) is is_loopback


def test_a_strangers_text_is_cleaned_for_our_records() -> None:
    assert wire.clean("a\r\nb\x00\x85\u2028c", 6) == "a  b  "
