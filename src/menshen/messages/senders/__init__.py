"""The outside lines of `messages`: mail by SMTP, and the writing of a mail."""

from menshen.messages.senders.letters import Letters
from menshen.messages.senders.line import Carry, Line, LineDown
from menshen.messages.senders.smtp import SmtpLine

__all__ = ["Carry", "Letters", "Line", "LineDown", "SmtpLine"]
