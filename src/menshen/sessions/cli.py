"""`menshen apps`: which applications stand behind this sign-in."""

from typing import Annotated

import typer

from menshen.kit.database import Database
from menshen.sessions.rules import WrongOrigin
from menshen.sessions.service.apps import Apps


def commands(database: Database, apps: Apps) -> typer.Typer:
    """The command group `apps`."""
    group = typer.Typer(help="Applications that people may be sent to after signing in.", no_args_is_help=True)

    @group.command()
    def add(
        origin: Annotated[str, typer.Argument(help="https://shop.example.com")],
        name: Annotated[str, typer.Option(help="What people see it called.")] = "",
    ) -> None:
        """Register an application by its origin."""
        try:
            with database.write() as tx:
                app = apps.add(tx, origin, name)
        except WrongOrigin as wrong:
            typer.echo(f"menshen: {wrong}", err=True)
            raise typer.Exit(2) from None
        typer.echo(f"Registered {app.origin} as {app.name}. People may now be sent there after signing in.")

    @group.command("list")
    def list_all() -> None:
        """Show all registered applications."""
        found = apps.all()
        for app in found:
            typer.echo(f"{app.origin}\t{app.name}")
        if not found:
            typer.echo("No application is registered. menshen apps add https://shop.example.com")

    @group.command()
    def remove(origin: Annotated[str, typer.Argument(help="https://shop.example.com")]) -> None:
        """Take an application off the list; nobody is sent there any more."""
        try:
            with database.write() as tx:
                gone = apps.remove(tx, origin)
        except WrongOrigin as wrong:
            typer.echo(f"menshen: {wrong}", err=True)
            raise typer.Exit(2) from None
        typer.echo(f"Removed {origin}." if gone else f"{origin} is not registered; menshen apps list shows all.")
        if not gone:
            raise typer.Exit(1)

    return group
