"""Where a browser goes once its proofs were weighed: in with its cookies, or on to the one thing more."""

from menshen.kit.clock import SECOND
from menshen.kit.room import Realm
from menshen.kit.web.routes import Cookie, Redirect
from menshen.sessions.rules import DEVICE_LASTS
from menshen.signin.rules import (
    ATTEMPT_COOKIE,
    ATTEMPT_LASTS,
    DEVICE_COOKIE,
    HOME,
    PREFIX,
    SESSION_COOKIE,
    Asked,
    Granted,
)
from menshen.signin.service.arrival import Arrival


def land(outcome: Asked | Granted, realm: Realm, arrival: Arrival) -> Redirect:
    """The same way in for every room that ends in a session: sign-in, sign-up, invitations."""
    if isinstance(outcome, Asked):
        cookie = Cookie(ATTEMPT_COOKIE, outcome.attempt_token, ATTEMPT_LASTS // SECOND)
        return Redirect(f"{PREFIX[realm]}/sign-in/{outcome.method}", (cookie,))
    cookies = [Cookie(SESSION_COOKIE[realm], outcome.session_token), Cookie(ATTEMPT_COOKIE, "")]
    if outcome.device_token:
        cookies.append(Cookie(DEVICE_COOKIE, outcome.device_token, DEVICE_LASTS // SECOND))
    return Redirect(arrival.onward(outcome) or HOME[realm], tuple(cookies))
