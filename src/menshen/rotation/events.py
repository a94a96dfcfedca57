"""What rotation can say happened."""

from menshen.kit.room import EventCode

EVENTS = (
    EventCode("rotation.required", "A change of password was required of one customer, of a group or of all"),
    EventCode("rotation.lifted", "A requirement to change the password was lifted"),
)
