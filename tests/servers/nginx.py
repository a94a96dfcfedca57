"""A real nginx in front of the program under test: TLS for two host names, from a private configuration."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.authority import Authority
from tests.servers.programs import answers, folder, free_port, program, run, running

HOSTS = ("accounts.menshen.test", "shop.menshen.test")
"""The sign-in host and the host of a company's application; both lead to the loopback in the tests' browser."""

SETTINGS = """\
daemon off;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
{servers}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx; `place` holds its error.log."""

    port: int
    place: Path

    def url(self, host: str, path: str = "/") -> str:
        """The address of a path at one of the host names."""
        return f"https://{host}:{self.port}{path}"


@pytest.fixture
def nginx(authority: Authority) -> Iterator[Callable[[str], Nginx]]:
    """Starts an nginx with these `server` blocks, in which `{port}` stands for the TLS port it got."""
    with ExitStack() as stack:

        def start(servers: str) -> Nginx:
            command = program("nginx", "nginx-light")
            place = stack.enter_context(folder("nginx"))
            port = free_port()
            certificate, key = authority.issue(*HOSTS)
            settings = place / "nginx.conf"
            blocks = servers.replace("{port}", str(port))
            settings.write_text(SETTINGS.format(certificate=certificate, key=key, servers=blocks))
            arguments = [command, "-p", f"{place}/", "-c", settings, "-e", place / "error.log"]
            run([*arguments, "-t"])
            stack.enter_context(running(arguments, lambda: answers(port)))
            return Nginx(port, place)

        yield start
