"""`menshen policy`: list, show, compare, assign, release and save; TOML goes out and comes in, for review in git."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from menshen.kit.clock import Clock, from_datetime, iso
from menshen.kit.database import Database
from menshen.kit.texts import Texts
from menshen.passwords import Profile, ProfileFault, read_profile, say, sentence
from menshen.passwords import compare as compared
from menshen.policy.rules import LawBook, Refusal, Version, as_toml
from menshen.policy.service import Policy, unknown

WHO = "cli"


def policy_commands(database: Database, policy: Policy, clock: Clock, texts: Texts) -> typer.Typer:
    """The command group with its services filled in."""
    commands = typer.Typer(help="Password policies: what they ask, and which group has which.", no_args_is_help=True)

    def book() -> LawBook:
        with database.read() as tx:
            return policy.book(tx)

    @commands.command("list")
    def list_them() -> None:
        """List the policies in force and the groups that have them."""
        _print_list(book(), clock.now())

    @commands.command()
    def show(name: Annotated[str, typer.Argument(help="Name of a policy.")]) -> None:
        """Print a policy as it holds now, as TOML that `save` takes back."""
        typer.echo(as_toml(_in_force(book(), name, clock, texts).profile), nl=False)

    @commands.command()
    def compare(
        names: Annotated[list[str] | None, typer.Argument(help="Policies; all if none is named.")] = None,
    ) -> None:
        """Show which standards each policy keeps and breaks, computed from its values."""
        found = book()
        _print_comparison([_in_force(found, name, clock, texts).profile for name in names or sorted(found.versions)])

    @commands.command()
    def assign(group: str, name: Annotated[str, typer.Argument(metavar="POLICY")]) -> None:
        """Give a group a policy; refused where a member could not satisfy it."""
        with database.write() as tx:
            refusal = policy.assign(tx, group, name, actor=WHO)
        if refusal is not None:
            _refuse(refusal, texts)

    @commands.command()
    def release(group: str) -> None:
        """Take a group's own policy away, so that the default holds again."""
        with database.write() as tx:
            refusal = policy.release(tx, group, actor=WHO)
        if refusal is not None:
            _refuse(refusal, texts)

    @commands.command()
    def save(
        file: Annotated[
            Path, typer.Argument(help="A policy as TOML, as `show` prints it.", exists=True, dir_okay=False)
        ],
        based_on: Annotated[int, typer.Option(help="Number of the version you changed, as `list` prints it.")] = 0,
        valid_from: Annotated[
            str | None, typer.Option(help="Day (UTC) from which it holds, 2026-12-02; else now.")
        ] = None,
    ) -> None:
        """Save a new version of a policy; refused where customers could not satisfy it."""
        with database.write() as tx:
            saved = policy.save(tx, _read(file), based_on=based_on, actor=WHO, valid_from=_day(valid_from))
        if isinstance(saved, Refusal):
            _refuse(saved, texts)
        typer.echo(f"{saved.name}: version {saved.number}, valid from {iso(saved.valid_from)}")

    return commands


def _in_force(book: LawBook, name: str, clock: Clock, texts: Texts) -> Version:
    if book.newest(name) is None:
        _refuse(unknown(name, book), texts)
    return book.in_force(name, clock.now())


def _read(file: Path) -> Profile:
    try:
        return read_profile(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ProfileFault) as wrong:
        raise typer.BadParameter(f"{file}: {wrong}") from None


def _day(given: str | None) -> int | None:
    if given is None:
        return None
    try:
        return from_datetime(datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError:
        raise typer.BadParameter(f"{given!r} is no day; write it like 2026-12-02") from None


def _print_list(book: LawBook, now: int) -> None:
    table = Table("policy", "version", "valid from", "saved by", "groups", "coming")
    for name in sorted(book.versions):
        version, newest = book.in_force(name, now), book.newest(name)
        groups = sorted(group for group, policy in book.assigned.items() if policy == name)
        if name == book.default:
            groups.append("(all others)")
        since = iso(version.valid_from) if version.number else "built in"
        coming = f"{newest.number} from {iso(newest.valid_from)}" if newest and newest != version else ""
        table.add_row(name, str(version.number), since, version.saved_by, ", ".join(groups), coming)
    Console().print(table)


def _print_comparison(profiles: list[Profile]) -> None:
    comparison = compared(profiles)
    table = Table("standard", "clause", "asks", *comparison.profiles)
    for line in comparison.lines:
        answers = ["keeps" if kept else "[red]breaks[/red]" for kept in line.kept]
        table.add_row(line.standard, line.clause, say(line.code, "en"), *answers)
    Console().print(table)


def _refuse(refusal: Refusal, texts: Texts) -> NoReturn:
    values: dict[str, Any] = dict(refusal.values)
    typer.echo(texts.say(refusal.code, "en", **values), err=True)
    for reason in refusal.reasons:
        typer.echo(f"  {sentence(reason, 'en')} ({reason.clause})", err=True)
    raise typer.Exit(1)
