"""Which standard says what about a profile: a list of named requirements, each asked of the data itself."""

from collections.abc import Callable, Sequence

import msgspec

from menshen.passwords.rules.profile import Profile

ALL_FOUR = frozenset({"upper", "lower", "digit", "special"})
A_DAY, TEN_MINUTES = 24 * 60, 10


class Requirement(msgspec.Struct, frozen=True):
    """One clause of a standard: what it asks (the tail of a message code), and whether a profile keeps it."""

    standard: str
    clause: str
    asks: str
    kept: Callable[[Profile], bool]


class Line(msgspec.Struct, frozen=True):
    """One requirement with the answer for each profile, in the order of the profiles asked about."""

    standard: str
    clause: str
    code: str
    kept: tuple[bool, ...]


class Comparison(msgspec.Struct, frozen=True):
    """The table: the profiles across, the requirements down."""

    profiles: tuple[str, ...]
    lines: tuple[Line, ...]

    def broken(self, profile: str) -> tuple[Line, ...]:
        """The requirements that a profile breaks."""
        place = self.profiles.index(profile)
        return tuple(line for line in self.lines if not line.kept[place])


def compared(profiles: Sequence[Profile]) -> Comparison:
    """Ask every requirement of every profile."""
    lines = tuple(
        Line(
            asked.standard,
            asked.clause,
            f"passwords.standard.{asked.asks}",
            tuple(asked.kept(profile) for profile in profiles),
        )
        for asked in REQUIREMENTS
    )
    return Comparison(tuple(profile.name for profile in profiles), lines)


def length(alone: int, with_second_factor: int) -> Callable[[Profile], bool]:
    """At least so many characters, by whether a second factor is bound."""
    return lambda profile: (
        profile.password.length_alone >= alone and profile.password.length_with_second_factor >= with_second_factor
    )


def longest(characters: int) -> Callable[[Profile], bool]:
    """Passwords of so many characters are accepted."""
    return lambda profile: profile.password.longest >= characters


def kinds(least: int) -> Callable[[Profile], bool]:
    """At least so many kinds of characters are demanded."""
    return lambda profile: profile.password.kinds >= least


def letter_and_digit(profile: Profile) -> bool:
    """Letters and digits are both demanded."""
    classes = profile.password.classes
    return "digit" in classes and bool(classes & {"letter", "upper", "lower"})


def no_composition(profile: Profile) -> bool:
    """No kinds of characters are demanded."""
    return not profile.password.demands_composition


def nothing_personal(profile: Profile) -> bool:
    """No part may be personal."""
    return profile.password.personal == "part"


def whole_compared(profile: Profile) -> bool:
    """Only the entire password is compared with lists and personal words, never a part."""
    rules = profile.password
    return rules.personal == "whole" and rules.common == "whole" and rules.sequences == "whole"


def nothing_sequential(profile: Profile) -> bool:
    """Common passwords, their variants, and sequences inside are refused."""
    return profile.password.common == "variants" and profile.password.sequences == "part"


def never_for_age(profile: Profile) -> bool:
    """No change is forced for age alone."""
    return profile.rotation.change_after_days is None


def within(earliest: int, latest: int) -> Callable[[Profile], bool]:
    """A change is due after so many days, for everyone."""
    return lambda profile: (
        profile.rotation.applies_to == "everyone" and earliest <= (profile.rotation.change_after_days or 0) <= latest
    )


def changed_by(days: int) -> Callable[[Profile], bool]:
    """A change is due after at most so many days, at least for operators."""
    return lambda profile: 0 < (profile.rotation.change_after_days or 0) <= days


def unless_second_factor(profile: Profile) -> bool:
    """Change within 90 days, or a second factor for everyone."""
    return changed_by(90)(profile) or profile.second_step.demanded_of == "everyone"


def locked(failures: int, minutes: int) -> Callable[[Profile], bool]:
    """A hard stop after so many wrong tries, of so many minutes or until recovery."""
    return lambda profile: (
        profile.throttle.failures <= failures
        and (
            profile.throttle.then == "disable"
            or (profile.throttle.then == "lock" and profile.throttle.lock_minutes >= minutes)
        )
    )


def session(idle: int, absolute: int) -> Callable[[Profile], bool]:
    """Sessions end after at most so many minutes."""
    return lambda profile: profile.sessions.idle_minutes <= idle and profile.sessions.absolute_minutes <= absolute


def hash_cost(profile: Profile) -> bool:
    """The stored hash costs at least the floor: argon2id, 19 MiB, two passes, one lane."""
    kept = profile.storage
    return kept.scheme == "argon2id" and kept.memory_kib >= 19_456 and kept.passes >= 2 and kept.lanes >= 1


def disabled(profile: Profile) -> bool:
    """At most 100 wrong tries in a row before a hard stop."""
    return profile.throttle.failures <= 100 and profile.throttle.then != "delay"


MISSION, ASVS, NIST = "mission", "OWASP ASVS 5.0", "NIST SP 800-63B-4"
PCI, MLPS = "PCI DSS 4.0.1", "GB/T 22239-2019"

REQUIREMENTS = (
    Requirement(MISSION, "1", "length_8", length(8, 8)),
    Requirement(MISSION, "1", "four_kinds", lambda p: p.password.classes >= ALL_FOUR and kinds(4)(p)),
    Requirement(MISSION, "1", "nothing_personal", nothing_personal),
    Requirement(MISSION, "1", "nothing_sequential", nothing_sequential),
    Requirement(MISSION, "4", "change_90_180", within(90, 180)),
    Requirement(MISSION, "3", "second_step", lambda p: p.second_step.encouraged),
    Requirement(ASVS, "6.2.1", "length_8", length(8, 8)),
    Requirement(ASVS, "6.2.4", "common", lambda p: p.password.common in {"whole", "variants"}),
    Requirement(ASVS, "6.2.5", "no_composition", no_composition),
    Requirement(ASVS, "6.2.9", "longest_64", longest(64)),
    Requirement(ASVS, "6.2.10", "never_for_age", never_for_age),
    Requirement(ASVS, "6.2.11", "context", lambda p: p.password.personal in {"whole", "rest", "part"}),
    Requirement(ASVS, "6.2.12", "leaked", lambda p: p.password.leaked),
    Requirement(ASVS, "6.3.3", "second_step_all", lambda p: p.second_step.demanded_of == "everyone"),
    Requirement(ASVS, "6.3.6", "mail_no_factor", lambda p: not p.second_step.mail_counts),
    Requirement(ASVS, "6.4.1", "first_use", lambda p: p.rotation.change_at_first_use),
    Requirement(ASVS, "6.4.2", "no_hints", lambda p: not p.recovery.hints),
    Requirement(ASVS, "6.4.3", "two_proofs", lambda p: p.recovery.proofs >= 2),
    Requirement(
        ASVS,
        "6.5.5",
        "code_life",
        lambda p: p.recovery.code_minutes <= TEN_MINUTES and p.second_step.clock_drift_steps == 0,
    ),
    Requirement(ASVS, "11.4.2", "hash_cost", hash_cost),
    Requirement(NIST, "3.1.1.2 (1)", "length_15", length(15, 8)),
    Requirement(NIST, "3.1.1.2 (2)", "longest_64", longest(64)),
    Requirement(NIST, "3.1.1.2 (5)", "no_composition", no_composition),
    Requirement(NIST, "3.1.1.2 (6)", "never_for_age", never_for_age),
    Requirement(NIST, "3.1.1.2 (6)", "on_compromise", lambda p: p.rotation.change_on_compromise),
    Requirement(NIST, "3.1.1.2 (7) (8)", "no_hints", lambda p: not p.recovery.hints),
    Requirement(NIST, "3.1.1.2", "leaked", lambda p: p.password.leaked),
    Requirement(NIST, "3.1.1.2", "whole_compared", whole_compared),
    Requirement(NIST, "3.1.1.2", "keyed", lambda p: p.storage.keyed_step and p.storage.salt_bits >= 32),
    Requirement(NIST, "3.2.2", "failures_100", disabled),
    Requirement(NIST, "3.1.3", "mail_no_factor", lambda p: not p.second_step.mail_counts),
    Requirement(NIST, "3.2.9", "sms_restricted", lambda p: p.second_step.sms != "allowed"),
    Requirement(NIST, "2.2.1", "second_step_all", lambda p: p.second_step.demanded_of == "everyone"),
    Requirement(NIST, "2.2.2", "phishing", lambda p: p.second_step.offer_phishing_resistant),
    Requirement(NIST, "2.2.3", "session_day", session(60, A_DAY)),
    Requirement(NIST, "4.2", "two_proofs", lambda p: p.recovery.proofs >= 2),
    Requirement(NIST, "4.2", "mail_day", lambda p: p.recovery.mail_minutes <= A_DAY),
    Requirement(PCI, "8.3.6", "length_12", length(12, 12)),
    Requirement(PCI, "8.3.6", "letter_and_digit", letter_and_digit),
    Requirement(PCI, "8.3.7", "history_4", lambda p: p.password.history >= 4),
    Requirement(PCI, "8.3.9", "change_90_or_second", unless_second_factor),
    Requirement(PCI, "8.3.4", "lock_10_30", locked(10, 30)),
    Requirement(PCI, "8.3.5", "first_use", lambda p: p.rotation.change_at_first_use),
    Requirement(PCI, "8.4.1", "second_step_operators", lambda p: p.second_step.demanded_of != "nobody"),
    Requirement(PCI, "8.2.6", "dormant_90", lambda p: 0 < (p.accounts.dormant_after_days or 0) <= 90),
    Requirement(PCI, "8.2.8", "idle_15", lambda p: p.sessions.idle_minutes <= 15),
    Requirement(PCI, "10.5.1", "logs_year", lambda p: p.logs.keep_days >= 365 and p.logs.at_hand_days >= 90),
    Requirement(MLPS, "8.1.4.1 a", "three_kinds", lambda p: length(8, 8)(p) and kinds(3)(p)),
    Requirement(MLPS, "8.1.4.1 a", "change_90", changed_by(90)),
    Requirement(MLPS, "8.1.4.1 b", "lock_5", locked(5, 15)),
    Requirement(MLPS, "8.1.4.1 b", "idle_30", lambda p: p.sessions.idle_minutes <= 30),
    Requirement(
        MLPS,
        "8.1.4.1 d",
        "two_kinds_crypto",
        lambda p: p.second_step.demanded_of == "everyone" and p.second_step.cryptographic,
    ),
    Requirement(MLPS, "8.1.4.2", "roles", lambda p: p.accounts.separate_roles),
    Requirement(MLPS, "8.1.4.3", "logs_half_year", lambda p: p.logs.keep_days >= 180),
)
"""What can be read from a profile; what the house does under every profile is not asked here."""
