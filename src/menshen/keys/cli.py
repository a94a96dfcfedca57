"""`menshen keys ...`: see the key ring, and seal everything again under a new key."""

from collections.abc import Callable

import typer
from rich.console import Console
from rich.table import Table

from menshen.keys.service import Keys, Rotated
from menshen.kit.clock import iso

Rotate = Callable[[Callable[[str, int], None], bool], Rotated]
"""(what is told of each batch, whether only to go on) -> what was done."""


def commands(rotate_all: Rotate, keys: Keys) -> typer.Typer:
    """The command group; `rotate_all` rotates and has it recorded."""
    group = typer.Typer(help="The key ring that seals stored secrets.", no_args_is_help=True)

    @group.command()
    def establish() -> None:
        """Make the key ring of a new database, and the key file or HSM key that wraps it."""
        typer.echo("The key ring is made." if keys.establish() else "The key ring is there.")

    @group.command()
    def status() -> None:
        """Show each key of the ring and how many values are sealed under it."""
        _show(keys)

    @group.command()
    def rotate() -> None:
        """Make a new sealing key and seal every value again under it, while the house serves.

        Killed at any point, it goes on when called again. Exit code 1 where a value does not open.
        """
        moved: dict[str, int] = {}

        def tell(column: str, count: int) -> None:
            moved[column] = moved.get(column, 0) + count
            typer.echo(f"{column}: {moved[column]} sealed again")

        done = rotate_all(tell, False)
        typer.echo(f"{done.moved} values sealed again under the new key.")
        if done.waiting and not done.broken:
            typer.echo(
                "The old key stays until every process seals under the new one: the serving house retires it within"
                " two hours, and `menshen keys rotate` does after two minutes."
            )
        for value in done.broken:
            typer.echo(f"does not open: {value}", err=True)
        if done.broken:
            typer.echo(
                "Their key stays in the ring. Restore these rows from a backup, or have their owners renew them.",
                err=True,
            )
            raise typer.Exit(1)

    return group


def _show(keys: Keys) -> None:
    shown = Table("key", "for", "state", "made", "retired", "values")
    for key in keys.status():
        retired = iso(key.retired_at) if key.retired_at is not None else ""
        values = str(key.values) if key.kind == "seal" else ""
        shown.add_row(key.id, key.kind, key.state, iso(key.created_at), retired, values)
    Console().print(shown)
