"""One row per decision: exact bytes, erasable persons, and nothing in it that it must not hold."""

import hashlib
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from menshen.journal import rules
from menshen.journal.service import Journal, Unfit
from menshen.journal.store import events
from menshen.kit.clock import SECOND, SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from menshen.kit.marks import mark_of
from menshen.kit.web.visitor import Visitor

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name.split("_")[-1] not in rules._TELLING
)
values = st.one_of(st.text(max_size=30), st.integers(-rules.LARGEST, rules.LARGEST), st.booleans(), st.none())


def test_the_row_tells_who_what_when_where_and_how_it_ended(
    database: Database, journal: Journal, visitor: Visitor, clock: SetClock
) -> None:
    with database.write() as tx:
        made = journal.write(
            tx, "door.opened", visitor=visitor, account="bob", outcome="refused", facts={"tries": 3, "late": True}
        )
    with database.read() as tx:
        (entry,) = journal.history(tx, "bob")
    assert (entry.id, entry.at, entry.code, entry.outcome) == (made, clock.now(), "door.opened", "refused")
    assert (entry.account, entry.actor, entry.realm, entry.correlation) == ("bob", "ann", "customer", "c-1")
    assert entry.facts == {"tries": 3, "late": True}
    assert entry.personal == {"source": "192.0.2.7", "browser": "Agent/1.0"}


@pytest.mark.parametrize(
    ("given_values", "actor"),
    [
        ({}, "system"),
        ({"account": "bob"}, "bob"),
        ({"account": "bob", "actor": "cli"}, "cli"),
        ({"visitor": Visitor("h", "192.0.2.7")}, None),
        ({"visitor": Visitor("h", "192.0.2.7"), "account": "bob"}, "bob"),
    ],
)
def test_who_did_it_where_nobody_says(
    sqlite_url: str, journal: Journal, given_values: dict[str, Any], actor: str | None
) -> None:
    database = Database(sqlite_url)
    with database.write() as tx:
        journal.write(tx, "door.opened", **given_values)
        assert tx.scalar(select(events.c.actor)) == actor
    database.close()


def test_the_leaf_and_the_salted_hashes_can_be_recomputed_from_the_page_alone(
    database: Database, journal: Journal, visitor: Visitor
) -> None:
    """Written from the words of rules.py, without its code."""
    with database.write() as tx:
        journal.write(
            tx,
            "door.opened",
            visitor=visitor,
            facts={"b": 1, "a": '门神 é "\\'},
            personal={"address": "ann@example.com"},
        )
        row = tx.first(select(events))
    assert row is not None
    body = json.loads(row.body)
    assert row.body == json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert bytes(row.leaf) == hashlib.sha256(b"\x00" + row.body.encode()).digest()
    kept = json.loads(row.personal)
    assert set(kept) == set(body["personal"]) == {"address", "browser", "source"}
    for name, (salt, value) in kept.items():
        assert hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest() == body["personal"][name]
    assert body["v"] == 1
    assert "ann@example.com" not in row.body
    assert "192.0.2.7" not in row.body


@given(
    facts=st.dictionaries(names, values, max_size=5), personal=st.dictionaries(names, st.text(max_size=30), max_size=3)
)
@example(facts={"x": "\ud800"}, personal={})
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_fit_event_is_canonical(facts: dict[str, Any], personal: dict[str, str]) -> None:
    body = rules.Body(
        None, None, 1, "door.opened", "", rules.facts(facts), "0" * 32, "done", rules.personal(personal), "customer"
    )
    said = rules.body(body)
    assert said == json.dumps(json.loads(said), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert len(rules.leaf(said)) == 32
    assert said.isprintable() or all(unicodedata.category(char) == "Zs" for char in said if not char.isprintable())


def test_erasing_blanks_the_person_and_keeps_the_chain(database: Database, journal: Journal, visitor: Visitor) -> None:
    """Erasure works from the marks: what it does with the row leaves body and leaf as they were."""
    blanked = [column.name for column in events.columns if (mark := mark_of(column)) and mark.erase == "blank"]
    assert blanked == ["personal"]
    with database.write() as tx:
        journal.write(tx, "door.opened", visitor=visitor, account="bob", personal={"address": "bob@example.com"})
        before = tx.first(select(events.c.body, events.c.leaf))
        tx.change(update(events).where(events.c.account_id == "bob").values(dict.fromkeys(blanked)))
        after = tx.first(select(events.c.body, events.c.leaf))
        (entry,) = journal.history(tx, "bob")
        kept = json.dumps([list(map(str, row)) for row in tx.all(select(events))])
    assert after == before
    assert entry.personal == {}
    assert "bob@example.com" not in kept
    assert "192.0.2.7" not in kept


def test_a_salt_makes_equal_values_unlike(database: Database, journal: Journal, visitor: Visitor) -> None:
    with database.write() as tx:
        for _ in range(2):
            journal.write(tx, "door.opened", visitor=visitor)
        first, second = (json.loads(row.body)["personal"]["source"] for row in tx.all(select(events.c.body)))
    assert first != second


@pytest.mark.parametrize(
    "name", ["password", "token", "code", "secret", "hash", "new_password", "reset_token", "password_hash"]
)
def test_a_name_that_promises_a_secret_is_refused(sqlite_url: str, journal: Journal, name: str) -> None:
    database = Database(sqlite_url)
    with database.write() as tx:
        with pytest.raises(Unfit):
            journal.write(tx, "door.opened", facts={name: "x"})
        with pytest.raises(Unfit):
            journal.write(tx, "door.opened", personal={name: "x"})
        assert tx.all(select(events.c.id)) == []
    database.close()


@pytest.mark.parametrize("value", [1.5, b"x", ["x"], {"a": 1}, 2**53, object()])
def test_a_value_that_json_does_not_keep_is_refused(value: Any) -> None:
    with pytest.raises(Unfit):
        rules.facts({"a": value})


@pytest.mark.parametrize("name", ["A", "a-b", "", "1a", "a" * 41, "名"])
def test_a_name_out_of_form_is_refused(name: str) -> None:
    with pytest.raises(Unfit):
        rules.facts({name: 1})


def test_a_code_that_no_room_announced_is_refused(sqlite_url: str, journal: Journal) -> None:
    database = Database(sqlite_url)
    with database.write() as tx:
        with pytest.raises(Unfit, match=r"nobody\.knows"):
            journal.write(tx, "nobody.knows")
        journal.register(["nobody.knows"])
        assert len(journal.write(tx, "nobody.knows")) == 32
    database.close()


@pytest.mark.parametrize(
    ("given_text", "seen"),
    [
        ('a\n{"event":"session.granted"}', 'a\\u000a{"event":"session.granted"}'),
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("a\u2028b\u2029c\x85", "a\\u2028b\\u2029c\\u0085"),
        ("txt\u202egpj", "txt\\u202egpj"),
        ("nul\x00", "nul\\u0000"),
        ("门神 \u3000é", "门神 \u3000é"),
        ("x" * 600, "x" * 500),
        ("\n" * 600, "\\u000a" * 83 + "\\u"),
    ],
)
def test_text_cannot_forge_a_line_or_hide(given_text: str, seen: str) -> None:
    """S-151."""
    assert rules.visible(given_text) == seen


def test_a_forged_line_is_one_escaped_record(database: Database, journal: Journal) -> None:
    """S-151: in facts, in personal values, and in what the browser says."""
    forged = 'a\n{"event":"session.granted"}\x1b[2J\u2028'
    visitor = Visitor("h", forged, forged, correlation=forged)
    with database.write() as tx:
        journal.write(tx, "door.opened", visitor=visitor, facts={"name": forged}, personal={"name": forged})
        row = tx.first(select(events.c.body, events.c.personal, events.c.correlation))
    assert row is not None
    assert all(len(part.splitlines()) == 1 and "\x1b" not in part for part in row)


def test_an_event_goes_with_its_transaction(database: Database, journal: Journal) -> None:
    with pytest.raises(Unfit), database.write() as tx:  # noqa: PT012 - the block is the transaction
        journal.write(tx, "door.opened", account="bob")
        journal.write(tx, "nobody.knows", account="bob")
    with database.read() as tx:
        assert journal.history(tx, "bob") == []


def test_a_story_is_told_page_by_page_the_newest_first(database: Database, journal: Journal, clock: SetClock) -> None:
    with database.write() as tx:
        for number in range(10):
            if number % 3 == 0:
                clock.advance(SECOND)
            journal.write(tx, "door.opened", account="bob", facts={"number": number})
            journal.write(tx, "door.opened", account="eve", facts={"number": -1})
        told: list[Any] = []
        before = None
        while page := journal.history(tx, "bob", limit=4, before=before):
            told += [entry.facts["number"] for entry in page]
            before = page[-1].id
        strange = journal.history(tx, "bob", before=journal.history(tx, "eve")[0].id)
    assert told == list(range(9, -1, -1))
    assert strange == []


@pytest.mark.postgres
def test_events_of_a_week_nobody_made_are_kept(postgres: Database, journal: Journal) -> None:
    with postgres.write() as tx:
        journal.write(tx, "door.opened", account="bob")
        assert tx.scalar(text("SELECT count(*) FROM events_default")) == 1


def test_events_are_told_apart_by_new_names(journal: Journal, database: Database) -> None:
    other = Journal(SetClock(1), SystemDice(), ["door.opened"])
    with database.write() as tx:
        made = {writer.write(tx, "door.opened") for writer in (journal, other) for _ in range(20)}
    assert len(made) == 40
