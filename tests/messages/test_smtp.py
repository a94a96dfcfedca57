"""The SMTP line against real servers: TLS, passwords, signatures, addresses beyond ASCII, and refusals read right."""

from io import StringIO
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Debugging
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from menshen.kit.database import Fault
from menshen.messages.room import mail_route
from menshen.messages.rules import BadMessage, Letter, Reply, Settings
from menshen.messages.senders.line import LineDown
from tests.messages.posts import LINK, NOTICE, TO, smtp
from tests.servers.authority import Authority
from tests.servers.mail import Postfix, Sink
from tests.servers.programs import free_port


def letter(to: str = TO, code: str = "test.notice", **facts: str) -> Letter:
    return Letter("0" * 31 + "7", code, to, "en", facts or NOTICE, made_at=1_790_000_000_000_000)


def carry(line: Any, *letters: Letter) -> list[Reply]:
    with line.open() as carrying:
        return [carrying(one) for one in letters]


def with_password(sink: Sink, authority: Authority, folder: Path, password: str, **settings: Any) -> Any:
    file = folder / "password"
    file.write_text(password + "\n")
    given = {"security": "starttls", "user": "id", "password_file": str(file), "authority_file": str(authority.file)}
    return smtp(sink.port, **given | settings)


def test_a_mail_goes_over_checked_tls_with_a_password(
    smtp_sink_with_password: Sink, authority: Authority, tmp_path: Path
) -> None:
    line = with_password(smtp_sink_with_password, authority, tmp_path, "sink-password-1")
    (reply,) = carry(line, letter())
    assert reply.outcome == "sent"
    assert len(smtp_sink_with_password.messages) == 1


def test_a_wrong_password_is_a_line_that_is_down(
    smtp_sink_with_password: Sink, authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(LineDown, match="535") as said:
        carry(with_password(smtp_sink_with_password, authority, tmp_path, "wrong-password-9"), letter())
    assert "wrong-password-9" not in str(said.value)


def test_a_server_nobody_vouches_for_gets_neither_mail_nor_password(
    smtp_sink_with_password: Sink, authority: Authority, tmp_path: Path
) -> None:
    line = with_password(smtp_sink_with_password, authority, tmp_path, "sink-password-1", authority_file="")
    with pytest.raises(LineDown, match=r"(?i)certificate"):
        carry(line, letter())
    assert smtp_sink_with_password.messages == []


def test_starttls_that_is_required_is_never_gone_without(smtp_sink: Sink, authority: Authority) -> None:
    with pytest.raises(LineDown, match="STARTTLS"):
        carry(smtp(smtp_sink.port, security="starttls", authority_file=str(authority.file)), letter())
    assert smtp_sink.messages == []


def test_opportunistic_takes_tls_where_it_is_offered_and_goes_without_elsewhere(
    smtp_sink: Sink, postfix: Postfix
) -> None:
    assert carry(smtp(smtp_sink.port, security="opportunistic"), letter())[0].outcome == "sent"
    assert carry(smtp(postfix.port, security="opportunistic"), letter("anna@example.test"))[0].outcome == "sent"
    assert "ESMTPS" in str(postfix.delivered("anna")[0]["received"])


def test_a_missing_password_file_says_what_to_mend(tmp_path: Path) -> None:
    gone = str(tmp_path / "none")
    with (
        pytest.raises(Fault, match=r"mail\.password_file"),
        smtp(25, user="id", password_file=gone, security="tls").open(),
    ):
        pass


def test_a_server_that_is_not_there_is_a_line_that_is_down(smtp_sink: Sink) -> None:
    smtp_sink.down()
    with pytest.raises(LineDown, match=r"127\.0\.0\.1: "):
        carry(smtp(smtp_sink.port), letter())


def test_refusals_are_for_good_or_for_now(smtp_sink: Sink) -> None:
    smtp_sink.for_recipient = {"gone@example.test": "550 5.1.1 gone", "grey@example.test": "450 4.2.0 later"}
    replies = carry(smtp(smtp_sink.port), letter("gone@example.test"), letter("grey@example.test"), letter())
    assert [reply.outcome for reply in replies] == ["refused", "later", "sent"]
    assert [reply.reason[:9] for reply in replies[:2]] == ["550 5.1.1", "450 4.2.0"]


def test_an_address_beyond_ascii_is_refused_where_the_server_lacks_smtputf8() -> None:
    old = Controller(Debugging(StringIO()), "127.0.0.1", free_port(), enable_SMTPUTF8=False)
    old.start()
    replies = carry(smtp(old.port), letter("用户@example.test"), letter())
    old.stop()
    assert [reply.outcome for reply in replies] == ["refused", "sent"]
    assert "SMTPUTF8" in replies[0].reason


def test_postfix_takes_mail_in_both_languages_to_both_kinds_of_address(postfix: Postfix, authority: Authority) -> None:
    line = smtp(postfix.port, security="starttls", authority_file=str(authority.file))
    chinese = Letter("0" * 32, "test.link", "用户@example.test", "zh_CN", {"link": LINK, "minutes": "10"})
    replies = carry(line, letter("wei@example.test"), chinese, letter("nobody@example.test"))
    assert [reply.outcome for reply in replies] == ["sent", "sent", "refused"]
    assert replies[2].reason.startswith("550 5.1.1")
    (mail,) = postfix.delivered("用户")
    assert mail["subject"] == "找回您的账号"
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert LINK in plain.get_content()
    assert postfix.delivered("wei")[0]["message-id"] == f"<{'0' * 31}7@example.test>"


def test_a_domain_beyond_ascii_is_written_in_ascii(smtp_sink: Sink) -> None:
    assert carry(smtp(smtp_sink.port), letter("anna@例子.test"))[0].outcome == "sent"
    assert smtp_sink.envelopes[0].rcpt_tos == ["anna@xn--fsqu00a.test"]


def test_a_signed_mail_verifies_after_delivery(postfix: Postfix, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "dkim.pem").write_bytes(pem)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    signing = {"dkim_domain": "example.test", "dkim_selector": "s1", "dkim_key_file": str(tmp_path / "dkim.pem")}
    assert carry(smtp(postfix.port, **signing), letter("anna@example.test"))[0].outcome == "sent"
    postfix.delivered("anna")
    (file,) = (postfix.place / "mail" / "anna" / "new").iterdir()
    raw = file.read_bytes().replace(b"\n", b"\r\n")

    def dns(name: bytes, **_: Any) -> bytes | None:
        return record if name == b"s1._domainkey.example.test." else None

    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"new device", b"old device"), dnsfunc=dns)
    assert not dkim.verify(b"From: evil@example.test\r\n" + raw, dnsfunc=dns)


@pytest.mark.parametrize("address", ['"a\r\nRCPT TO:<x@y>"@example.com', "a@b\r\nBcc: c@d"])
def test_s154_a_poisoned_address_reaches_no_server(smtp_sink: Sink, address: str) -> None:
    with pytest.raises((BadMessage, ValueError)):
        carry(smtp(smtp_sink.port), letter(address))
    assert smtp_sink.messages == []


def test_the_route_is_measured_without_sending(smtp_sink: Sink) -> None:
    settings = Settings(host="127.0.0.1", sender="id@example.test", security="none")
    check = mail_route({"mail": smtp(smtp_sink.port)}, settings)
    assert check.measure().outcome == "PASS"
    smtp_sink.down()
    assert check.measure().outcome == "FAIL"
    assert mail_route({}, Settings()).measure().outcome == "FAIL"
    assert smtp_sink.messages == []
