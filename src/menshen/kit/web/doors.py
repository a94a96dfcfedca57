"""From routes to a running application: identify, admit, check the form, call, render, in one thread hop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Protocol, cast

import msgspec
from litestar import Litestar, Request, Response, route
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from menshen.kit.dice import Dice, new_id
from menshen.kit.web import form_tokens, wire
from menshen.kit.web.form_tokens import DOOR_COOKIE, FIELD, Mac
from menshen.kit.web.guard import Guard, Hosts
from menshen.kit.web.pages import Pages, policy
from menshen.kit.web.routes import Answer, Ask, Cookie, Data, Page, Redirect, Route
from menshen.kit.web.visitor import Visitor
from menshen.kit.web.wire import AsgiApp, Bad, Receive, Send, Wire

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEPT_HEADERS = (
    "accept",
    "accept-language",
    "user-agent",
    "referer",
    "sec-fetch-site",
    "authorization",
    "idempotency-key",
    "if-match",
)


class Doorkeeper(Protocol):
    """What `app` knows and the ground does not: who asks, and whether they may."""

    def identify(self, seen: Wire) -> Visitor:
        """Who asks, from cookies and address; reads the session."""
        ...

    def admit(self, visitor: Visitor, entrance: Route, seen: Wire) -> Answer | None:
        """None to come in; else what to answer instead (sign in, prove again, change the password, not allowed)."""
        ...


class Lane(Protocol):
    """The hashing lane as the web sees it."""

    async def run(self, call: Callable[[], Any], *, device: str) -> Any:
        """Wait for admission on the event loop, then run `call` on a lane thread. Raises Bad 503 when full."""
        ...


@dataclass(frozen=True)
class Rendered:
    """An answer as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[Cookie, ...] = ()


class Doors:
    """All routes of the house, opened."""

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        pages: Pages,
        keeper: Doorkeeper,
        lane: Lane,
        mac: Mac,
        dice: Dice,
        hosts: Hosts,
        device_of: Callable[[Wire], str],
        threads: int = 16,
    ) -> None:
        self._pages = pages
        self._keeper = keeper
        self._lane = lane
        self._mac = mac
        self._dice = dice
        self._hosts = hosts
        self._device_of = device_of
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="room")
        self.routes = tuple(routes)

    def application(
        self,
        *,
        trusted: Sequence[Any] = (),
        hot: Mapping[str, Callable[[Wire, Receive, Send], Awaitable[None]]] | None = None,
        on_startup: Sequence[Callable[[], Any]] = (),
        on_shutdown: Sequence[Callable[[], Any]] = (),
    ) -> AsgiApp:
        """The ASGI application: the guard around Litestar's router."""
        handlers: list[Any] = [self._handler(each) for each in self.routes]
        inside = Litestar(
            handlers,
            openapi_config=None,
            logging_config=None,
            exception_handlers={HTTPException: _as_bad, Bad: _raise, Exception: _raise},
            on_startup=list(on_startup),
            on_shutdown=[*on_shutdown, lambda: self._threads.shutdown(wait=True)],
        )
        return Guard(
            cast(AsgiApp, inside), hosts=self._hosts, trusted=trusted, hot=dict(hot or {}), refuse=self._refuse
        )

    async def in_thread(self, call: Callable[[], Any]) -> Any:
        """Run blocking work on the rooms' own threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _handler(self, entrance: Route) -> HTTPRouteHandler:
        methods: list[Any] = ["GET", "HEAD"] if entrance.method == "GET" else [entrance.method]
        path = entrance.path.replace("}", ":str}")

        async def handler(request: Request[Any, Any, Any]) -> Response[bytes]:
            seen: Wire = request.scope["menshen.wire"]  # type: ignore[typeddict-item]
            raw = b""
            if seen.method in UNSAFE:
                most = wire.MOST_JSON_BYTES if _speaks_json(entrance) else wire.MOST_FORM_BYTES
                raw = await wire.body(seen, request.receive, most)  # type: ignore[arg-type]
            params = {name: str(value) for name, value in request.path_params.items()}

            def call() -> Rendered:
                return self._answer(entrance, seen, params, raw)

            if entrance.lane:
                rendered = await self._lane.run(call, device=self._device_of(seen))
            else:
                rendered = await self.in_thread(call)
            return _Ready(rendered)

        handler.__name__ = f"{entrance.method}_{entrance.path}"
        return route(path, http_method=methods, needs=entrance.needs)(handler)

    def _answer(self, entrance: Route, seen: Wire, params: Mapping[str, str], raw: bytes) -> Rendered:
        """The whole of one request, in a worker thread."""
        visitor = self._keeper.identify(seen)
        door = seen.cookies.get(DOOR_COOKIE, "")
        try:
            refused = self._keeper.admit(visitor, entrance, seen)
            if refused is not None:
                return self._render(refused, visitor, door, seen)
            form = self._checked_form(entrance, seen, visitor, door, raw)
            ask = Ask(
                visitor=visitor,
                method=seen.method,
                path=seen.path,
                params=params,
                query=wire.fields(seen.query.encode()) if seen.query else {},
                cookies=seen.cookies,
                headers={name: seen.headers[name] for name in KEPT_HEADERS if name in seen.headers},
                form=form,
            )
            return self._render(entrance.call(ask), visitor, door, seen)
        except Bad as bad:
            if _speaks_json(entrance):
                raise
            return self._render(_error(bad, visitor), visitor, door, seen)

    def _checked_form(self, entrance: Route, seen: Wire, visitor: Visitor, door: str, raw: bytes) -> Any:
        """The body in its declared shape, once it is known to come from a page of ours (S-81)."""
        if seen.method not in UNSAFE:
            return None
        if _speaks_json(entrance):
            return wire.json_shaped(seen, raw, entrance.form) if entrance.form else None
        self._check_origin(seen)
        fields = wire.form_fields(seen, raw)
        if not form_tokens.fits(self._mac, form_tokens.binding(visitor, door), fields.pop(FIELD, "")):
            raise Bad(403, "kit.error.form", "form token missing, foreign or of an ended session")
        return wire.shaped(fields, entrance.form or _NoFields)

    def _check_origin(self, seen: Wire) -> None:
        origin = seen.header("origin")
        if origin:
            scheme = "https" if seen.secure or self._hosts.base.startswith("https:") else "http"
            if origin != f"{scheme}://{seen.host}":
                raise Bad(403, "kit.error.origin", f"origin {wire.clean(origin, 100)}")
        elif seen.header("sec-fetch-site") not in ("", "same-origin", "none"):
            raise Bad(403, "kit.error.origin", "cross-site without origin")

    def _render(self, answer: Answer, visitor: Visitor, door: str, seen: Wire) -> Rendered:
        if isinstance(answer, Redirect):
            return Rendered(303, {**answer.headers, "location": answer.to}, b"", answer.cookies)
        if isinstance(answer, Data):
            body = (
                answer.body
                if isinstance(answer.body, bytes)
                else (answer.body.encode() if isinstance(answer.body, str) else msgspec.json.encode(answer.body))
            )
            return Rendered(answer.status, {"content-type": answer.media, **answer.headers}, body, answer.cookies)
        cookies = answer.cookies
        if not visitor.session_id and not door:
            door = form_tokens.new_door(self._dice)
            cookies = (*cookies, Cookie(DOOR_COOKIE, door))
        html = self._pages.render(
            answer, visitor, form_tokens.issue(self._mac, form_tokens.binding(visitor, door)), seen.path
        )
        headers = {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": policy(answer.form_action),
            "content-language": "zh-CN" if visitor.locale == "zh_CN" else "en",
            **answer.headers,
        }
        return Rendered(answer.status, headers, html.encode(), cookies)

    async def _refuse(self, seen: Wire | None, bad: Bad, send: Send) -> None:
        """The answer to a request that never reached a room, or broke on its way."""
        wants_page = (
            seen is not None
            and seen.method in ("GET", "POST", "HEAD")
            and not seen.path.startswith(("/api", "/session/"))
        )
        if bad.headers.get("location"):
            rendered = Rendered(bad.status, bad.headers, b"")
        elif wants_page and seen is not None and self._hosts.own(seen.host):
            visitor = Visitor(
                host=seen.host,
                source=seen.source,
                locale=_locale_of(seen),
                correlation=new_id(0, self._dice)[-8:],
            )
            rendered = self._render(_error(bad, visitor), visitor, seen.cookies.get(DOOR_COOKIE, "-"), seen)
        else:
            problem = {"type": "about:blank", "status": bad.status, "code": bad.code}
            rendered = Rendered(
                bad.status,
                {"content-type": "application/problem+json", **bad.headers},
                msgspec.json.encode(problem),
            )
        await _send(rendered, send)


class _NoFields(msgspec.Struct, forbid_unknown_fields=True):
    """A form without fields of its own."""


def _speaks_json(entrance: Route) -> bool:
    return entrance.path.startswith("/api")


def _error(bad: Bad, visitor: Visitor) -> Page:
    return Page(
        "error.html",
        {"status": bad.status, "code": bad.code, "number": visitor.correlation},
        bad.status,
        headers=bad.headers,
    )


def _locale_of(seen: Wire) -> str:
    return "en" if seen.header("accept-language").lower().startswith("en") else "zh_CN"


def _as_bad(_: Request[Any, Any, Any], wrong: HTTPException) -> Response[bytes]:
    code = {404: "kit.error.not_found", 405: "kit.error.method"}.get(wrong.status_code, "kit.error.request")
    raise Bad(wrong.status_code, code, headers=dict(wrong.headers or {}))


def _raise(_: Request[Any, Any, Any], wrong: Exception) -> Response[bytes]:
    raise wrong


def set_cookie(cookie: Cookie) -> str:
    """The Set-Cookie value; every cookie of ours has the attributes that `__Host-` demands, and HttpOnly."""
    jar: SimpleCookie = SimpleCookie()
    jar[cookie.name] = cookie.value
    morsel = jar[cookie.name]
    morsel["path"], morsel["secure"], morsel["httponly"], morsel["samesite"] = "/", True, True, "Lax"
    if not cookie.value:
        morsel["max-age"] = 0
    elif cookie.max_age is not None:
        morsel["max-age"] = cookie.max_age
    return morsel.OutputString()


def raw_headers(rendered: Rendered) -> list[tuple[bytes, bytes]]:
    """The answer's headers as the wire has them."""
    pairs = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in rendered.headers.items()]
    pairs.append((b"content-length", str(len(rendered.body)).encode()))
    return pairs + [(b"set-cookie", set_cookie(cookie).encode()) for cookie in rendered.cookies]


class _Ready(Response[bytes]):
    """An answer that is complete; the framework only carries it out."""

    def __init__(self, rendered: Rendered) -> None:
        super().__init__(b"")
        self._rendered = rendered

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The answer as an ASGI application."""

        async def answer(scope: Any, receive: Any, send: Send) -> None:
            await _send(self._rendered, send, head=scope["method"] == "HEAD")

        return answer


async def _send(rendered: Rendered, send: Send, *, head: bool = False) -> None:
    await send({"type": "http.response.start", "status": rendered.status, "headers": raw_headers(rendered)})
    await send({"type": "http.response.body", "body": b"" if head else rendered.body})
