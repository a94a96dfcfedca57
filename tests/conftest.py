"""Brings the real servers of the tests as fixtures; each starts when the first test asks for it."""

import signal

pytest_plugins = [
    "tests.servers.authority",
    "tests.servers.browser",
    "tests.servers.mail",
    "tests.servers.nginx",
    "tests.servers.postgres",
    "tests.servers.databases",
    "tests.servers.softhsm",
    "tests.servers.valkey",
]


def pytest_configure() -> None:
    """Let a run that is told to end stop its servers first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
