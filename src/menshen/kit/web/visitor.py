"""Who asks, as a value: filled by `app` before any handler runs, so that low rooms have pages and never look up."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Proof:
    """One thing that was proven, and when: method is an `amr` value or the name of a registered method."""

    method: str
    at: int


@dataclass(frozen=True)
class Visitor:
    """Who stands at the door. Without `session_id` a stranger; nothing here was said by the browser alone."""

    host: str
    """The registered host that was asked, as in the address bar."""
    source: str
    """Network address of the peer, or of the last address before a trusted proxy."""
    browser: str = ""
    """The User-Agent, cut to 400 characters, control characters removed."""
    realm: str = "customer"
    account_id: str | None = None
    account_name: str = ""
    session_id: str | None = None
    proofs: tuple[Proof, ...] = ()
    rights: frozenset[str] = field(default_factory=frozenset)
    devices: Mapping[str, str] = field(default_factory=dict)
    """Account id to device id: the accounts that this browser is remembered for. Never authentication."""
    locale: str = "zh_CN"
    time_zone: str = "Asia/Shanghai"
    theme: str | None = None
    correlation: str = ""
    """One id for all that follows from this request; in the journal and on error pages."""
    direct: bool = False
    """The peer is on loopback and no forwarding header came along."""

    @property
    def signed_in(self) -> bool:
        """Whether a live session stands behind the request."""
        return self.session_id is not None
