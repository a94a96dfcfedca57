"""Many at once: tries are not multiplied, a code opens once, fifty people stay fifty people."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import text

from menshen.codes.rules import Held
from tests.attack.test_sessions import with_app
from tests.client import Client, Reply
from tests.houses import PASSWORD, Tested
from tests.letters import letters

MANY = 200


def at_once(tested: Tested, calls: Sequence[Callable[[], Awaitable[Reply]]]) -> list[Reply]:
    """Send all of them before any is answered."""

    async def all_of_them() -> list[Reply]:
        return list(await asyncio.gather(*(call() for call in calls)))

    replies: list[Reply] = tested.loop.run(all_of_them())
    return replies


def form(browser: Client, path: str, values: dict[str, str], page: str | None = None) -> Callable[[], Awaitable[Reply]]:
    """A form that is ready to be sent, its page already fetched."""
    token = browser.get(page or path).hidden("form_token")
    body = urlencode({**values, "form_token": token}).encode()
    headers = {"origin": "http://localhost:8080", "content-type": "application/x-www-form-urlencoded"}
    return lambda: browser.asend("POST", path, body, headers)


def statuses(replies: Sequence[Reply]) -> dict[int, int]:
    """How often each status came."""
    found = [reply.status for reply in replies]
    return {status: found.count(status) for status in set(found)}


def test_200_parallel_wrong_passwords_share_one_budget(tested: Tested) -> None:
    """No more hashes than one after another. Unseen yet to fail with the charge in the transaction that concludes,
    and with a
    counter that is read and then written."""
    tested.customer()
    browser = tested.browser(address="198.51.100.1")
    one_by_one = 0
    while browser.post("/sign-in", {"who": "other@example.com", "password": "wrong"}).status == 401:
        one_by_one += 1
    strangers = [tested.browser(address=f"203.0.{number}.9") for number in range(20)]
    token = [form(stranger, "/sign-in", {"who": "lin@example.com", "password": "wrong"}) for stranger in strangers]
    before = tested.house.credentials.lane.hashed
    replies = at_once(tested, [token[number % 20] for number in range(MANY)])
    hashed = tested.house.credentials.lane.hashed - before
    found = statuses(replies)
    assert found.get(401, 0) == hashed
    assert 0 < hashed <= 40
    assert one_by_one > 0
    assert set(found) <= {401, 403, 429, 503}
    late = tested.browser(address="203.1.113.9").post("/sign-in", {"who": "lin@example.com", "password": PASSWORD})
    assert late.status in (403, 429)


def test_s164_200_parallel_uses_of_one_link_prove_once(tested: Tested) -> None:
    """Unseen yet to fail with `burn` that does not compare."""
    tested.customer()
    tested.browser().post("/recover", {"who": "lin@example.com"})
    link = letters(tested, "recovery.letter")[-1].path
    browsers = [tested.browser(address=f"203.0.{number}.9") for number in range(10)]
    calls = [form(browser, link, {}) for browser in browsers]
    replies = at_once(tested, [calls[number % 10] for number in range(MANY)])
    assert sum(reply.location == "/recover/password" for reply in replies) == 1


def test_s164_200_parallel_tries_of_one_code_are_five(tested: Tested) -> None:
    """Wrong codes together: five are compared. Unseen yet to fail with the tries read and then written."""
    tested.customer()
    browser = tested.browser()
    browser.post("/recover", {"who": "lin@example.com"})
    right = letters(tested, "recovery.letter")[-1].facts["code"]
    wrong = str((int(right) + 1) % 100_000_000).zfill(8)
    call = form(browser, "/recover/code", {"code": wrong}, "/recover/code")
    at_once(tested, [call] * MANY)
    assert browser.post("/recover/code", {"code": right}).location != "/recover/password"
    with tested.house.foundation.database.read() as tx:
        assert tx.scalar(text("select count(*) from events where code = 'recovery.wrong_typed'")) == 5


def test_one_account_comes_of_many_presses_on_the_last_button(tested: Tested) -> None:
    """Unseen yet to fail with `FINISH_SIGN_UP` not compared."""
    browser = tested.browser()
    browser.post("/sign-up", {"email": "new@example.com"})
    browser.post(letters(tested, "lifecycle.letter")[-1].path)
    call = form(browser, "/sign-up/password", {"password": PASSWORD})
    replies = at_once(tested, [call] * 8)
    assert sum(reply.location == "/account" for reply in replies) == 1
    assert statuses(replies).get(500) is None


def test_s5_fifty_sign_ins_at_once_are_fifty_people(tested: Tested) -> None:
    """Each session has its own subject. Unseen yet to fail with the account kept on the service."""
    prepared = tested.house.credentials.prepare(PASSWORD)
    people: dict[str, str] = {}
    for number in range(50):
        email = f"person{number}@example.com"
        people[email] = tested.customer(email, None, display_name=f"Person {number:02d}X")
        with tested.house.foundation.database.write() as tx:
            tested.house.credentials.replace(tx, people[email], prepared, keep_former=0, expected=None, visitor=None)
            tested.house.accounts.set_password_facts(tx, people[email], tested.clock.now(), "policy:classic")
            tested.house.accounts.set_method(tx, people[email], "password", True)
    browsers = {email: tested.browser(address=f"203.{at}.1.1") for at, email in enumerate(people)}
    calls = [form(browsers[email], "/sign-in", {"who": email, "password": PASSWORD}) for email in people]
    assert statuses(at_once(tested, calls)) == {303: 50}
    checks = at_once(tested, [lambda b=browser: b.asend("GET", "/session/check") for browser in browsers.values()])  # type: ignore[misc]
    assert [reply.header("menshen-account") for reply in checks] == list(people.values())


def test_s164_a_ticket_opens_one_session_however_many_bring_it(tested: Tested) -> None:
    """Unseen yet to fail with `burn` that does not compare."""
    tested.customer()
    with_app(tested)
    at_shop = tested.browser(host="shop.example.com", scheme="https")
    away = at_shop.get("/session/check?answer=redirect", {"x-original-uri": "/basket"})
    wish = dict(parse_qsl(urlsplit(away.location).query))
    granted = tested.browser().post("/sign-in", {"who": "lin@example.com", "password": PASSWORD, **wish})
    ticket = granted.location.removeprefix("https://shop.example.com")
    browsers = [
        tested.browser(host="shop.example.com", scheme="https", cookies=dict(at_shop.cookies)) for _ in range(20)
    ]
    at_once(tested, [lambda b=browser: b.asend("GET", ticket) for browser in browsers])  # type: ignore[misc]
    assert sum("__Host-session" in browser.cookies for browser in browsers) == 1


def test_codes_are_burnt_once_by_threads_too(tested_postgres: Tested) -> None:
    """The same below the doors, each in a transaction of its own. Unseen yet to fail with `burn` that does not
    compare."""
    house = tested_postgres.house
    account = tested_postgres.customer()
    with house.foundation.database.write() as tx:
        link = house.codes.link(tx, "attack", account, lasts=60_000_000)

    def use(_: int) -> bool:
        with house.foundation.database.write() as tx:
            held = house.codes.find_link(tx, "attack", link)
            return isinstance(held, Held) and house.codes.burn(tx, held)

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(use, range(60))) == 1


def test_s166_a_session_opened_while_its_account_is_shut_is_dead(tested_postgres: Tested) -> None:
    """Whichever comes first. Unseen yet to fail with states and epochs not asked at each request."""
    account = tested_postgres.customer()
    house = tested_postgres.house
    browsers = [tested_postgres.browser(address=f"203.{number}.1.1") for number in range(6)]
    calls = [form(each, "/sign-in", {"who": "lin@example.com", "password": PASSWORD}) for each in browsers]

    def shut() -> None:
        with house.foundation.database.write() as tx:
            house.accounts.suspend(tx, account, actor="test")

    with ThreadPoolExecutor(1) as thread:
        shutting = thread.submit(shut)
        at_once(tested_postgres, calls)
        shutting.result()
    assert all(browser.get("/account/devices").status == 303 for browser in browsers)
