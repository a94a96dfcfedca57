"""What waits in the outbox, opened as the mail line would open it."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import text

from tests.houses import Tested


@dataclass(frozen=True)
class Letter:
    """One waiting message."""

    code: str
    to: Sequence[str]
    locale: str
    facts: dict[str, str]

    @property
    def path(self) -> str:
        """The path of its link at our own host."""
        return self.facts["link"].removeprefix("http://localhost:8080")


def letters(tested: Tested, code: str | None = None) -> list[Letter]:
    """The messages written so far, oldest first where the clock moved between; those of one code where it is given."""
    keys = tested.house.keys
    with tested.house.foundation.database.read() as tx:
        rows = tx.all(text("select id, code, account_id, addresses, facts, locale from outbox order by made_at, id"))
    found = [
        Letter(
            row.code,
            msgspec.json.decode(keys.open("outbox.addresses", row.account_id or "", row.id, bytes(row.addresses))),
            row.locale,
            msgspec.json.decode(keys.open("outbox.facts", row.account_id or "", row.id, bytes(row.facts))),
        )
        for row in rows
        if row.facts is not None
    ]
    return [letter for letter in found if code in (None, letter.code)]
