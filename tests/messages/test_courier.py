"""Carrying the outbox out to a real SMTP server that fails as scripted: nothing lost, nothing twice, no row stuck."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy

import pytest

from menshen.kit.clock import HOUR, MINUTE, SECOND
from menshen.messages import events, store
from menshen.messages.jobs import tidy
from menshen.messages.rules import LEASE, Letter, Reply
from menshen.messages.senders.line import Carry, Line
from tests.messages.posts import NOTICE, TO, Post, smtp
from tests.servers.mail import Sink

SECOND_BOX = "anna.second@example.test"


def subjects(sink: Sink) -> list[str]:
    return [str(message["subject"]) for message in sink.messages]


def ids(sink: Sink) -> Counter[str]:
    return Counter(str(message["message-id"]) for message in sink.messages)


def test_a_sent_mail_is_blanked_and_journaled(post: Post, smtp_sink: Sink) -> None:
    post.send()
    courier = post.courier(smtp(smtp_sink.port))
    assert courier.deliver() == 1
    assert courier.deliver() == 0
    (row,) = post.rows()
    assert (row.state, row.tries, row.line, row.addresses, row.facts) == ("sent", 1, "mail", None, None)
    assert subjects(smtp_sink) == ["Anna, a new device signed in"]
    assert smtp_sink.envelopes[0].rcpt_tos == [TO]
    (entry,) = post.history()
    assert (entry.code, entry.facts["message"], entry.facts["outbox"]) == (events.SENT, "test.notice", row.id)


def test_many_mails_go_over_one_connection(post: Post, smtp_sink: Sink) -> None:
    for _ in range(30):
        post.send()
    assert post.courier(smtp(smtp_sink.port)).deliver() == 30
    assert len(ids(smtp_sink)) == 30


def test_an_address_refused_for_good_gives_way_to_the_next(post: Post, smtp_sink: Sink) -> None:
    smtp_sink.for_recipient[TO] = "550 5.1.1 no such mailbox"
    post.send(to=(TO, SECOND_BOX))
    assert post.courier(smtp(smtp_sink.port)).deliver() == 1
    assert smtp_sink.envelopes[0].rcpt_tos == [SECOND_BOX]


def test_when_all_addresses_refuse_the_reason_stays(post: Post, smtp_sink: Sink) -> None:
    smtp_sink.for_recipient = {TO: "550 5.1.1 no such mailbox", SECOND_BOX: f"553 <{SECOND_BOX}> is closed"}
    post.send(to=(TO, SECOND_BOX))
    courier = post.courier(smtp(smtp_sink.port))
    courier.deliver()
    (row,) = post.rows()
    assert (row.state, row.reason) == ("refused", "553 <a***@example.test> is closed")
    post.clock.advance(HOUR)
    assert courier.deliver() == 0
    assert [(entry.code, entry.outcome) for entry in post.history()] == [(events.REFUSED, "failed")]


@pytest.mark.parametrize("script", [{"for_recipient": {TO: "451 4.7.1 greylisted"}}, {"for_data": ["452 4.3.1 full"]}])
def test_a_passing_refusal_is_tried_again(post: Post, smtp_sink: Sink, script: dict[str, object]) -> None:
    for name, value in script.items():
        setattr(smtp_sink, name, copy(value))
    post.send()
    courier = post.courier(smtp(smtp_sink.port))
    assert courier.deliver() == 0
    (row,) = post.rows()
    assert (row.state, row.tries, row.next_at) == ("waiting", 1, post.clock.now() + 5 * SECOND)
    assert row.reason.startswith("45")
    smtp_sink.for_recipient.clear()
    assert courier.deliver() == 0
    post.clock.advance(5 * SECOND)
    assert courier.deliver() == 1


def test_a_refused_content_is_refused(post: Post, smtp_sink: Sink) -> None:
    smtp_sink.for_data = ["554 5.7.1 looks like spam"]
    post.send()
    post.courier(smtp(smtp_sink.port)).deliver()
    assert [row.state for row in post.rows()] == ["refused"]


def test_smtp_down_for_an_hour_loses_nothing_and_doubles_nothing(post: Post, smtp_sink: Sink) -> None:
    courier = post.courier(smtp(smtp_sink.port))
    smtp_sink.down()
    for _ in range(5):
        post.send()
    for _ in range(60):
        post.clock.advance(MINUTE)
        assert courier.deliver() == 0
    assert {row.state for row in post.rows()} == {"waiting"}
    assert post.rows()[0].reason.startswith("127.0.0.1: ")
    smtp_sink.up()
    post.clock.advance(5 * MINUTE)
    assert courier.deliver() == 5
    assert sorted(ids(smtp_sink).values()) == [1] * 5


def test_a_server_that_closes_midway_is_come_back_to(post: Post, smtp_sink: Sink) -> None:
    smtp_sink.for_data = ["250 OK", "421 4.3.2 shutting down"]
    for _ in range(4):
        post.send()
    courier = post.courier(smtp(smtp_sink.port))
    courier.deliver()
    post.clock.advance(MINUTE)
    courier.deliver()
    assert sorted(ids(smtp_sink).values()) == [1] * 4


def test_a_mail_worth_nothing_any_more_is_not_sent(post: Post, smtp_sink: Sink) -> None:
    post.send("test.code", facts={"code": "12345678", "minutes": "10"})
    post.clock.advance(10 * MINUTE)
    assert post.courier(smtp(smtp_sink.port)).deliver() == 0
    assert smtp_sink.messages == []


def test_without_a_line_mails_wait_untried(post: Post) -> None:
    post.send()
    assert post.courier(None).deliver() == 0
    assert [(row.state, row.tries) for row in post.rows()] == [("waiting", 0)]


def test_a_number_waits_for_a_line_of_its_own_and_mail_goes_instead(post: Post, smtp_sink: Sink) -> None:
    post.send(to=("+8613812345678",))
    post.send(to=("+8613812345678", TO))
    assert post.courier(smtp(smtp_sink.port)).deliver() == 1
    assert [row.state for row in post.rows()] == ["waiting", "sent"]
    assert post.rows()[0].reason == "no line for this address"
    assert smtp_sink.envelopes[0].rcpt_tos == [TO]


def test_a_row_that_does_not_open_holds_up_no_other(post: Post, smtp_sink: Sink) -> None:
    post.send()
    with post.database.write() as tx:
        tx.change(store.outbox.update().values(facts=b"\x01broken"))
    post.clock.advance(1)
    post.send()
    assert post.courier(smtp(smtp_sink.port)).deliver() == 1
    assert [row.state for row in post.rows()] == ["waiting", "sent"]
    assert post.rows()[0].reason == "fault: SealBroken"


def test_a_sentence_whose_fact_is_missing_holds_up_no_other(post: Post, smtp_sink: Sink) -> None:
    post.send(facts={"name": "Anna"})
    post.clock.advance(1)
    post.send()
    assert post.courier(smtp(smtp_sink.port)).deliver() == 1
    assert post.rows()[0].reason == "fault: KeyError"


class Dying:
    """A line whose process is killed before or after it handed a letter over."""

    def __init__(self, line: Line, *, after: bool) -> None:
        self._line = line
        self._after = after

    @contextmanager
    def open(self) -> Iterator[Carry]:
        """As the line does."""
        with self._line.open() as carry:

            def carry_and_die(letter: Letter) -> Reply:
                if self._after:
                    carry(letter)
                raise KeyboardInterrupt

            yield carry_and_die


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_node_loses_no_mail_and_a_double_can_be_known(post: Post, smtp_sink: Sink, after: bool) -> None:
    post.send()
    with pytest.raises(KeyboardInterrupt):
        post.courier(Dying(smtp(smtp_sink.port), after=after)).deliver()
    other = post.courier(smtp(smtp_sink.port))
    assert other.deliver() == 0  # the lease still stands
    post.clock.advance(LEASE)
    assert other.deliver() == 1
    assert list(ids(smtp_sink).values()) == [2 if after else 1]
    assert [row.state for row in post.rows()] == ["sent"]


def test_a_node_that_lost_its_lease_settles_nothing(post: Post, smtp_sink: Sink) -> None:
    post.send()
    line = smtp(smtp_sink.port)

    class Slow:
        @contextmanager
        def open(self) -> Iterator[Carry]:
            def carry(_: Letter) -> Reply:
                post.clock.advance(LEASE)
                assert post.courier(line).deliver() == 1
                return Reply("refused", "550 too late")

            yield carry

    post.courier(Slow()).deliver()
    assert [row.state for row in post.rows()] == ["sent"]
    assert [entry.code for entry in post.history()] == [events.SENT]


def test_a_mail_dropped_while_it_is_sent_stays_dropped(post: Post) -> None:
    post.send()

    class Meanwhile:
        @contextmanager
        def open(self) -> Iterator[Carry]:
            def carry(letter: Letter) -> Reply:
                with post.database.write() as tx:
                    post.messages.drop_for(tx, "a" * 32)
                return Reply("later", "451 greylisted")

            yield carry

    post.courier(Meanwhile()).deliver()
    assert [row.state for row in post.rows()] == ["dropped"]


def test_a_dead_nodes_mail_expires_too(post: Post, smtp_sink: Sink) -> None:
    post.send("test.code", facts={"code": "12345678", "minutes": "10"})
    with pytest.raises(KeyboardInterrupt):
        post.courier(Dying(smtp(smtp_sink.port), after=False)).deliver()
    post.clock.advance(10 * MINUTE)
    tidy(post.database, post.messages)
    assert [(row.state, row.facts) for row in post.rows()] == [("expired", None)]


@pytest.mark.postgres
def test_eight_nodes_send_each_mail_once(crowded: Post, smtp_sink: Sink) -> None:
    for number in range(80):
        crowded.send(facts={**NOTICE, "name": str(number)})
    couriers = [crowded.courier(smtp(smtp_sink.port)) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        sent = sum(threads.map(lambda courier: courier.deliver(), couriers))
    assert sent == 80
    assert sorted(ids(smtp_sink).values()) == [1] * 80
