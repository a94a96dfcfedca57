"""`menshen serve`: make ready on first start, say what will not work, and serve under granian."""

import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from menshen.app.house import Foundation, House, build, ground_from
from menshen.app.migrating import HEAD, migrate_in_child, must_fit, revision
from menshen.app.opening import open_house
from menshen.app.rules import ServerSettings, base_address, networks
from menshen.keys.service import KeyFile, Keys, custody, key_file
from menshen.kit.fault import Fault

Say = Callable[[str], None]
SINK_MAIL, SINK_PAGE = 2525, 8025
"""Loopback ports of the mail sink; the next free ones where these are taken."""
MOST_HEAD = 65_536
"""Bytes of a request's head that the server takes; the guard takes fewer."""


@dataclass(frozen=True)
class Listening:
    """Where the server listens."""

    host: str
    port: int


def make_ready(ground: Foundation, say: Say) -> bool:
    """Data folder, schema, key file and key ring: whatever is missing on a first start, said in plain words.

    Returns whether this was the database's first start.
    """
    make_folder(ground.data)
    fresh = ground.database.embedded and not (ground.data / "menshen.db").exists()
    if ground.database.embedded and revision(ground.database) < HEAD:
        migrate_in_child()
    must_fit(ground.database)
    first = establish_keys(ground, say)
    if fresh:
        say(f"made a new database in {ground.data}")
    return first


def establish_keys(ground: Foundation, say: Say) -> bool:
    """Make the key ring of a new database; an old ring whose key was lost is refused, never made anew."""
    keeper = custody(ground.settings["keys"], ground.data, ground.dice)
    place = key_file(ground.settings["keys"], ground.data)
    had_key = place.exists()
    first = Keys(ground.database, ground.clock, ground.dice, keeper).establish()
    if first and not had_key and isinstance(keeper, KeyFile):
        say(f"made the key file {place}: keep a copy in a safe place, apart from every backup of the database")
    return first


def rehearse(ground: Foundation) -> House:
    """Build the house once before any worker does: what is wrong is said here in one line, not by dying workers."""
    house = build(ground)
    house.keys.mac("start")
    open_house(house, jobs=False)
    return house


def make_folder(data: Path) -> None:
    """Make the data folder, readable by its owner alone whatever the umask (S-101)."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data.stat().st_mode & 0o077 and data.stat().st_uid == os.geteuid():
            data.chmod(0o700)
    except OSError as trouble:
        raise Fault(
            f"the data folder {data} cannot be used ({trouble.strerror}): set MENSHEN_DATA to one that can"
        ) from None


def serve(*, workers: int, with_sink: bool, say: Say) -> None:
    """Serve until told to stop."""
    os.umask(0o077)
    if with_sink:
        start_sink(say)
    ground = ground_from(os.environ)
    if ground.database.embedded and workers > 1:
        raise Fault("SQLite has one serving process: set database.url to PostgreSQL for more workers")
    server = must_be_right(ground)
    listening = where(ground.listen)
    must_be_free(listening)
    first = make_ready(ground, say)
    cost = rehearse(ground).credentials.cost
    if first:
        say(f"hashing a password costs {cost.memory_kib:,} KiB and {cost.passes} passes, measured to suit this machine")
    ground.database.close()
    if not ground.settings["mail"].host:
        say(
            "NO MAIL ROUTE: sign-up, recovery and notices will wait and not leave. Set [mail] host and sender, or try"
            " it out with: menshen serve --with-sink"
        )
    say(f"serving {base_address(server, ground.listen)} (listening at {listening.host}:{listening.port})")
    run_granian(listening, workers, server)


def run_granian(listening: Listening, workers: int, server: ServerSettings) -> None:
    """Hand over to the server; each worker builds its house from the environment."""
    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols
    from granian.http import HTTP1Settings, HTTP2Settings

    Granian(
        "menshen.app.asgi:create",
        address=listening.host,
        port=listening.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=MOST_HEAD),
        http2_settings=HTTP2Settings(max_headers_size=MOST_HEAD),
        ssl_cert=Path(server.tls_certificate) if server.tls_certificate else None,
        ssl_key=Path(server.tls_key) if server.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12,
        log_enabled=False,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    ).serve()


def must_be_right(ground: Foundation) -> ServerSettings:
    """The server's settings, once they are seen to fit together, before anything is made. Raises Fault."""
    server: ServerSettings = ground.settings["server"]
    where(ground.listen)
    base_address(server, ground.listen)
    networks(server)
    must_have_certificate(server)
    return server


def where(listen: str) -> Listening:
    """MENSHEN_LISTEN as host and port. Raises Fault where it is neither."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Fault(f"MENSHEN_LISTEN is {listen!r}: write host and port, such as 127.0.0.1:8080")
    return Listening(host.strip("[]"), int(port))


def must_be_free(listening: Listening) -> None:
    """Raise Fault in plain words where something else listens there already."""
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listening.host, listening.port))
        except OSError as trouble:
            raise Fault(
                f"cannot listen at {listening.host}:{listening.port} ({trouble.strerror}):"
                " stop what listens there, or set MENSHEN_LISTEN to another port"
            ) from None


def must_have_certificate(server: ServerSettings) -> None:
    """Raise Fault in plain words where TLS is wanted and its certificate or key cannot be used."""
    if not server.tls_certificate and not server.tls_key:
        return
    if not server.tls_certificate or not server.tls_key:
        raise Fault("server.tls_certificate and server.tls_key belong together: set both, or neither")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server.tls_certificate, server.tls_key, password="")
    except (OSError, ssl.SSLError) as trouble:
        reason = trouble.reason if isinstance(trouble, ssl.SSLError) else trouble.strerror
        raise Fault(f"server.tls_certificate and server.tls_key cannot be used together ({reason})") from None


def start_sink(say: Say) -> None:
    """A mail server for newcomers that keeps what it gets in memory and shows it on a page of its own."""
    from menshen.messages.sink import run_sink

    sink = run_sink(free_port(SINK_MAIL), free_port(SINK_PAGE))
    os.environ |= {
        "MENSHEN_MAIL_HOST": "127.0.0.1",
        "MENSHEN_MAIL_PORT": str(sink.smtp_port),
        "MENSHEN_MAIL_SECURITY": "none",
        "MENSHEN_MAIL_SENDER": os.environ.get("MENSHEN_MAIL_SENDER", "menshen@localhost"),
    }
    say(f"mail goes nowhere: it is caught and shown at {sink.address}")


def free_port(wanted: int) -> int:
    """The wanted loopback port, or the next one that is free."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Fault(f"no free port from {wanted} on for the mail sink")
