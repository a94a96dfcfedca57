"""The doors at applications' hosts: `/session/check` for reverse proxies, `/session/arrive` for tickets."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qs

from menshen.kit.web.doors import Rendered, raw_headers
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Cookie, Redirect, Route
from menshen.kit.web.wire import Receive, Send, Wire
from menshen.signin.rules import SESSION_COOKIE
from menshen.signin.service.arrival import ARRIVAL_COOKIE, Arrival, Departure, Present

CHECK_PATH = "/session/check"


class ArrivalDoors:
    """Where a ticket becomes a session of the application's own host."""

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival

    def routes(self) -> Sequence[Route]:
        """The doors of this room that stand at other hosts."""
        return (Route("GET", "/session/arrive", self.arrive, PUBLIC),)

    def arrive(self, ask: Ask) -> Answer:
        """Take the ticket, set the host's own cookie, and go on to a clean address."""
        found = self._arrival.arrive(ask.visitor, ask.query.get("ticket", ""), ask.cookies.get(ARRIVAL_COOKIE, ""))
        gone = Cookie(ARRIVAL_COOKIE, "")
        if found is None:
            return Redirect("/", (gone,))
        session_token, path = found
        return Redirect(path, (Cookie(SESSION_COOKIE["customer"], session_token), gone))


def check_door(
    arrival: Arrival, in_thread: Callable[[Callable[[], Present | None]], Awaitable[Present | None]]
) -> Callable[[Wire, Receive, Send], Awaitable[None]]:
    """The hottest route, as plain ASGI: 204 with who is signed in, or 401 with where to sign in.

    nginx's auth_request takes 2xx and 401; Traefik and Caddy pass any answer on, so with `?answer=redirect` a
    browser is sent to sign in at once.
    """

    async def answer(seen: Wire, receive: Receive, send: Send) -> None:
        token = seen.cookies.get(SESSION_COOKIE["customer"], "")
        present = await in_thread(lambda: arrival.check(token, seen.host)) if token else None
        rendered = Rendered(204, present.headers(), b"") if present else _refusal(arrival, seen)
        await send({"type": "http.response.start", "status": rendered.status, "headers": raw_headers(rendered)})
        await send({"type": "http.response.body", "body": rendered.body})

    return answer


def _refusal(arrival: Arrival, seen: Wire) -> Rendered:
    path = seen.header("x-original-uri") or seen.header("x-forwarded-uri") or "/"
    scheme = "https" if seen.secure or seen.header("x-forwarded-proto") == "https" else "http"
    departure: Departure = arrival.depart(scheme, seen.host, path)
    cookies = (Cookie(ARRIVAL_COOKIE, departure.arrival, 900),)
    if parse_qs(seen.query).get("answer") == ["redirect"] and "text/html" in seen.header("accept"):
        return Rendered(303, {"location": departure.address}, b"", cookies)
    return Rendered(401, {"Menshen-Sign-In": departure.address, "content-type": "text/plain"}, b"sign in\n", cookies)
