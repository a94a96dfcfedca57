"""The verbs of `messages`: writing into the outbox, and carrying it out."""

from menshen.messages.service.courier import Courier
from menshen.messages.service.outbox import Messages

__all__ = ["Courier", "Messages"]
