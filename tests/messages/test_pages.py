"""The mail queue as operators see it, and the set-up step, rendered by the house's own pages."""

from pathlib import Path

import pytest

from menshen.kit.brand import Brand
from menshen.kit.texts import Texts
from menshen.kit.web import pages as web
from menshen.kit.web.routes import Ask, Page, Redirect
from menshen.kit.web.visitor import Visitor
from menshen.messages import pages, room
from menshen.messages.rules import Settings
from tests.messages.posts import ANNA, LINK, TO, Post, smtp, texts
from tests.servers.mail import Sink

SETTINGS = Settings(host="mail.example.test", sender="id@example.test")


def operator(*rights: str, locale: str = "en") -> Visitor:
    return Visitor(
        "id.example.test",
        "192.0.2.1",
        realm="operator",
        account_id="f" * 32,
        session_id="s",
        rights=frozenset(rights),
        locale=locale,
    )


def shown(post: Post, ask: Ask, settings: Settings = SETTINGS) -> str:
    """The queue page as HTML."""
    furnished = room.furnish(post.database, post.messages, post.courier(None), {}, settings)
    (show,) = [route.call for route in furnished.routes if route.method == "GET"]
    page = show(ask)
    assert isinstance(page, Page)
    words = Texts([web.KIT / "texts", furnished.texts, Path(__file__).parent / "texts"])
    renderer = web.Pages([furnished], words, Brand(), post.clock)
    return renderer.render(page, ask.visitor, "form-token", ask.path)


def get(visitor: Visitor, **query: str) -> Ask:
    return Ask(visitor, "GET", pages.QUEUE, query=query)


def refuse(post: Post, sink: Sink) -> None:
    sink.for_recipient[TO] = "550 5.1.1 no such <b>mailbox</b>"
    post.send()
    post.courier(smtp(sink.port)).deliver()


def test_the_queue_tells_state_and_reason_and_no_body(post: Post, smtp_sink: Sink) -> None:
    refuse(post, smtp_sink)
    post.send("test.link", facts={"link": LINK, "minutes": "10"})
    html = shown(post, get(operator(pages.READ, pages.RETRY)))
    for words in ("550 5.1.1 no such &lt;b&gt;mailbox", "refused", "waiting", "a***@example.test", "Send now"):
        assert words in html
    for words in (TO, LINK, "x8Yq", "<b>mailbox"):
        assert words not in html
    assert f'href="/console/customers/{ANNA}"' in html


def test_who_may_only_read_sees_no_button(post: Post) -> None:
    post.send()
    assert "Send now" not in shown(post, get(operator(pages.READ)))


def test_the_filter_is_the_address_and_says_when_it_hides_all(post: Post) -> None:
    post.send()
    assert "a***@example.test" in shown(post, get(operator(pages.READ), state="waiting"))
    assert "没有这种状态的邮件。" in shown(post, get(operator(pages.READ, locale="zh_CN"), state="refused"))
    assert "a***@example.test" in shown(post, get(operator(pages.READ), state="(select 1)"))


def test_the_queue_has_pages(post: Post) -> None:
    for _ in range(pages.A_PAGE + 2):
        post.send()
    oldest = post.rows()[0].id
    first = shown(post, get(operator(pages.READ)))
    last = post.rows()[2].id
    assert f"/console/mail?before={last}" in first
    second = shown(post, get(operator(pages.READ, pages.RETRY), before=last))
    assert f"/console/mail/{oldest}/retry" in second
    assert "/console/mail?before" not in second


def test_an_empty_queue_says_so_and_a_missing_route_too(post: Post) -> None:
    assert "No mail yet." in shown(post, get(operator(pages.READ)))
    assert "There is no mail route." in shown(post, get(operator(pages.READ)), Settings())


@pytest.mark.parametrize(("known", "told"), [(True, "retried"), (False, "not_retried")])
def test_sending_again_leads_back_and_says_what_came_of_it(post: Post, known: bool, told: str) -> None:
    post.send()
    (retry,) = [
        route.call
        for route in pages.routes(post.database, post.messages, SETTINGS)
        if (route.method, route.needs) == ("POST", pages.RETRY)
    ]
    message = post.rows()[0].id if known else "0" * 32
    ask = Ask(operator(pages.RETRY), "POST", f"{pages.QUEUE}/{message}/retry", params={"message_id": message})
    assert retry(ask) == Redirect(f"{pages.QUEUE}?told={told}")
    assert 'class="notice' in shown(post, get(operator(pages.READ), told=told))


def test_only_readers_find_the_queue_in_their_list() -> None:
    entry = pages.console_entry()
    assert entry.render(operator(), {}) is None
    assert entry.render(operator(pages.READ), {}) == {"href": pages.QUEUE, "code": "messages.nav", "icon": "mail"}


def test_every_sentence_is_there_in_both_languages() -> None:
    said = texts()
    assert said.codes("zh_CN").keys() == said.codes("en").keys()
