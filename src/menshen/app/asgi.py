"""The application that the server loads: `menshen.app.asgi:create`, the same under granian and uvicorn."""

import os

from menshen.app.house import build, ground_from
from menshen.app.logs import set_up_logs
from menshen.app.migrating import HEAD, must_fit, revision
from menshen.app.opening import open_house
from menshen.kit.web.wire import AsgiApp


def create() -> AsgiApp:
    """Build the house from the environment of this process."""
    set_up_logs()
    ground = ground_from(os.environ)
    must_fit(ground.database)
    return open_house(build(ground), ready=lambda: revision(ground.database) == HEAD)
