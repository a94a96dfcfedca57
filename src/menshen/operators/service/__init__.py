"""The verbs of `operators`: invite and let in, tell rights, run acts and take them back."""

from menshen.operators.service.acting import Acting, Run
from menshen.operators.service.inviting import Invited, Inviting, Operator

__all__ = ("Invited", "Operator", "Operators", "Run")


class Operators(Inviting, Acting):
    """Who operates the house, and what they do."""
