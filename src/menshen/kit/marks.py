"""What every column says of itself: purpose, class, legal basis, retention, and what erasure does with it."""

from collections.abc import Iterator
from typing import Literal

import msgspec
from sqlalchemy import Column, Table

DataClass = Literal["technical", "identifier", "personal", "sensitive", "secret"]
"""technical: says nothing of a person. identifier: finds one. personal: tells of one. sensitive: harms one when lost
(PIPL art. 28, GDPR art. 9 spirit). secret: proves or opens something; always hashed or sealed."""

Basis = Literal["contract", "legal duty", "legitimate interest", "consent", "none"]
"""GDPR art. 6(1) / PIPL art. 13; "none" is for columns that hold no personal data."""

Erase = Literal["row", "blank", "keep"]
"""row: the whole row goes. blank: the value becomes NULL. keep: stays; the account's id is then only a pseudonym."""


class Mark(msgspec.Struct, frozen=True):
    """One column's statement; `keep_for` is retention in plain words, for the register of processing."""

    purpose: str
    data: DataClass
    basis: Basis
    keep_for: str
    erase: Erase


def plain(purpose: str, erase: Erase = "keep") -> Mark:
    """The mark of a column that says nothing of a person."""
    return Mark(purpose, "technical", "none", "as long as its row", erase)


def personal(
    purpose: str, erase: Erase, *, data: DataClass = "personal", keep_for: str = "as long as the account"
) -> Mark:
    """The mark of a column that tells of a person and serves the contract with them."""
    return Mark(purpose, data, "contract", keep_for, erase)


def secret(purpose: str, erase: Erase = "row", *, keep_for: str = "until replaced") -> Mark:
    """The mark of a column that proves or opens something: a hash or a sealed value, never the secret itself."""
    return Mark(purpose, "secret", "contract", keep_for, erase)


def mark_of(column: Column[object]) -> Mark | None:
    """The column's statement, or None where it was forgotten (a test fails on that)."""
    found = column.info.get("mark")
    return found if isinstance(found, Mark) else None


def sealed_columns(tables: tuple[Table, ...]) -> Iterator[Column[object]]:
    """Every column whose values are sealed under the key ring, so that one rotation walks them all."""
    for table in tables:
        for column in table.columns:
            if column.info.get("sealed"):
                yield column


def subject_of(table: Table) -> str | None:
    """The name of the column that says whose row it is (an account id), or None where no person is meant."""
    found = table.info.get("subject")
    return found if isinstance(found, str) else None
