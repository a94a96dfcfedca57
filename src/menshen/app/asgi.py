"""The application that the server loads: `menshen.app.asgi:create`, the same under granian and uvicorn."""

import os
from pathlib import Path

from menshen.app.house import build, lay
from menshen.app.opening import open_house
from menshen.app.rules import DEFAULT_LISTEN
from menshen.kit.web.wire import AsgiApp


def create() -> AsgiApp:
    """Build the house from the environment of this process."""
    config = os.environ.get("MENSHEN_CONFIG")
    foundation = lay(
        Path(os.environ.get("MENSHEN_DATA", "var")),
        config=Path(config) if config else None,
        listen=os.environ.get("MENSHEN_LISTEN", DEFAULT_LISTEN),
        environment=os.environ,
    )
    return open_house(build(foundation))
