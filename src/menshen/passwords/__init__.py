"""Judge and make passwords: needs no database, no network and no clock, and nothing else of Menshen."""

from menshen.passwords.rules.combine import Unsatisfiable, contradictions, strictest
from menshen.passwords.rules.generate import Made
from menshen.passwords.rules.likeness import too_alike
from menshen.passwords.rules.person import Person
from menshen.passwords.rules.profile import Profile, ProfileFault, adjusted, for_operators, read_profile
from menshen.passwords.rules.text import admit, normalise
from menshen.passwords.rules.verdict import LeakFinding, Piece, Reason, Rule, RuleState, Verdict
from menshen.passwords.service import compare, generate, judge, named, rules_for, say, sentence
from menshen.passwords.store import PROFILE_NAMES

__all__ = [
    "PROFILE_NAMES",
    "LeakFinding",
    "Made",
    "Person",
    "Piece",
    "Profile",
    "ProfileFault",
    "Reason",
    "Rule",
    "RuleState",
    "Unsatisfiable",
    "Verdict",
    "adjusted",
    "admit",
    "compare",
    "contradictions",
    "for_operators",
    "generate",
    "judge",
    "named",
    "normalise",
    "read_profile",
    "rules_for",
    "say",
    "sentence",
    "strictest",
    "too_alike",
]
