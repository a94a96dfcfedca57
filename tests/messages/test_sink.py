"""The newcomer's mailbox: what it shows, what it keeps out, and that it forgets."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPResponse

import pytest
from playwright.sync_api import Page

from menshen.messages import sink as sinks
from menshen.messages.sink import Sink, linked, run_sink
from tests.messages.posts import LINK, TO, letters
from tests.messages.test_smtp import letter
from tests.servers.programs import free_port


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A running sink on free ports."""
    running = run_sink(free_port(), free_port())
    yield running
    running.stop()


def deliver(sink: Sink, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=10) as client:
        client.send_message(mail, "id@example.test", [TO])


def get(sink: Sink, path: str, host: str = "localhost", language: str = "en") -> tuple[HTTPResponse, str]:
    port = int(sink.address.rpartition(":")[2].rstrip("/"))
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": f"{host}:{port}", "Accept-Language": language})
    response = connection.getresponse()
    return response, response.read().decode()


def test_a_mail_is_listed_and_its_link_can_be_followed(sink: Sink) -> None:
    assert "No mail yet" in get(sink, "/")[1]
    mail = letters().mail(letter(code="test.link", link=LINK, minutes="10"), "id@example.test")
    deliver(sink, mail)
    assert 'href="/mail/1">Recover your account<' in get(sink, "/")[1]
    page = get(sink, "/mail/1")[1]
    assert f'<a href="{LINK}" rel="noreferrer">' in page
    assert '<iframe src="/mail/1/html" title="HTML" sandbox></iframe>' in page
    assert "Set a new password</h1>" in get(sink, "/mail/1/html")[1]
    assert "本机邮箱" in get(sink, "/", language="zh-CN")[1]


def test_a_strangers_mail_runs_nothing(sink: Sink) -> None:
    mail = EmailMessage()
    mail["Subject"] = "<script>alert(1)</script>"
    mail["From"] = "<b>@example.test"
    mail.set_content("javascript:alert(1) <script>")
    mail.add_alternative("<script>alert(1)</script>", subtype="html")
    deliver(sink, mail)
    for path in ("/", "/mail/1"):
        response, page = get(sink, path)
        assert "<script" not in page
        assert 'javascript:alert(1)"' not in page
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["set-cookie"] is None
    framed = get(sink, "/mail/1/html")[0]
    assert "; sandbox" in framed.headers["content-security-policy"]
    assert "script-src" not in framed.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "192.0.2.1"])
def test_another_hosts_name_shows_no_mail(sink: Sink, host: str) -> None:
    response, page = get(sink, "/", host)
    assert (response.status, page) == (421, "")


@pytest.mark.parametrize("path", ["/mail/9", "/mail/9/html", "/../etc/passwd", "/mail/x", "/?x"])
def test_what_is_not_there_is_404(sink: Sink, path: str) -> None:
    assert get(sink, path)[0].status == 404


def test_only_the_last_mails_are_kept(sink: Sink) -> None:
    mail = EmailMessage()
    mail["Subject"] = "hello"
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=10) as client:
        for _ in range(sinks.MOST_MAILS + 3):
            client.send_message(mail, "id@example.test", [TO])
    kept = sink.mails()
    assert (len(kept), kept[0].number, kept[-1].number) == (sinks.MOST_MAILS, sinks.MOST_MAILS + 3, 4)


def test_a_huge_mail_is_refused(sink: Sink) -> None:
    mail = EmailMessage()
    mail.set_content("x" * sinks.MOST_BYTES)
    with pytest.raises(smtplib.SMTPResponseException, match="552"):
        deliver(sink, mail)
    assert sink.mails() == []


def test_both_listen_on_loopback_only(sink: Sink) -> None:
    assert sink._web.server_address[0] == "127.0.0.1"
    assert sink._smtp.hostname == "127.0.0.1"


def test_only_http_addresses_become_links() -> None:
    assert linked("see https://a.test/x?y=1&z=2 <b>") == (
        'see <a href="https://a.test/x?y=1&amp;z=2" rel="noreferrer">https://a.test/x?y=1&amp;z=2</a> &lt;b&gt;'
    )
    assert "<a" not in linked("javascript:alert(1) data:text/html,x")


@pytest.mark.browser
def test_a_browser_shows_the_text_the_links_and_the_framed_html(sink: Sink, page: Page) -> None:
    deliver(sink, letters().mail(letter(code="test.link", link=LINK, minutes="10"), "id@example.test"))
    page.goto(sink.address)
    page.get_by_role("link", name="Recover your account").click()
    assert page.get_by_role("link", name=LINK).get_attribute("href") == LINK
    framed = page.frame_locator("iframe").get_by_role("heading", name="Set a new password")
    framed.wait_for(timeout=10_000)
    assert framed.is_visible()
