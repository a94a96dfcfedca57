"""`/session/check` as proxies ask it: hosts, deep links and targets (S-88), forged headers (S-7), other ways to ask."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from tests.door.shop import ARRIVAL, SESSION, SHOP, open_shop, person, sign_in_path, ticket_of
from tests.houses import PASSWORD, Tested
from tests.servers.programs import ROOT

FORGED = {
    "menshen-account": "0" * 32,
    "menshen-assurance": "aal3",
    "remote-user": "lin@example.com",
    "x-webauth-user": "lin@example.com",
    "x-forwarded-user": "lin@example.com",
    "x-auth-request-email": "lin@example.com",
}
NO_PATHS = [
    "",
    "orders",
    "@evil.test/",
    ".evil.test/",
    ":444/",
    "\\evil.test",
    "/\\evil.test",
    "/a b",
    "/\u4f60",
    "/" + "a" * 1000,
    "https://evil.test/",
    "javascript:alert(1)",
]
ODD_PATHS = ["//evil.test/", "///evil.test", "/%09/evil.test", "/%5cevil.test", "/.//evil.test"]
FOREIGN = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/%5cevil.test",
    "/%09/evil.test",
    "/\t/evil.test",
    " //evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https:///evil.test",
    "https://evil.test/",
    "javascript:alert(1)",
    "JavaScript://shop.menshen.test/%0aalert(1)",
    "data:text/html,x",
    "http://shop.menshen.test/",
    "https://shop.menshen.test:444/",
    "https://shop.menshen.test.evil.test/",
    "https://shop.menshen.test@evil.test/",
    "https://evil.test\\@shop.menshen.test/",
    "https://evil.test#@shop.menshen.test/",
    "https://shop.menshen.test\\.evil.test/",
    "https://shopxmenshen.test/",
    "https://SHOP.menshen.test.evil.test",
    "http://localhost:8080@evil.test/",
    "http://localhost:8080//evil.test/",
]
OTHER_HOSTS = [
    "evil.test",
    "shopxmenshen.test",
    "shop.menshen.test.",
    "shop.menshen.test.evil.test",
    "evil@shop.menshen.test",
    "shop.menshen.test:444",
    "xshop.menshen.test",
    "127.0.0.1.evil.test",
]
OUR_PAGES = [
    "/",
    "/sign-in",
    "/account",
    "/account/devices",
    "/recover",
    "/sign-up",
    "/console",
    "/healthz",
    "/session",
]
ODD_QUERIES = ["host=evil.test", "host=%00", "answer", "host=a&host=b", "%", "answer=redirect"]


def test_s88_a_path_that_is_none_leads_to_the_first_page(tested_sqlite: Tested) -> None:
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    for path in NO_PATHS:
        reply = lin.check(path)
        address = urlsplit(reply.header("menshen-sign-in") or "")
        assert reply.status == 401
        assert f"{address.scheme}://{address.netloc}{address.path}" == "http://localhost:8080/sign-in"
        assert parse_qs(address.query)["to"] == [f"{SHOP}/"], path


def test_s88_a_deep_link_that_looks_like_a_host_stays_at_the_shop(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    for path in ODD_PATHS:
        assert person(tested_sqlite).come_in(path).location == SHOP + path


def test_s88_nobody_is_sent_to_an_address_that_is_not_registered(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    for target in FOREIGN:
        page = lin.ours.get(sign_in_path(target, "0" * 64))
        assert "form-action 'self'" in f"{page.header('content-security-policy')}", target
        assert "evil" not in f"{page.header('content-security-policy')}", target
    assert lin.sign_in(sign_in_path(FOREIGN[0], "0" * 64)).location == "/account"
    for target in FOREIGN:
        assert lin.ours.get(sign_in_path(target, "0" * 64)).location == "/account", target


def test_s86_a_host_that_is_not_registered_gets_no_answer(tested_sqlite: Tested) -> None:
    open_shop(tested_sqlite)
    for host in OTHER_HOSTS:
        reply = tested_sqlite.browser(host=host, scheme="https").get("/session/check")
        assert reply.status == 400, host
        assert reply.header("menshen-sign-in") is None
        assert reply.header("set-cookie") is None


def test_the_host_is_that_of_the_request_whatever_is_forwarded(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    open_shop(tested_sqlite, "https://other.menshen.test")
    lin = person(tested_sqlite)
    lin.come_in()
    other = person(tested_sqlite, "other.menshen.test")
    other.shop.cookies[SESSION] = lin.shop.cookies[SESSION]
    assert other.check(x_forwarded_host="shop.menshen.test").status == 401
    assert lin.check(x_forwarded_host="other.menshen.test").status == 204


def test_s7_identity_headers_of_a_client_are_never_read(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    stranger = lin.shop.get("/session/check", FORGED)
    assert stranger.status == 401
    assert not [name for name, _ in stranger.headers if name.startswith("menshen-") and name != "menshen-sign-in"]
    lin.come_in()
    seen = lin.shop.get("/session/check", FORGED)
    assert [value for name, value in seen.headers if name == "menshen-account"] == [account]
    assert seen.header("menshen-assurance") == "aal1"


def test_s90_a_name_breaks_no_header(tested_sqlite: Tested) -> None:
    open_shop(tested_sqlite)
    for number, name in enumerate(("Zoë 😀", "%0d%0aMenshen-Account: 1", "", "陈" * 60)):
        tested_sqlite.customer(f"c{number}@example.com", display_name=name)
        lin = person(tested_sqlite)
        lin.come_in(who=f"c{number}@example.com")
        seen = lin.check()
        assert seen.status == 204
        assert seen.header("menshen-name") == quote(name)
        assert len([1 for header, _ in seen.headers if header == "menshen-account"]) == 1


def test_no_page_of_ours_is_shown_at_a_shop(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    lin.come_in()
    for path in OUR_PAGES:
        assert lin.shop.get(path).status == 404, path


def test_no_form_of_ours_is_taken_at_a_shop(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    token = lin.ours.get("/sign-in").hidden("form_token")
    lin.shop.cookies |= lin.ours.cookies
    fields = {"who": "lin@example.com", "password": PASSWORD, "form_token": token}
    assert lin.shop.submit("/sign-in", fields).status == 404


def test_a_proxy_that_passes_answers_on_gets_a_redirect_for_a_page(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    asked = {"x-forwarded-uri": "/orders?page=2"}
    page = lin.shop.get("/session/check?answer=redirect", asked)
    assert page.status == 303
    assert quote(f"{SHOP}/orders?page=2", safe="") in page.location
    assert ARRIVAL in lin.shop.cookies
    data = lin.shop.get("/session/check?answer=redirect", {**asked, "accept": "application/json"})
    assert data.status == 401
    arrived = lin.arrive(lin.sign_in(page.location.removeprefix("http://localhost:8080")))
    assert arrived.location == f"{SHOP}/orders?page=2"


def test_a_proxy_that_cannot_pass_the_host_on_names_it(tested_sqlite: Tested) -> None:
    account = tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    lin.come_in()
    proxy = tested_sqlite.browser(cookies=dict(lin.shop.cookies))
    assert proxy.get("/session/check").status == 401
    assert proxy.get("/session/check?host=shop.menshen.test").header("menshen-account") == account
    ours = tested_sqlite.browser(cookies=dict(lin.ours.cookies))
    assert ours.get("/session/check?host=shop.menshen.test").status == 401


def test_a_query_that_is_none_of_ours_is_a_refusal(tested_sqlite: Tested) -> None:
    open_shop(tested_sqlite)
    for query in ODD_QUERIES:
        reply = person(tested_sqlite).shop.get(f"/session/check?{query}", {"accept": "*/*"})
        assert reply.status == 401, query
        assert (reply.header("menshen-sign-in") or "").startswith("http://localhost:8080/sign-in")


def test_the_refusal_at_our_own_host_names_the_sign_in_page_alone(tested_sqlite: Tested) -> None:
    reply = tested_sqlite.browser().get("/session/check", {"x-original-uri": "/anything"})
    assert reply.status == 401
    assert reply.header("menshen-sign-in") == "http://localhost:8080/sign-in"
    assert reply.header("set-cookie") is None


def test_the_arrival_cookie_is_the_hosts_own_and_its_hash_alone_stands_in_the_address(tested_sqlite: Tested) -> None:
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    reply = lin.check()
    cookie = reply.header("set-cookie") or ""
    for word in ("__Host-arrival=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=900"):
        assert word in cookie
    assert "domain" not in cookie.lower()
    assert lin.shop.cookies[ARRIVAL] not in (reply.header("menshen-sign-in") or "")
    assert reply.header("cache-control") == "no-store"


def test_a_ticket_leaves_the_address_at_once(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    open_shop(tested_sqlite)
    lin = person(tested_sqlite)
    sent = lin.sign_in(lin.leave("/x"))
    arrived = lin.arrive(sent)
    assert ticket_of(sent)
    assert ticket_of(sent) not in arrived.location + arrived.text
    assert arrived.header("referrer-policy") == "same-origin"


def test_the_commands_keep_the_list(tmp_path: Path) -> None:
    def menshen(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", "from menshen.app.cli import main; main()", "apps", *words],
            env={"MENSHEN_DATA": str(tmp_path / "var"), "MENSHEN_SERVER_BASE": "https://id.menshen.test"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert "No application is registered" in menshen("list")[1]
    assert menshen("add", "https://Shop.menshen.test:443/", "--name", "小店")[0] == 0
    for wrong, told in (
        ("shop.menshen.test", "https://shop.example.com"),
        ("https://shop.menshen.test/orders", "write https://shop.menshen.test"),
        ("http://shop.menshen.test", "write https://shop.menshen.test"),
        ("https://id.menshen.test:8443", "host name of its own"),
    ):
        code, said = menshen("add", wrong)
        assert (code, told in said) == (2, True), said
    assert menshen("list")[1].splitlines()[-1] == f"{SHOP}\t小店"
    assert menshen("remove", SHOP)[0] == 0
    assert menshen("remove", SHOP)[0] == 1
