"""What every line to people is: mail now, SMS later."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from menshen.kit.database import Fault
from menshen.messages.rules import Letter, Reply

Carry = Callable[[Letter], Reply]
"""Hands one letter over."""


class LineDown(Fault):
    """A line cannot be used now; nothing it held was lost."""


class Line(Protocol):
    """A way to people."""

    def open(self) -> AbstractContextManager[Carry]:
        """A connection used for many letters. Raises LineDown, as does carrying when the connection breaks."""
        ...
