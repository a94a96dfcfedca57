"""What a message is, which addresses and facts it may carry, and when it is tried again."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from menshen.kit.clock import DAY, MINUTE, SECOND
from menshen.kit.room import MessageCode

State = Literal["waiting", "sending", "sent", "refused", "expired", "dropped"]
STATES: tuple[State, ...] = ("waiting", "sending", "sent", "refused", "expired", "dropped")
Kind = Literal["mail", "sms"]
"""Which line an address belongs to."""

FIRST_DELAY = 5 * SECOND
LONGEST_DELAY = 5 * MINUTE
LEASE = 3 * MINUTE
"""A node that claimed a message and is not heard of for so long has died; longer than any line takes for one letter."""
KEEP_DONE = 30 * DAY
"""How long the row of a finished message is kept, without its body, to answer "did you write to me?"."""

PORTS = {"starttls": 587, "tls": 465, "opportunistic": 25, "none": 25}


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The mail server that takes our mails. Without a host mails wait until there is one."""

    host: Annotated[str, msgspec.Meta(description="Name of the mail server; empty: no mail route")] = ""
    port: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=65535)] | None,
        msgspec.Meta(description="Its port; by default 587, 465 or 25, as `security` has it"),
    ] = None
    security: Annotated[
        Literal["starttls", "tls", "opportunistic", "none"],
        msgspec.Meta(
            description="`starttls` (required), `tls` (from the first byte), `opportunistic` (STARTTLS where offered, "
            "certificate unchecked), `none`"
        ),
    ] = "starttls"
    authority_file: Annotated[
        str, msgspec.Meta(description="Certificates that vouch for the server; empty: those of the system")
    ] = ""
    user: Annotated[str, msgspec.Meta(description="User name at the mail server; empty: none")] = ""
    password_file: Annotated[str, msgspec.Meta(description="File that holds the password, and nothing else")] = ""
    sender: Annotated[str, msgspec.Meta(description="Address that mails come from")] = ""
    dkim_domain: Annotated[str, msgspec.Meta(description="Domain that signs mails (RFC 6376); empty: not signed")] = ""
    dkim_selector: Annotated[str, msgspec.Meta(description="Selector of the signing key in DNS")] = ""
    dkim_key_file: Annotated[str, msgspec.Meta(description="File with the RSA signing key, PEM")] = ""
    timeout: Annotated[
        int, msgspec.Meta(description="Seconds that the mail server may take for one step", ge=1, le=30)
    ] = 20

    def __post_init__(self) -> None:
        if self.host and not self.sender:
            raise ValueError("mails need a sender: set mail.sender to an address of yours")
        if self.sender and kind_of(self.sender) != "mail":
            raise ValueError("mail.sender is not a mail address")
        if self.user and not self.password_file:
            raise ValueError("mail.user needs mail.password_file: a password is never written in the settings")
        if self.user and self.security in ("opportunistic", "none"):
            raise ValueError("a password goes only over checked TLS: set mail.security to starttls or tls")
        if len({bool(self.dkim_domain), bool(self.dkim_selector), bool(self.dkim_key_file)}) > 1:
            raise ValueError("signing needs all three: dkim_domain, dkim_selector, dkim_key_file")


class BadMessage(ValueError):
    """A message that must not be written: an address or fact that could say more than its place holds."""


@dataclass(frozen=True)
class Letter:
    """One message on its way to one address."""

    id: str
    """Stable over all tries: the Message-ID and the provider's idempotency key are made of it."""
    code: str
    to: str
    locale: str
    facts: Mapping[str, str]
    realm: str = "customer"
    tries: int = 1
    """Which try this is: a line that cannot be asked twice asks first what became of the one before."""
    made_at: int = 0


@dataclass(frozen=True)
class Reply:
    """What a line made of a letter."""

    outcome: Literal["sent", "later", "refused"]
    """later: try again; refused: this address will never take it."""
    reason: str
    """The other side's words; shown to operators, without the address."""


@dataclass(frozen=True)
class Queued:
    """A message as the queue page shows it: never its body."""

    id: str
    code: str
    account: str | None
    to: str
    """The masked address it goes to now; empty once it is forgotten."""
    state: State
    line: str
    tries: int
    reason: str
    made_at: int
    next_at: int
    expires_at: int
    done_at: int | None
    retriable: bool


def delay(tries: int) -> int:
    """Microseconds until the next try: doubling from 5 s to 5 min, so that a mended server is soon used."""
    return min(FIRST_DELAY << min(max(tries - 1, 0), 16), LONGEST_DELAY)


def kind_of(address: str) -> Kind:
    """Which line an address belongs to.

    Raises BadMessage for anything that is neither a plain mail address nor an E.164 number: quoted local parts, white
    space and control characters are what mail commands were smuggled in by (S-154), commas and brackets lists (S-38).
    """
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", address):
        return "sms"
    local, _, domain = address.rpartition("@")
    if len(address) <= 254 and _LOCAL.fullmatch(local) and _is_domain(domain):
        return "mail"
    raise BadMessage("neither a mail address nor a phone number")


_LOCAL = re.compile(r"[^\s\"(),:;<>@\[\\\]\x00-\x20\x7f-\x9f]{1,64}")


def _is_domain(text: str) -> bool:
    """Letters and digits of any script with the marks that belong to them (vowel signs, tones), dots and hyphens."""
    known = all(sign in "._-" or unicodedata.category(sign)[0] in "LMN" for sign in text)
    return known and text[:1].isalnum() and text[-1:] not in "._-"


def check_facts(code: MessageCode, facts: Mapping[str, str]) -> None:
    """Refuse facts that could carry a stranger's words to an address nobody has proven (S-153): there only links,
    codes, numbers and times may stand."""
    if code.to_unverified:
        for name, value in facts.items():
            if not _WORDLESS.fullmatch(value):
                raise BadMessage(f"{code.code} may go to an unproven address: its fact {name} carries free text")


_WORDLESS = re.compile(
    r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9._~/?=&%#+-]*"  # a link
    r"|[0-9][0-9 :.,-]{0,40}"  # a code, a number, a time
    r"|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日( [0-9:]{5})?"
    r"|[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}( [0-9:]{5})?"
)


def masked(address: str) -> str:
    """An address an operator can recognise and not read off: `l***@example.org`, `***5678`."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if at else f"***{address[-4:]}"


def scrubbed(reason: str, addresses: Sequence[str]) -> str:
    """A server's words on one line of at most 300 characters, without the addresses it repeats."""
    for address in addresses:
        reason = re.sub(re.escape(address), masked(address), reason, flags=re.IGNORECASE)
    return " ".join("".join(c if c.isprintable() else " " for c in reason).split())[:300]
