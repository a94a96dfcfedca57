"""The console's first page, finding a customer, and one customer's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from menshen.accounts.rules import Standing
from menshen.accounts.service import Accounts
from menshen.journal.service import Journal
from menshen.kit.database import Database, Tx
from menshen.kit.room import Act, Part, Query
from menshen.kit.web.routes import Answer, Ask, Page, Route
from menshen.kit.web.visitor import Visitor
from menshen.messages.service import Messages
from menshen.operators.pages.telling import CUSTOMERS, Telling
from menshen.operators.rules import fields_of, irreversible
from menshen.operators.service import Operators

HOME = "/console"
READ = "customers.read"
A_PAGE = 50
MOST_FOUND = 50


class ConsolePages:
    """What operators see; nothing here changes anything."""

    def __init__(
        self,
        database: Database,
        operators: Operators,
        accounts: Accounts,
        journal: Journal,
        messages: Messages,
        telling: Telling,
    ) -> None:
        self._database = database
        self._operators = operators
        self._accounts = accounts
        self._journal = journal
        self._messages = messages
        self._telling = telling

    def routes(self) -> Sequence[Route]:
        """The doors of the console."""
        return (
            Route("GET", HOME, self.home, "console.read"),
            Route("GET", CUSTOMERS, self.customers, READ),
            Route("GET", CUSTOMERS + "/{account_id}", self.customer, READ),
        )

    def parts(self) -> Sequence[Part]:
        """The first entries of the console's side list."""

        def entry(rank: int, needs: str, href: str, icon: str, code: str) -> Part:
            shown = {"href": href, "icon": icon, "code": code}
            return Part("console.nav", rank, lambda visitor, _: shown if needs in visitor.rights else None, "")

        return (
            entry(10, "console.read", HOME, "home", "operators.nav.home"),
            entry(20, READ, CUSTOMERS, "users", "operators.nav.customers"),
            entry(90, "setup.read", "/console/setup", "settings", "operators.nav.setup"),
        )

    def home(self, ask: Ask) -> Answer:
        """The first page: how many customers, how the mail goes, and the ways on."""
        with self._database.read() as tx:
            customers = self._accounts.count(tx, Query())
            due = self._accounts.count(tx, Query(must_change=True))
            mails = self._messages.counts(tx)
        values = {"customers": customers, "due": due, "mails": mails, "done": ask.query.get("done", "")}
        return Page("operators/home.html", values)

    def customers(self, ask: Ask) -> Answer:
        """Find customers by part of a name, pinyin, address, tail of a number, or an id elsewhere."""
        sought = ask.query.get("q", "").strip()[:100]
        with self._database.read() as tx:
            found = self._accounts.search(tx, "customer", sought, limit=MOST_FOUND) if sought else ()
            rows = [self._row(tx, standing) for standing in found]
        return Page("operators/customers.html", {"q": sought, "rows": rows, "most": len(rows) == MOST_FOUND})

    def customer(self, ask: Ask) -> Answer:
        """One customer: who, what can be done, what the rooms show, and what happened."""
        account = ask.params["account_id"]
        before = ask.query.get("before") or None
        with self._database.read() as tx:
            standing = self._telling.customer(tx, account)
            entries = self._journal.history(tx, account, limit=A_PAGE + 1, before=before)
            story = self._telling.story(tx, entries[:A_PAGE], ask.visitor.locale)
            name = self._telling.name(tx, account)
            acts = [shown for act in self._operators.acts if (shown := self._offered(tx, ask.visitor, act, account))]
            recent = [
                {
                    "id": run.id,
                    "verb": run.verb,
                    "at": run.at,
                    "who": self._telling.who(tx, run.who, ask.visitor.locale),
                }
                for run in self._operators.recent(tx, account)
                if run.verb in ask.visitor.rights
            ]
        values = {
            "standing": standing,
            "name": name,
            "account": account,
            "acts": acts,
            "recent": recent,
            "ran": next((run for run in recent if run["id"] == ask.query.get("ran")), None),
            "told": ask.query.get("told", ""),
            "story": story,
            "older": f"{CUSTOMERS}/{account}?before={entries[A_PAGE - 1].id}" if len(entries) > A_PAGE else None,
            "newest": f"{CUSTOMERS}/{account}" if before else None,
        }
        return Page("operators/customer.html", values)

    # --- within

    def _offered(self, tx: Tx, visitor: Visitor, act: Act, account: str) -> Mapping[str, Any] | None:
        """An act as a line of the customer's page: where there is a right to it and something for it to do."""
        if act.verb not in visitor.rights:
            return None
        fields = fields_of(act.arguments)
        if not fields and act.preview(tx, account, act.arguments()).count == 0:
            return None
        return {"verb": act.verb, "grave": irreversible(act)}

    def _row(self, tx: Tx, standing: Standing) -> Mapping[str, Any]:
        return {
            "standing": standing,
            "names": [name.shown for name in self._accounts.identifiers(tx, standing.account_id)],
        }
