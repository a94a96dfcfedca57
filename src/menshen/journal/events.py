"""What the journal says of itself."""

from menshen.kit.room import EventCode

HOLD_PLACED = "hold.placed"
HOLD_LIFTED = "hold.lifted"
TRIMMED = "journal.trimmed"

EVENTS = (
    EventCode(HOLD_PLACED, "Events of a customer or of a time were put under legal hold: neither erased nor trimmed."),
    EventCode(HOLD_LIFTED, "A legal hold was lifted."),
    EventCode(TRIMMED, "Events past their retention were deleted; their leaf hashes stay."),
)
