"""The program `menshen`: its own commands, and those of the rooms, loaded only when they are asked for."""

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from menshen.kit.fault import Fault

GROUPS: Mapping[str, str] = {
    "act": "Do something to an account: preview, do, journal.",
    "accounts": "Bring customers in, take them out.",
    "apps": "Applications that people may be sent to after signing in.",
    "keys": "The key ring that seals stored secrets.",
    "operator": "Invite those who operate this house.",
    "password": "Judge and make passwords.",
    "policy": "Password policies: what they ask, and which group has which.",
    "rotation": "Who must change the password, why and by when.",
}
"""Command groups of the rooms, with what the overview says of them; a test compares them with the rooms."""

ALONE = frozenset({"password"})
"""Groups that need no database."""


class Rooms(TyperGroup):
    """Shows all groups, and builds the house only for the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Our own commands first, then the rooms'."""
        return [*super().list_commands(ctx), *sorted(GROUPS)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; a room's group is built now."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in GROUPS:
            return own
        if ctx.resilient_parsing or cmd_name not in sys.argv[1:2]:
            return TyperGroup(name=cmd_name, help=GROUPS[cmd_name])
        return _room_group(cmd_name)


app = typer.Typer(
    cls=Rooms,
    help="Menshen (门神): self-hosted customer password management.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Serving processes; more than one needs PostgreSQL.")] = 1,
    with_sink: Annotated[bool, typer.Option("--with-sink", help="Catch all mail and show it on a local page.")] = False,
) -> None:
    """Serve the house; with no configuration at all, on an embedded database."""
    from menshen.app.serving import serve as serve_now

    serve_now(workers=workers, with_sink=with_sink, say=_say)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version, and make the key ring of a new one."""
    from menshen.app.house import ground_from
    from menshen.app.migrating import HEAD
    from menshen.app.migrating import migrate as migrate_now
    from menshen.app.serving import establish_keys, make_folder

    os.umask(0o077)
    ground = ground_from(os.environ)
    make_folder(ground.data)
    before = migrate_now(ground.database)
    establish_keys(ground, _say)
    typer.echo(f"The schema is at {HEAD}." if before != HEAD else f"The schema was at {HEAD} already.")


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False) -> None:
    """Say what is wrong here, why it matters and what to do; exit code 1 where something is."""
    from menshen.app.doctor import checks, examine

    raise typer.Exit(examine(checks(_house()), as_json=as_json, say=typer.echo))


@app.command()
def demo(
    customers: Annotated[int, typer.Option(min=10, max=100_000, help="How many customers to make up.")] = 2000,
    folder: Annotated[str, typer.Option(help="A scratch data folder of its own.")] = "var-demo",
) -> None:
    """Fill a scratch deployment with fictional customers and their history, and serve it."""
    from menshen.app.demo import run

    run(customers=customers, folder=folder, say=_say)


settings_group = typer.Typer(help="Settings: which there are, and which hold here.", no_args_is_help=True)
app.add_typer(settings_group, name="settings")


@settings_group.command("reference")
def settings_reference() -> None:
    """Print the reference of all settings as Markdown."""
    from menshen.app.house import SECTIONS
    from menshen.kit.settings import reference

    sys.stdout.write(reference(SECTIONS))


@settings_group.command("check")
def settings_check() -> None:
    """Say whether the settings can be used; the first that cannot is named with its line."""
    from menshen.app.house import ground_from
    from menshen.app.serving import must_be_right

    must_be_right(ground_from(os.environ))
    typer.echo("The settings are right.")


@settings_group.command("show")
def settings_show() -> None:
    """Print the settings that hold here, those that are secret left out."""
    import msgspec

    from menshen.app.house import ground_from
    from menshen.kit.settings import shown

    for section, values in ground_from(os.environ).settings.items():
        typer.echo(f"[{section}]")
        for name, value in msgspec.structs.asdict(values).items():
            typer.echo(f"{name} = {shown(name, value)}")
        typer.echo("")


def main() -> None:
    """Run the program; what is wrong is said in one line, with what to do."""
    try:
        app()
    except Fault as fault:
        _say(" ".join(str(fault).split()))
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as trouble:
        _say(f"{trouble.filename or 'the system'}: {trouble.strerror}")
        sys.exit(2)


def _say(sentence: str) -> None:
    sys.stderr.write(f"menshen: {sentence}\n")
    sys.stderr.flush()


@cache
def _house() -> Any:
    """The house for one command, on a database that is there and has the right schema."""
    from menshen.app.house import build, ground_from
    from menshen.app.logs import set_up_logs
    from menshen.app.migrating import must_fit
    from menshen.app.serving import make_ready

    set_up_logs()
    os.umask(0o077)
    ground = ground_from(os.environ)
    if ground.database.embedded:
        make_ready(ground, _say)
    else:
        must_fit(ground.database)
    return build(ground)


def _house_to_describe() -> Any:
    """A house that touches no database, to print the help of its commands."""
    from menshen.app.house import build, lay
    from menshen.app.rules import DEFAULT_LISTEN

    no_measuring = {"MENSHEN_CREDENTIALS_MEMORY_KIB": "19456", "MENSHEN_CREDENTIALS_ITERATIONS": "2"}
    return build(lay(Path(os.devnull), listen=DEFAULT_LISTEN, environment=no_measuring))


def _room_group(name: str) -> Any:
    if name in ALONE:
        from menshen.passwords.cli import password_commands

        group = password_commands
    else:
        words = sys.argv[2:]
        asks_for_help = not words or "--help" in words
        house = _house_to_describe() if asks_for_help else _house()
        groups = {each: group for room in house.rooms for each, group in room.commands.items()}
        if name not in groups:
            raise Fault(f"no room offers the commands {name}")
        group = groups[name]
    # Help without the frames of rich, whose import costs more than the command.
    group.rich_markup_mode = None
    group.pretty_exceptions_enable = False
    # A room with one command, such as `act`, is called by its name alone.
    return typer.main.get_command(group)
