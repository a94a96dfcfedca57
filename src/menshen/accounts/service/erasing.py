"""Erasing a person from the whole house by the marks of its columns alone: no room is named here."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Delete, Table, Update, bindparam, delete, update

from menshen.accounts.service.ground import Ground
from menshen.kit.database import Fault, Tx
from menshen.kit.marks import mark_of, subject_of
from menshen.kit.web.visitor import Visitor


class Unmarked(Fault):
    """A column of a table about people does not say what erasure does with it."""


class Erasing(Ground):
    """The last verb over an account."""

    def on_hold(self, tx: Tx, account: str) -> bool:
        """Whether a legal hold keeps this account from being erased; for every door that offers to erase."""
        return self._journal.held(tx, account)

    def erase(
        self,
        tx: Tx,
        account: str,
        tables: Sequence[Table],
        *,
        visitor: Visitor | None = None,
        actor: str | None = None,
        again: bool = False,
    ) -> bool:
        """Erase all that tells of the person in `tables`, those of the whole house; what stays has a pseudonym.

        False where that was done before, or a legal hold stands. `again`: the account was erased lawfully and came back
        with an old backup; a hold in that backup does not keep it. On SQLite the words leave the write-ahead log with
        its next checkpoint, which the caller asks for once the transaction is in.
        """
        row = self._locked(tx, account)
        if row.state == "erased" or (not again and self.on_hold(tx, account)):
            return False
        self._drop_messages(tx, account)
        for table in tables:
            for statement in erasing(table):
                tx.change(statement, {"whose": account})
        now = self._clock.now()
        self._set(tx, account, state="erased", state_since=now, epoch=row.epoch + 1, methods="[]")
        self._note(tx, "account.erased", account, visitor, actor)
        return True


@cache
def erasing(table: Table) -> tuple[Delete | Update, ...]:
    """What erasing a person does to a table: its rows go, some columns are blanked, or all stays as it is."""
    subject = subject_of(table)
    if subject is None:
        return ()
    marks = {}
    for column in table.columns:
        mark = mark_of(column)
        if mark is None:
            raise Unmarked(f"{table.name}.{column.name} bears no mark")
        marks[column.name] = mark.erase
    whose = table.c[subject] == bindparam("whose")
    if "row" in marks.values():
        return (delete(table).where(whose),)
    blanked = {name: None for name, erase in marks.items() if erase == "blank"}
    return (update(table).where(whose).values(blanked),) if blanked else ()
