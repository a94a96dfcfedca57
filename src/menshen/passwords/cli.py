"""The commands `menshen password check` and `menshen password generate`, which `policy` offers to the house."""

import os
import re
import secrets
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn

import msgspec
import typer

from menshen.passwords.rules.person import Person
from menshen.passwords.rules.profile import Profile, ProfileFault
from menshen.passwords.rules.text import LONGEST_TYPED
from menshen.passwords.rules.verdict import Verdict
from menshen.passwords.service import KINDS, generate, judge, named, say, sentence
from menshen.passwords.store import LOCALES, PROFILE_NAMES

WRONG_USE = 2
MOST_BYTES = 4 * LONGEST_TYPED
"""Of a line: what is longer cannot be a password; the rest of it is passed over."""

READS_ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}
"""So that a secret given as an argument is refused with advice and never repeated in an error (S-99)."""

password_commands = typer.Typer(name="password", help="Judge and make passwords.", no_args_is_help=True)


def spoken_locale() -> str:
    """The language of the terminal: Chinese where it says so, English otherwise."""
    named_by = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return LOCALES[0] if named_by.startswith("zh") else LOCALES[1]


PolicyName = Annotated[str, typer.Option("--policy", help="A profile: " + ", ".join(PROFILE_NAMES) + ".")]
Locale = Annotated[str, typer.Option("--locale", default_factory=spoken_locale, help="zh_CN or en.")]


@password_commands.command("check", context_settings=READS_ANYTHING)
def check(
    context: typer.Context,
    locale: Locale,
    policy: PolicyName = "classic",
    person: Annotated[Path | None, typer.Option(help="A JSON file about the person.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Judge passwords: one a line on standard input, one verdict a line on standard output."""
    if context.args:
        _refuse_use(say("passwords.check.no_arguments", locale))
    profile, someone = _profile(policy, locale), _person(person, locale)
    for typed in _typed(locale):
        verdict = judge(typed, someone, profile)
        line = msgspec.json.encode(as_data(verdict)).decode() if as_json else as_words(verdict, locale)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


@password_commands.command("generate", context_settings=READS_ANYTHING)
def make(
    context: typer.Context,
    locale: Locale,
    policy: PolicyName = "classic",
    kind: Annotated[str, typer.Option(help=", ".join(KINDS))] = KINDS[0],
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 1,
    no_lookalikes: Annotated[
        bool, typer.Option("--no-lookalikes", help="Without characters taken for one another.")
    ] = False,
) -> None:
    """Make passwords that the policy accepts, each with its entropy in bits."""
    if context.args:
        _refuse_use(say("passwords.check.no_arguments", locale))
    wanted = next((known for known in KINDS if known == kind), None)
    if wanted is None:
        _refuse_use(f"--kind: {', '.join(KINDS)}")
    profile = _profile(policy, locale)
    for _ in range(count):
        made = generate(secrets.token_bytes, profile, wanted, no_lookalikes=no_lookalikes)
        bits = f"{made.entropy_bits:.1f}"
        sys.stdout.write(say("passwords.generate.entropy", locale, password=made.password, bits=bits) + "\n")


def as_data(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON has it: each reason with its code, clause and its sentence in both languages."""
    reasons = [
        {"code": why.code, "clause": why.clause, "sentence": {locale: sentence(why, locale) for locale in LOCALES}}
        for why in verdict.reasons
    ]
    return {
        "accepted": verdict.accepted,
        "reasons": reasons,
        "score": verdict.score,
        "guesses_log10": verdict.guesses_log10,
    }


def as_words(verdict: Verdict, locale: str) -> str:
    """A verdict as one line of text."""
    outcome = say(f"passwords.check.{'accepted' if verdict.accepted else 'refused'}", locale)
    guesses = f"{verdict.guesses_log10:.1f}"
    line = say("passwords.check.line", locale, outcome=outcome, score=verdict.score, guesses=guesses)
    return "  ".join([line, *(sentence(why, locale) for why in (*verdict.reasons, *verdict.advice))])


def read_person(content: bytes, locale: str) -> Person:
    """A person from one JSON object with known keys; ValueError with a sentence that never repeats the data."""
    try:
        data = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        data = None
    if not isinstance(data, dict):
        raise ValueError(say("passwords.check.person_unreadable", locale))
    known = Person.__struct_fields__
    for key in data.keys() - set(known):
        raise ValueError(say("passwords.check.person_unknown", locale, key=key, known=", ".join(known)))
    return Person(**{key: _fact(key, value, locale) for key, value in data.items() if value is not None})


def _fact(key: str, value: object, locale: str) -> Any:
    expected, right = "expect_text", isinstance(value, str)
    if key == "phones":
        expected, right = "expect_texts", isinstance(value, list) and all(isinstance(one, str) for one in value)
        value = tuple(value) if isinstance(value, list) else value
    elif key == "birthday" and isinstance(value, str):
        expected, value = "expect_date", _day(value)
        right = value is not None
    if not right:
        raise ValueError(
            say("passwords.check.person_wrong", locale, key=key, expected=say(f"passwords.check.{expected}", locale))
        )
    return value


def _day(written: str) -> date | None:
    """A date written year first, with any separator or none."""
    match = re.fullmatch(r"\s*(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?\s*", written)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _typed(locale: str) -> Iterator[str]:
    if sys.stdin.isatty():
        yield typer.prompt(say("passwords.check.type_one", locale), hide_input=True, err=True)
        return
    yield from passwords_in(sys.stdin.buffer)


def passwords_in(stream: BinaryIO) -> Iterator[str]:
    """One password a line, exactly as it stands there, but for the line's end; an empty line is an empty password.

    Bytes that are not UTF-8 become surrogates, which the judge refuses as not being text.
    """
    first = True
    while line := stream.readline(MOST_BYTES):
        while not line.endswith(b"\n") and (more := stream.readline(MOST_BYTES)):
            line = line[:MOST_BYTES] + more
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _profile(name: str, locale: str) -> Profile:
    try:
        return named(name)
    except ProfileFault:
        _refuse_use(say("passwords.check.unknown_policy", locale, name=name, known=", ".join(PROFILE_NAMES)))


def _person(file: Path | None, locale: str) -> Person | None:
    if file is None:
        return None
    try:
        return read_person(file.read_bytes(), locale)
    except OSError as fault:
        _refuse_use(f"{file}: {fault.strerror}")
    except ValueError as fault:
        _refuse_use(str(fault))


def _refuse_use(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(WRONG_USE)
