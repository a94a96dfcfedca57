"""Writing a mail: the sentences of its code in one plain layout, as text and as HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from pathlib import Path

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from menshen.kit.brand import Brand
from menshen.kit.clock import as_datetime
from menshen.kit.texts import LANGUAGE_TAGS, LOCALES, Texts
from menshen.messages.rules import BadMessage, Letter

TEMPLATES = Path(__file__).parent.parent / "templates"
LONGEST_FACT = 2000


@dataclass(frozen=True)
class Written:
    """A mail in words."""

    subject: str
    text: str
    html: str


class Letters:
    """Writes mails from the catalogues of all rooms.

    A code brings `<code>.name` (what operators see), `<code>.subject`, `<code>.title` and `<code>.body` (paragraphs
    divided by an empty line), and if it likes `<code>.button` (leads to the fact `link`) and `<code>.foot`. The fact
    `code` is shown large. Sentences may use the facts and `{brand}`.
    """

    def __init__(self, texts: Texts, brand: Brand) -> None:
        self._texts = texts
        self._brand = brand
        self._jinja = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(self, code: str, locale: str, facts: Mapping[str, str]) -> Written:
        """The mail of a code in a language. Raises KeyError where a sentence asks for a fact that is missing."""
        locale = locale if locale in LOCALES else LOCALES[0]
        brand = self._brand.shown(locale)
        said = {name: one_line(value) for name, value in facts.items()} | {"brand": brand.name}
        subject = one_line(self._texts.say(f"{code}.subject", locale, **said))
        values = {
            "lang": LANGUAGE_TAGS[locale],
            "brand": brand,
            "subject": subject,
            "title": self._texts.say(f"{code}.title", locale, **said),
            "paragraphs": _paragraphs(self._texts.say(f"{code}.body", locale, **said)),
            "link": said.get("link", ""),
            "button": self._if_known(f"{code}.button", locale, said),
            "code": said.get("code", ""),
            "foot": _paragraphs(self._if_known(f"{code}.foot", locale, said)),
            "t": lambda key, **more: self._texts.say(key, locale, **said | more),
        }
        html = self._jinja.get_template("mail.html").render(values)
        text = self._jinja.get_template("mail.txt").render(values)
        return Written(subject, text, html)

    def mail(self, letter: Letter, sender: str) -> EmailMessage:
        """The whole mail, the same on every try: a mail sent twice is known by its Message-ID."""
        written = self.write(letter.code, letter.locale, letter.facts)
        to = wire_address(letter.to)
        domain = sender.rpartition("@")[2]
        mail = EmailMessage(SMTP if to.isascii() else SMTPUTF8)
        mail["From"] = Address(self._sender_name(letter.locale), addr_spec=sender)
        local, _, to_domain = to.rpartition("@")
        mail["To"] = Address(username=local, domain=to_domain)
        mail["Subject"] = written.subject
        mail["Date"] = format_datetime(as_datetime(letter.made_at).replace(microsecond=0))
        mail["Message-ID"] = f"<{letter.id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        # Quoted-printable survives every server unchanged, which the DKIM signature needs.
        mail.set_content(written.text, cte="quoted-printable")
        mail.add_alternative(written.html, subtype="html", cte="quoted-printable")
        return mail

    def _sender_name(self, locale: str) -> str:
        return self._brand.called(locale)

    def _if_known(self, code: str, locale: str, said: Mapping[str, str]) -> str:
        return self._texts.say(code, locale, **said) if self._texts.knows(code) else ""


def one_line(value: str) -> str:
    """A value without line breaks or control characters, which could end a header or begin a paragraph (S-154)."""
    return " ".join("".join(c if c.isprintable() else " " for c in value[:LONGEST_FACT]).split())


def wire_address(address: str) -> str:
    """The address as SMTP wants it: the domain in ASCII; only a local part beyond ASCII needs SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise BadMessage("a mail domain that has no ASCII form") from None


def _paragraphs(text: str) -> list[str]:
    return [paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()]
