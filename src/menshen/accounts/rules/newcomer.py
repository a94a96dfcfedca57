"""Who comes in: everything known of a new account, and the facts of a person that passwords are judged by."""

import unicodedata
from collections.abc import Mapping
from typing import Literal

import msgspec

from menshen.accounts.rules.identifiers import Identifier, Unusable
from menshen.kit.room import Realm

LONGEST_NAME = 200
"""Code points of a display name: room for any real one, and a bound for the search keys."""

FACTS: Mapping[str, str] = {
    "birthday": "to refuse passwords made of the birthday",
    "id_number": "to refuse passwords made of the identity number",
    "company": "to refuse passwords made of the company's name",
}
"""Kinds of personal facts that are kept, sealed, each with the one purpose it may serve (GDPR art. 5(1)(b))."""


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """A new account. Identifiers stand in order of preference; facts are kinds of `FACTS` with their values."""

    realm: Realm = "customer"
    state: Literal["invited", "active"] = "active"
    identifiers: tuple[Identifier, ...] = ()
    display_name: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    groups: tuple[str, ...] = ()
    external_ids: Mapping[str, str] = {}
    """System -> id there."""
    facts: Mapping[str, str] = {}


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a person, in the shape that `passwords.judge` takes."""

    name: str | None = None
    birthday: str | None = None
    phones: tuple[str, ...] = ()
    email: str | None = None
    id_number: str | None = None
    company: str | None = None
    username: str | None = None


def clean_name(typed: str) -> str:
    """A display name in one spelling (NFC), without spaces around; raises Unusable for what no name contains."""
    if len(typed) > LONGEST_NAME:
        raise Unusable("name.too_long")
    name = unicodedata.normalize("NFC", typed).strip()
    if not name or any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in name):
        raise Unusable("name.unreadable")
    return name
