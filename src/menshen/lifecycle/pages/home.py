"""The account's own pages: security first, what happened, my details."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import msgspec

from menshen.accounts.rules import Unusable
from menshen.accounts.service import Accounts
from menshen.journal.service import Entry, Journal
from menshen.kit.clock import Clock
from menshen.kit.database import Database
from menshen.kit.room import Part
from menshen.kit.texts import LOCALES, Texts
from menshen.kit.web.routes import Answer, Ask, Page, Redirect, Route
from menshen.kit.web.visitor import Visitor
from menshen.lifecycle.rules.home import UNTOLD, ZONES, next_step
from menshen.rotation.service import Rotation
from menshen.sessions.rules import browser_name

DONE = frozenset({"password", "address", "address_removed", "details"})
PAGE = 30
"""Events on one page of activity."""


class DetailsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer says of themself. `version` is that of the row the form showed (S-166)."""

    name: str = ""
    birthday: str = ""
    locale: str = ""
    time_zone: str = ""
    version: str = ""


class HomePages:
    """What a customer sees when they are in."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        journal: Journal,
        rotation: Rotation,
        clock: Clock,
        texts: Texts,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._journal = journal
        self._rotation = rotation
        self._clock = clock
        self._texts = texts

    def routes(self) -> Sequence[Route]:
        """The doors of the account centre's own pages."""
        return (
            Route("GET", "/account", self.show, "account.read"),
            Route("GET", "/account/activity", self.activity, "history.read"),
            Route("GET", "/account/details", self.show_details, "account.edit"),
            Route("POST", "/account/details", self.save_details, "account.edit", DetailsForm),
        )

    def parts(self) -> Sequence[Part]:
        """Entries of the side list, and the card of addresses."""
        entries = (
            (10, {"href": "/account", "icon": "shield-check", "code": "lifecycle.nav.security"}),
            (30, {"href": "/account/activity", "icon": "history", "code": "lifecycle.nav.activity"}),
            (40, {"href": "/account/details", "icon": "user", "code": "lifecycle.nav.details"}),
        )
        nav = tuple(Part("account.nav", rank, lambda v, k, e=entry: e, "") for rank, entry in entries)  # type: ignore[misc]
        return (*nav, Part("account.security", 40, self._card, "lifecycle/card.html"))

    def show(self, ask: Ask) -> Answer:
        """Security: the one most useful next step, then what rooms line up."""
        account = ask.visitor.account_id or ""
        with self._database.read() as tx:
            dues = [due for due in self._rotation.dues_of(tx, account) if due.since <= self._clock.now()]
            names = self._accounts.identifiers(tx, account)
        hero = next_step(bool(dues), names)
        values = {
            "hero": hero,
            "due": dues[0] if dues else None,
            "claimed": next((name.shown for name in names if name.kind == "email"), ""),
            "done": ask.query.get("done", "") if ask.query.get("done") in DONE else "",
        }
        return Page("lifecycle/home.html", values)

    def activity(self, ask: Ask) -> Answer:
        """What happened to the account, newest first, in plain words."""
        account, before = ask.visitor.account_id or "", ask.query.get("before")
        with self._database.read() as tx:
            entries = self._journal.history(tx, account, limit=PAGE, before=before)
        told = (each for each in entries if each.code not in UNTOLD and self._texts.knows(f"event.{each.code}"))
        shown = [self._shown(entry, ask.visitor.locale) for entry in told]
        older = f"/account/activity?before={entries[-1].id}" if len(entries) == PAGE else None
        return Page("lifecycle/activity.html", {"events": shown, "older": older, "first": before is None})

    def show_details(self, ask: Ask) -> Answer:
        """My details as they stand."""
        return self._details_page(ask)

    def save_details(self, ask: Ask) -> Answer:
        """Save them, unless they moved meanwhile."""
        form: DetailsForm = ask.form
        problems = _problems(form)
        if problems:
            return self._details_page(ask, form, problems)
        account = ask.visitor.account_id or ""
        try:
            with self._database.write() as tx:
                saved = self._accounts.save_profile(
                    tx,
                    account,
                    int(form.version),
                    display_name=form.name.strip() or None,
                    locale=form.locale,
                    time_zone=form.time_zone,
                    visitor=ask.visitor,
                )
                if saved and form.birthday != self._accounts.facts(tx, account).get("birthday", ""):
                    self._accounts.record_fact(tx, account, "birthday", form.birthday or None, visitor=ask.visitor)
        except Unusable as unusable:
            return self._details_page(ask, form, {"name": unusable.code})
        if not saved:
            return self._details_page(ask, None, {"name": "lifecycle.details.moved"})
        return Redirect("/account?done=details")

    # --- within

    def _details_page(
        self, ask: Ask, form: DetailsForm | None = None, problems: Mapping[str, str] | None = None
    ) -> Page:
        account = ask.visitor.account_id or ""
        with self._database.read() as tx:
            standing = self._accounts.standing(tx, account)
            birthday = self._accounts.facts(tx, account).get("birthday", "")
        if form is None and standing is not None:
            form = DetailsForm(
                standing.display_name or "",
                birthday,
                standing.locale or ask.visitor.locale,
                standing.time_zone or ask.visitor.time_zone,
                str(standing.version),
            )
        form = form or DetailsForm()
        zones = sorted({*ZONES, form.time_zone} & available_timezones())
        return Page(
            "lifecycle/details.html", {"form": form, "codes": problems or {}, "zones": zones}, 422 if problems else 200
        )

    def _shown(self, entry: Entry, locale: str) -> Mapping[str, Any]:
        browser, source = entry.personal.get("browser", ""), entry.personal.get("source", "")
        name = browser if " · " in browser else browser_name(browser)
        place = entry.personal.get("place") or source
        return {
            "at": entry.at,
            "text": self._texts.say(f"event.{entry.code}", locale, **entry.facts),
            "refused": entry.outcome != "done",
            "detail": " · ".join(part for part in (entry.personal.get("name"), name, place) if part),
        }

    def _card(self, visitor: Visitor, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        with self._database.read() as tx:
            names = self._accounts.identifiers(tx, visitor.account_id or "")
        return {"mails": [name for name in names if name.kind == "email"]}


def _problems(form: DetailsForm) -> dict[str, str]:
    problems = {}
    if form.birthday and not _is_day(form.birthday):
        problems["birthday"] = "lifecycle.details.birthday_unreadable"
    if form.locale not in LOCALES:
        problems["locale"] = "lifecycle.details.choose"
    if form.time_zone not in available_timezones():
        problems["time_zone"] = "lifecycle.details.choose"
    if not re.fullmatch(r"[0-9]{1,9}", form.version):
        problems["name"] = "lifecycle.details.moved"
    return problems


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
