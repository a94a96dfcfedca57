"""Making, recognising and burning one-time links and codes; whether one is live is asked at each use."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from menshen.codes import store
from menshen.codes.rules import DIGITS, TRIES, Held, Wrong, link_token, typed_digits
from menshen.keys.service import Keys
from menshen.kit.clock import DAY, Clock
from menshen.kit.database import Tx
from menshen.kit.dice import Dice, digits, new_id, token

FACTS = "codes.facts"
"""Where the sealed facts lie: also the name under which key rotation walks them."""


class Codes:
    """One-time links (one pending for each purpose and account) and typed codes (one for each purpose and attempt)."""

    def __init__(self, clock: Clock, dice: Dice, keys: Keys) -> None:
        self._clock = clock
        self._dice = dice
        self._keys = keys

    def link(
        self, tx: Tx, purpose: str, account: str | None, *, lasts: int, facts: Mapping[str, str] | None = None
    ) -> str:
        """A new 256-bit token that opens `purpose` once within `lasts` microseconds; the account's older one is void.

        Without an account (a stranger signing up) nothing older is meant.
        """
        secret = token(self._dice)
        digest = self._keys.mac("codes.link", purpose.encode(), secret.encode())
        self._put(tx, "link", purpose, account, None, digest, lasts, TRIES, facts)
        return secret

    def typed(
        self,
        tx: Tx,
        purpose: str,
        account: str | None,
        *,
        bound_to: str,
        lasts: int,
        tries: int = TRIES,
        facts: Mapping[str, str] | None = None,
    ) -> str:
        """A new code of 8 digits that opens `purpose` in the attempt `bound_to` alone; its older one is void.

        A code sent again for the same attempt has the tries that were left of the one before (ASVS 6.6.3).
        """
        code = digits(self._dice, DIGITS)
        self._put(tx, "typed", purpose, account, bound_to, self._digest(purpose, bound_to, code), lasts, tries, facts)
        return code

    def find_link(self, tx: Tx, purpose: str, token: str) -> Held | None:
        """The live link with this token; nothing is used up, so that a mail scanner's look does no harm."""
        shaped = link_token(token)
        if shaped is None:
            return None
        digest = self._keys.mac("codes.link", purpose.encode(), shaped.encode())
        row = store.find_link(tx, purpose, digest, self._clock.now())
        return self._held(row) if row else None

    def try_typed(self, tx: Tx, purpose: str, bound_to: str, code: str) -> Held | Wrong | None:
        """Compare a typed code; None where none is pending here, it expired, or its tries are used up.

        The try is counted first and the caller commits whatever comes out; a right code gives its try back, so that
        it lasts until it is burnt.
        """
        now = self._clock.now()
        row = store.count_try(tx, _slot("typed", purpose, bound_to), now)
        if row is None:
            return None
        bare = typed_digits(code)
        if bare is None or not hmac.compare_digest(row.digest, self._digest(purpose, bound_to, bare)):
            return Wrong(row.tries_left)
        store.uncount_try(tx, row.id, now)
        return self._held(row)

    def burn(self, tx: Tx, held: Held) -> bool:
        """Use it up, in the transaction of what it opens. False: used, replaced, void or expired since it was held."""
        return store.burn(tx, held.id, self._clock.now())

    def void(self, tx: Tx, account: str, purposes: Sequence[str] | None = None, *, but: Sequence[str] = ()) -> int:
        """Make all live links and codes of an account worthless, or those of some purposes, or all but some; tells how
        many."""
        return store.void(tx, account, purposes, but, self._clock.now())

    def forget_old(self, tx: Tx, limit: int) -> int:
        """Blank what expired, delete what expired a day ago: until then its used tries count. Tells how many rows."""
        now = self._clock.now()
        return store.blank(tx, now, limit) + store.forget(tx, now - DAY, limit)

    def _put(
        self,
        tx: Tx,
        kind: str,
        purpose: str,
        account: str | None,
        bound_to: str | None,
        digest: bytes,
        lasts: int,
        tries: int,
        facts: Mapping[str, str] | None,
    ) -> None:
        now = self._clock.now()
        code = new_id(now, self._dice)
        sealed = self._keys.seal(FACTS, account or "", code, msgspec.json.encode(dict(facts))) if facts else None
        store.put(
            tx,
            {
                "id": code,
                "slot": _slot(kind, purpose, bound_to or account or code),
                "purpose": purpose,
                "kind": kind,
                "account_id": account,
                "bound_to": bound_to,
                "digest": digest,
                "facts": sealed,
                "made_at": now,
                "expires_at": now + lasts,
                "tries_left": tries,
            },
        )

    def _digest(self, purpose: str, bound_to: str, code: str) -> bytes:
        return self._keys.mac("codes.typed", purpose.encode(), bound_to.encode(), code.encode())

    def _held(self, row: Any) -> Held:
        facts: dict[str, str] = {}
        if row.facts is not None:
            opened = self._keys.open(FACTS, row.account_id or "", row.id, row.facts)
            facts = msgspec.json.decode(opened, type=dict[str, str])
        return Held(row.id, row.purpose, row.account_id, row.bound_to, facts, row.made_at)


def _slot(kind: str, purpose: str, whose: str) -> str:
    return f"{kind} {purpose} {whose}"
