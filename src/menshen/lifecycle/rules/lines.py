"""One line of an import file, in the shape its makers write, and what it means for us."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple

import msgspec

from menshen.accounts.rules import Identifier, Kind, Newcomer, Unusable, read
from menshen.accounts.rules.newcomer import clean_name
from menshen.credentials.formats import BadHash, StoredHash, parse, plain_text
from menshen.kit.clock import DAY, from_datetime
from menshen.kit.room import Realm

LISTS = ("emails", "phones", "groups")
"""Columns that hold several values, split by `;` in CSV."""
ORDINARY_GROUP = re.compile(r"[\w.-]{1,64}")

Several = Annotated[tuple[str, ...], msgspec.Meta(max_length=20)]
Short = Annotated[str, msgspec.Meta(max_length=400)]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a line; all may be left out but one that names the person."""

    external_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    user_name: Short | None = None
    emails: Several | None = None
    phones: Several | None = None
    display_name: Short | None = None
    birthday: Short | None = None
    locale: Short | None = None
    time_zone: Short | None = None
    groups: Several | None = None
    password_hash: str | None = None
    password_salt: str | None = None
    password_format: str | None = None
    password_changed_at: Short | None = None


COLUMNS = Line.__struct_fields__


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all lines of a file."""

    region: str = "CN"
    system: str = "crm"
    """The other system whose ids stand in `external_id`."""
    hash: str | None = None
    """Format or recipe of hashes whose line names none."""
    pepper: str | None = None
    zones: frozenset[str] = frozenset()
    """Known time zones (IANA)."""
    realm: Realm = "customer"


class Entry(NamedTuple):
    """A line that makes sense: a newcomer, and their password as a hash or in the clear."""

    number: int
    external_id: str | None
    newcomer: Newcomer
    stored: StoredHash | None
    plain: str | None
    changed_at: int


class Refused(ValueError):
    """A line that does not come in; `code` is its sentence in the catalogue, `detail` what a sentence cannot say."""

    def __init__(self, code: str, detail: str = "", **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.values = values


def from_json(text: bytes) -> Line:
    """A line of JSON Lines; raises Refused, without the values that were written there."""
    try:
        return _JSON.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Refused("import.unreadable", detail=str(wrong)) from None


def from_cells(cells: dict[str, Any]) -> Line:
    """A row of CSV, empty cells left out; raises Refused."""
    given: dict[str, Any] = {column: cell for column, cell in cells.items() if cell}
    for column in LISTS:
        if column in given:
            given[column] = [part.strip() for part in given[column].split(";") if part.strip()]
    try:
        return msgspec.convert(given, Line)
    except msgspec.ValidationError as wrong:
        raise Refused("import.unreadable", detail=str(wrong)) from None


def entry(line: Line, number: int, options: Options, now: int) -> Entry:
    """What a line means; raises Refused with the first reason why it cannot come in."""
    try:
        newcomer = Newcomer(
            realm=options.realm,
            identifiers=_identifiers(line, options.region),
            display_name=clean_name(line.display_name) if line.display_name else None,
            locale=_locale(line.locale),
            time_zone=_time_zone(line.time_zone, options),
            groups=_groups(line),
            facts={"birthday": _birthday(line.birthday)} if line.birthday else {},
        )
        stored, plain = _password(line, options)
    except Unusable as refused:
        raise Refused(refused.code) from None
    except BadHash as bad:
        raise Refused(bad.code, detail=bad.detail) from None
    external = _external(line.external_id)
    return Entry(number, external, newcomer, stored, plain, _changed_at(line.password_changed_at, now))


_JSON = msgspec.json.Decoder(Line)


def _identifiers(line: Line, region: str) -> tuple[Identifier, ...]:
    """All names, claimed only: that a file says so proves nothing (S-48)."""
    typed: list[tuple[Kind, str]] = [("user_name", line.user_name)] if line.user_name else []
    typed += [("email", mail) for mail in line.emails or ()]
    typed += [("phone", phone) for phone in line.phones or ()]
    names = {name.skeleton: name for name in (read(kind, text, region) for kind, text in typed)}
    if not names:
        raise Refused("import.nameless")
    return tuple(names.values())


def _external(written: str | None) -> str | None:
    if written and not written.isprintable():
        raise Refused("import.external_id")
    return written or None


def _locale(written: str | None) -> str | None:
    if not written:
        return None
    language = re.split("[-_]", written, maxsplit=1)[0].lower()
    known = {"zh": "zh_CN", "en": "en"}
    if language not in known:
        raise Refused("import.locale")
    return known[language]


def _time_zone(written: str | None, options: Options) -> str | None:
    if written and written not in options.zones:
        raise Refused("import.time_zone")
    return written or None


def _groups(line: Line) -> tuple[str, ...]:
    if not all(ORDINARY_GROUP.fullmatch(name) for name in line.groups or ()):
        raise Refused("import.group")
    return tuple(sorted(set(line.groups or ())))


def _birthday(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise Refused("import.birthday") from None


def _changed_at(written: str | None, now: int) -> int:
    """When the password was set; without a date it counts as set today, as the clock for changing it starts then."""
    if not written:
        return now
    try:
        moment = datetime.fromisoformat(written)
        instant = from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise Refused("import.changed_at") from None
    if not 0 <= instant <= now + DAY:
        raise Refused("import.changed_at")
    return min(instant, now)


def _password(line: Line, options: Options) -> tuple[StoredHash | None, str | None]:
    if not line.password_hash:
        return None, None
    form = line.password_format or options.hash
    plain = plain_text(line.password_hash, form)
    if plain is not None:
        return None, plain
    return (
        parse(
            line.password_hash,
            line.password_salt,
            form,
            user=line.user_name,
            external_id=line.external_id,
            pepper=options.pepper,
        ),
        None,
    )
