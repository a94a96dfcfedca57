"""How the console puts things in words: who somebody is, what happened to an account, what an act would do."""

from collections.abc import Mapping, Sequence
from typing import Any

from menshen.accounts.rules import Standing
from menshen.accounts.service import Accounts
from menshen.journal.service import Entry
from menshen.kit.database import Tx
from menshen.kit.room import Preview
from menshen.kit.texts import Texts
from menshen.kit.web.wire import Bad
from menshen.operators.rules import CLI, Refusal
from menshen.sessions.rules import browser_name

CUSTOMERS = "/console/customers"


class Telling:
    """Sentences and names for the console's pages."""

    def __init__(self, accounts: Accounts, texts: Texts) -> None:
        self._accounts = accounts
        self._texts = texts

    def say(self, code: str, locale: str) -> str:
        """A sentence without values."""
        return self._texts.say(code, locale)

    def customer(self, tx: Tx, account: str) -> Standing:
        """The customer of a page's address; operators have no such page."""
        standing = self._accounts.standing(tx, account)
        if standing is None or standing.realm != "customer":
            raise Bad(404, "kit.error.not_found")
        return standing

    def name(self, tx: Tx, account: str) -> str:
        """How a page calls an account: its name, else the first it signs in by, else its id."""
        standing = self._accounts.standing(tx, account)
        if standing and standing.display_name:
            return standing.display_name
        names = self._accounts.identifiers(tx, account)
        return names[0].shown if names else account

    def who(self, tx: Tx, actor: str | None, locale: str) -> str:
        """Who did something: the command line, a job, a stranger, or an account by its name."""
        if actor is None:
            return self._texts.say("operators.who.stranger", locale)
        if actor in (CLI, "system"):
            return self._texts.say(f"operators.who.{actor}", locale)
        return self.name(tx, actor)

    def story(self, tx: Tx, entries: Sequence[Entry], locale: str) -> list[Mapping[str, Any]]:
        """Events as a timeline tells them: when, what, by whom, why and from where."""
        names: dict[str | None, str] = {}
        story: list[Mapping[str, Any]] = []
        for entry in entries:
            if entry.actor not in names:
                own = entry.actor is not None and entry.actor == entry.account
                names[entry.actor] = (
                    self._texts.say("operators.who.self", locale) if own else self.who(tx, entry.actor, locale)
                )
            details = [names[entry.actor], entry.personal.get("why", ""), *_whence(entry)]
            kind = {"done": "", "refused": "warn", "failed": "bad"}[entry.outcome]
            sentence = self._sentence(f"event.{entry.code}", {**entry.facts, **entry.personal}, locale)
            story.append({"at": entry.at, "text": sentence, "kind": kind, "detail": " · ".join(filter(None, details))})
        return story

    def _sentence(self, code: str, values: Mapping[str, Any], locale: str) -> str:
        """A sentence, or its bare code where a value it speaks of was erased."""
        verb = values.get("verb")
        named = {"act": self._texts.say(f"act.{verb}", locale)} if verb and self._texts.knows(f"act.{verb}") else {}
        try:
            return self._texts.say(code, locale, **{**values, **named})
        except KeyError:
            return code.removeprefix("event.")

    def told(self, said: Preview | Refusal, locale: str, verb: str = "") -> str:
        """The sentence of a preview or refusal; the word of a choice is said in the reader's language."""
        room = verb.partition(".")[0]
        code = said.sentence if isinstance(said, Preview) else said.code
        values = {
            name: self._texts.say(f"{room}.{name}.{value}", locale)
            if self._texts.knows(f"{room}.{name}.{value}")
            else value
            for name, value in said.values.items()
        }
        return self._texts.say(code, locale, **values)


def _whence(entry: Entry) -> tuple[str, str]:
    """With what and from where a person came; of operators and commands nobody needs that here."""
    if entry.actor not in (None, entry.account):
        return "", ""
    browser = entry.personal.get("browser", "")
    return browser_name(browser) or browser, entry.personal.get("place", "")
