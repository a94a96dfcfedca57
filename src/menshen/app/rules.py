"""Settings of the server itself, and what follows from them."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from menshen.kit.settings import WrongSetting

DEFAULT_LISTEN = "127.0.0.1:8080"
DEFAULT_DATA = "var"
DEFAULT_CONFIG = "menshen.toml"
"""Read where it lies in the working folder and MENSHEN_CONFIG names no other."""


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the house is reached and where it keeps its data."""

    base: Annotated[
        str, Meta(description="public base address, `https://id.example.com`; empty: `http://localhost` with the port")
    ] = ""
    hosts: Annotated[tuple[str, ...], Meta(description="further host names of the sign-in pages themselves")] = ()
    trusted_proxies: Annotated[
        tuple[str, ...], Meta(description="addresses or networks whose X-Forwarded-For is believed")
    ] = ()
    threads: Annotated[int, Meta(ge=2, le=256, description="threads that answer pages")] = 16
    tls_certificate: Annotated[str, Meta(description="file of the certificate chain, where the server speaks TLS")] = ""
    tls_key: Annotated[str, Meta(description="file of its private key")] = ""
    security_contact: Annotated[
        str, Meta(description="contact for security.txt, `mailto:` or `https:`; empty: the sign-in host")
    ] = ""


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the truth lies: embedded SQLite, or PostgreSQL."""

    url: Annotated[str, Meta(description="`postgresql://user@host/name`; empty: SQLite in the data folder")] = ""
    password_file: Annotated[str, Meta(description="file with the database password, readable by its owner alone")] = ""
    pooler: Annotated[bool, Meta(description="a transaction pooler such as pgbouncer stands between")] = False
    synchronous: Annotated[
        str,
        Meta(
            pattern="^(FULL|NORMAL)$", description="SQLite: FULL survives a power cut, NORMAL may lose the last commits"
        ),
    ] = "FULL"


def base_address(settings: ServerSettings, listen: str) -> str:
    """The public base address without a trailing slash. Raises WrongSetting where it is none."""
    if not settings.base:
        return f"http://localhost:{listen.rpartition(':')[2]}".removesuffix(":80")
    parts = urlsplit(settings.base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query:
        raise WrongSetting(f"server.base: {settings.base!r} is not an address; write https://id.example.com")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise WrongSetting("server.base: plain http is for this machine only; write https:// and put TLS before it")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def host_of(base: str) -> str:
    """The base address's host as a Host header names it."""
    netloc = urlsplit(base).netloc
    return netloc.removesuffix(":443") if base.startswith("https:") else netloc.removesuffix(":80")


def networks(settings: ServerSettings) -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks of trusted proxies. Raises WrongSetting where one is none."""
    found = []
    for text in settings.trusted_proxies:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise WrongSetting(f"server.trusted_proxies: {text!r} is no address or network") from None
    return found


def database_url(settings: DatabaseSettings, data: Path) -> str:
    """The SQLAlchemy address of the database."""
    if not settings.url:
        return f"sqlite:///{str(data / 'menshen.db').replace('%', '%25')}"
    if not settings.url.startswith(("postgresql://", "postgresql+psycopg://")):
        raise WrongSetting("database.url: write postgresql://user@host/name, or leave it empty for SQLite")
    try:
        url = make_url(settings.url)
    except (ArgumentError, ValueError):
        raise WrongSetting("database.url: cannot be read: write postgresql://user@host:5432/name") from None
    if not settings.password_file:
        return url.render_as_string(hide_password=False)
    try:
        secret = Path(settings.password_file).read_text(encoding="utf-8").strip()
    except OSError as trouble:
        raise WrongSetting(f"database.password_file: {settings.password_file}: {trouble.strerror}") from None
    return url.set(password=secret).render_as_string(hide_password=False)
