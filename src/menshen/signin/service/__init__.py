"""The verbs of signing in: try a password, go on with an attempt, prove again, sign out."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import structlog
from sqlalchemy import delete, insert

from menshen.accounts.rules import Standing, candidates
from menshen.accounts.service import Accounts
from menshen.codes.service import Codes
from menshen.credentials.rules import Try
from menshen.credentials.service import Checked, Credentials, Kept
from menshen.credentials.service.changing import Changed, Changing, NotAllowed
from menshen.credentials.service.tries import Tries
from menshen.journal.service import Journal
from menshen.kit.clock import DAY, Clock
from menshen.kit.database import Database, Tx
from menshen.kit.dice import Dice, new_id, token
from menshen.kit.texts import when
from menshen.kit.web.visitor import Proof, Visitor
from menshen.messages.service import Messages
from menshen.passwords import Profile
from menshen.policy.service import Policy
from menshen.rotation.service import Rotation
from menshen.sessions.rules import assurance, browser_name, limits_of
from menshen.sessions.service import Sessions, hashed, proofs_of
from menshen.signin import events, store
from menshen.signin.rules import (
    ATTEMPT_LASTS,
    MAY_SIGN_IN,
    NOT_ME,
    NOT_ME_LASTS,
    Ask,
    Asked,
    Attempt,
    Facts,
    Granted,
    Outcome,
    Refuse,
    Refused,
    Step,
    Wish,
    next_step,
)
from menshen.throttle.rules import Toll

log = structlog.get_logger()

ATTEMPTS = store.attempts


@dataclass(frozen=True)
class _Charged:
    """What the first transaction found."""

    standing: Standing | None
    profile: Profile
    attempt: Try
    toll: Toll
    kept: Kept | None


class SignIn:
    """Open, charge, prove, conclude. Everything that ends in a session ends in `_weighed`."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        dice: Dice,
        journal: Journal,
        accounts: Accounts,
        sessions: Sessions,
        credentials: Credentials,
        tries: Tries,
        changing: Changing,
        rotation: Rotation,
        policy: Policy,
        codes: Codes,
        messages: Messages,
        base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dice = dice
        self._journal = journal
        self._accounts = accounts
        self._sessions = sessions
        self._credentials = credentials
        self._tries = tries
        self._changing = changing
        self._rotation = rotation
        self._policy = policy
        self._codes = codes
        self._messages = messages
        self._base = base

    # --- coming in

    def try_password(self, visitor: Visitor, typed: str, password: str, wish: Wish) -> Outcome:
        """One try with identifier and password: counted, then checked, then concluded. Runs on a lane thread."""
        charged = self._charge(visitor, typed, wish)
        if isinstance(charged, Refused):
            return charged
        checked = self._credentials.check(charged.kept, charged.attempt.who, password)
        with self._database.write() as tx:
            return self._conclude(tx, visitor, charged, checked, wish)

    def human_task(self) -> str:
        """A task for the human check, for a page that was answered with `signin.human`."""
        return self._tries.human.task()

    def attempt(self, attempt_token: str) -> Attempt | None:
        """The live attempt of a cookie."""
        with self._database.read() as tx:
            return self._attempt(tx, attempt_token)

    def change_why(self, account: str) -> str:
        """Why the password must change, as a cause of `rotation`; empty where nothing is due."""
        with self._database.read() as tx:
            standing = self._accounts.standing(tx, account)
            if standing is None:
                return ""
            due = self._rotation.change_due(
                tx, standing, self._policy.effective(tx, standing.groups, realm=standing.realm)
            )
        return due.cause if due else ""

    def change_and_go_on(
        self, visitor: Visitor, attempt_token: str, current: str, new: str, device_token: str | None
    ) -> Outcome | NotAllowed | None:
        """The forced change within a sign-in; with the new password comes the session. None: no such attempt."""
        attempt = self.attempt(attempt_token)
        if attempt is None or attempt.step != "change":
            return None

        def grant(tx: Tx, standing: Standing) -> Outcome:
            if tx.change(delete(store.attempts).where(store.attempts.c.id == attempt.id)) != 1:
                raise _Gone
            profile = self._policy.effective(tx, standing.groups, realm=standing.realm)
            wish = Wish(attempt.realm, attempt.target, attempt.bound, attempt.remember, device_token)
            proofs = proven_now(attempt.proofs, self._clock.now())
            # The change has just forgotten every device; this one was known when it began.
            return self._weighed(tx, visitor, standing, profile, proofs, wish, known=device is not None)

        device = visitor.devices.get(attempt.account_id)
        try:
            outcome = self._changing.change(attempt.account_id, visitor, current, new, device=device, also=grant)
        except _Gone:
            return None
        return outcome.also if isinstance(outcome, Changed) else outcome

    def conclude_new(self, tx: Tx, visitor: Visitor, account: str, wish: Wish) -> Outcome:
        """The first sign-in of an account that got its password in this very transaction: by the same requirements."""
        standing, proofs = self._accounts.standing(tx, account), (Proof("pwd", self._clock.now()),)
        profile = self._policy.effective(tx, standing.groups if standing else (), realm=wish.realm)
        holds = standing is not None and standing.has_password
        return self._weighed(tx, visitor, standing, profile, proofs if holds else (), wish, known=False)

    # --- while signed in

    def before_going_on(self, visitor: Visitor, wish: Wish) -> Asked | None:
        """What someone whose session lives must do first to go on to an application; None: nothing."""
        with self._database.read() as tx:
            standing = self._accounts.standing(tx, visitor.account_id or "")
            if standing is None:
                return None
            due = self._rotation.change_due(
                tx, standing, self._policy.effective(tx, standing.groups, realm=standing.realm)
            )
        if due is None or not due.forced_now:
            return None
        with self._database.write() as tx:
            return self._ask(tx, visitor, standing, visitor.proofs, Ask("change"), wish)

    def prove_again(self, visitor: Visitor, password: str) -> Refused | str:
        """The password once more before something sensitive. Returns the session's new token."""
        if visitor.account_id is None or visitor.session_id is None:
            return Refused("signin.refused")
        device = visitor.devices.get(visitor.account_id)
        attempt = Try(visitor.account_id, visitor.source, device)
        with self._database.write() as tx:
            standing = self._accounts.standing(tx, visitor.account_id)
            groups = standing.groups if standing else ()
            profile = self._policy.effective(tx, groups, realm=standing.realm if standing else "customer")
            toll = self._tries.charge(tx, attempt, profile)
            if not toll.allowed:
                self._note(tx, events.THROTTLED.code, visitor, visitor.account_id, "again")
                return Refused("signin.throttled", toll.wait)
            kept = self._credentials.kept(tx, visitor.account_id)
        checked = self._credentials.check(kept, visitor.account_id, password)
        with self._database.write() as tx:
            if not checked.right or not self._credentials.burn(tx, checked, visitor):
                self._tries.suspect(tx, attempt)
                self._note(tx, events.REFUSED.code, visitor, visitor.account_id, "again")
                return Refused("signin.again_refused")
            self._tries.right(tx, toll, attempt)
            session = self._sessions.find(tx, visitor.account_id, visitor.session_id)
            if session is None:
                return Refused("signin.refused")
            self._journal.write(tx, events.PROVEN_AGAIN.code, visitor=visitor, account=visitor.account_id)
            return self._sessions.replace_proofs(tx, session, proven_now(session.proofs, self._clock.now()))

    def sign_out(self, visitor: Visitor) -> None:
        """End this session and those at other hosts that hang on it."""
        if visitor.account_id and visitor.session_id:
            with self._database.write() as tx:
                self._sessions.end(tx, visitor.account_id, visitor.session_id, visitor)
                self._journal.write(tx, events.SIGNED_OUT.code, visitor=visitor, account=visitor.account_id)

    # --- within

    def _charge(self, visitor: Visitor, typed: str, wish: Wish) -> _Charged | Refused:
        """Count the try before it is checked, so that parallel ones cannot multiply tries; a refusal commits too."""
        with self._database.write() as tx:
            standing = self._accounts.find(tx, wish.realm, typed)
            who = standing.account_id if standing else self._name_of(wish.realm, typed)
            device = visitor.devices.get(standing.account_id) if standing else None
            attempt = Try(who, visitor.source, device)
            profile = self._policy.effective(tx, standing.groups if standing else (), realm=wish.realm)
            account = standing.account_id if standing else None
            if self._tries.needs_human(tx, attempt, profile) and not self._tries.human.passed(
                tx, wish.human_task, wish.human_answer, visitor.source
            ):
                self._note(tx, events.THROTTLED.code, visitor, account, "human check")
                return Refused("signin.human")
            toll = self._tries.charge(tx, attempt, profile)
            if not toll.allowed:
                self._note(tx, events.THROTTLED.code, visitor, account, "budget")
                return Refused("signin.throttled", toll.wait)
            # A shut account meets a decoy: an upgrade of its own hash would tell that the password was right (S-9).
            may = standing is not None and standing.state in MAY_SIGN_IN
            kept = self._credentials.kept(tx, who) if may else None
            return _Charged(standing, profile, attempt, toll, kept)

    def _conclude(self, tx: Tx, visitor: Visitor, charged: _Charged, checked: Checked, wish: Wish) -> Outcome:
        """Read the facts again, burn what must burn, take the first unmet requirement, and write what it means."""
        holds = checked.right and self._credentials.burn(tx, checked, visitor)
        proofs = (Proof("pwd", self._clock.now()),) if holds else ()
        standing = self._accounts.standing(tx, charged.standing.account_id) if charged.standing else None
        known = self._sessions.known_for(tx, wish.device_token) if standing and holds and wish.device_token else {}
        here_before = standing is not None and standing.account_id in known
        outcome = self._weighed(tx, visitor, standing, charged.profile, proofs, wish, known=here_before)
        if isinstance(outcome, Refused):
            self._tries.suspect(tx, charged.attempt)
        else:
            self._tries.right(tx, charged.toll, charged.attempt)
        return outcome

    def _weighed(
        self,
        tx: Tx,
        visitor: Visitor,
        standing: Standing | None,
        profile: Profile,
        proofs: tuple[Proof, ...],
        wish: Wish,
        *,
        known: bool,
    ) -> Outcome:
        """What proofs that hold lead to: refused, asked for one thing more, or a session."""
        step = self._decided(tx, standing, profile, proofs)
        if standing is None or isinstance(step, Refuse):
            why = step.why if isinstance(step, Refuse) else "account"
            self._note(tx, events.REFUSED.code, visitor, standing.account_id if standing else None, why)
            return Refused("signin.refused")
        if isinstance(step, Ask):
            return self._ask(tx, visitor, standing, proofs, step, wish)
        return self._grant(tx, visitor, standing, profile, proofs, wish, known=known)

    def _decided(self, tx: Tx, standing: Standing | None, profile: Profile, proofs: tuple[Proof, ...]) -> Step:
        """The next step; an exception in a requirement is a refusal (S-1)."""
        due = self._rotation.change_due(tx, standing, profile) if standing and proofs else None
        facts = Facts(standing, proofs, assurance(proofs), 1, due, self._clock.now())
        try:
            return next_step(facts)
        except Exception:
            log.exception("signin.requirement_broke")
            return Refuse("fault")

    def _ask(
        self, tx: Tx, visitor: Visitor, standing: Standing, proofs: tuple[Proof, ...], step: Ask, wish: Wish
    ) -> Asked:
        attempt_token, now = token(self._dice), self._clock.now()
        tx.execute(
            insert(store.attempts),
            {
                "id": new_id(now, self._dice),
                "token_hash": hashed(attempt_token),
                "account_id": standing.account_id,
                "realm": wish.realm,
                "epoch": standing.epoch,
                "proofs": msgspec.json.encode([(proof.method, proof.at) for proof in proofs]).decode(),
                "step": step.method,
                "target": wish.target[:2000],
                "bound": wish.bound[:64],
                "remember": int(wish.remember),
                "expires_at": now + ATTEMPT_LASTS,
            },
        )
        self._journal.write(
            tx, events.ASKED.code, visitor=visitor, account=standing.account_id, facts={"step": step.method}
        )
        return Asked(step.method, attempt_token)

    def _grant(
        self,
        tx: Tx,
        visitor: Visitor,
        standing: Standing,
        profile: Profile,
        proofs: tuple[Proof, ...],
        wish: Wish,
        *,
        known: bool,
    ) -> Granted:
        account = standing.account_id
        if visitor.account_id and visitor.session_id:
            # Whoever was signed in here before is no longer, at the applications' hosts neither.
            self._sessions.end(tx, visitor.account_id, visitor.session_id, visitor)
        if standing.state == "closing":
            self._accounts.cancel_closing(tx, account, visitor=visitor)
        device_token, device_id = None, None
        if wish.remember or known:
            device_token, device_id, _ = self._sessions.remember(tx, account, visitor, wish.device_token)
        session_token, session_id = self._sessions.open(
            tx,
            account,
            epoch=standing.epoch,
            proofs=proofs,
            visitor=visitor,
            limits=limits_of(profile),
            host=visitor.host,
            realm=standing.realm,
            device_id=device_id,
        )
        if not known and standing.last_seen_day is not None:
            self._tell_owner(tx, visitor, standing, session_id)
        self._accounts.saw(tx, account, self._clock.now() // DAY)
        return Granted(session_token, session_id, account, wish.target, wish.bound, device_token)

    def _tell_owner(self, tx: Tx, visitor: Visitor, standing: Standing, session_id: str) -> None:
        """The mail about a sign-in from a new device; the very first sign-in of an account is no news."""
        to = self._accounts.addresses(tx, standing.account_id, True)
        if not to:
            return
        locale = standing.locale or visitor.locale
        link = self._codes.link(tx, NOT_ME, standing.account_id, lasts=NOT_ME_LASTS, facts={"session": session_id})
        self._messages.send(
            tx,
            "signin.new_device",
            account=standing.account_id,
            to=to,
            locale=locale,
            facts={
                "at": when(self._clock.now(), standing.time_zone or visitor.time_zone, locale),
                "browser": browser_name(visitor.browser) or "?",
                "source": visitor.source,
                "link": f"{self._base}/not-me/{link}",
            },
            realm=standing.realm,
        )

    def _attempt(self, tx: Tx, attempt_token: str) -> Attempt | None:
        row = tx.first(store.BY_TOKEN, {"token_hash": hashed(attempt_token), "now": self._clock.now()})
        if row is None:
            return None
        standing = self._accounts.standing(tx, row.account_id)
        if standing is None or standing.epoch != row.epoch:
            return None
        proofs = tuple(proofs_of(row.proofs))
        return Attempt(
            row.id, row.account_id, row.realm, row.epoch, proofs, row.step, row.target, row.bound, bool(row.remember)
        )

    def _name_of(self, realm: str, typed: str) -> str:
        """How an unknown name is counted: in its normal form, so that spellings share one budget (S-19)."""
        forms = candidates(typed[:320], self._accounts.settings.region)
        return f"{realm}:{forms[0] if forms else typed[:320].strip().casefold()}"

    def _note(self, tx: Tx, code: str, visitor: Visitor, account: str | None, why: str) -> None:
        self._journal.write(tx, code, visitor=visitor, account=account, outcome="refused", facts={"why": why})


def proven_now(proofs: Sequence[Proof], now: int) -> tuple[Proof, ...]:
    """Proofs after the password was proven once more: those of other methods stay."""
    return (*(proof for proof in proofs if proof.method != "pwd"), Proof("pwd", now))


class _Gone(Exception):
    """The attempt was used in the meantime; nothing of this transaction stays."""
