"""Clocked work of credentials: wrapping weak hashes, counting schemes."""

from menshen.credentials.rules import CredentialSettings
from menshen.credentials.service import Credentials
from menshen.credentials.service.wrapping import Wrapping

AT_ONCE = 500
"""Weak hashes of one run, so that other jobs of the node get their turn."""


def wrap(wrapping: Wrapping, settings: CredentialSettings) -> int:
    """Wrap what is due, unless the settings say to rest."""
    return 0 if settings.wrap_paused else wrapping.run(most=AT_ONCE)


def census(credentials: Credentials) -> int:
    """Count the schemes anew, so that decoys keep looking like what is stored."""
    return sum(credentials.count_schemes().values())
