"""The human check of a house under attack: proof of work by the browser, or, without scripts, patience."""

import base64
import hmac
from datetime import timedelta

import msgspec
from altcha import v1 as altcha

from menshen.keys.service import Keys
from menshen.kit.clock import MINUTE, SECOND, Clock, as_datetime
from menshen.kit.database import Tx
from menshen.throttle.rules import Budget, source_keys
from menshen.throttle.service import Throttle

LASTS = 10 * MINUTE
PATIENCE = 20 * SECOND
"""How old a task must be to be taken without its answer: what waiting costs a browser without scripts."""
MOST_NUMBER = 60_000
"""SHA-256 rounds at most: about half a second in a phone's browser."""
PATIENT_TRIES = 5
"""How often one network may wait instead of working, in `LASTS`."""


class Task(msgspec.Struct, frozen=True):
    """What the page hands to the browser (ALTCHA, version 1)."""

    algorithm: str
    challenge: str
    salt: str
    signature: str
    maxNumber: int  # the field's name on the wire
    seal: str
    """Our keyed hash over salt and signature: ALTCHA signs the expiry in the salt only together with the answer."""


class HumanCheck:
    """Gives tasks and takes answers; each task counts once, which a budget of one try remembers."""

    def __init__(self, clock: Clock, keys: Keys, throttle: Throttle) -> None:
        self._clock = clock
        self._keys = keys
        self._throttle = throttle

    def task(self) -> str:
        """A new task as JSON text; nothing is stored."""
        made = altcha.create_challenge(
            altcha.ChallengeOptions(
                algorithm="SHA-256",
                max_number=MOST_NUMBER,
                hmac_key=self._secret(),
                expires=as_datetime(self._clock.now()) + timedelta(microseconds=LASTS),
            )
        )
        seal = self._seal(made.salt, made.signature)
        task = Task(made.algorithm, made.challenge, made.salt, made.signature, MOST_NUMBER, seal)
        return msgspec.json.encode(task).decode()

    def passed(self, tx: Tx, task: str, answer: str, source: str) -> bool:
        """Whether a form brings a task of ours that is answered, or old enough from a network that rarely waits.

        The task is used up in this transaction, right or not.
        """
        try:
            given = msgspec.json.decode(task, type=Task)
        except msgspec.DecodeError:
            return False
        age = self._age(given)
        if age is None:
            return False
        once = Budget(f"human:{given.signature}", 1, LASTS)
        if not self._throttle.charge(tx, [once]).allowed:
            return False
        if answer:
            return self._answered(given, answer)
        waits = Budget(f"human:patient:{source_keys(source)[0]}", PATIENT_TRIES, LASTS)
        return age >= PATIENCE and self._throttle.charge(tx, [waits]).allowed

    def _age(self, given: Task) -> int | None:
        """How old the task is in microseconds; None where it is not ours or no longer valid."""
        if not hmac.compare_digest(self._seal(given.salt, given.signature).encode(), given.seal.encode()):
            return None
        stamp = given.salt.partition("?expires=")[2].partition("&")[0]
        if not stamp.isdigit():
            return None
        left = int(stamp) * SECOND - self._clock.now()
        return LASTS - left if 0 < left <= LASTS + SECOND else None

    def _answered(self, given: Task, answer: str) -> bool:
        """Whether the number hashes to this very task (the expiry was checked on our own clock)."""
        try:
            brought = msgspec.json.decode(base64.b64decode(answer, validate=True), type=dict[str, str | int])
            valid, _ = altcha.verify_solution(answer, self._secret(), check_expires=False)
        except (ValueError, KeyError, TypeError):
            return False
        return valid and brought.get("signature") == given.signature and brought.get("salt") == given.salt

    def _seal(self, salt: str, signature: str) -> str:
        return self._keys.mac("human.seal", salt.encode(), signature.encode()).hex()

    def _secret(self) -> str:
        return self._keys.mac("human", b"task").hex()
