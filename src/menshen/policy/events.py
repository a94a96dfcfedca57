"""What the law book can say happened."""

from menshen.kit.room import EventCode

EVENTS = (
    EventCode("policy.saved", "A new version of a policy was saved"),
    EventCode("policy.assigned", "A group was given a policy"),
    EventCode("policy.released", "A group lost its own policy and falls back to the default"),
)
