"""What this room can announce, in the past tense."""

from menshen.kit.room import EventCode

INVITED = EventCode("operator.invited", "Someone was invited to operate this house; the link itself is kept nowhere.")
CAME = EventCode("operator.came", "An invitation was taken up: the operator chose a password.")
ROLE_GIVEN = EventCode("operator.role_given", "An operator was given a role.")
DONE = EventCode("act.done", "An operator did something to an account; `verb` names it, `why` is the reason given.")
REFUSED = EventCode(
    "act.refused", "An act was refused: no right, no fresh proof, nothing to change, or the last owner."
)
UNDONE = EventCode("act.undone", "An operator took back what was done to an account.")

CODES = (INVITED, CAME, ROLE_GIVEN, DONE, REFUSED, UNDONE)
