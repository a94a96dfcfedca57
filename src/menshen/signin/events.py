"""What this room can announce; a sign-in that succeeds is announced by `session.started`."""

from menshen.kit.room import EventCode

REFUSED = EventCode("signin.refused", "A sign-in was refused; `why` says by which requirement.")
THROTTLED = EventCode("signin.throttled", "A sign-in was not looked at, because its budget was spent.")
ASKED = EventCode("signin.asked", "A proven sign-in was asked for one thing more, such as a new password.")
PROVEN_AGAIN = EventCode(
    "signin.proven_again", "Someone signed in proved the password again before something sensitive."
)
SIGNED_OUT = EventCode("signin.ended", "Someone signed out.")
ARRIVED = EventCode("signin.arrived", "A session was opened at an application's host with a ticket.")

CODES = (REFUSED, THROTTLED, ASKED, PROVEN_AGAIN, SIGNED_OUT, ARRIVED)
