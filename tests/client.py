"""A browser without a browser: speaks ASGI to the whole house, keeps cookies, sends back the forms it was shown."""

import asyncio
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from menshen.kit.web.wire import AsgiApp


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def header(self, name: str) -> str | None:
        """A header's value."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    @property
    def location(self) -> str:
        """Where a redirect leads; empty where it is none."""
        return self.header("location") or ""

    @property
    def words(self) -> str:
        """What a person would read of a page."""
        body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", self.text, flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


class Loop:
    """One event loop in a thread of its own, for tests that are not asynchronous themselves."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Any) -> Any:
        """Run a coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def close(self) -> None:
        """Stop the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@dataclass
class Client:
    """One browser. `post` fetches the page first when it has no form token yet."""

    app: AsgiApp
    loop: Loop
    host: str = "localhost:8080"
    address: str = "127.0.0.1"
    agent: str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36"
    language: str = "zh-CN,zh;q=0.9"
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for a page."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, *, page: str | None = None, **more: Any) -> Reply:
        """Send a form with the token of `page` (by default the path itself)."""
        token = self.get(page or path).hidden("form_token")
        return self.submit(path, {**(form or {}), "form_token": token}, **more)

    def submit(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        """Send exactly these fields, as a page of this origin would."""
        sent = {"origin": f"{self.scheme}://{self.host}", "content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(form).encode(), {**sent, **(headers or {})})

    def follow(self, reply: Reply, most: int = 5) -> Reply:
        """Follow redirects on our own host."""
        while reply.status in (302, 303, 307) and most:
            parts = urlsplit(reply.location)
            reply = self.get(parts.path + (f"?{parts.query}" if parts.query else ""))
            most -= 1
        return reply

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """One request as it goes over the wire; cookies are kept."""
        return self.loop.run(self.asend(method, path, body, headers))  # type: ignore[no-any-return]

    async def asend(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """The same for a running loop, so that many can be sent at once."""
        sent = {"host": self.host, "user-agent": self.agent, "accept-language": self.language, "accept": "text/html"}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        raw = [(name.encode(), value.encode("utf-8")) for name, value in sent.items()]
        reply = await ask(self.app, method, path, body, raw, self.address, self.scheme)
        for name, value in reply.headers:
            if name == "set-cookie":
                self._keep(value)
        return reply

    def _keep(self, header: str) -> None:
        pair, *attributes = (part.strip() for part in header.split(";"))
        name, _, value = pair.partition("=")
        gone = not value or any(attribute.lower() == "max-age=0" for attribute in attributes)
        if gone:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value.strip('"')


async def ask(
    app: AsgiApp,
    method: str,
    path: str,
    body: bytes,
    headers: list[tuple[bytes, bytes]],
    address: str = "127.0.0.1",
    scheme: str = "http",
) -> Reply:
    """One request with exactly these headers."""
    sent, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(sent),
        "raw_path": sent.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": (address, 40000),
        "server": ("127.0.0.1", 8080),
        "extensions": {},
        "state": {},
    }
    started: dict[str, Any] = {}
    chunks: list[bytes] = []
    brought = False

    async def receive() -> dict[str, Any]:
        nonlocal brought
        if brought:
            await asyncio.sleep(3600)
        brought = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    got = [(name.decode().lower(), value.decode("latin-1")) for name, value in started.get("headers", [])]
    return Reply(started.get("status", 0), got, b"".join(chunks))
