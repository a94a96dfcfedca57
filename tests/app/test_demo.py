"""`menshen demo`: fictional people with a past, one way in for each kind of visitor, and no real folder touched."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, text

from menshen.app.demo.town import resident
from tests.app.program import Served, files, refusal, run, serving


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demo of a few people, being served."""
    place = tmp_path_factory.mktemp("demo")
    with serving(place, "demo", "--customers", "12") as served:
        yield served


def told(served: Served, what: str) -> str:
    """What follows these words on a line the program said."""
    return next(line.partition(what)[2].strip() for line in served.said.splitlines() if what in line)


def test_the_customer_who_is_told_comes_in_and_finds_a_history(town: Served) -> None:
    email, _, word = told(town, "come in as a customer:").partition(" with the password ")
    base = f"http://localhost:{town.port}"
    with httpx2.Client(base_url=base, timeout=60, headers={"origin": base}) as browser:
        # Browsers take `Secure` cookies from localhost; this client needs to be told.
        for cookie in (page := browser.get("/sign-in")).headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            browser.headers["cookie"] = f"{name}={value}"
        token = re.search(r'name="form_token" value="([^"]+)"', page.text)
        assert token
        answer = browser.post("/sign-in", data={"form_token": token[1], "who": email, "password": word})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/account"


def test_the_operator_gets_a_link_that_opens(town: Served) -> None:
    link = told(town, "come in as the operator, once and within the hour:")
    assert httpx2.get(link, timeout=60).status_code == 200


def test_the_past_is_whole_and_no_word_of_it_lies_in_the_folder(town: Served) -> None:
    place = town.log.parent / "var-demo"
    _, _, word = told(town, "come in as a customer:").partition(" with the password ")
    link = told(town, "once and within the hour:").rpartition("/")[2]
    lying = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert word.encode() not in lying
    assert link.encode() not in lying
    assert {name for name, mode in files(place).items() if mode & 0o077} == set()
    with create_engine(f"sqlite:///{place / 'menshen.db'}").connect() as connection:
        counted = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() or 0
            for name in ("accounts", "events", "sessions", "devices", "outbox")
        }
        spread = connection.execute(text("SELECT (max(at) - min(at)) / 86400000000 FROM events")).scalar() or 0
    assert counted["accounts"] >= 12
    assert all(counted.values())
    assert spread >= 89


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    said = refusal(run(tmp_path, "demo", "--folder", "precious", MENSHEN_LISTEN="127.0.0.1:1"))
    assert "precious" in said
    assert list((tmp_path / "precious").iterdir()) == []


def test_residents_are_the_same_at_every_run_and_never_two_alike() -> None:
    people = [resident(number, 90) for number in range(3000)]
    assert people == [resident(number, 90) for number in range(3000)]
    assert len({each.email for each in people}) == len(people)
    assert {each.chinese for each in people} == {True, False}
    assert all(0 <= each.came <= 90 and each.visits(each.came) for each in people)
