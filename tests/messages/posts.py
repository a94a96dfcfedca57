"""An outbox with all it needs: a real key ring and journal, a clock that stands, and mail lines to test servers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from menshen.journal.service import Entry, Journal
from menshen.keys.service import KeyFile, Keys
from menshen.kit.brand import Brand
from menshen.kit.clock import DAY, MINUTE, SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from menshen.kit.room import MessageCode
from menshen.kit.texts import Texts
from menshen.messages import events, store
from menshen.messages.rules import Settings
from menshen.messages.senders import Letters, SmtpLine
from menshen.messages.senders.line import Line
from menshen.messages.service import Courier, Messages

HERE = Path(__file__).parent
ANNA = "a" * 32
WEI = "b" * 32
TO = "anna@example.test"
LINK = "https://id.example.test/recover/x8Yq"

CODES = (
    MessageCode("test.link", lasts=10 * MINUTE, to_unverified=True),
    MessageCode("test.code", lasts=10 * MINUTE, to_unverified=True),
    MessageCode("test.notice", lasts=3 * DAY),
)
NOTICE = {"name": "Anna", "when": "2026-11-24 22:52", "device": "Chrome"}


def texts() -> Texts:
    """The room's own sentences and those of the tests' messages."""
    room = Path(events.__file__).parent / "texts"
    return Texts([room, HERE / "texts"])


def letters(brand: Brand | None = None) -> Letters:
    """Writes the tests' mails."""
    return Letters(texts(), brand or Brand())


def smtp(port: int, **settings: Any) -> SmtpLine:
    """A line to a server on loopback, without TLS unless said."""
    given: dict[str, Any] = {"host": "127.0.0.1", "security": "none", "sender": "id@example.test", "timeout": 10}
    return SmtpLine(Settings(port=port, **given | settings), letters())


@dataclass
class Post:
    """An outbox on one database."""

    database: Database
    clock: SetClock
    keys: Keys
    journal: Journal
    messages: Messages

    @classmethod
    def build(cls, database: Database, folder: Path) -> "Post":
        """Everything new."""
        clock, dice = SetClock(20_000 * DAY), SystemDice()
        keys = Keys(database, clock, dice, KeyFile(folder / "keys" / "master.key", dice))
        keys.establish()
        keys.reread()
        journal = Journal(clock, dice, [event.code for event in events.EVENTS])
        messages = Messages(clock, dice, keys, journal)
        messages.register(CODES)
        return cls(database, clock, keys, journal, messages)

    def send(self, code: str = "test.notice", to: tuple[str, ...] = (TO,), **given: Any) -> None:
        """Write one message in a transaction of its own."""
        facts = given.pop("facts", NOTICE)
        with self.database.write() as tx:
            self.messages.send(
                tx,
                code,
                account=given.pop("account", ANNA),
                to=to,
                locale=given.pop("locale", "en"),
                facts=facts,
                **given,
            )
        self.clock.advance(1000)  # ids are in order by the millisecond

    def courier(self, line: Line | None) -> Courier:
        """Another node's courier."""
        lines = {"mail": line} if line else {}
        return Courier(self.database, self.clock, SystemDice(), self.keys, self.journal, lines)  # type: ignore[arg-type]

    def rows(self) -> list[Any]:
        """All rows, oldest first."""
        with self.database.read() as tx:
            return list(tx.all(store.outbox.select().order_by(store.outbox.c.id)))

    def history(self) -> list[Entry]:
        """What the journal tells of Anna, newest first."""
        with self.database.read() as tx:
            return list(self.journal.history(tx, ANNA))
