"""The account's own pages: the next step, what happened, my details."""

import pytest

from menshen.accounts.rules import Identifier, read
from menshen.lifecycle.rules.home import next_step
from tests.houses import Tested

CLAIMED = read("email", "a@example.com", "CN")
PROVEN = read("email", "b@example.com", "CN").verified()


@pytest.mark.parametrize(
    ("due", "names", "step"),
    [
        (True, [PROVEN], "change"),
        (False, [], "address"),
        (False, [CLAIMED], "verify"),
        (False, [PROVEN], "second"),
        (False, [PROVEN, CLAIMED], "well"),
    ],
)
def test_the_most_useful_step_comes_first(due: bool, names: list[Identifier], step: str) -> None:
    assert next_step(due, names) == step


def test_home_activity_and_details_are_readable_in_both_languages(tested: Tested) -> None:
    tested.customer()
    browser = tested.signed_in()
    assert "再添一种找回账号的办法" in browser.get("/account").words
    activity = browser.get("/account/activity").words
    assert "127.0.0.1" in activity
    assert "event." not in activity
    page = browser.get("/account/details")
    form = {"name": "林小薇", "birthday": "1990-02-30", "locale": "en", "time_zone": "Asia/Shanghai"}
    form["version"] = page.hidden("version")
    assert browser.post("/account/details", form).status == 422
    assert browser.post("/account/details", form | {"birthday": "1990-03-12"}).location == "/account?done=details"
    assert "Add a second way back in" in browser.get("/account").words
    assert browser.post("/account/details", form | {"birthday": "", "name": "x"}).status == 422
    assert 'value="1990-03-12"' in browser.get("/account/details").text


def test_events_with_facts_are_told_in_words(tested: Tested) -> None:
    account = tested.customer()
    with tested.house.foundation.database.write() as tx:
        tested.house.accounts.give_consent(tx, account, "terms", "2026-11", "test")
        tested.house.accounts.suspend(tx, account, actor="test")
        tested.house.accounts.resume(tx, account, actor="test")
    page = tested.signed_in(language="en").get("/account/activity")
    assert page.status == 200
    assert "2026-11" in page.words


def test_a_birthday_told_here_is_refused_in_passwords(tested: Tested) -> None:
    account = tested.customer()
    browser = tested.signed_in()
    page = browser.get("/account/details")
    form = {"name": "", "birthday": "1990-03-12", "locale": "zh_CN", "time_zone": "UTC"}
    browser.post("/account/details", form | {"version": page.hidden("version")})
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.standing(tx, account)
    assert standing
    subject = tested.house.sheet.subject_of(account)
    assert not tested.house.sheet.verdict(subject, "Xy!19900312-qW").accepted
