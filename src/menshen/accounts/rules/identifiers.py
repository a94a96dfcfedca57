"""How names for signing in are read: a normal form to find by, a skeleton to be unique by, a shown form to write to."""

import re
import unicodedata
from typing import Literal

import msgspec
import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

Kind = Literal["user_name", "email", "phone"]
IdentifierState = Literal["claimed", "verified"]

LONGEST_EMAIL = 254
"""RFC 5321 section 4.5.3.1.3 less the angle brackets; measured first, before any costlier look (S-169)."""
LONGEST_USER_NAME = 64
LONGEST_PHONE = 32


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """A name for signing in. Mail and messages only ever go to `shown`, never to what someone typed (S-39)."""

    kind: Kind
    normal: str
    """What is looked up: one normal form for all spellings of the same name."""
    skeleton: str
    """What must be unique: names that look alike share it."""
    shown: str
    state: IdentifierState = "claimed"

    def verified(self) -> "Identifier":
        """The same identifier, proven."""
        return msgspec.structs.replace(self, state="verified")


class Taken(msgspec.Struct, frozen=True):
    """A refusal: another account holds this identifier, or one that looks like it."""

    identifier: Identifier
    lookalike: bool


class Unusable(ValueError):
    """What was typed cannot be such a name; `code` is the catalogue key that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = f"accounts.{code}"


def read(kind: Kind, typed: str, region: str) -> Identifier:
    """Read a name that someone wants to have, or raise Unusable. `region`: country of bare phone numbers."""
    match kind:
        case "email":
            return read_email(typed)
        case "phone":
            return read_phone(typed, region)
        case "user_name":
            return read_user_name(typed, region)


def candidates(typed: str, region: str) -> tuple[str, ...]:
    """The normal forms that a typed name may have, whatever kind it is; empty where it can be none.

    Dots and plus signs are kept: `a.b@x` and `ab@x` are two people.
    """
    if not typed or len(typed) > LONGEST_EMAIL:
        return ()
    try:
        folded = _folded(typed)
        if "@" in folded:
            return (read_email(typed).normal,)
        phone = _as_phone(folded, region)
        return (phone, _user_name_form(folded)) if phone else (_user_name_form(folded),)
    except Unusable:
        return ()


def read_email(typed: str) -> Identifier:
    """An e-mail address (RFC 5321, 6531); quoted, commented and address-literal forms are refused (S-51)."""
    if len(typed) > LONGEST_EMAIL:
        raise Unusable("email.too_long")
    folded = _folded(typed)
    if _PLAIN_EMAIL.fullmatch(folded) and not folded.endswith(_NOT_PUBLIC):
        return Identifier(kind="email", normal=folded, skeleton=folded, shown=folded)
    try:
        checked = validate_email(
            folded,
            check_deliverability=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            strict=True,
        )
    except EmailNotValidError:
        raise Unusable("email.unreadable") from None
    domain = (checked.ascii_domain or checked.domain).lower()
    # `lower`, not `casefold`: straße@ and strasse@ are two mailboxes; proof of one must not speak for the other.
    normal = f"{checked.local_part.lower()}@{domain}"
    return Identifier(kind="email", normal=normal, skeleton=_lookalike_free(normal), shown=checked.normalized)


def read_phone(typed: str, region: str) -> Identifier:
    """A phone number in E.164 (ITU-T); extensions and numbers that no network gives out are refused."""
    if len(typed) > LONGEST_PHONE:
        raise Unusable("phone.unreadable")
    number = _as_phone(_folded(typed), region)
    if number is None:
        raise Unusable("phone.unreadable")
    return Identifier(kind="phone", normal=number, skeleton=number, shown=number)


def read_user_name(typed: str, region: str) -> Identifier:
    """A user name: letters and digits of one script (Latin beside Han allowed), with . _ - between them.

    In the spirit of RFC 8265 (PRECIS, UsernameCaseMapped) and UTS 39 section 5.2; one that could be read as somebody's
    address or number is refused (S-50).
    """
    if len(typed) > LONGEST_USER_NAME:
        raise Unusable("user_name.too_long")
    shown = unicodedata.normalize("NFKC", typed).strip()
    normal = _user_name_form(_folded(typed))
    if "@" in normal or _as_phone(normal, region):
        raise Unusable("user_name.address")
    plain = normal.isascii()
    if len(normal) < 2 or not _USER_NAME.fullmatch(normal) or not (plain or all(map(_settled, normal))):
        raise Unusable("user_name.unreadable")
    if not plain and _mixed(normal):
        raise Unusable("user_name.mixed_scripts")
    return Identifier(kind="user_name", normal=normal, skeleton=_lookalike_free(normal).translate(_DIGITS), shown=shown)


# What nearly all addresses look like: the validator would return them as they are, a hundred times slower.
_PLAIN_EMAIL = re.compile(r"(?=.{1,64}@)[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]{1,30}\.){1,3}[a-z]{2,10}")
# What nearly all Chinese numbers look like; the library's look at them is forty times slower.
_CHINESE_MOBILE = re.compile(r"(?P<country>\+86)?(?P<number>1(?:[38][0-9]|[59][0-35-9])[0-9]{8})")
_NOT_PUBLIC = tuple(f".{domain}" for domain in SPECIAL_USE_DOMAIN_NAMES) + tuple(
    f"@{domain}" for domain in SPECIAL_USE_DOMAIN_NAMES
)
_USER_NAME = re.compile(r"\w(?:[\w.-]*\w)?")
_PHONE = re.compile(r"\+?[\d\s().-]{6,}")


def _folded(typed: str) -> str:
    """Full-width to plain, compatibility forms to their letters, without space around."""
    return unicodedata.normalize("NFKC", typed).strip()


def _user_name_form(folded: str) -> str:
    """Case folding can undo normalisation, so it is normalised again (Unicode 3.13, toNFKC_Casefold)."""
    return unicodedata.normalize("NFKC", folded.casefold())


def _as_phone(folded: str, region: str) -> str | None:
    if not _PHONE.fullmatch(folded):
        return None
    mobile = _CHINESE_MOBILE.fullmatch(folded)
    if mobile and (mobile["country"] or region == "CN"):
        return f"+86{mobile['number']}"
    try:
        number = phonenumbers.parse(folded, region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _settled(sign: str) -> bool:
    """Not a sign that joins, hides or turns the text around, nor a code point without a meaning yet."""
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me")


def _script(sign: str) -> str:
    """The script of a letter by the first word of its Unicode name, which is enough to tell mixing."""
    name = unicodedata.name(sign, "UNKNOWN")
    if name.startswith("CJK ") or sign == "々":
        return "HAN"
    return name.split(" ", 1)[0]


def _mixed(normal: str) -> bool:
    scripts = {_script(sign) for sign in normal if sign.isalpha()}
    japanese = {"HAN", "HIRAGANA", "KATAKANA"}
    return len(scripts) > 1 and not scripts <= {"HAN", "LATIN"} and not scripts <= japanese


# Letters of other scripts, and Latin ones with a trick, that most fonts draw like a plain Latin letter (after UTS 39
# confusables; only whole-script look-alikes matter, since mixed scripts are refused before).
_LOOKALIKES = str.maketrans(
    "аеорсухівјѕһԁԛԝгптαενικορτυχηωγօսոհցզıȷɑɡɩʋᴏꞵſ",
    "aeopcyxibjshdqwrntaevikoptuxnwyounhgqijagiuobs",
)
_DIGITS = str.maketrans("01", "ol")


def _lookalike_free(normal: str) -> str:
    """Marks stripped from letters, look-alikes replaced. ASCII stays as it is: a10@ and a1o@ are two people."""
    if normal.isascii():
        return normal
    apart = unicodedata.normalize("NFKD", normal.casefold())
    bare = "".join(sign for sign in apart if unicodedata.category(sign) != "Mn")
    return unicodedata.normalize("NFKC", bare).translate(_LOOKALIKES)
