"""A mailbox for newcomers: a local SMTP server that sends nothing on, and a small page that shows what it took.

Both listen on loopback only and keep the last mails in memory. The page sets no cookies, runs no scripts, and shows a
mail's HTML in a sandboxed frame, since whatever came by SMTP is a stranger's.
"""

import email
import email.policy
import html
import re
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from menshen.kit.texts import LANGUAGE_TAGS, Texts

HOST = "127.0.0.1"
MOST_MAILS = 200
MOST_BYTES = 1_000_000
"""Of one mail: ours are small, and memory is bounded."""

SHUT = "default-src 'none'; base-uri 'none'; form-action 'none'; "
PAGE_POLICY = SHUT + "style-src 'self'; frame-src 'self'; frame-ancestors 'none'"
MAIL_POLICY = SHUT + "style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

STYLE = """
body { margin: 0 auto; max-width: 960px; padding: 24px 16px; font: 16px/1.6 -apple-system, "Segoe UI", Roboto, Arial,
  "PingFang SC", "Microsoft YaHei", sans-serif; color: #1a2430; background: #f5f4f0; }
a { color: #1f4e8c; } .soft { color: #556170; font-size: 14px; }
table { width: 100%; border-collapse: collapse; background: #fff; border: 1px solid #dfddd6; }
th, td { padding: 8px 12px; text-align: start; border-bottom: 1px solid #dfddd6; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #fff; border: 1px solid #dfddd6; padding: 16px;
  font: inherit; }
iframe { width: 100%; height: 640px; border: 1px solid #dfddd6; background: #fff; }
@media (prefers-color-scheme: dark) {
  body { color: #e7eaee; background: #10151b; } a { color: #8fb9f2; } .soft { color: #a5b0bd; }
  table, pre { background: #18202a; border-color: #2c3743; } th, td { border-color: #2c3743; }
}
"""


@dataclass(frozen=True)
class Caught:
    """One mail that was taken."""

    number: int
    at: datetime
    to: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject line."""
        return str(self.message["subject"] or "")

    def body(self, kind: str) -> str:
        """The `plain` or `html` part; empty where it has none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


class Sink:
    """The local mail server and its page; `start` returns when both answer."""

    def __init__(self, smtp_port: int, web_port: int) -> None:
        self._mails: deque[Caught] = deque(maxlen=MOST_MAILS)
        self._count = 0
        self.smtp_port = smtp_port
        self._texts = Texts([Path(__file__).parent / "texts"])
        self._smtp = Controller(self, hostname=HOST, port=smtp_port, data_size_limit=MOST_BYTES, enable_SMTPUTF8=True)
        self._web = ThreadingHTTPServer((HOST, web_port), _page_for(self))
        self._web.daemon_threads = True

    def start(self) -> None:
        """Listen, each in a thread of its own."""
        self._smtp.start()
        threading.Thread(target=self._web.serve_forever, name="mail-sink", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and forget all mails."""
        self._smtp.stop()
        self._web.shutdown()
        self._web.server_close()
        self._mails.clear()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://localhost:{self._web.server_address[1]}/"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail; called by the SMTP server."""
        raw = envelope.original_content or b""
        message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
        self._count += 1
        # Local time: whoever reads this page sits at this machine.
        now = datetime.now().astimezone()
        self._mails.append(Caught(self._count, now, ", ".join(envelope.rcpt_tos), message))
        return "250 kept here, sent nowhere"

    def mails(self) -> list[Caught]:
        """What was taken, newest first."""
        return list(reversed(self._mails))

    def list_page(self, locale: str) -> str:
        """All mails as a table."""
        say = self._texts.say
        rows = "".join(
            f'<tr><td>{mail.at:%H:%M:%S}</td><td>{html.escape(mail.to)}</td><td><a href="/mail/{mail.number}">'
            f"{html.escape(mail.subject) or '-'}</a></td></tr>"
            for mail in self.mails()
        )
        heads = "".join(f'<th scope="col">{say(code, locale)}</th>' for code in ("sink.at", "sink.to", "sink.subject"))
        listed = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        return self._page(
            locale,
            say("sink.title", locale),
            f'<p class="soft">{say("sink.lead", locale, count=MOST_MAILS)}</p>'
            f'<p><a href="/">{say("sink.refresh", locale)}</a></p>'
            + (listed if rows else f"<p>{say('sink.none', locale)}</p>"),
        )

    def mail_page(self, mail: Caught, locale: str) -> str:
        """One mail as text with links to follow, and as HTML in a frame."""
        say = self._texts.say
        framed = say("sink.html", locale)
        return self._page(
            locale,
            mail.subject or "-",
            f'<p><a href="/">{say("sink.back", locale)}</a></p>'
            f'<p class="soft">{html.escape(say("sink.from_who", locale, who=str(mail.message["from"] or "")))}<br>'
            f"{html.escape(say('sink.to_whom', locale, who=mail.to))}<br>"
            f"{say('sink.received', locale, when=f'{mail.at:%Y-%m-%d %H:%M:%S}')}</p>"
            f"<h2>{say('sink.text', locale)}</h2><pre>{linked(mail.body('plain'))}</pre>"
            f'<h2>{framed}</h2><iframe src="/mail/{mail.number}/html" title="{framed}" sandbox></iframe>',
        )

    def missing_page(self, locale: str) -> str:
        """What stands where a mail is gone."""
        back = f'<p><a href="/">{self._texts.say("sink.back", locale)}</a></p>'
        return self._page(locale, self._texts.say("sink.missing", locale), back)

    def find(self, number: int) -> Caught | None:
        """The mail of that number, if it is still there."""
        return next((mail for mail in list(self._mails) if mail.number == number), None)

    def _page(self, locale: str, title: str, body: str) -> str:
        return (
            f'<!doctype html><html lang="{LANGUAGE_TAGS[locale]}"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>{html.escape(title)}</title><link rel="stylesheet" '
            f'href="/style.css"></head><body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>'
        )


def run_sink(smtp_port: int, web_port: int) -> Sink:
    """Start a sink; it lives in threads of this process until `stop`."""
    sink = Sink(smtp_port, web_port)
    sink.start()
    return sink


def linked(text: str) -> str:
    """Plain text as HTML whose http addresses can be followed."""
    parts = re.split(r"(https?://[^\s<>\"]+)", text)
    return "".join(
        f'<a href="{html.escape(quote(part, safe=":/?#[]@!$&()*+,;=%~._-"))}" rel="noreferrer">{html.escape(part)}</a>'
        if at % 2
        else html.escape(part)
        for at, part in enumerate(parts)
    )


def _page_for(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        """Answers GET alone, and only to a browser that asked for this machine by name (DNS rebinding)."""

        server_version = "sink"
        sys_version = ""

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").rpartition(":")[0]
            if host not in ("localhost", "127.0.0.1"):
                self._answer(421, "text/plain", "", PAGE_POLICY)
                return
            locale = "en" if self.headers.get("Accept-Language", "").lower().startswith("en") else "zh_CN"
            if self.path == "/":
                self._answer(200, "text/html", sink.list_page(locale), PAGE_POLICY)
            elif self.path == "/style.css":
                self._answer(200, "text/css", STYLE, PAGE_POLICY)
            elif found := re.fullmatch(r"/mail/([0-9]{1,9})(/html)?", self.path):
                self._answer_mail(int(found[1]), bool(found[2]), locale)
            else:
                self._answer(404, "text/html", sink.missing_page(locale), PAGE_POLICY)

        def _answer_mail(self, number: int, bare: bool, locale: str) -> None:
            mail = sink.find(number)
            if mail is None:
                self._answer(404, "text/html", sink.missing_page(locale), PAGE_POLICY)
            elif bare:
                self._answer(200, "text/html", mail.body("html"), MAIL_POLICY)
            else:
                self._answer(200, "text/html", sink.mail_page(mail, locale), PAGE_POLICY)

        def _answer(self, status: int, media: str, text: str, policy: str) -> None:
            body = text.encode("utf-8", "replace")
            self.send_response(status)
            self.send_header("Content-Type", f"{media}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet: paths say nothing worth a line."""

    return Page
