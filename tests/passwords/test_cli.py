"""The commands: one line in, one verdict out, whatever the line is; secrets never as arguments; clear refusals."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from menshen.passwords.cli import password_commands, passwords_in


def menshen(*arguments: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(password_commands, [*arguments], input=typed)


def verdicts(typed: bytes, *options: str) -> list[dict[str, Any]]:
    result = menshen("check", "--json", *options, typed=typed)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def first_codes(typed: bytes, *options: str) -> list[str | None]:
    found = verdicts(typed, *options)
    return [one["reasons"][0]["code"].removeprefix("passwords.") if one["reasons"] else None for one in found]


def test_one_verdict_a_line_with_exactly_these_keys() -> None:
    good, bad = verdicts(b"kV8#xT2!qL\nPassword1!\n")
    assert good.keys() == {"accepted", "reasons", "score", "guesses_log10"}
    assert (good["accepted"], good["reasons"], good["score"]) == (True, [], 4)
    assert (bad["accepted"], bad["score"]) == (False, 1)
    assert bad["reasons"][0].keys() == {"code", "clause", "sentence"}
    assert bad["reasons"][0]["sentence"].keys() == {"zh_CN", "en"}


def test_lines_end_in_lf_crlf_or_not_at_all() -> None:
    assert first_codes(b"kV8#xT2!qL\r\nkV8#xT2!qL\nkV8#xT2!qL") == [None, None, None]


def test_a_carriage_return_inside_is_part_of_the_password() -> None:
    assert first_codes(b"kV8#x\rT2!qL\n") == ["unseen_character"]


def test_an_empty_line_is_an_empty_password() -> None:
    assert first_codes(b"\n\nkV8#xT2!qL\n") == ["too_short", "too_short", None]


def test_no_line_no_verdict() -> None:
    assert verdicts(b"") == []


def test_bytes_that_are_no_utf8_are_refused_clearly() -> None:
    assert first_codes(b"kV8#\xff\xfeT2!\n" + "密码#Kq7zxv".encode("gb18030") + b"\n") == ["not_text", "not_text"]


def test_a_byte_order_mark_is_not_part_of_the_password() -> None:
    assert first_codes(b"\xef\xbb\xbfkV8#xT2!qL\n") == [None]


@pytest.mark.parametrize("size", [2048, 4096, 1_000_000])
def test_a_line_of_any_length_is_one_refusal(size: int) -> None:
    assert first_codes(b"a" * size + b"\nkV8#xT2!qL\n") == ["too_long", None]


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"").rstrip(b"\r")), max_size=5))
def test_as_many_passwords_as_lines(lines: list[bytes]) -> None:
    stream = io.BytesIO(b"".join(line + b"\n" for line in lines))
    found = list(passwords_in(stream))
    assert len(found) == len(lines)
    assert [one.encode("utf-8", "surrogateescape") for one in found[1:]] == lines[1:]


@pytest.mark.parametrize(
    "secret",
    [["hunter2CANARY"], ["--password", "hunter2CANARY"], ["--password=hunter2CANARY"], ["-p", "hunter2CANARY"]],
)
@pytest.mark.parametrize("command", ["check", "generate"])
def test_a_secret_as_argument_is_refused_and_never_repeated(command: str, secret: list[str]) -> None:
    """S-99."""
    result = menshen(command, "--locale", "en", *secret)
    assert result.exit_code == 2
    assert "CANARY" not in result.output
    assert "standard input" in result.stderr


def person_file(tmp_path: Path, content: str) -> tuple[str, str]:
    file = tmp_path / "person.json"
    file.write_text(content, "utf-8")
    return "--person", str(file)


WHOLE = {
    "name": "林伟",
    "birthday": "1990-03-07",
    "phones": ["13800138000"],
    "email": "lin@example.com",
    "id_number": "11010519900307002X",
    "company": "华信科技",
    "username": "lw_90",
}


@pytest.mark.parametrize("birthday", ["1990-03-07", "1990/3/7", "19900307", "1990年3月7日"])
def test_the_persons_data_is_used(tmp_path: Path, birthday: str) -> None:
    about = person_file(tmp_path, json.dumps(WHOLE | {"birthday": birthday}))
    (verdict,) = verdicts(b"linwei1990Kq#\n", *about)
    assert verdict["reasons"][0]["sentence"]["en"].endswith("remove “linwei” and “1990”")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"nickname": "x"}', "unknown key “nickname”"),
        ('{"name": 5}', "“name” in the person's file"),
        ('{"phones": "13800138000"}', "list of texts"),
        ('{"birthday": "CANARY"}', "a date such as"),
        ('{"birthday": "1990-02-31"}', "a date such as"),
        ("[1]", "cannot be read"),
        ('{"name": "CANARY', "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_wrong_person_is_refused_with_the_reason_and_without_the_data(
    tmp_path: Path, content: str, says: str
) -> None:
    result = menshen("check", "--locale", "en", *person_file(tmp_path, content), typed=b"x\n")
    assert result.exit_code == 2
    assert says in result.stderr
    assert "CANARY" not in result.output


def test_a_missing_person_file_is_named(tmp_path: Path) -> None:
    result = menshen("check", "--person", str(tmp_path / "nobody.json"))
    assert (result.exit_code, "nobody.json" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["check", "generate"])
def test_an_unknown_policy_is_refused_with_the_known_ones(command: str) -> None:
    result = menshen(command, "--locale", "en", "--policy", "clasic")
    assert result.exit_code == 2
    assert "pci-dss-4" in result.stderr


def test_a_person_reads_one_line_a_verdict() -> None:
    result = menshen("check", "--locale", "zh_CN", typed=b"Password1!\nkV8#xT2!qL\n")
    refused, accepted = result.stdout.splitlines()
    assert refused.startswith("不能用，得分1/4")
    assert accepted.startswith("可以用，得分4/4")


@pytest.mark.parametrize("kind", ["random", "english", "pinyin", "hanzi"])
def test_generate_makes_as_many_as_asked_for(kind: str) -> None:
    result = menshen("generate", "--kind", kind, "--count", "3", "--locale", "en", "--no-lookalikes")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(set(lines)) == 3
    assert all(line.endswith("bits of entropy)") for line in lines)


def test_generate_refuses_an_unknown_kind() -> None:
    result = menshen("generate", "--kind", "klingon")
    assert (result.exit_code, "hanzi" in result.stderr) == (2, True)
