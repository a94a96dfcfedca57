"""How a budget is spent, refills and shuts: pure arithmetic over whole microseconds."""

import ipaddress
from dataclasses import dataclass, replace

from menshen.kit.clock import DAY


@dataclass(frozen=True)
class Budget:
    """How many tries one key has. The numbers come from policy; this room knows none of its own."""

    key: str
    """Whose tries: `signin:account:<id>`, `recovery:source:192.0.2.1/32`. Kept only as a keyed hash."""
    capacity: int
    """Tries at once; they come back evenly over the window, so the long run is `capacity` tries a `window`."""
    window: int
    """Microseconds in which a spent budget is whole again."""
    growing: bool = False
    """Whether a try beyond the budget shuts it for a whole window, and twice as long each further time (S-20)."""
    longest: int = DAY
    """Microseconds: a growing budget never shuts for longer, and forgets that it was shut after as much quiet."""

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.window < 1 or self.longest < 1:
            raise ValueError("a budget has at least one try, in a window of at least a microsecond")

    @property
    def step(self) -> int:
        """Microseconds in which one try comes back, rounded up so that no try comes early."""
        return -(-self.window // self.capacity)

    def pause(self, times_shut: int) -> int:
        """Microseconds for which the budget shuts, having been shut so many times before."""
        return min(self.window << min(times_shut, 32), self.longest)


@dataclass(frozen=True)
class Level:
    """How much of a budget is left, as three numbers that need no job to come true."""

    full_at: int = 0
    """The instant at which all tries are back."""
    shut_until: int = 0
    times_shut: int = 0


@dataclass(frozen=True)
class Toll:
    """What a charge came to. A refusal charges nothing, so that a stopped source cannot spend its victim's budgets."""

    allowed: bool
    wait: int = 0
    """Microseconds until the try may be made; 0 where it was allowed."""
    charged: tuple[Budget, ...] = ()
    """What `give_back` returns."""
    refused_by: tuple[str, ...] = ()
    """Keys of the spent budgets: for the journal, never for a page."""


def settled(level: Level, budget: Budget, now: int) -> Level:
    """The level at this instant. A clock that jumped back cannot shut a budget for longer than its own numbers say."""
    shut_until = min(level.shut_until, now + budget.longest)
    full_at = min(max(level.full_at, now), now + budget.step * budget.capacity)
    quiet = now >= shut_until + budget.longest
    return Level(full_at, shut_until, 0 if quiet else level.times_shut)


def spend(level: Level, budget: Budget, now: int) -> tuple[Level, int]:
    """Take one try: the level afterwards, and the microseconds to wait (0: the try is granted)."""
    level = settled(level, budget, now)
    if level.shut_until > now:
        return level, level.shut_until - now
    after = level.full_at + budget.step
    over = after - (now + budget.step * budget.capacity)
    if over <= 0:
        return replace(level, full_at=after), 0
    if not budget.growing:
        return level, over
    pause = budget.pause(level.times_shut)
    return Level(full_at=now, shut_until=now + pause, times_shut=level.times_shut + 1), pause


def stale_at(level: Level, budget: Budget) -> int:
    """The instant from which the level says no more than no row at all."""
    return max(level.full_at, level.shut_until + budget.longest if level.times_shut else 0)


def source_keys(address: str) -> tuple[str, str]:
    """The narrow and the wide network of an address: IPv4 /32 and /24, IPv6 /64 and /48 (S-17).

    Every spelling of an address gives the same keys, and IPv4 inside IPv6 is IPv4. What is no address shares one pair.
    """
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return "no address", "no network"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    narrow, wide = (32, 24) if parsed.version == 4 else (64, 48)
    return tuple(str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False)) for bits in (narrow, wide))  # type: ignore[return-value]
