"""One page for each act, made from its arguments: what it would do, why, the button; and taking it back."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from menshen.kit.database import Database, Tx
from menshen.kit.room import Act
from menshen.kit.web.routes import Answer, Ask, Page, Redirect, Route
from menshen.operators.pages.telling import CUSTOMERS, Telling
from menshen.operators.rules import Field, Planned, Refusal, fields_of, irreversible
from menshen.operators.service import Operators


class NoFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form with a button and nothing else."""


class ActPages:
    """Acts become pages by themselves; the route of each needs the right to that act."""

    def __init__(self, database: Database, operators: Operators, telling: Telling) -> None:
        self._database = database
        self._operators = operators
        self._telling = telling

    def routes(self) -> Sequence[Route]:
        """A pair of doors for each act, and the one that takes back."""
        return (
            Route("POST", "/console/acts/{run_id}/undo", self.undo, "acts.run", NoFields),
            *(route for act in self._operators.acts for route in self._act_routes(act)),
        )

    def undo(self, ask: Ask) -> Answer:
        """Take back what was just done."""
        with self._database.write() as tx:
            account = self._operators.account_of(tx, ask.params["run_id"])
            outcome = self._operators.undo(tx, ask.visitor, ask.params["run_id"])
        back = f"{CUSTOMERS}/{account}" if account else CUSTOMERS
        if isinstance(outcome, Refusal):
            return _again(back) if outcome.code == "operators.act.again" else Redirect(f"{back}?told=not_undone")
        return Redirect(f"{back}?told=undone")

    # --- within

    def _act_routes(self, act: Act) -> tuple[Route, Route]:
        """The page that says what an act would do, and the button that does it; its form has the act's arguments."""
        fields = fields_of(act.arguments)
        names = [(each.name, str, "") for each in fields]
        form = msgspec.defstruct(
            "ActForm", [*names, ("why", str, ""), ("sure", str, "")], frozen=True, forbid_unknown_fields=True
        )
        path = f"{CUSTOMERS}/{{account_id}}/acts/{act.verb}"

        def show(ask: Ask) -> Answer:
            given = {each.name: ask.query[each.name] for each in fields if each.name in ask.query}
            with self._database.read() as tx:
                self._telling.customer(tx, ask.params["account_id"])
                return self._act_page(tx, ask, act, fields, given)

        def do(ask: Ask) -> Answer:
            given = {each.name: getattr(ask.form, each.name) for each in fields}
            return self._run(ask, act, fields, given)

        return Route("GET", path, show, act.verb), Route("POST", path, do, act.verb, form)

    def _run(self, ask: Ask, act: Act, fields: Sequence[Field], given: Mapping[str, str]) -> Answer:
        account, why = ask.params["account_id"], ask.form.why
        back = f"{CUSTOMERS}/{account}"
        with self._database.write() as tx:
            self._telling.customer(tx, account)
            if irreversible(act) and ask.form.sure.strip() != self._telling.name(tx, account):
                return self._act_page(
                    tx, ask, act, fields, given, why=why, problem=("sure", "operators.act.sure_wrong")
                )
            outcome = self._operators.run(tx, ask.visitor, act.verb, account, given, why)
            if isinstance(outcome, Refusal) and outcome.code == "operators.act.why_missing":
                return self._act_page(tx, ask, act, fields, given, problem=("why", outcome.code))
        if isinstance(outcome, Refusal):
            if outcome.code == "operators.act.again":
                return _again(f"{back}/acts/{act.verb}")
            return Page(
                "operators/refused.html",
                {"act": act.verb, "back": back, "why": self._telling.told(outcome, ask.visitor.locale)},
                409,
            )
        return Redirect(f"{back}?ran={outcome.run_id}&told=done")

    def _act_page(
        self,
        tx: Tx,
        ask: Ask,
        act: Act,
        fields: Sequence[Field],
        given: Mapping[str, str],
        *,
        why: str = "",
        problem: tuple[str, str] | None = None,
    ) -> Page:
        account = ask.params["account_id"]
        planned = self._operators.plan(tx, ask.visitor, act.verb, account, given)
        asking = bool(fields) and isinstance(planned, Refusal)
        refusal = planned if isinstance(planned, Refusal) and (given or not fields) else None
        values = {
            "act": act.verb,
            "account": account,
            "name": self._telling.name(tx, account),
            "back": f"{CUSTOMERS}/{account}",
            "fields": [self._shown_field(act, each, given, ask.visitor.locale) for each in fields],
            "given": given,
            "asking": asking,
            "refusal": self._telling.told(refusal, ask.visitor.locale) if refusal else "",
            "will": self._telling.told(planned.preview, ask.visitor.locale, act.verb)
            if isinstance(planned, Planned)
            else "",
            "undoable": act.undo is not None,
            "sure": irreversible(act),
            "why": why,
            "problems": {problem[0]: self._telling.say(problem[1], ask.visitor.locale)} if problem else {},
        }
        return Page("operators/act.html", values, 422 if problem else 200)

    def _shown_field(self, act: Act, each: Field, given: Mapping[str, str], locale: str) -> Mapping[str, Any]:
        room = act.verb.partition(".")[0]
        return {
            "name": each.name,
            "kind": each.kind,
            "label": f"act.{act.verb}.{each.name}",
            "choices": [(choice, self._telling.say(f"{room}.{each.name}.{choice}", locale)) for choice in each.choices],
            "value": given.get(each.name, each.default),
        }


def _again(to: str) -> Redirect:
    return Redirect(f"/console/sign-in/again?to={to}")
