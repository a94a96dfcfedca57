"""What a page with a new-password field needs: rules before typing, reasons after, a suggestion, and whom it is for."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from menshen.accounts.rules.newcomer import LONGEST_NAME
from menshen.accounts.service import Accounts
from menshen.credentials.service.changing import Changing, NotAllowed
from menshen.keys.service import Keys, SealBroken
from menshen.kit.clock import HOUR, MINUTE, Clock
from menshen.kit.database import Database
from menshen.kit.dice import Dice
from menshen.passwords import Person, Profile, Verdict, generate, rules_for, sentence
from menshen.policy.service import Policy

LIKENESS, HISTORY = "passwords.rule.likeness", "passwords.rule.history"
"""Rules that speak of former passwords: not to be shown where there is none, or where none is known."""
CONTEXT = "password.context"
"""Where the sealed context of a page is sealed for: not a column, a hidden field of an hour's life."""


class Context(msgspec.Struct, frozen=True):
    """Whom a new password is for, as the page carries it to the verdict route: sealed against reading and swapping."""

    at: int
    account: str = ""
    email: str = ""
    name: str = ""
    without: tuple[str, ...] = ()
    """Rules that do not apply on this page."""


@dataclass(frozen=True)
class Subject:
    """Profile and person that a new password is judged by."""

    profile: Profile
    person: Person | None
    name: str
    """What a password keeper files the new password under."""
    context: Context


class PasswordSheet:
    """Shared by the account page, the forced change, recovery and sign-up."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        dice: Dice,
        keys: Keys,
        accounts: Accounts,
        policy: Policy,
        changing: Changing,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._accounts = accounts
        self._policy = policy
        self._changing = changing

    def subject_of(self, account: str, *, without: tuple[str, ...] = ()) -> Subject:
        """The subject for a customer who has an account; `without` leaves rules out of the list that page shows."""
        with self._database.read() as tx:
            standing = self._accounts.standing(tx, account)
            groups, realm = (standing.groups, standing.realm) if standing else ((), "customer")
            profile = self._policy.effective(tx, groups, realm=realm)
            person = self._changing.person(tx, account)
            names = self._accounts.identifiers(tx, account)
        shown = names[0].shown if names else ""
        return Subject(profile, person, shown, Context(self._clock.now(), account=account, without=without))

    def newcomer(self, email: str, name: str = "") -> Subject:
        """The subject for somebody who has no account yet; of a name only as much is judged as a name may have."""
        with self._database.read() as tx:
            profile = self._policy.effective(tx, ())
        name = name[:LONGEST_NAME]
        person = Person(email=email or None, name=name or None)
        return Subject(profile, person, email, Context(self._clock.now(), "", email, name, (LIKENESS, HISTORY)))

    def subject_from(self, sealed: str) -> Subject | None:
        """The subject that a page of the last hour carries."""
        try:
            opened = self._keys.open(CONTEXT, "", "page", base64.urlsafe_b64decode(sealed))
            context = msgspec.json.decode(opened, type=Context)
        except (SealBroken, ValueError, msgspec.DecodeError):
            return None
        if not 0 <= self._clock.now() - context.at <= HOUR:
            return None
        if context.account:
            return self.subject_of(context.account, without=context.without)
        return self.newcomer(context.email, context.name)

    def verdict(self, subject: Subject, new: str, *, current: str | None = None) -> Verdict:
        """The judgement that the page shows while typing: the very one that decides."""
        verdict = self._changing.verdict(new, subject.profile, subject.person, current=current)
        return _applying(verdict, subject.context.without)

    def suggest(self, subject: Subject) -> str:
        """A password made by us that the subject's profile takes."""
        return generate(self._dice.bytes, subject.profile, no_lookalikes=True, person=subject.person).password

    def values(
        self, subject: Subject, *, locale: str, refused: NotAllowed | None = None, made: str | None = None
    ) -> Mapping[str, Any]:
        """Values for the template: rules with their states, reasons, the sealed context, what keepers file it under."""
        packed = self._keys.seal(CONTEXT, "", "page", msgspec.json.encode(subject.context))
        return {
            "rules": self._rules(subject, refused, made, locale),
            "refused": refused.code if refused else "",
            "wait_minutes": max(-(-refused.wait // MINUTE), 1) if refused else 0,
            "reasons": [sentence(reason, locale) for reason in refused.reasons] if refused else [],
            "password_context": base64.urlsafe_b64encode(packed).decode(),
            "known_username": subject.name,
            "made": made or "",
        }

    def _rules(
        self, subject: Subject, refused: NotAllowed | None, made: str | None, locale: str
    ) -> list[tuple[str, str, str]]:
        """(code, state, sentence) of each rule; all open before anything was typed."""
        verdict = refused.verdict if refused else (self.verdict(subject, made) if made else None)
        if verdict is not None:
            return shown_rules(_applying(verdict, subject.context.without), locale)
        applying = (rule for rule in rules_for(subject.profile) if rule.code not in subject.context.without)
        return [(rule.code, "open", sentence(rule, locale)) for rule in applying]


def _applying(verdict: Verdict, without: tuple[str, ...]) -> Verdict:
    """The verdict with the rules that apply; what was decided stays."""
    return msgspec.structs.replace(verdict, rules=tuple(r for r in verdict.rules if r.rule.code not in without))


STATES = {True: "met", False: "not", None: "open"}


def shown_rules(verdict: Verdict, locale: str) -> list[tuple[str, str, str]]:
    """A verdict's rules as a page shows them; a broken one says what to remove, in the words of its reason."""
    return [(each.rule.code, STATES[each.met], sentence(each.reason or each.rule, locale)) for each in verdict.rules]
