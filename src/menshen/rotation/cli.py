"""`menshen rotation`: require a change of password of one, a group or all, lift it, and list what stands."""

from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from menshen.kit.clock import Clock, from_datetime, iso
from menshen.kit.database import Database
from menshen.kit.room import Query
from menshen.kit.texts import Texts
from menshen.policy.rules import Refusal
from menshen.rotation.rules import CAUSES, Cause, Reason
from menshen.rotation.service import Rotation

WHO = "cli"


def rotation_commands(database: Database, rotation: Rotation, clock: Clock, texts: Texts) -> typer.Typer:
    """The command group with its services filled in."""
    commands = typer.Typer(help="Who must change the password, why and by when.", no_args_is_help=True)

    @commands.command()
    def require(
        cause: Annotated[str, typer.Option(help=f"Why: {', '.join(CAUSES)}.")],
        account: Annotated[str | None, typer.Option(help="One customer, by the account's id.")] = None,
        group: Annotated[str | None, typer.Option(help="All customers of a group.")] = None,
        everyone: Annotated[bool, typer.Option("--all", help="All customers.")] = False,
        by: Annotated[
            str | None, typer.Option(help="Day (UTC) from which it is forced, 2026-12-02; else at once.")
        ] = None,
    ) -> None:
        """Require a new password; in force for all at once, without touching a row of theirs."""
        if [account is not None, group is not None, everyone].count(True) != 1:
            raise typer.BadParameter("give one of --account, --group and --all")
        scope = account if account is not None else Query(group=group)
        with database.write() as tx:
            done = rotation.require_change(tx, scope, _cause(cause), by=_day(by, clock), who=WHO)
        if isinstance(done, Refusal):
            _refuse(done, texts)
        for reason_id in done:
            typer.echo(reason_id)

    @commands.command()
    def lift(reason: Annotated[str, typer.Argument(help="The id that `require` and `list` print.")]) -> None:
        """Lift a requirement again."""
        with database.write() as tx:
            refusal = rotation.lift(tx, reason, who=WHO)
        if refusal is not None:
            _refuse(refusal, texts)

    @commands.command("list")
    def list_them(
        account: Annotated[str | None, typer.Option(help="One customer, by the account's id.")] = None,
    ) -> None:
        """List the requirements that stand: those for many, or all that mean one customer."""
        with database.read() as tx:
            found = rotation.reasons_for(tx, account) if account else rotation.reasons_for_many(tx)
        _print(found)

    return commands


def _cause(given: str) -> Cause:
    for cause in CAUSES:
        if cause == given:
            return cause
    raise typer.BadParameter(f"{given!r} is no cause; there are {', '.join(CAUSES)}")


def _day(given: str | None, clock: Clock) -> int | None:
    if given is None:
        return None
    try:
        day = from_datetime(datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError:
        raise typer.BadParameter(f"{given!r} is no day; write it like 2026-12-02") from None
    if day <= clock.now():
        raise typer.BadParameter(f"{given} is not in the future; leave --by out to force it at once")
    return day


def _print(reasons: tuple[Reason, ...]) -> None:
    table = Table("id", "cause", "whom", "since", "by", "who")
    for each in reasons:
        table.add_row(each.reason_id, each.cause, _whom(each.scope), iso(each.since), iso(each.by), each.who)
    Console().print(table)


def _whom(scope: Query) -> str:
    named = {"group": scope.group, "state": scope.state, "must change": scope.must_change}
    said = [f"{name} {value}" for name, value in named.items() if value is not None]
    if scope.account_ids is not None:
        said.append(f"{len(scope.account_ids)} named")
    return ", ".join(said) or "all"


def _refuse(refusal: Refusal, texts: Texts) -> NoReturn:
    typer.echo(texts.say(refusal.code, "en", **refusal.values), err=True)
    raise typer.Exit(1)
