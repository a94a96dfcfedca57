"""The guard before every route: host, size, headers in; one set of security headers out; the last-resort handler."""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog

from menshen.kit.database import DatabaseTrouble
from menshen.kit.web import wire
from menshen.kit.web.wire import AsgiApp, Bad, Receive, Scope, Send, Wire

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
)
CLOSED_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Hosts:
    """Which host names are ours (S-86: compared whole, never by pattern)."""

    base: str
    """The public base address, `https://id.example.com`, without a trailing slash."""
    is_own: Callable[[str], bool]
    """Whether a host (with its port where one is named) is one we answer at."""
    any_loopback: bool
    """Whether other spellings of this machine are answered (embedded, unconfigured)."""

    def own(self, host: str) -> bool:
        """Whether a request for this host is for us."""
        return self.is_own(host)

    def loopback(self, host: str) -> bool:
        """Whether the host is another spelling of this very machine."""
        name = host.rsplit(":", 1)[0].strip("[]") if not host.endswith("]") else host.strip("[]")
        if name == "localhost":
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


class Guard:
    """An ASGI application around the whole house. Nothing reaches a room that this has not looked at."""

    def __init__(
        self,
        inside: AsgiApp,
        *,
        hosts: Hosts,
        trusted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network],
        hot: Mapping[str, Callable[[Wire, Receive, Send], Awaitable[None]]],
        refuse: Callable[[Wire | None, Bad, Send], Awaitable[None]],
    ) -> None:
        self._inside = inside
        self._hosts = hosts
        self._trusted = trusted
        self._hot = hot
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; only HTTP is spoken here."""
        if scope["type"] == "lifespan":
            await self._inside(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1002})
            return
        guarded = _Outgoing(send, head=scope["method"] == "HEAD")
        seen: Wire | None = None
        try:
            seen = wire.read(scope, self._trusted)
            self._check(seen)
            scope["menshen.wire"] = seen
            hot = self._hot.get("/static/" if seen.path.startswith("/static/") else seen.path)
            if hot is not None:
                await hot(seen, receive, guarded)
            else:
                await self._inside(scope, receive, guarded)
        except Bad as bad:
            await self._give(seen, bad, guarded)
        except DatabaseTrouble as trouble:
            log.error("database.trouble", path=_loggable(seen), detail=str(trouble))
            await self._give(seen, Bad(503, "kit.error.busy", headers={"Retry-After": "5"}), guarded)
        except Exception:
            log.exception("fault", path=_loggable(seen))
            await self._give(seen, Bad(500, "kit.error.fault"), guarded)

    def _check(self, seen: Wire) -> None:
        if seen.method not in METHODS:
            raise Bad(405, "kit.error.method")
        if "//" in seen.path or (seen.path.endswith("/") and seen.path != "/"):
            # The router would overlook these slashes, and whoever compares paths would not: one door, one path.
            raise Bad(404, "kit.error.not_found")
        if not self._hosts.own(seen.host):
            if not self._hosts.any_loopback or not self._hosts.loopback(seen.host):
                raise Bad(400, "kit.error.host", "not a host of this deployment")
            if not _machine_path(seen.path):
                target = self._hosts.base + quote(seen.path) + (f"?{seen.query}" if seen.query else "")
                raise Bad(
                    307 if seen.method in ("GET", "HEAD") else 400,
                    "kit.error.host",
                    headers={"location": target},
                )

    async def _give(self, seen: Wire | None, bad: Bad, send: "_Outgoing") -> None:
        if send.started:
            return
        if bad.detail:
            log.info("request.refused", status=bad.status, code=bad.code, detail=bad.detail)
        await self._refuse(seen, bad, send)


def _loggable(seen: Wire | None) -> str:
    return wire.loggable(seen.path) if seen else "?"


def _machine_path(path: str) -> bool:
    """Paths that programs ask on any spelling of this machine."""
    return (
        path in ("/healthz", "/readyz", "/metrics")
        or path.startswith(("/api/", "/static/", "/session/"))
        or path == "/api"
    )


class _Outgoing:
    """Adds the security headers to every answer, errors and redirects included (S-85); HEAD gets no body."""

    def __init__(self, send: Send, *, head: bool) -> None:
        self._send = send
        self._head = head
        self.started = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = list(message.get("headers", []))
            names = {name.lower() for name, _ in headers}
            headers += [pair for pair in ALWAYS if pair[0] not in names]
            if b"content-security-policy" not in names:
                headers.append((b"content-security-policy", CLOSED_POLICY))
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        elif self._head:
            message = {**message, "body": b""}
        await self._send(message)
