"""Mail servers for the tests: a real postfix that delivers to folders, and a sink that fails as it is told."""

import email
import email.policy
import pwd
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.authority import Authority
from tests.servers.programs import (
    answers,
    as_root,
    folder,
    free_port,
    program,
    run,
    running,
    unavailable,
    until,
)

DOMAIN = "example.test"
POSTFIX_HOST = "mail.example.test"

MASTER = "/usr/lib/postfix/sbin/master"

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log/postfix.log
maillog_file_prefixes = {place}/log
myhostname = {host}
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {place}/mail
virtual_mailbox_maps = texthash:{place}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A mail server that knows some mailboxes of `example.test` and offers STARTTLS."""

    place: Path
    port: int
    authority: Path
    """What a client has to trust; the certificate names `mail.example.test` and 127.0.0.1."""
    host: str = "127.0.0.1"

    def delivered(self, box: str, least: int = 1) -> list[EmailMessage]:
        """The messages in a mailbox, oldest first, once there are at least so many."""
        if not until(lambda: len(self._arrived(box)) >= least):
            unavailable(f"postfix did not deliver {least} message(s) to {box}@{DOMAIN}")
        files = sorted(self._arrived(box), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    def _arrived(self, box: str) -> list[Path]:
        if prefix := as_root():
            # What root wrote in its namespace is closed to who looks from outside.
            run([*prefix, "chmod", "-R", "a+rX", self.place / "mail"])
        return list((self.place / "mail" / box / "new").glob("*"))

    def forget(self) -> None:
        """Empty all mailboxes."""
        run([*as_root(), "sh", "-c", 'rm -rf "$0"/mail/*', self.place])


@pytest.fixture(scope="session")
def postfix_server(authority: Authority) -> Iterator[Postfix]:
    """A running postfix, configured in a folder of its own."""
    command = program("postfix", "postfix")
    with folder("postfix") as place:
        server = Postfix(place, free_port(), authority.file)
        configure(server, authority)
        # It starts as root to drop its rights by itself; `check` also makes the folders of its queue.
        run([*as_root(), command, "-c", place / "etc", "check"])
        with running([*as_root(), MASTER, "-c", place / "etc", "-d"], lambda: answers(server.port)):
            yield server
        if prefix := as_root():
            run([*prefix, "sh", "-c", 'rm -rf "$0"/*', place])


def configure(server: Postfix, authority: Authority) -> None:
    """Write the configuration; mailboxes are the ones that tests write to."""
    certificate, key = authority.issue(POSTFIX_HOST, "127.0.0.1")
    owner = pwd.getpwnam("nobody")
    values = {"certificate": certificate, "key": key, "host": POSTFIX_HOST, "domain": DOMAIN}
    values |= {"place": server.place, "port": server.port, "uid": owner.pw_uid, "gid": owner.pw_gid}
    for name in ("etc", "queue", "data", "log", "mail"):
        (server.place / name).mkdir()
    boxes = ("anna", "wei", "operator", "brief", "用户")
    (server.place / "mailboxes").write_text("".join(f"{box}@{DOMAIN} {box}/\n" for box in boxes))
    (server.place / "etc" / "main.cf").write_text(MAIN_CF.format_map(values))
    (server.place / "etc" / "master.cf").write_text(MASTER_CF.format_map(values))
    run([*as_root(), "chown", "root:root", server.place / "queue", server.place / "etc"])
    run([*as_root(), "chown", "postfix", server.place / "data"])
    run([*as_root(), "chown", "nobody", server.place / "mail"])


@pytest.fixture
def postfix(postfix_server: Postfix) -> Postfix:
    """A running postfix whose mailboxes are empty."""
    postfix_server.forget()
    return postfix_server


@dataclass
class Sink:
    """An SMTP server that keeps what it gets, and answers as a test has scripted it."""

    port: int
    host: str = "127.0.0.1"
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    for_recipient: dict[str, str] = field(default_factory=dict)
    """Address -> the answer to its RCPT, such as `550 5.1.1 no such mailbox`."""
    for_data: list[str] = field(default_factory=list)
    """Answers to the next messages, first to first; `250 ...` keeps the message, all else drops it."""
    password: str | None = None
    """When set, mail is taken only after signing in with it over TLS."""
    tls: SSLContext | None = None
    _running: Controller | None = None

    def up(self) -> None:
        """Start answering."""
        hands = _Hands(self)
        self._running = Controller(
            hands,
            self.host,
            self.port,
            server_hostname="sink.example.test",
            tls_context=self.tls,
            require_starttls=self.password is not None,
            auth_required=self.password is not None,
            authenticator=hands.authenticate,
            enable_SMTPUTF8=True,
        )
        self._running.start()

    def down(self) -> None:
        """Stop answering, as a mail server that is gone; `up` brings it back at the same port."""
        if self._running is not None:
            self._running.stop()
            self._running = None


class _Hands:
    """What the sink does at each step of a conversation."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.lock = threading.Lock()

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password.decode() == self.sink.password
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.sink.for_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        with self.lock:
            answer = self.sink.for_data.pop(0) if self.sink.for_data else "250 OK"
            if answer.startswith("250"):
                content = envelope.content if isinstance(envelope.content, bytes) else b""
                self.sink.envelopes.append(envelope)
                self.sink.messages.append(email.message_from_bytes(content, policy=email.policy.default))
        return answer


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A sink without TLS, answering yes to everything until a test scripts it otherwise."""
    sink = Sink(free_port())
    sink.up()
    yield sink
    sink.down()


@pytest.fixture
def smtp_sink_with_password(authority: Authority) -> Iterator[Sink]:
    """A sink that takes mail only over STARTTLS and from someone who knows its password."""
    sink = Sink(free_port(), password="sink-password-1", tls=SSLContext(PROTOCOL_TLS_SERVER))
    if sink.tls is not None:
        sink.tls.load_cert_chain(*authority.issue("sink.example.test", "127.0.0.1"))
    sink.up()
    yield sink
    sink.down()
