"""`menshen operator`: invite and list those who operate the house; `menshen act`: do something to an account."""

from typing import Annotated, Any, NoReturn

import typer

from menshen.kit.clock import MINUTE
from menshen.kit.database import Database
from menshen.kit.texts import Texts
from menshen.kit.web.visitor import Visitor
from menshen.operators.rules import CLI, PRINTED_LASTS, Refusal
from menshen.operators.service import Operators

VISITOR = Visitor(host=CLI, source=CLI, realm="operator", account_id=CLI, locale="en")
"""Whoever runs a command; what it does is journaled under this name."""


def operator_commands(database: Database, operators: Operators, texts: Texts, locale: str) -> typer.Typer:
    """The command group `operator`; `locale` is the language of invitations."""
    group = typer.Typer(help="Invite those who operate this house.", no_args_is_help=True)

    @group.command()
    def invite(email: Annotated[str, typer.Argument(help="Address of the new operator.")]) -> None:
        """Invite an operator: prints a one-time link until the first has come in; later the link is only mailed."""
        with database.write() as tx:
            outcome = operators.invite(tx, email, actor=CLI, locale=locale)
        if isinstance(outcome, Refusal):
            _refuse(outcome, texts)
        if outcome.link is None:
            typer.echo("The invitation is on its way by mail; its link is shown nowhere else.")
            return
        typer.echo(outcome.link)
        typer.echo(
            f"Open it within {PRINTED_LASTS // MINUTE} minutes, in a browser that reaches it. It works once.", err=True
        )

    @group.command("list")
    def list_all() -> None:
        """Show all operators with state and role."""
        with database.read() as tx:
            found = operators.operators(tx)
        for each in found:
            typer.echo(f"{each.address}\t{each.standing.state}\t{each.role or '-'}\t{each.standing.account_id}")
        if not found:
            typer.echo("There is no operator yet: menshen operator invite EMAIL")

    return group


def act_commands(database: Database, operators: Operators, texts: Texts) -> typer.Typer:
    """The command `act`."""
    group = typer.Typer()

    @group.command()
    def act(
        verb: Annotated[str, typer.Argument(help="What to do, such as accounts.suspend; `list` shows all.")],
        account: Annotated[str, typer.Option(help="Id of the account, or the address or name it signs in by.")] = "",
        why: Annotated[str, typer.Option(help="The reason, kept in the journal.")] = "",
        argument: Annotated[list[str] | None, typer.Option(help="An argument of the act: group=gold.")] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    ) -> None:
        """Do something to an account, as the console would: preview, do, journal."""
        if verb == "list":
            for each in operators.acts:
                typer.echo(f"{each.verb}\t{texts.say(f'act.{each.verb}', 'en')}")
            return
        given = dict(part.partition("=")[::2] for part in argument or ())
        with database.read() as tx:
            target = operators.target(tx, account)
            planned = operators.plan(tx, VISITOR, verb, target, given)
        if isinstance(planned, Refusal):
            _refuse(planned, texts)
        typer.echo(texts.say(planned.preview.sentence, "en", **planned.preview.values))
        if not dry_run:
            _do(verb, target, given, why)

    def _do(verb: str, target: str, given: dict[str, str], why: str) -> None:
        with database.write() as tx:
            outcome = operators.run(tx, VISITOR, verb, target, given, why)
        if isinstance(outcome, Refusal):
            _refuse(outcome, texts)
        typer.echo(f"Done: {outcome.run_id}")

    return group


def _refuse(refusal: Refusal, texts: Texts) -> NoReturn:
    values: dict[str, Any] = dict(refusal.values)
    typer.echo(f"menshen: {texts.say(refusal.code, 'en', **values)}", err=True)
    raise typer.Exit(1)
