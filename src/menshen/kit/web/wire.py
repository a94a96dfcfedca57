"""What came over the wire, read strictly: one Host, one value a header, one reading of a body."""

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
S = TypeVar("S", bound=msgspec.Struct)
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_HEADERS = 80
MOST_HEADER_BYTES = 24_576
MOST_FORM_BYTES = 65_536
MOST_JSON_BYTES = 1_048_576
BODY_SECONDS = 15.0
"""How long a body may take: a slow sender holds no worker thread, only this coroutine."""
MOST_FIELDS = 200

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63})*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Bad(Exception):
    """A request that is refused before any room sees it; `code` names the sentence in the catalogue."""

    def __init__(self, status: int, code: str, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


@dataclass(frozen=True)
class Wire:
    """One request as it came in, its headers read once."""

    method: str
    path: str
    host: str
    """Lower case, with its port where one was given."""
    source: str
    direct: bool
    secure: bool
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    query: str

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        return self.headers.get(name, "")


def read(scope: Scope, trusted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> Wire:
    """Read a request's head. Raises Bad where it is ambiguous: two Hosts, two cookies of one name, too many headers."""
    raw: list[tuple[bytes, bytes]] = scope["headers"]
    if len(raw) > MOST_HEADERS or sum(len(k) + len(v) for k, v in raw) > MOST_HEADER_BYTES:
        raise Bad(431, "kit.error.headers")
    headers: dict[str, str] = {}
    for key, value in raw:
        name = key.decode("latin-1").lower()
        if name in headers and name in ("host", "content-type", "content-length", "origin", "authorization"):
            raise Bad(400, "kit.error.request", f"header {name} given twice")
        separator = "; " if name == "cookie" else ", "
        text = value.decode("latin-1")
        headers[name] = f"{headers[name]}{separator}{text}" if name in headers else text
    host = headers.get("host", "").lower()
    if not _HOST.fullmatch(host) or len(host) > 255:
        raise Bad(400, "kit.error.host", "no usable Host header")
    if "\0" in scope["path"]:
        raise Bad(400, "kit.error.request", "NUL in the path")
    source, direct, secure = _source(scope, headers, trusted)
    return Wire(
        method=scope["method"],
        path=scope["path"],
        host=host,
        source=source,
        direct=direct,
        secure=secure,
        headers=headers,
        cookies=_cookies(headers.get("cookie", "")),
        query=scope.get("query_string", b"").decode("latin-1"),
    )


def clean(text: str, most: int) -> str:
    """A stranger's text for our records: control characters out, cut to `most` characters."""
    return _CONTROL.sub(" ", text)[:most]


def loggable(path: str) -> str:
    """A path for our logs: the token of a link, which is the link itself, is left out."""
    return "/".join("…" if _TOKEN.fullmatch(part) else part for part in path.split("/"))


FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
"""Headers that only a proxy in between writes, besides `X-Forwarded-...`."""


def _source(
    scope: Scope, headers: Mapping[str, str], trusted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> tuple[str, bool, bool]:
    """The address to hold responsible: the peer, or the last one that our own proxies did not add themselves."""
    client = scope.get("client")
    peer = _address(client[0]) if client else None
    secure = scope.get("scheme") == "https"
    forwarding = any(name in FORWARDED or name.startswith("x-forwarded-") for name in headers)
    if peer is None:
        return "unix", not forwarding, secure
    if not any(peer in network for network in trusted):
        return str(peer), peer.is_loopback and not forwarding, secure
    secure = headers.get("x-forwarded-proto", "https" if secure else "http") == "https"
    for part in reversed(headers.get("x-forwarded-for", "").split(",")):
        found = _address(part.strip())
        if found is None:
            break
        peer = found
        if not any(found in network for network in trusted):
            break
    return str(peer), False, secure


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


def _cookies(header: str) -> dict[str, str]:
    """Cookies by name. A name of ours that comes twice counts as absent: which one is ours cannot be told (S-6)."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if not equals:
            continue
        if name in found:
            twice.add(name)
        found[name] = value
    return {name: value for name, value in found.items() if name not in twice and len(value) <= 4096}


async def body(wire: Wire, receive: Receive, most: int) -> bytes:
    """The whole body. Raises Bad when it is larger than `most` bytes or comes too slowly."""
    declared = wire.header("content-length")
    if declared and (not declared.isdigit() or int(declared) > most):
        raise Bad(413, "kit.error.too_large")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Bad(400, "kit.error.request", "the sender went away")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > most:
                    raise Bad(413, "kit.error.too_large")
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise Bad(408, "kit.error.too_slow") from None


def form_fields(wire: Wire, raw: bytes) -> dict[str, str]:
    """An urlencoded form as one text a name."""
    if wire.header("content-type").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Bad(415, "kit.error.media", "a form must be application/x-www-form-urlencoded")
    return fields(raw)


def fields(raw: bytes) -> dict[str, str]:
    """Names and values; a name given twice or bytes that are not UTF-8 are refused (S-38)."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except (UnicodeDecodeError, ValueError):
        raise Bad(400, "kit.error.request", "the form could not be read") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Bad(400, "kit.error.request", "a field was given twice")
    if any("\0" in value for value in found.values()):
        raise Bad(400, "kit.error.request", "NUL, which no keyboard types and PostgreSQL does not store (S-162)")
    return found


def shaped(values: Mapping[str, str], shape: type[S]) -> S:
    """The fields in the shape a route declared; an unknown field is refused, never ignored."""
    try:
        return msgspec.convert(values, shape)
    except msgspec.ValidationError as wrong:
        raise Bad(400, "kit.error.request", str(wrong)) from None


def json_shaped(wire: Wire, raw: bytes, shape: type[S]) -> S:
    """A JSON body in its declared shape; broken, deep or wrongly typed bodies are a clean 400."""
    if wire.header("content-type").split(";")[0].strip().lower() != "application/json":
        raise Bad(415, "kit.error.media", "the body must be application/json")
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise Bad(400, "kit.error.request", clean(str(wrong), 200)) from None
