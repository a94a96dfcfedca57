"""The doors at applications' hosts: `/session/check` for reverse proxies, `/session/arrive` for tickets."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl

from menshen.kit.web.doors import Rendered, raw_headers
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Cookie, Redirect, Route
from menshen.kit.web.wire import Receive, Send, Wire
from menshen.signin.rules import SESSION_COOKIE
from menshen.signin.service.arrival import ARRIVAL_COOKIE, Arrival

CHECK_PATH = "/session/check"
ARRIVAL_LASTS = 900
"""Seconds that someone may take to sign in and still arrive in one step; later it takes another round, unseen."""


class ArrivalDoors:
    """Where a ticket becomes a session of the application's own host."""

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival

    def routes(self) -> Sequence[Route]:
        """The doors of this room that stand at other hosts."""
        return (Route("GET", "/session/arrive", self.arrive, PUBLIC),)

    def arrive(self, ask: Ask) -> Answer:
        """Take the ticket, set the host's own cookie, and go on to a clean address.

        A ticket that opens nothing still goes on to the application, whose proxy asks for the session anew.
        """
        found = self._arrival.arrive(ask.visitor, ask.query.get("ticket", ""), ask.cookies.get(ARRIVAL_COOKIE, ""))
        if found is None:
            return Redirect("/")
        if not found.session_token:
            return Redirect(found.target)
        return Redirect(
            found.target, (Cookie(SESSION_COOKIE["customer"], found.session_token), Cookie(ARRIVAL_COOKIE, ""))
        )


def check_door(
    arrival: Arrival, in_thread: Callable[[Callable[[], Rendered]], Awaitable[Rendered]]
) -> Callable[[Wire, Receive, Send], Awaitable[None]]:
    """The hottest route, as plain ASGI: 204 with who is signed in, or 401 with where to sign in.

    nginx's auth_request takes 2xx and 401; Traefik and Caddy pass any answer on, so with `?answer=redirect` a
    browser is sent to sign in at once. The Host header says which application asks, or `?host=` in the address that
    a proxy is given where it cannot pass the Host on (Traefik).
    """

    async def answer(seen: Wire, receive: Receive, send: Send) -> None:
        rendered = await in_thread(lambda: _answer(arrival, seen))
        await send({"type": "http.response.start", "status": rendered.status, "headers": raw_headers(rendered)})
        await send({"type": "http.response.body", "body": rendered.body})

    return answer


def _answer(arrival: Arrival, seen: Wire) -> Rendered:
    asked = dict(parse_qsl(seen.query)) if seen.query else {}
    host = asked.get("host", "").lower() or seen.host
    token = seen.cookies.get(SESSION_COOKIE["customer"], "")
    present = arrival.check(token, host) if token else None
    if present is not None:
        return Rendered(204, present.headers(), b"")
    path = seen.header("x-original-uri") or seen.header("x-forwarded-uri") or "/"
    departure = arrival.depart(host, path, seen.cookies.get(ARRIVAL_COOKIE, ""))
    cookies = (Cookie(ARRIVAL_COOKIE, departure.arrival, ARRIVAL_LASTS),) if departure.arrival else ()
    if asked.get("answer") == "redirect" and "text/html" in seen.header("accept"):
        return Rendered(303, {"location": departure.address}, b"", cookies)
    return Rendered(401, {"Menshen-Sign-In": departure.address, "content-type": "text/plain"}, b"sign in\n", cookies)
