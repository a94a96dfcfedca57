"""From a built house to an ASGI application: keeper, pages, doors, hot routes, jobs."""

from collections.abc import Callable

from menshen.app.house import House
from menshen.app.keeper import Keeper
from menshen.app.pages import RoofPages
from menshen.app.rules import ServerSettings, networks
from menshen.app.ticker import Ticker
from menshen.kit.room import Room
from menshen.kit.web import static
from menshen.kit.web.doors import Doors
from menshen.kit.web.guard import Hosts
from menshen.kit.web.pages import STATIC, Pages
from menshen.kit.web.wire import AsgiApp
from menshen.signin.doors import CHECK_PATH, check_door


def open_house(house: House, *, ready: Callable[[], bool] = lambda: True, jobs: bool = True) -> AsgiApp:
    """The whole house as one ASGI application."""
    server: ServerSettings = house.foundation.settings["server"]
    keeper = Keeper(house)
    roof = RoofPages(house, ready)
    pages = Pages((*house.rooms, Room(name="app")), house.texts, house.brand, house.foundation.clock)
    doors = Doors(
        (*roof.routes(), *(route for room in house.rooms for route in room.routes)),
        pages=pages,
        keeper=keeper,
        lane=house.credentials.lane,
        mac=lambda purpose, data: house.keys.mac(purpose, data),
        dice=house.foundation.dice,
        hosts=Hosts(house.base, house.is_own_host, any_loopback=not server.base),
        device_of=keeper.known_device,
        threads=server.threads,
    )
    ticker = Ticker(house) if jobs else None
    return doors.application(
        trusted=networks(server),
        hot={"/static/": static.server(STATIC), CHECK_PATH: check_door(house.arrival, doors.in_thread)},
        on_startup=[ticker.start] if ticker else [],
        on_shutdown=[ticker.stop] if ticker else [],
    )
