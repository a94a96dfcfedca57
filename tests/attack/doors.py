"""All doors of the house, read from its own list, so that a new one is attacked without anybody naming it here."""

import re
from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import func, select

from menshen.app.pages import RoofPages
from menshen.kit.web.routes import PUBLIC, Route
from tests.houses import Tested

MACHINE = ("/api", "/session/")
"""Doors that speak to programs: no forms, no pages."""


def doors(tested: Tested) -> tuple[Route, ...]:
    """Every route of the roof and of the rooms."""
    roof = RoofPages(tested.house, lambda: True).routes()
    return (*roof, *(route for room in tested.house.rooms for route in room.routes))


def reading(tested: Tested) -> Iterator[Route]:
    """The doors that show something."""
    return (route for route in doors(tested) if route.method == "GET")


def writing(tested: Tested) -> Iterator[Route]:
    """The doors that take a form of a customer's or of anybody's."""
    return (
        route
        for route in doors(tested)
        if route.method != "GET" and not route.path.startswith(MACHINE) and not for_operators(route)
    )


def for_operators(route: Route) -> bool:
    """Whether only an operator who is signed in passes this door."""
    return route.path.startswith("/console") and route.needs != PUBLIC


def at(route: Route, value: str = "0123456789abcdef0123456789abcdef") -> str:
    """The path with something in each of its places."""
    return re.sub(r"\{[^}]+\}", value, route.path)


def fields(route: Route, value: str = "x") -> Mapping[str, str]:
    """Every field of the route's form, filled alike."""
    return {field.name: value for field in msgspec.structs.fields(route.form)} if route.form else {}


def masked(text: str) -> str:
    """A page without what is drawn anew for each request: form tokens, tasks and numbers of requests."""
    text = re.sub(r'name="form_token" value="[^"]*"', "", text)
    return re.sub(r"[A-Za-z0-9_\-+/=]{40,}", "", text)


def rows(tested: Tested) -> Mapping[str, int]:
    """How many rows each table holds."""
    with tested.house.foundation.database.read() as tx:
        return {
            table.name: tx.scalar(select(func.count()).select_from(table))
            for room in tested.house.rooms
            for table in room.tables
        }
