"""The requirements of a sign-in as one ordered list over frozen facts; `next_step` is the first that is not met."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from menshen.accounts.rules import Standing
from menshen.kit.clock import DAY, MINUTE, SECOND
from menshen.kit.room import Realm
from menshen.kit.web.visitor import Proof
from menshen.rotation.rules import Due

ATTEMPT_LASTS = 15 * MINUTE
TICKET_LASTS = 60 * SECOND
NOT_ME = "signin.not_me"
"""Purpose of the link in the new-device mail; `recovery` opens it."""
NOT_ME_LASTS = 7 * DAY
DEVICE_COOKIE = "__Host-device"
ATTEMPT_COOKIE = "__Host-attempt"
SESSION_COOKIE: Mapping[str, str] = {"customer": "__Host-session", "operator": "__Host-console"}
"""Customers and operators never share a cookie, so that one browser may hold both."""
PREFIX: Mapping[str, str] = {"customer": "", "operator": "/console"}
HOME: Mapping[str, str] = {"customer": "/account", "operator": "/console"}
MAY_SIGN_IN = frozenset({"active", "closing"})
"""Closing too: within the grace period, coming back keeps the account."""


@dataclass(frozen=True)
class Wish:
    """What someone at the door wants, besides coming in."""

    realm: Realm
    target: str = ""
    """Where to go on to: a path of ours or an address at a registered origin; checked when it is used."""
    bound: str = ""
    """Hash of the arrival cookie at the application's host, where the sign-in began there."""
    remember: bool = False
    device_token: str | None = None
    human_task: str = ""
    human_answer: str = ""


@dataclass(frozen=True)
class Refused:
    """Not let in; `code` is a sentence that says the same to everyone."""

    code: str
    wait: int = 0
    """Microseconds until another try is looked at."""


@dataclass(frozen=True)
class Asked:
    """One thing more is needed; the token finds the attempt again."""

    method: str
    attempt_token: str


@dataclass(frozen=True)
class Granted:
    """Signed in."""

    session_token: str
    session_id: str
    account_id: str
    target: str
    bound: str
    device_token: str | None = None


@dataclass(frozen=True)
class Attempt:
    """A sign-in on its way."""

    id: str
    account_id: str
    realm: Realm
    epoch: int
    proofs: tuple[Proof, ...]
    step: str
    target: str
    bound: str
    remember: bool


Outcome = Refused | Asked | Granted


@dataclass(frozen=True)
class Facts:
    """All that decides, read inside the transaction that concludes."""

    standing: Standing | None
    proofs: tuple[Proof, ...]
    """What was proven outside and still held inside."""
    level: int
    """Assurance that the proofs reach."""
    target: int
    """Assurance that is asked for."""
    due: Due | None
    now: int


@dataclass(frozen=True)
class Refuse:
    """No: `why` is for the journal; the page says one sentence to everyone."""

    why: str


@dataclass(frozen=True)
class Ask:
    """One thing more, by the name of a registered method."""

    method: str


@dataclass(frozen=True)
class Grant:
    """All requirements are met."""


Step = Refuse | Ask | Grant
Requirement = Callable[[Facts], Step | None]
"""None where it is met."""


def password_is_right(facts: Facts) -> Step | None:
    """Something was proven, and it still holds."""
    return None if facts.proofs else Refuse("password")


def account_may(facts: Facts) -> Step | None:
    """The account exists and its state lets it in."""
    if facts.standing is None:
        return Refuse("account")
    return None if facts.standing.state in MAY_SIGN_IN else Refuse("state")


def strong_enough(facts: Facts) -> Step | None:
    """The proofs reach the assurance asked for; the second-step room turns this refusal into a question."""
    return None if facts.level >= facts.target else Refuse("assurance")


def password_in_time(facts: Facts) -> Step | None:
    """No change of the password is forced now."""
    return Ask("change") if facts.due is not None and facts.due.forced_now else None


REQUIREMENTS: Mapping[str, Requirement] = {
    "the account may sign in": account_may,
    "the password is right": password_is_right,
    "the proofs are strong enough": strong_enough,
    "the password is not due": password_in_time,
}
"""In this order; the diagram in the documentation is drawn from it."""


def next_step(facts: Facts) -> Step:
    """The first unmet requirement, or Grant. An exception in one is a refusal by whoever calls, never a yes."""
    for requirement in REQUIREMENTS.values():
        step = requirement(facts)
        if step is not None:
            return step
    return Grant()


def diagram() -> str:
    """The requirements as a Mermaid flow chart."""
    lines = ["flowchart TD", "    start([proofs brought]) --> r0"]
    names = list(REQUIREMENTS)
    for number, name in enumerate(names):
        onward = f"r{number + 1}" if number + 1 < len(names) else "granted"
        lines.append(f"    r{number}{{{name}}} -- yes --> {onward}")
        lines.append(f"    r{number} -- no --> {_otherwise(name)}")
    lines.append("    granted([session])")
    return "\n".join(lines)


def _otherwise(name: str) -> str:
    return "change[ask: new password]" if REQUIREMENTS[name] is password_in_time else "refused([refused])"
