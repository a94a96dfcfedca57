"""The person in the password: whole, in parts, reversed, in leet, joined; and never an innocent refused for it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menshen.passwords import Person, judge, sentence

LINWEI = Person(
    name="林伟",
    birthday=date(1990, 3, 7),
    phones=("+86 138 0013 8000", "010-65432109"),
    email="w.lin_home@acmeworks.com",
    id_number="11010519900307002X",
    company="华信科技有限公司",
    username="lw_90",
)
SMITH = Person(name="Zoë Smith-Jones", birthday=date(1985, 11, 23), email="zsj@gmail.com", company="Riverbank Ltd")
NAMESAKE = Person(name="吕单")


def parts(password: str, person: Person = LINWEI, policy: str = "classic") -> object:
    found = [reason for reason in judge(password, person, policy).reasons if reason.code == "passwords.personal"]
    return found[0].params["parts"] if found else ()


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("linwei#Kq77x", ("linwei",)),
        ("LinWei#Kq77x", ("LinWei",)),
        ("weilin#Kq77x", ("weilin",)),
        ("iewnil#Kq77x", ("iewnil",)),
        ("L1nw31#Kqzzx", ("L1nw31",)),
        ("l.i.n.w.e.i#Kq7", ("l.i.n.w.e.i",)),
        ("Kq7#林伟xTzpp", ("林伟",)),
        ("Lin#77Kqxzt", ("Lin",)),
        ("linw#77Kqxzt", ("linw",)),
        ("Kq#19900307tZ", ("19900307",)),
        ("Kq#1990-03-07tZ", ("1990-03-07",)),
        ("Kq#07031990tZ", ("07031990",)),
        ("Kq#900307tZx", ("900307",)),
        ("Kqt#0307tZx", ("0307",)),
        ("Kqt#1990tZx", ("1990",)),
        ("Kqt#70300991tZ", ("70300991",)),
        ("lw1990#Kqtz", ("lw", "1990")),
        ("Kq#13800138000tZ", ("13800138000",)),
        ("Kq#13800tZxx", ("13800",)),
        ("Kqt#8000tZx", ("8000",)),
        ("Kq#65432109tZ", ("65432109",)),
        ("Kqt#002XtZv", ("002X",)),
        ("acmeworks#K7t", ("acmeworks",)),
        ("huaxin#K7tzz", ("huaxin",)),
        ("Kq7#华信xTzpp", ("华信",)),
        ("lw90#Kqtzz7", ("lw90",)),
    ],
)
def test_found(password: str, found: tuple[str, ...]) -> None:
    assert parts(password) == found


@pytest.mark.parametrize(
    "password", ["zoe#K7tzzq", "SmithJones#7k", "zsmith#K7tz", "Riverb4nk#K7", "Kq#23111985tZ", "Kq#11/23/85tZ"]
)
def test_found_in_english(password: str) -> None:
    assert parts(password, SMITH) != ()


@pytest.mark.parametrize("password", ["lvshan#K7tz", "lvdan#K7tzz", "lushan#K7tz", "shanlv#K7tz", "lyuchan#K7tz"])
def test_all_readings_of_a_name_count(password: str) -> None:
    assert parts(password, NAMESAKE) != ()


@pytest.mark.parametrize("password", ["Berlin#77Kqx", "lwKq#77xzt", "wl7#Kqtzxp", "KqA#890199073", "gmail#K7tzzq"])
def test_what_only_looks_personal_is_left_alone(password: str) -> None:
    assert parts(password) == ()


@pytest.mark.parametrize("name", ["李安", "An Li", "Bo Xu"])
def test_short_names_refuse_nobody(name: str) -> None:
    assert judge("planet-Bolivia-7xu", Person(name=name)).accepted


def test_the_sentence_names_what_to_remove() -> None:
    (reason,) = judge("Kzlinwei#1990", LINWEI).reasons
    assert sentence(reason, "zh_CN").endswith("去掉“linwei”和“1990”")
    assert sentence(reason, "en").endswith("remove “linwei” and “1990”")


def test_nist_looks_at_the_whole_password_only() -> None:
    assert parts("linwei.19900307", policy="nist-800-63b-4") == ("linwei", "19900307")
    assert parts("linwei-and-the-otter", policy="nist-800-63b-4") == ()


def test_modern_judges_what_remains() -> None:
    assert parts("linwei19900307abc", policy="modern") == ("linwei", "19900307")
    assert parts("linwei-kV8#xT2!qLm9", policy="modern") == ()


def test_the_deployments_own_words_count() -> None:
    refused = judge("Menshen#K7tz", context=("menshen",)).reasons
    assert [reason.code for reason in refused] == ["passwords.personal"]
    assert judge("Menshen#K7tz").accepted


def test_nothing_of_the_person_is_in_a_repr() -> None:
    assert repr(LINWEI) == "Person(...)"


@given(
    st.text(max_size=12),
    st.sampled_from(["linwei", "WEILIN", "19900307", "13800138000", "acmeworks"]),
    st.text(max_size=12),
)
def test_personal_data_is_found_wherever_it_stands(before: str, data: str, after: str) -> None:
    verdict = judge(f"{before}#{data}#{after}", LINWEI)
    codes = {reason.code for reason in verdict.reasons}
    assert codes & {"passwords.personal", "passwords.unseen_character", "passwords.not_text"}


@given(st.sampled_from(["", "kV8#xT2!", "Otter"]), st.sampled_from(["linwei", "0307", "lw1990", "8000"]))
def test_a_persons_data_never_raises_the_score(rest: str, data: str) -> None:
    assert judge(rest + data, LINWEI).guesses_log10 <= judge(rest + data).guesses_log10


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_person_can_be_judged(name: str, username: str, company: str) -> None:
    person = Person(name=name, username=username, company=company, email=f"{username}@{company}", phones=(name,))
    assert judge("kV8#xT2!qLm9", person).score in range(5)
