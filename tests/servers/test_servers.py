"""Each real server of the tests starts, answers and is what it claims to be."""

import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context

import pkcs11
import psycopg
import pytest
import redis
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import create_engine, text

from menshen.kit.database import Database
from tests.servers.authority import Authority
from tests.servers.mail import Postfix, Sink
from tests.servers.nginx import Nginx
from tests.servers.softhsm import Token


def letter(to: str, subject: str = "您好 👋") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "menshen@example.test", to, subject
    message.set_content("门神")
    return message


def test_database_is_of_the_kind_asked_for(database: Database, database_url: str) -> None:
    assert database_url.startswith("sqlite:" if database.embedded else "postgresql")
    with database.read() as tx:
        assert tx.scalar(text("SELECT 40 + 2")) == 42


@pytest.mark.postgres
def test_postgres_is_emptied_between_tests_and_keeps_utf8(empty_postgres_url: str) -> None:
    engine = create_engine(empty_postgres_url)
    with engine.begin() as connection:
        assert connection.execute(text("SHOW server_encoding")).scalar() == "UTF8"
        assert connection.execute(text("SELECT upper('门神é')")).scalar() == "门神É"
        assert connection.execute(text("SELECT count(*) FROM pg_stat_user_tables")).scalar() == 0
    engine.dispose()


@pytest.mark.postgres
def test_postgres_refuses_a_second_writer_of_one_key(empty_postgres_url: str) -> None:
    plain = empty_postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute("CREATE TABLE once (key text PRIMARY KEY)")
        connection.execute("INSERT INTO once VALUES ('a')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO once VALUES ('a')")


@pytest.mark.server
def test_valkey_counts_and_forgets(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0
        assert client.incr("{account}:tries") == 1
        assert "valkey" in client.info("server") or client.info("server")["redis_version"]


@pytest.mark.server
def test_softhsm_keeps_its_keys_to_itself(softhsm: Token) -> None:
    # In a process of its own: the PIN is taken once a process, and another test may have given it already.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
        assert aside.submit(reading_a_key, str(softhsm.module), softhsm.label, softhsm.pin).result() == "refused"


def reading_a_key(module: str, label: str, pin: str) -> str:
    """What comes of asking the token for a key's own bytes."""
    with pkcs11.lib(module).get_token(token_label=label).open(rw=True, user_pin=pin) as session:
        key = session.generate_key(pkcs11.KeyType.AES, 256, label="smoke")
        try:
            key[pkcs11.Attribute.VALUE]
        except pkcs11.exceptions.AttributeSensitive:
            return "refused"
        finally:
            key.destroy()
    return "given away"


@pytest.mark.server
def test_postfix_delivers_over_starttls_and_refuses_unknown_boxes(postfix: Postfix) -> None:
    trust = ssl.create_default_context(cafile=str(postfix.authority))
    with smtplib.SMTP(postfix.host, postfix.port) as client:
        client.starttls(context=trust)
        client.send_message(letter("wei@example.test"))
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.send_message(letter("nobody@example.test"))
    assert refused.value.recipients["nobody@example.test"][0] == 550
    (arrived,) = postfix.delivered("wei")
    assert arrived["Subject"] == "您好 👋"
    assert arrived.get_content().strip() == "门神"


@pytest.mark.server
def test_sink_keeps_mail_and_fails_as_told(smtp_sink: Sink) -> None:
    smtp_sink.for_recipient["gone@example.test"] = "550 5.1.1 no such mailbox"
    smtp_sink.for_data = ["451 4.3.0 try again later"]
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.send_message(letter("gone@example.test"))
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(letter("wei@example.test"))
        client.send_message(letter("wei@example.test"))
    assert [message["To"] for message in smtp_sink.messages] == ["wei@example.test"]
    smtp_sink.down()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(smtp_sink.host, smtp_sink.port)
    smtp_sink.up()
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
        client.send_message(letter("anna@example.test"))
    assert len(smtp_sink.messages) == 2


@pytest.mark.server
def test_sink_with_password_takes_mail_only_after_it(smtp_sink_with_password: Sink, authority: Authority) -> None:
    sink = smtp_sink_with_password
    with smtplib.SMTP(sink.host, sink.port) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(authority.file)))
        client.ehlo()
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.send_message(letter("wei@example.test"))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("menshen", "wrong")
        client.login("menshen", str(sink.password))
        client.send_message(letter("wei@example.test"))
    assert len(sink.messages) == 1


SHOP = """
server {
    listen 127.0.0.1:{port} ssl;
    server_name accounts.menshen.test;
    location / { return 200 "<title>accounts</title>"; default_type text/html; }
}
server {
    listen 127.0.0.1:{port} ssl;
    server_name shop.menshen.test;
    location / { return 200 "<title>shop</title>"; default_type text/html; }
}
"""


@pytest.mark.server
@pytest.mark.browser
def test_browser_trusts_two_hosts_behind_nginx(
    nginx: Callable[[str], Nginx], window: Callable[..., BrowserContext]
) -> None:
    front = nginx(SHOP)
    for host in ("accounts", "shop"):
        page = window(locale="en").new_page()
        page.goto(front.url(f"{host}.menshen.test"))
        assert page.evaluate("navigator.language") == "en"
        assert page.title() == host
        assert page.evaluate("window.isSecureContext") is True


class Greeting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write("<title>门神</title><button onclick=\"document.title='开'\">门</button>".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing among the test's words."""


@pytest.fixture
def greeting_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Greeting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
def test_browser_clicks_and_makes_a_passkey(page: Page, greeting_url: str) -> None:
    page.goto(greeting_url)
    page.get_by_role("button", name="门").click()
    assert page.title() == "开"
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    made = page.evaluate(
        """async () => (await navigator.credentials.create({publicKey: {
            rp: {name: "t"}, user: {id: new Uint8Array(8), name: "t", displayName: "t"},
            challenge: new Uint8Array(32), pubKeyCredParams: [{type: "public-key", alg: -7}]}})).type"""
    )
    assert made == "public-key"
