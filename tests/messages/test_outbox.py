"""Writing, asking, retrying, dropping and expiring messages, on both databases."""

import pytest

from menshen.kit.clock import DAY, HOUR, MINUTE, SECOND
from menshen.kit.database import Fault
from menshen.kit.web.visitor import Visitor
from menshen.messages import events
from menshen.messages.jobs import tidy
from menshen.messages.rules import BadMessage
from tests.messages.posts import ANNA, LINK, NOTICE, TO, WEI, Post, smtp
from tests.servers.mail import Sink

OPERATOR = Visitor("id.example.test", "192.0.2.1", realm="operator", account_id="f" * 32, session_id="s")


def states(post: Post) -> list[str]:
    return [row.state for row in post.rows()]


def test_a_waiting_message_says_nothing_in_the_clear(post: Post) -> None:
    post.send("test.link", facts={"link": LINK, "minutes": "10"})
    stored = " ".join(str(value) for value in post.rows()[0])
    assert not [word for word in (TO, LINK, "x8Yq") if word in stored]


def test_one_cause_writes_one_message(post: Post) -> None:
    for _ in range(3):
        post.send(once="sign-in 7")
    post.send(once="sign-in 8")
    post.send()
    post.send()
    assert len(post.rows()) == 4


def test_nobody_to_write_to_writes_nothing(post: Post) -> None:
    post.send(to=())
    assert post.rows() == []


def test_a_message_leaves_only_with_its_transaction(post: Post) -> None:
    def flow() -> None:
        with post.database.write() as tx:
            post.messages.send(tx, "test.notice", account=ANNA, to=[TO], locale="en", facts=NOTICE)
            raise RuntimeError("the flow failed")

    with pytest.raises(RuntimeError, match="flow failed"):
        flow()
    assert post.rows() == []


def test_an_unknown_message_is_a_fault(post: Post) -> None:
    with pytest.raises(Fault, match="no room offers"):
        post.send("test.unknown")


@pytest.mark.parametrize("address", ['"a\r\nRCPT TO:<x@y>"@example.com', "a@b\nBcc: c@d", "a@b,c@d"])
def test_s154_an_address_that_could_command_is_refused(post: Post, address: str) -> None:
    with pytest.raises(BadMessage):
        post.send(to=(TO, address))
    assert post.rows() == []


def test_s153_an_unproven_address_gets_no_strangers_words(post: Post) -> None:
    with pytest.raises(BadMessage):
        post.send("test.link", facts={"link": LINK, "minutes": "Win at evil.test"})
    assert post.rows() == []


def test_the_queue_shows_masked_addresses_newest_first(post: Post) -> None:
    for number in range(5):
        post.send(once=str(number), account=WEI if number == 2 else ANNA)
        post.clock.advance(SECOND)
    with post.database.read() as tx:
        first = post.messages.listing(tx, limit=2)
        rest = post.messages.listing(tx, before=first[-1].id)
        of_wei = post.messages.listing(tx, account=WEI)
        refused = post.messages.listing(tx, state="refused")
        assert post.messages.counts(tx) == {"waiting": 5}
        assert post.messages.lag(tx) == 5 * (SECOND + 1000)
    assert [mail.to for mail in first + rest] == ["a***@example.test"] * 5
    assert [mail.made_at for mail in first + rest] == sorted((row.made_at for row in post.rows()), reverse=True)
    assert [mail.account for mail in of_wei] == [WEI]
    assert refused == []
    assert all(mail.retriable for mail in first)


def test_what_lost_its_worth_is_blanked_and_journaled(post: Post) -> None:
    post.send("test.code", facts={"code": "12345678", "minutes": "10"})
    post.send()
    post.clock.advance(10 * MINUTE)
    assert tidy(post.database, post.messages) == 1
    code, notice = post.rows()
    assert (code.state, code.addresses, code.facts) == ("expired", None, None)
    assert notice.state == "waiting"
    assert [entry.code for entry in post.history()] == [events.EXPIRED]


def test_a_finished_row_is_deleted_after_thirty_days(post: Post) -> None:
    post.send("test.code", facts={"code": "12345678", "minutes": "10"})
    post.clock.advance(HOUR)
    tidy(post.database, post.messages)
    post.clock.advance(30 * DAY - MINUTE)
    tidy(post.database, post.messages)
    assert states(post) == ["expired"]
    post.clock.advance(2 * MINUTE)
    tidy(post.database, post.messages)
    assert states(post) == []


def test_a_suspended_accounts_mail_is_dropped(post: Post, smtp_sink: Sink) -> None:
    post.send()
    post.send(account=WEI)
    with post.database.write() as tx:
        assert post.messages.drop_for(tx, ANNA) == 1
        assert post.messages.drop_for(tx, ANNA) == 0
    assert states(post) == ["dropped", "waiting"]
    assert (post.rows()[0].addresses, post.rows()[0].facts) == (None, None)
    assert post.courier(smtp(smtp_sink.port)).deliver() == 1
    assert [entry.code for entry in post.history()] == [events.DROPPED]


def test_an_operator_has_a_refused_mail_sent_again(post: Post, smtp_sink: Sink) -> None:
    courier = post.courier(smtp(smtp_sink.port))
    smtp_sink.for_recipient[TO] = "550 5.2.1 mailbox disabled"
    post.send()
    courier.deliver()
    (row,) = post.rows()
    assert (row.state, row.reason) == ("refused", "550 5.2.1 mailbox disabled")
    smtp_sink.for_recipient.clear()
    with post.database.write() as tx:
        assert post.messages.retry(tx, row.id, OPERATOR)
    assert courier.deliver() == 1
    with post.database.write() as tx:
        assert not post.messages.retry(tx, row.id, OPERATOR)
        assert not post.messages.retry(tx, "0" * 32, OPERATOR)
    assert [entry.code for entry in post.history()] == [events.SENT, events.RETRIED, events.REFUSED]


def test_a_refused_mail_is_blanked_when_it_loses_its_worth(post: Post, smtp_sink: Sink) -> None:
    smtp_sink.for_recipient[TO] = "550 5.1.1 no such mailbox"
    post.send("test.code", facts={"code": "12345678", "minutes": "10"})
    post.courier(smtp(smtp_sink.port)).deliver()
    assert post.rows()[0].facts is not None
    post.clock.advance(10 * MINUTE)
    tidy(post.database, post.messages)
    (row,) = post.rows()
    assert (row.state, row.facts, row.addresses) == ("refused", None, None)
    with post.database.write() as tx:
        assert not post.messages.retry(tx, row.id, OPERATOR)
