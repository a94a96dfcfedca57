"""How strong proofs are, when a session is over, what a browser is called, what is an origin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.kit.web.visitor import Proof
from menshen.sessions.rules import (
    Limits,
    Session,
    WrongOrigin,
    assurance,
    browser_name,
    is_handheld,
    newest_proof,
    origin,
    origin_of,
    over,
    own_path,
)

LIMITS = Limits(idle=900, absolute=43200)


def session(started_at: int, last_seen_at: int) -> Session:
    return Session("i", "a", "customer", "h", 1, (), started_at, last_seen_at, "", "", "", None, None)


@given(started=st.integers(0, 10**6), seen=st.integers(0, 10**6), now=st.integers(0, 2 * 10**6))
def test_a_session_is_over_by_idleness_or_by_age(started: int, seen: int, now: int) -> None:
    assert over(session(started, seen), LIMITS, now) == (now - seen >= 900 or now - started >= 43200)


def test_methods_of_one_kind_add_nothing() -> None:
    assert assurance(()) == 0
    assert assurance([Proof("pwd", 1)]) == assurance([Proof("pwd", 1), Proof("pwd", 2)]) == 1
    assert assurance([Proof("something made up", 1)]) == 0
    assert newest_proof([Proof("pwd", 1), Proof("pwd", 7)]) == 7
    assert newest_proof([]) == 0


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Windows · Edge",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0 Safari/604.1", "iPhone · WeChat"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605.1", "Mac · Safari"),
        ("Mozilla/5.0 (Linux; Android 14) HarmonyOS Chrome/120", "HarmonyOS · Chrome"),
        ("curl/8", "curl"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_a_browser_is_called_in_two_words_of_ours(agent: str, name: str) -> None:
    assert browser_name(agent) == name
    assert is_handheld(name) == name.startswith(("iPhone", "HarmonyOS"))


@pytest.mark.parametrize(
    "target",
    [
        "//e",
        "/\\e",
        "/%5ce",
        "https:e",
        "/%09/e",
        " //e",
        "javascript:x",
        "/a//b",
        "/a#b",
        "/a b",
        "/é",
        "",
        "a",
        "/" * 1001,
    ],
)
def test_no_deep_link_leaves_the_house(target: str) -> None:
    """S-88."""
    assert not own_path(target)


@pytest.mark.parametrize("target", ["/", "/account", "/account/devices?done=1", "/a/b/?x=%2Fy"])
def test_deep_links_of_our_own_stay(target: str) -> None:
    assert own_path(target)


@pytest.mark.parametrize(
    "wrong",
    [
        "shop.example.com",
        "http://shop.example.com",
        "https://shop.example.com/x",
        "https://u@e.com",
        "ftp://e",
        "https://",
    ],
)
def test_what_is_no_origin_is_refused_with_what_to_write(wrong: str) -> None:
    with pytest.raises(WrongOrigin, match=r"https://|origin"):
        origin(wrong)


def test_one_origin_has_one_spelling() -> None:
    assert origin(" https://Shop.Example.com:443/ ") == "https://shop.example.com"
    assert origin("http://localhost:3000") == "http://localhost:3000"
    assert origin_of("https://shop.example.com/a?b=c") == "https://shop.example.com"


@pytest.mark.parametrize(
    "address", ["https://shop.example.com\\@evil.test/", "https://a@evil.test", "//evil.test", "https://e\n.test/"]
)
def test_an_address_that_browsers_read_otherwise_has_no_origin(address: str) -> None:
    assert origin_of(address) is None
