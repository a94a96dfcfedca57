"""What `messages` can announce."""

from menshen.kit.room import EventCode

SENT = "message.sent"
REFUSED = "message.refused"
EXPIRED = "message.expired"
DROPPED = "message.dropped"
RETRIED = "message.retried"

EVENTS = (
    EventCode(SENT, "A message was taken over by the mail server or SMS provider."),
    EventCode(REFUSED, "Every address of a message was refused for good."),
    EventCode(EXPIRED, "A message could not be sent before it lost its worth; its body was blanked."),
    EventCode(DROPPED, "The waiting messages of an account were dropped; their bodies were blanked."),
    EventCode(RETRIED, "An operator had a message sent again at once."),
)
