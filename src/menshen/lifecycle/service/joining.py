"""The verbs of signing up: ask, prove the address by link or code, become a customer. Before the end there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, insert

from menshen.accounts.rules import Identifier, Taken, Unusable, read
from menshen.accounts.rules.newcomer import clean_name
from menshen.accounts.service import Accounts
from menshen.codes.rules import Held, Wrong
from menshen.codes.service import Codes
from menshen.credentials.rules import Try
from menshen.credentials.service.changing import Changing, NotAllowed, Proposal
from menshen.credentials.service.tries import Tries
from menshen.journal.service import Journal
from menshen.keys.service import Keys
from menshen.kit.clock import MINUTE, Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice, new_id, token
from menshen.kit.web.visitor import Visitor
from menshen.lifecycle.rules.joining import LASTS, PURPOSE, TERMS, Step, budgets
from menshen.lifecycle.rules.settings import LifecycleSettings
from menshen.lifecycle.store import rows
from menshen.messages.service import Messages
from menshen.passwords import Person
from menshen.policy.service import Policy
from menshen.sessions.service import hashed
from menshen.signin.rules import Asked, Granted, Refused, Wish
from menshen.signin.service import SignIn
from menshen.throttle.service import Throttle

NAMED = "sign_ups.named"
LETTER = "lifecycle.letter"
KNOWN = "lifecycle.known"


class Wanted(msgspec.Struct, frozen=True):
    """What a sign-up keeps sealed."""

    address: str
    target: str = ""
    bound: str = ""


@dataclass(frozen=True)
class SignUp:
    """A sign-up on its way."""

    id: str
    token_hash: bytes
    step: Step
    wanted: Wanted


@dataclass(frozen=True)
class Denied:
    """Not now, or not so; `code` is a sentence, which is the same for known and unknown addresses."""

    code: str
    wait: int = 0
    """Microseconds until it may be asked again."""


@dataclass(frozen=True)
class Newcomer:
    """What somebody who proved their address says on the last page."""

    name: str
    password: str
    agreed: bool
    device_token: str | None


class Joining:
    """Each verb opens its own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        dice: Dice,
        keys: Keys,
        journal: Journal,
        throttle: Throttle,
        codes: Codes,
        messages: Messages,
        accounts: Accounts,
        policy: Policy,
        tries: Tries,
        changing: Changing,
        signin: SignIn,
        settings: LifecycleSettings,
        base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._keys = keys
        self._journal = journal
        self._throttle = throttle
        self._codes = codes
        self._messages = messages
        self._accounts = accounts
        self._policy = policy
        self._tries = tries
        self._changing = changing
        self._signin = signin
        self.settings = settings
        self._base = base

    # --- asking

    def begin(self, visitor: Visitor, typed: str, wish: Wish) -> str | Denied:
        """Ask for an account under an address. Returns the token of a sign-up, also where the address is known: then
        its owner is told so by mail, and nobody else is (S-14)."""
        if self.settings.sign_up == "closed":
            return Denied("lifecycle.closed")
        try:
            address = read("email", typed, self._accounts.settings.region)
        except Unusable as unusable:
            return Denied(unusable.code)
        with self._database.write() as tx:
            denied = self._charge(tx, visitor, address, wish)
            if denied:
                return denied
            now, sign_up_token = self._clock.now(), token(self._dice)
            wanted = Wanted(address.shown, wish.target[:2000], wish.bound[:64])
            sign_up = SignUp(new_id(now, self._dice), hashed(sign_up_token), "asked", wanted)
            row = {
                "id": sign_up.id,
                "token_hash": sign_up.token_hash,
                "step": sign_up.step,
                "named": self._keys.seal(NAMED, "", sign_up.id, msgspec.json.encode(wanted)),
                "expires_at": now + LASTS,
            }
            tx.execute(insert(rows.sign_ups), row)
            self._write_to(tx, sign_up, address, visitor)
        return sign_up_token

    def again(self, visitor: Visitor, sign_up_token: str) -> Denied | None:
        """Send once more; the tries already used up stay used up."""
        with self._database.write() as tx:
            sign_up = self._live(tx, sign_up_token)
            if sign_up is None or sign_up.step != "asked":
                return Denied("lifecycle.gone")
            address = read("email", sign_up.wanted.address, self._accounts.settings.region)
            toll = self._throttle.charge(tx, budgets(address.normal, visitor.source))
            if not toll.allowed:
                self._note(tx, "sign_up.throttled", visitor, "budget")
                return Denied("lifecycle.throttled", toll.wait)
            self._write_to(tx, sign_up, address, visitor)
            tx.change(rows.PROLONG_SIGN_UP, self._here(sign_up) | {"until": self._clock.now() + LASTS})
        return None

    def human_task(self) -> str:
        """A task for the human check, for a page that was answered with `lifecycle.human`."""
        return self._tries.human.task()

    def sign_up(self, sign_up_token: str) -> SignUp | None:
        """The live sign-up of a cookie."""
        with self._database.read() as tx:
            return self._live(tx, sign_up_token)

    # --- proving

    def try_code(self, visitor: Visitor, sign_up_token: str, code: str) -> str | Wrong | None:
        """Compare the typed code; counted before it is compared. Returns the browser's new token."""
        with self._database.write() as tx:
            sign_up = self._live(tx, sign_up_token)
            if sign_up is None or sign_up.step != "asked":
                return None
            found = self._codes.try_typed(tx, PURPOSE, sign_up.id, code)
            return found if isinstance(found, Wrong) or found is None else self._prove(tx, visitor, sign_up, found)

    def link_lives(self, link: str) -> bool:
        """Whether a link from a mail still opens; looking uses nothing up."""
        with self._database.read() as tx:
            return self._codes.find_link(tx, PURPOSE, link) is not None

    def claim_link(self, visitor: Visitor, link: str) -> str | None:
        """The press on the link's button: the sign-up moves to this browser, with nothing a stranger wrote in it."""
        with self._database.write() as tx:
            held = self._codes.find_link(tx, PURPOSE, link)
            row = (
                tx.first(rows.SIGN_UP_BY_ID, {"of": held.facts["sign_up"], "now": self._clock.now()}) if held else None
            )
            return self._prove(tx, visitor, self._opened(row), held) if held and row else None

    # --- becoming a customer

    def join(
        self, visitor: Visitor, sign_up_token: str, newcomer: Newcomer
    ) -> Granted | Asked | Refused | NotAllowed | Denied | None:
        """Create the account with its proven address, password and consent, and sign in: whole or not at all.

        None: the sign-up is over. Runs on a lane thread; judged and hashed before the transaction.
        """
        sign_up = self.sign_up(sign_up_token)
        if sign_up is None or sign_up.step != "proven":
            return None
        if self.settings.terms_version and not newcomer.agreed:
            return Denied("lifecycle.consent_missing")
        try:
            name = clean_name(newcomer.name) if newcomer.name.strip() else None
        except Unusable as unusable:
            return Denied(unusable.code)
        person = Person(email=sign_up.wanted.address, name=name)
        proposal = self._changing.propose_first(person, newcomer.password)
        if isinstance(proposal, NotAllowed):
            return proposal
        with self._database.write() as tx:
            if tx.change(rows.FINISH_SIGN_UP, self._here(sign_up)) != 1:
                return None
            account = self._create(tx, visitor, sign_up, name, proposal)
            if isinstance(account, Taken):
                self._note(tx, "sign_up.refused", visitor, "taken")
                return Denied("lifecycle.taken")
            wish = Wish("customer", sign_up.wanted.target, sign_up.wanted.bound, True, newcomer.device_token)
            return self._signin.conclude_new(tx, visitor, account, wish)

    # --- within

    def _create(self, tx: Tx, visitor: Visitor, sign_up: SignUp, name: str | None, proposal: Proposal) -> str | Taken:
        address = read("email", sign_up.wanted.address, self._accounts.settings.region).verified()
        account = self._accounts.create(
            tx, "customer", identifiers=(address,), display_name=name, locale=visitor.locale, visitor=visitor
        )
        if isinstance(account, Taken):
            return account
        if self.settings.terms_version:
            self._accounts.give_consent(
                tx, account, TERMS, self.settings.terms_version, "sign-up page", visitor=visitor
            )
        self._changing.put(tx, proposal.of(account), visitor)
        return account

    def _charge(self, tx: Tx, visitor: Visitor, address: Identifier, wish: Wish) -> Denied | None:
        profile = self._policy.effective(tx, ())
        attempt = Try(f"sign_up:{address.normal}", visitor.source)
        if self._tries.needs_human(tx, attempt, profile) and not self._tries.human.passed(
            tx, wish.human_task, wish.human_answer, visitor.source
        ):
            self._note(tx, "sign_up.throttled", visitor, "human check")
            return Denied("lifecycle.human")
        toll = self._throttle.charge(tx, budgets(address.normal, visitor.source))
        if not toll.allowed:
            self._note(tx, "sign_up.throttled", visitor, "budget")
            return Denied("lifecycle.throttled", toll.wait)
        return None

    def _write_to(self, tx: Tx, sign_up: SignUp, address: Identifier, visitor: Visitor) -> None:
        """Make link and code, for known addresses too, and write what is true to whoever reads that mailbox."""
        link = self._codes.link(tx, PURPOSE, None, lasts=LASTS, facts={"sign_up": sign_up.id})
        code = self._codes.typed(tx, PURPOSE, None, bound_to=sign_up.id, lasts=LASTS)
        self._journal.write(tx, "sign_up.asked", visitor=visitor)
        standing = self._accounts.find(tx, "customer", address.normal)
        if standing is not None:
            writable = self._accounts.addresses(tx, standing.account_id, False)
            if address.shown in writable and standing.state != "suspended":
                locale = standing.locale or visitor.locale
                known = {"link": f"{self._base}/sign-in"}
                self._messages.send(
                    tx, KNOWN, account=standing.account_id, to=[address.shown], locale=locale, facts=known
                )
            return
        facts: Mapping[str, str] = {
            "link": f"{self._base}/sign-up/link/{link}",
            "code": code,
            "minutes": str(LASTS // MINUTE),
        }
        self._messages.send(tx, LETTER, account=None, to=[address.shown], locale=visitor.locale, facts=facts)

    def _prove(self, tx: Tx, visitor: Visitor, sign_up: SignUp, held: Held) -> str | None:
        """Burn what was shown; the browser gets a new token, so that one that only asked is left behind."""
        if not self._codes.burn(tx, held):
            return None
        fresh = token(self._dice)
        values = {"fresh": hashed(fresh), "until": self._clock.now() + LASTS}
        if tx.change(rows.PROVE_SIGN_UP, self._here(sign_up) | values) != 1:
            return None
        self._journal.write(tx, "sign_up.proven", visitor=visitor)
        return fresh

    def _live(self, tx: Tx, sign_up_token: str) -> SignUp | None:
        row = tx.first(rows.SIGN_UP_BY_TOKEN, {"token": hashed(sign_up_token), "now": self._clock.now()})
        return self._opened(row) if row else None

    def _opened(self, row: Row[Any]) -> SignUp:
        opened = self._keys.open(NAMED, "", row.id, row.named)
        return SignUp(row.id, row.token_hash, row.step, msgspec.json.decode(opened, type=Wanted))

    def _here(self, sign_up: SignUp) -> dict[str, object]:
        return {"of": sign_up.id, "at_step": sign_up.step, "of_token": sign_up.token_hash}

    def _note(self, tx: Tx, code: str, visitor: Visitor, why: str) -> None:
        self._journal.write(tx, code, visitor=visitor, outcome="refused", facts={"why": why})
