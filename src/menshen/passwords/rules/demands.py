"""The rules of a profile, one named check each: how it reads before typing, and whether a password keeps it."""

from collections.abc import Callable

import msgspec

from menshen.passwords.rules.common import common_core, is_common
from menshen.passwords.rules.likeness import too_alike
from menshen.passwords.rules.patterns import Span, covered, lines, longest_apart
from menshen.passwords.rules.personal import SEPARATORS, beyond
from menshen.passwords.rules.profile import PasswordRules, Profile
from menshen.passwords.rules.strength import Lexicon, parse, total
from menshen.passwords.rules.text import FOUR_KINDS, CharacterClass, classes_in, fold
from menshen.passwords.rules.verdict import LeakFinding, Param, Reason, Rule, score_of

Saying = tuple[str, dict[str, Param]]
"""A message code and what fills it."""

CLASS_ORDER = ("upper", "lower", "letter", "digit", "special")
LONG_LINE = 4
"""A line of this length is refused by itself; shorter ones when they make up half the password."""

STRONG_REST = 3
"""The score that must remain when personal data is taken out (C3)."""


class Evidence(msgspec.Struct, frozen=True):
    """All that a check may look at: the normal form, what was found in it, and what the caller knows."""

    password: str
    second_factor: bool
    personal: list[Span]
    guesses_log10: float
    lexicon: Lexicon
    leaked: LeakFinding | None
    current: str | None


class Demand(msgspec.Struct, frozen=True):
    """A rule of a profile: how it is told (None where not in force), the reason for which it refuses (None where kept),
    and whether the caller gave what the check needs."""

    field: str
    tells: Callable[[PasswordRules, bool], Saying | None]
    refuses: Callable[[Evidence, PasswordRules], Saying | None]
    known: Callable[[Evidence], bool] = lambda evidence: True


def rule(demand: Demand, profile: Profile, second_factor: bool) -> Rule | None:
    """The rule as shown before typing, None where the profile does not have it."""
    told = demand.tells(profile.password, second_factor)
    return Rule(told[0], told[1], _clause(demand, profile, second_factor)) if told else None


def refusal(demand: Demand, profile: Profile, evidence: Evidence) -> Reason | None:
    """Why the password breaks the rule, None where it keeps it."""
    found = demand.refuses(evidence, profile.password)
    return Reason(found[0], found[1], _clause(demand, profile, evidence.second_factor)) if found else None


def _clause(demand: Demand, profile: Profile, second_factor: bool) -> str:
    field = "length_with_second_factor" if demand.field == "length_alone" and second_factor else demand.field
    return profile.clause(f"password.{field}")


def _tell_length(rules: PasswordRules, second_factor: bool) -> Saying:
    return "passwords.rule.length", {"least": rules.least_length(second_factor)}


def _refuse_length(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    least, has = rules.least_length(evidence.second_factor), len(evidence.password)
    return ("passwords.too_short", {"least": least, "missing": least - has}) if has < least else None


def _tell_classes(rules: PasswordRules, second_factor: bool) -> Saying | None:
    return ("passwords.rule.classes", {"classes": _in_order(rules.classes)}) if rules.classes else None


def _refuse_classes(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    missing = rules.classes - classes_in(evidence.password)
    return ("passwords.missing_classes", {"classes": _in_order(missing)}) if missing else None


def _in_order(classes: frozenset[CharacterClass]) -> tuple[str, ...]:
    """As people name them; letters of any case go without saying where a case is asked for."""
    cased = classes & {"upper", "lower"}
    return tuple(name for name in CLASS_ORDER if name in classes and not (name == "letter" and cased))


def _tell_kinds(rules: PasswordRules, second_factor: bool) -> Saying | None:
    if rules.kinds <= len(rules.classes.intersection(FOUR_KINDS)):
        return None
    return "passwords.rule.kinds", {"kinds": rules.kinds, "classes": FOUR_KINDS}


def _refuse_kinds(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    missing = frozenset(FOUR_KINDS) - classes_in(evidence.password)
    more = rules.kinds - (len(FOUR_KINDS) - len(missing))
    if more <= 0 or missing <= rules.classes:
        return None
    return "passwords.too_few_kinds", {"more": more, "classes": _in_order(missing)}


def _tell_personal(rules: PasswordRules, second_factor: bool) -> Saying:
    return f"passwords.rule.personal_{rules.personal}", {}


def _refuse_personal(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    if not evidence.personal:
        return None
    rest = beyond(evidence.password, evidence.personal)
    enough = {"part": False, "whole": bool(rest), "rest": _strong(rest, evidence.lexicon)}[rules.personal]
    parts = tuple(dict.fromkeys(evidence.password[span.start : span.end] for span in evidence.personal))
    return None if enough else ("passwords.personal", {"parts": parts})


def _strong(rest: str, lexicon: Lexicon) -> bool:
    return score_of(total(parse(rest, lexicon, []))) >= STRONG_REST


def _tell_common(rules: PasswordRules, second_factor: bool) -> Saying:
    return f"passwords.rule.common_{rules.common}", {}


def _refuse_common(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    if is_common(evidence.password, evidence.lexicon.common):
        return "passwords.common", {}
    core = common_core(evidence.password, evidence.lexicon.common) if rules.common == "variants" else None
    return ("passwords.common_variant", {"parts": (evidence.password[core.start : core.end],)}) if core else None


def _tell_sequences(rules: PasswordRules, second_factor: bool) -> Saying:
    return f"passwords.rule.sequences_{rules.sequences}", {}


def _refuse_sequences(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    spans = longest_apart(lines(fold(evidence.password)))
    inside = covered(spans)
    counted = [place for place, character in enumerate(evidence.password) if character not in SEPARATORS]
    if rules.sequences == "whole":
        refused = bool(spans) and inside.issuperset(counted)
    else:
        refused = any(span.length >= LONG_LINE for span in spans) or (
            bool(spans) and 2 * len(inside) > len(evidence.password)
        )
    parts = tuple(dict.fromkeys(evidence.password[span.start : span.end] for span in spans))
    return ("passwords.sequence", {"parts": parts}) if refused else None


def _tell_strength(rules: PasswordRules, second_factor: bool) -> Saying | None:
    return ("passwords.rule.strength", {}) if rules.least_score else None


def _refuse_strength(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    return ("passwords.too_weak", {}) if score_of(evidence.guesses_log10) < rules.least_score else None


def _tell_leaked(rules: PasswordRules, second_factor: bool) -> Saying | None:
    return ("passwords.rule.leaked", {}) if rules.leaked else None


def _refuse_leaked(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    times = evidence.leaked.times if evidence.leaked else 0
    if not times or not rules.leaked:
        return None
    return ("passwords.leaked_often", {"times": times}) if times > 1 else ("passwords.leaked", {})


def _tell_history(rules: PasswordRules, second_factor: bool) -> Saying | None:
    return ("passwords.rule.history", {"count": rules.history}) if rules.history else None


def _refuse_history(evidence: Evidence, rules: PasswordRules) -> None:
    """Old hashes are the room credentials' to ask; here the rule is only told."""


def _tell_likeness(rules: PasswordRules, second_factor: bool) -> Saying | None:
    return ("passwords.rule.likeness", {"least": rules.least_difference}) if rules.least_difference > 1 else None


def _refuse_likeness(evidence: Evidence, rules: PasswordRules) -> Saying | None:
    if evidence.current is None:
        return None
    reason = too_alike(evidence.password, evidence.current, rules.least_difference)
    return (reason.code, dict(reason.params)) if reason else None


DEMANDS = (
    Demand("length_alone", _tell_length, _refuse_length),
    Demand("classes", _tell_classes, _refuse_classes),
    Demand("kinds", _tell_kinds, _refuse_kinds),
    Demand("personal", _tell_personal, _refuse_personal),
    Demand("common", _tell_common, _refuse_common),
    Demand("sequences", _tell_sequences, _refuse_sequences),
    Demand("least_score", _tell_strength, _refuse_strength),
    Demand("leaked", _tell_leaked, _refuse_leaked, lambda evidence: evidence.leaked is not None),
    Demand("least_difference", _tell_likeness, _refuse_likeness, lambda evidence: evidence.current is not None),
    Demand("history", _tell_history, _refuse_history, lambda evidence: False),
)
"""In the order in which the page shows them."""
