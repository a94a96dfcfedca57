"""Brings the real servers of the tests as fixtures; each starts when the first test asks for it."""

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
