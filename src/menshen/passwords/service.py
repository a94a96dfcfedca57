"""The verbs of the room: judge a password, tell the rules, make a password, compare the law books, say it in words."""

from collections.abc import Iterable
from typing import Literal, get_args

from menshen.passwords import store
from menshen.passwords.rules.demands import DEMANDS, Evidence, refusal, rule
from menshen.passwords.rules.generate import BytesOf, Made, passphrase, random_password
from menshen.passwords.rules.person import Person, tokens_of
from menshen.passwords.rules.personal import personal_spans
from menshen.passwords.rules.profile import Profile, ProfileFault
from menshen.passwords.rules.standards import Comparison, compared
from menshen.passwords.rules.strength import parse, total
from menshen.passwords.rules.text import admit
from menshen.passwords.rules.verdict import LeakFinding, Piece, Reason, Rule, RuleState, Told, Verdict, score_of

NOBODY = Person()
STRONG = 3
MOST_DRAWS = 100
"""Far more than a policy that can be satisfied ever needs: well under one draw in ten is refused."""

Kind = Literal["random", "english", "pinyin", "hanzi"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def judge(
    password: str,
    person: Person | None = None,
    policy: str | Profile = "classic",
    *,
    second_factor: bool = False,
    leaked: LeakFinding | None = None,
    context: tuple[str, ...] = (),
    current: str | None = None,
) -> Verdict:
    """Judge a password for this person under this policy (a profile, or the name of a shipped one).

    `second_factor`: one is bound to the account. `leaked`: what a look into leaked lists found, None if nobody looked.
    `context`: the deployment's own words (company, product, domain). `current`: the password just given at a change.
    Needs no database, network or clock. Raises ProfileFault for an unknown policy name and for nothing else.
    """
    profile = named(policy)
    normal = admit(password, profile.password.longest)
    if isinstance(normal, Reason):
        unknown = tuple(RuleState(told, None) for told in rules_for(profile, second_factor=second_factor))
        return Verdict(False, (normal,), (), unknown, 0, 0.0, ())
    lexicon = store.lexicon()
    personal = personal_spans(normal, tokens_of(person or NOBODY, context))
    pieces = parse(normal, lexicon, personal)
    evidence = Evidence(normal, second_factor, personal, total(pieces), lexicon, leaked, current)
    return _verdict(profile, evidence, pieces)


def rules_for(policy: str | Profile, *, second_factor: bool = False) -> tuple[Rule, ...]:
    """The rules of a policy as a page shows them before typing, in order."""
    profile = named(policy)
    return tuple(told for demand in DEMANDS if (told := rule(demand, profile, second_factor)))


def generate(
    bytes_of: BytesOf,
    policy: str | Profile = "classic",
    kind: Kind = "random",
    *,
    no_lookalikes: bool = False,
    person: Person | None = None,
    context: tuple[str, ...] = (),
) -> Made:
    """A new password that the policy accepts for this person, with its entropy in bits.

    `bytes_of` gives unguessable bytes. `no_lookalikes` leaves out characters taken for one another; phrases have none.
    Raises ProfileFault when no draw is ever accepted.
    """
    profile = named(policy)
    for _ in range(MOST_DRAWS):
        if kind == "random":
            made = random_password(profile.password, bytes_of, no_lookalikes=no_lookalikes)
        else:
            made = passphrase(profile.password, store.entries(kind), bytes_of)
        if judge(made.password, person, profile, context=context).accepted:
            return made
    raise ProfileFault(f"{profile.name}: no password of kind {kind} is ever accepted")


def compare(policies: Iterable[str | Profile] = store.PROFILE_NAMES) -> Comparison:
    """Which standards each policy keeps and breaks, computed from the data."""
    return compared([named(policy) for policy in policies])


def named(policy: str | Profile) -> Profile:
    """A profile itself, or the shipped one of this name."""
    return store.profile(policy) if isinstance(policy, str) else policy


def sentence(told: Told, locale: str) -> str:
    """What a reason or a rule says in zh_CN or en."""
    return say(told.code, locale, **told.params)


def say(code: str, locale: str, **params: int | str | tuple[str, ...]) -> str:
    """The sentence of a code; the classes of characters are named, other lists quoted."""
    texts = store.sentences(locale)
    filled = {
        name: _listed([texts[f"passwords.class.{one}"] for one in value], texts)
        if isinstance(value, tuple) and name == "classes"
        else _listed([texts["passwords.quoted"].format(part=part) for part in value], texts)
        if isinstance(value, tuple)
        else value
        for name, value in params.items()
    }
    return texts[code].format_map(filled)


def _listed(words: list[str], texts: dict[str, str]) -> str:
    *before, last = words
    return texts["passwords.and"].format(before=texts["passwords.comma"].join(before), last=last) if before else last


def _verdict(profile: Profile, evidence: Evidence, pieces: tuple[Piece, ...]) -> Verdict:
    reasons: list[Reason] = []
    states: list[RuleState] = []
    for demand in DEMANDS:
        told = rule(demand, profile, evidence.second_factor)
        reason = refusal(demand, profile, evidence)
        if reason:
            reasons.append(reason)
        if told:
            states.append(RuleState(told, not reason if demand.known(evidence) else None, reason))
    score = score_of(evidence.guesses_log10)
    advice = () if reasons or score >= STRONG else (Reason("passwords.advice.longer"),)
    return Verdict(not reasons, tuple(reasons), advice, tuple(states), score, round(evidence.guesses_log10, 3), pieces)
