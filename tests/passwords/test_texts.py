"""Sentences: both languages complete, calm, with the same placeholders; every code in the room has one."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from menshen.passwords import PROFILE_NAMES, compare, judge, rules_for, say, sentence
from menshen.passwords.rules.verdict import Reason
from menshen.passwords.store import LOCALES, sentences

ZH, EN = (sentences(locale) for locale in LOCALES)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    assert set(ZH) == set(EN)
    assert [code for code in ZH if placeholders(ZH[code]) != placeholders(EN[code])] == []
    assert all((*ZH.values(), *EN.values()))


def test_every_code_in_the_source_has_its_sentence() -> None:
    room = files("menshen.passwords")
    sources = [
        file.read_text("utf-8")
        for folder in (room, room / "rules")
        for file in folder.iterdir()
        if file.name.endswith(".py")
    ]
    named = {code for source in sources for code in re.findall(r'(?<!f)"(passwords\.[a-z_.0-9]*[a-z0-9])"', source)}
    assert len(named) > 40
    assert named - set(ZH) == set()


@pytest.mark.parametrize("policy", PROFILE_NAMES)
@pytest.mark.parametrize("locale", LOCALES)
def test_rules_and_the_table_can_be_said(policy: str, locale: str) -> None:
    assert all(sentence(rule, locale) for rule in rules_for(policy))
    assert all(say(line.code, locale) for line in compare([policy]).lines)


def test_sentences_are_calm() -> None:
    assert [
        text for text in (*ZH.values(), *EN.values()) if re.search("[!！]|亲|请注意|系统检测到|操作成功|帐号", text)
    ] == []


def test_chinese_has_no_typed_space_beside_han() -> None:
    assert [text for text in ZH.values() if re.search(r"[\u4e00-\u9fff] [\w{]|[\w}] [\u4e00-\u9fff]", text)] == []


def test_lists_are_joined_as_each_language_does() -> None:
    missing = Reason("passwords.missing_classes", {"classes": ("upper", "digit", "special")})
    assert sentence(missing, "zh_CN") == "还要有大写字母、数字和符号。"
    assert sentence(missing, "en") == "Add an upper-case letter, a digit and a sign."


def test_braces_in_a_password_are_not_placeholders() -> None:
    reason = Reason("passwords.personal", {"parts": ("{0}{x}",)})
    assert "“{0}{x}”" in sentence(reason, "en")


def test_an_unknown_language_gets_the_first_of_ours() -> None:
    (reason, *_) = judge("short").reasons
    assert sentence(reason, "fr") == sentence(reason, "zh_CN")
