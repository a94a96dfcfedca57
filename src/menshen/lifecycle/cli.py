"""`menshen accounts ...`: bring customers in from a file, and take them out to one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from menshen.kit.database import Fault
from menshen.kit.texts import Texts
from menshen.lifecycle.rules.lines import Options, Refused
from menshen.lifecycle.service.exporting import Written, export
from menshen.lifecycle.service.importing import Counts, Importing, Phase, Rooms
from menshen.lifecycle.service.pace import Pace
from menshen.lifecycle.store.files import BadFile

T = TypeVar("T")

LARGE = 2_000_000
"""Bytes of a file from which on processes that read it are worth their start."""
READERS = 2
SOME_REFUSED = 3
"""Exit code where some lines did not come in."""


def account_commands(rooms: Callable[[], Rooms], texts: Texts, gap: float, region: str) -> typer.Typer:
    """The command group; `rooms` furnishes what it works with, `gap` is the seconds between two transactions."""
    commands = typer.Typer(help="Customers: bring them in, take them out.", no_args_is_help=True)

    @commands.command("import")
    def bring_in(
        file: Annotated[Path, typer.Argument(help="JSON Lines, or CSV by its name.", exists=True, dir_okay=False)],
        dry_run: Annotated[bool, typer.Option(help="Check the whole file and write nothing.")] = False,
        hash: Annotated[str | None, typer.Option(help="Format or recipe of hashes whose line names none.")] = None,
        pepper_file: Annotated[
            Path | None, typer.Option(help="File with the pepper of the old system.", exists=True, dir_okay=False)
        ] = None,
        system: Annotated[str, typer.Option(help="The system whose ids stand in external_id.")] = "crm",
    ) -> None:
        """Bring customers in. Lines that do not come in go to FILE.errors; exit code 3 where there are some."""
        options = Options(
            region=region,
            system=system,
            hash=hash,
            pepper=pepper_file.read_text("utf-8").rstrip("\n") if pepper_file else None,
            zones=frozenset(available_timezones()),
        )
        with Bar(file.stat().st_size) as bar:
            importing = Importing(
                rooms(),
                options,
                pace=Pace(gap),
                say=_saying(texts),
                tell=bar.tell,
                processes=READERS if file.stat().st_size > LARGE else 0,
            )
            counts = _whole(lambda: importing.run(file, dry_run=dry_run))
        _report(counts, file, dry_run)
        if counts.refused:
            raise typer.Exit(SOME_REFUSED)

    @commands.command("export")
    def take_out(
        file: Annotated[Path, typer.Argument(help="A new file; CSV by its name, else JSON Lines.", dir_okay=False)],
        with_hashes: Annotated[bool, typer.Option("--with-hashes", help="Write the stored hashes too.")] = False,
        system: Annotated[str, typer.Option(help="The system whose ids become external_id.")] = "crm",
    ) -> None:
        """Take customers out, in the form that `import` reads; the file is readable by its owner alone."""
        written = _whole(lambda: export(rooms(), file, system=system, with_hashes=with_hashes))
        _report_written(written, file)

    return commands


class Bar:
    """A progress bar over the bytes of a file, twice: for the check and for the import."""

    def __init__(self, size: int) -> None:
        self._size = max(size, 1)
        self._started = time.monotonic()
        self._seen = 0
        self._phase: Phase | None = None
        self._shown = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]} lines/s"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )

    def __enter__(self) -> "Bar":
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def tell(self, phase: Phase, position: int, counts: Counts) -> None:
        """Show how far it has come."""
        done = counts.lines if phase == "check" else counts.created
        if phase != self._phase:
            self._phase, self._started, self._seen = phase, time.monotonic(), 0
            self._task = self._shown.add_task(phase, total=self._size, rate="...")
        rate = done / max(time.monotonic() - self._started, 0.001)
        self._shown.update(self._task, completed=position, rate=f"{rate:,.0f}")


def _whole(work: Callable[[], T]) -> T:
    try:
        return work()
    except (BadFile, Fault, OSError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None


def _saying(texts: Texts) -> Callable[[Refused], str]:
    return lambda refused: texts.say(refused.code, "en", **refused.values)


def _report(counts: Counts, file: Path, dry_run: bool) -> None:
    if dry_run:
        typer.echo(f"{counts.lines - counts.known - counts.refused} of {counts.lines} lines would come in.")
    else:
        typer.echo(f"{counts.created} of {counts.lines} lines came in.")
    if counts.known:
        typer.echo(f"{counts.known} were here already.")
    if counts.groups:
        typer.echo(f"New groups: {', '.join(sorted(counts.groups))}.")
    if counts.plain:
        typer.echo(
            f"{counts.plain} passwords lay in the file in the clear. They are stored as hashes only; delete the file.",
            err=True,
        )
    if counts.refused:
        typer.echo(f"{counts.refused} did not come in: {file}.errors says why.", err=True)


def _report_written(written: Written, file: Path) -> None:
    typer.echo(f"{written.written} customers are in {file}.")
    if written.left_out:
        typer.echo(f"{written.left_out} suspended or closing accounts were left out: the form has no word for them.")
