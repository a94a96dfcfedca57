"""The doors as a whole: each with a known mark, each way of asking answered, one transaction at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from menshen.app.pages import RoofPages
from menshen.kit.database import Database, DatabaseTrouble, Fault
from menshen.kit.web.routes import PUBLIC, Route
from tests.client import ask
from tests.houses import PASSWORD, Tested


def doors(tested: Tested) -> tuple[Route, ...]:
    """Every route of the roof and of the rooms."""
    roof = RoofPages(tested.house, lambda: True).routes()
    return (*roof, *(route for room in tested.house.rooms for route in room.routes))


def test_every_door_has_a_mark_that_the_policy_knows(tested_sqlite: Tested) -> None:
    unknown = [
        route.path
        for route in doors(tested_sqlite)
        if route.needs != PUBLIC and not tested_sqlite.house.policy.knows(route.needs)
    ]
    assert unknown == []


def test_no_two_doors_stand_at_one_place(tested_sqlite: Tested) -> None:
    places = [(route.method, route.path) for route in doors(tested_sqlite)]
    assert sorted(set(places)) == sorted(places)


@pytest.mark.parametrize(
    ("path", "status"), [("/sign-in", 200), ("/healthz", 200), ("/nowhere", 404), ("/account", 303)]
)
def test_head_answers_as_get_does_without_a_body(tested_sqlite: Tested, path: str, status: int) -> None:
    browser = tested_sqlite.browser()
    got, headed = browser.get(path), browser.send("HEAD", path)
    assert (got.status, headed.status) == (status, status)
    assert headed.body == b""
    assert headed.header("content-type") == got.header("content-type")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "CONNECT", "OPTIONS", "get", "PROPFIND"])
def test_a_method_that_a_door_does_not_have_is_refused(tested_sqlite: Tested, method: str) -> None:
    assert tested_sqlite.browser().send(method, "/sign-in").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/sign-in/",
        "//sign-in",
        "//console/sign-in",
        "/%2Fsign-in",
        "/sign-in/../account",
        "/static/../menshen.db",
        "/%00",
    ],
)
def test_what_is_not_there_is_said_in_words_of_ours(tested_sqlite: Tested, path: str) -> None:
    headers = [(b"host", b"localhost:8080"), (b"accept", b"text/html")]
    reply = tested_sqlite.loop.run(ask(tested_sqlite.app, "GET", path, b"", headers))
    assert reply.status in (404, 400)
    assert "default-src 'none'" in (reply.header("content-security-policy") or "")
    assert "litestar" not in reply.text.lower()


def test_programs_get_a_problem_and_people_a_page(tested_sqlite: Tested) -> None:
    browser = tested_sqlite.browser()
    assert (browser.get("/api/nowhere").header("content-type") or "").startswith("application/problem+json")
    assert (browser.get("/nowhere").header("content-type") or "").startswith("text/html")


def test_a_database_that_is_busy_is_said_to_be_so_and_the_doors_open_again(tested_sqlite: Tested) -> None:
    """The file is locked by another process's writer for longer than we wait."""
    browser, email = tested_sqlite.browser(), "lin@example.com"
    tested_sqlite.customer(email)
    other = Database(str(tested_sqlite.house.foundation.database.url))
    with quick_to_give_up(tested_sqlite.house.foundation.database), other.write():
        reply = browser.post("/sign-in", {"who": email, "password": PASSWORD})
    other.close()
    assert reply.status == 503
    assert reply.header("retry-after")
    assert browser.post("/sign-in", {"who": email, "password": PASSWORD}).status == 303


@contextmanager
def quick_to_give_up(database: Database) -> Iterator[None]:
    """A database whose writers wait for a lock no longer than a moment."""

    def hurry(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")

    event.listen(database.engine, "begin", hurry, insert=True)
    try:
        yield
    finally:
        event.remove(database.engine, "begin", hurry)


def test_no_transaction_opens_inside_another(database: Database) -> None:
    with database.write(), pytest.raises(Fault, match="inside another"), database.read():
        pass
    with database.read(), pytest.raises(Fault, match="inside another"), database.write():
        pass
    with database.write() as tx:
        assert tx.scalar(text("SELECT 1")) == 1


def test_a_database_that_is_gone_is_trouble_and_not_a_fault_of_ours() -> None:
    gone = Database("postgresql+psycopg://nobody:hidden-word@127.0.0.1:1/x")
    with pytest.raises(DatabaseTrouble) as trouble, gone.read():
        pass
    assert "hidden-word" not in str(trouble.value)
