"""Mail by SMTP: one connection for many letters, checked TLS, DKIM, and refusals read as what they are."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from menshen.kit.database import Fault
from menshen.messages.rules import PORTS, Letter, Reply, Settings
from menshen.messages.senders.letters import Letters, wire_address
from menshen.messages.senders.line import Carry, LineDown

OPEN_WITHIN = 60
"""Seconds for connecting, TLS and signing in together."""
CARRY_WITHIN = 90
"""Seconds for one letter; with OPEN_WITHIN less than the lease of a claim."""
SERVICE_CLOSING = 421

SIGNED_HEADERS = tuple(
    name.encode()
    for name in (
        "from",
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "auto-submitted",
    )
)
"""`from` twice, so that nobody can add a second one (RFC 6376 section 8.15)."""


class SmtpLine:
    """A way to people by mail."""

    def __init__(self, settings: Settings, letters: Letters) -> None:
        self._settings = settings
        self._letters = letters
        self._signing_key = _secret(settings.dkim_key_file, "mail.dkim_key_file") if settings.dkim_key_file else b""

    @contextmanager
    def open(self) -> Iterator[Carry]:
        """Connect and sign in; the connection serves all letters of the block."""
        with asyncio.Runner() as runner:
            client = self._client()
            try:
                runner.run(asyncio.wait_for(client.connect(), OPEN_WITHIN))
            except (SMTPException, OSError, TimeoutError) as trouble:
                raise LineDown(f"{self._settings.host}: {said_by(trouble)}") from None
            try:
                yield lambda letter: runner.run(self._carry(client, letter))
                with suppress(SMTPException, OSError, TimeoutError):
                    runner.run(asyncio.wait_for(client.quit(), self._settings.timeout))
            finally:
                client.close()

    async def _carry(self, client: SMTP, letter: Letter) -> Reply:
        to = wire_address(letter.to)
        body = self._signed(self._letters.mail(letter, self._settings.sender))
        options = [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            sending = client.sendmail(self._settings.sender, [to], body, mail_options=options)
            _, said = await asyncio.wait_for(sending, CARRY_WITHIN)
        except SMTPRecipientsRefused as refused:
            return read_refusal(refused.recipients[0])
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError, TimeoutError) as trouble:
            client.close()
            raise LineDown(f"{self._settings.host}: {said_by(trouble)}") from None
        except SMTPSenderRefused as refused:
            # Our own address is at fault, not the customer's: no reason to give the customer's up.
            return Reply("later", said_by(refused))
        except SMTPNotSupported:
            return Reply("refused", "the mail server takes no address beyond ASCII (SMTPUTF8)")
        except SMTPResponseException as refused:
            return read_refusal(refused)
        return Reply("sent", said)

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port or PORTS[settings.security],
            username=settings.user or None,
            password=_secret(settings.password_file, "mail.password_file") if settings.user else None,
            local_hostname=settings.sender.rpartition("@")[2],
            timeout=settings.timeout,
            use_tls=settings.security == "tls",
            start_tls={"starttls": True, "opportunistic": None}.get(settings.security, False),
            tls_context=_tls(settings),
        )

    def _signed(self, mail: EmailMessage) -> bytes:
        body = mail.as_bytes()
        if not self._signing_key:
            return body
        import dkim  # loads a DNS library, a fifteenth of the start, which few houses need

        signature: bytes = dkim.sign(
            body,
            self._settings.dkim_selector.encode(),
            self._settings.dkim_domain.encode(),
            self._signing_key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=list(SIGNED_HEADERS),
        )
        return signature + body


def read_refusal(refused: SMTPResponseException) -> Reply:
    """A reply code as a decision: 4xx asks to come back, 5xx is for good (RFC 5321 section 4.2.1).

    Raises LineDown where the server closes the connection.
    """
    if refused.code == SERVICE_CLOSING:
        raise LineDown(said_by(refused))
    return Reply("refused" if 500 <= refused.code <= 599 else "later", said_by(refused))


def said_by(trouble: BaseException) -> str:
    """What went wrong, in the server's own words where it said any."""
    if isinstance(trouble, SMTPResponseException):
        return f"{trouble.code} {trouble.message}"
    return str(trouble) or type(trouble).__name__


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.security == "none":
        return None
    if settings.security == "opportunistic":
        # RFC 7435: unchecked encryption still keeps out who only listens; a check would mean no TLS at all.
        return ssl._create_unverified_context()  # noqa: S323
    context = ssl.create_default_context(cafile=settings.authority_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _secret(file: str, setting: str) -> bytes:
    try:
        return Path(file).read_bytes().strip()
    except OSError as trouble:
        raise Fault(f"{setting}: {file} cannot be read: {trouble.strerror}") from None
