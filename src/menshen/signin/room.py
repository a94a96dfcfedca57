"""What sign-in gives the house."""

from collections.abc import Awaitable, Callable

from menshen.credentials.service.changing import Changing
from menshen.credentials.service.sheet import PasswordSheet
from menshen.kit.clock import DAY, MINUTE, Clock
from menshen.kit.database import Database
from menshen.kit.room import Job, MessageCode, Room
from menshen.kit.web.wire import Receive, Send, Wire
from menshen.sessions.service.apps import Apps
from menshen.signin import events, jobs, store
from menshen.signin.doors import ArrivalDoors
from menshen.signin.pages import SignInPages
from menshen.signin.service import SignIn
from menshen.signin.service.arrival import Arrival

SETTINGS = None
NEW_DEVICE = MessageCode("signin.new_device", 3 * DAY)

Hot = dict[str, Callable[[Wire, Receive, Send], Awaitable[None]]]


def furnish(
    database: Database,
    clock: Clock,
    signin: SignIn,
    arrival: Arrival,
    apps: Apps,
    changing: Changing,
    sheet: PasswordSheet,
) -> Room:
    """The room with its services filled in."""
    customer = SignInPages("customer", signin, arrival, apps, changing, sheet)
    operator = SignInPages("operator", signin, arrival, apps, changing, sheet)
    return Room(
        name="signin",
        tables=store.TABLES,
        routes=(*customer.routes(), *operator.routes(), *ArrivalDoors(arrival).routes()),
        events=events.CODES,
        messages=(NEW_DEVICE,),
        jobs=(Job("signin.sweep", 5 * MINUTE, lambda: jobs.sweep(database, clock)),),
    )
