"""Routes as values: method, path, what it needs, the shape of its form, and the call that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec

from menshen.kit.web.visitor import Visitor

PUBLIC = "public"
"""The mark of a route that asks nothing of its visitor."""
SIGNED_IN = "account.read"
"""The permission that any live session of a customer has."""


@dataclass(frozen=True)
class Cookie:
    """A cookie to set (`value` empty: to delete). Always HttpOnly, Secure, SameSite=Lax, Path=/, so `__Host-` holds."""

    name: str
    value: str
    max_age: int | None = None
    """Seconds; None: until the browser closes."""


@dataclass(frozen=True)
class Page:
    """A rendered page."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    cookies: tuple[Cookie, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    form_action: tuple[str, ...] = ()
    """Further origins that a form of this page may lead to (Chromium checks redirects after POST too)."""


@dataclass(frozen=True)
class Redirect:
    """Go on there with GET (303)."""

    to: str
    cookies: tuple[Cookie, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Data:
    """A JSON answer (or, with `media`, text of another kind)."""

    body: Any
    status: int = 200
    cookies: tuple[Cookie, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"


Answer = Page | Redirect | Data
F = TypeVar("F", bound=msgspec.Struct)


@dataclass(frozen=True)
class Ask:
    """One request, checked by the guard and parsed: nothing in it needs a second look at the wire."""

    visitor: Visitor
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; one value each."""
    form: Any = None
    """The form or JSON body in the shape the route declared."""


@dataclass(frozen=True)
class Route:
    """One door. A route without `needs` cannot be built, which is the mark that every route carries."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    """`/devices/{device_id}/end`."""
    call: Callable[[Ask], Answer]
    needs: str
    """`public`, or the permission needed; realm, level and freshness follow from it by policy."""
    form: type[msgspec.Struct] | None = None
    """Shape of a form (fields are str, default "") or, under /api, of a JSON body; unknown fields are refused."""
    lane: bool = False
    """Whether the call hashes a password: then the hashing lane admits it on the event loop and runs it."""
    on_must_change: bool = False
    """Whether someone who must change the password first may still reach it (the change page, signing out, help)."""
