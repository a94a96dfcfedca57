"""What recovery can announce, in the past tense."""

from menshen.kit.room import EventCode

ASKED = EventCode("recovery.asked", "Somebody asked to recover an account; where there is none, nobody was written to.")
THROTTLED = EventCode("recovery.throttled", "A recovery was not begun, because its budget was spent.")
PROVEN = EventCode(
    "recovery.proven", "An address of the account was proven by link or typed code; nothing changed yet."
)
WRONG = EventCode("recovery.wrong_typed", "A typed recovery code was wrong.")
REFUSED = EventCode("recovery.refused", "A new password was not taken during recovery.")
FINISHED = EventCode("recovery.finished", "A new password was set by recovery; all sessions ended.")
DISOWNED = EventCode("recovery.disowned", "The owner said that a sign-in was not theirs: all sessions ended.")

CODES = (ASKED, THROTTLED, PROVEN, WRONG, REFUSED, FINISHED, DISOWNED)
