"""What this room can announce."""

from menshen.kit.room import EventCode

SET = EventCode("password.set", "A password was set where there was none, or after recovery.")
CHANGED = EventCode("password.changed", "The owner changed the password, proving the old one.")
CHANGE_REFUSED = EventCode(
    "password.change_refused", "A change of password was refused: current password wrong or new one not allowed."
)
UPGRADED = EventCode("password.upgraded", "A stored hash was replaced by a stronger one at sign-in.")
WRAPPED = EventCode("passwords.wrapped", "Weak imported hashes were wrapped in argon2id.")

CODES = (SET, CHANGED, CHANGE_REFUSED, UPGRADED, WRAPPED)
