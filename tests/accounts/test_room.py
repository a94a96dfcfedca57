"""What the room gives the house: acts with their way back, the card, sentences for every code."""

import pytest

from menshen.accounts.room import furnish
from menshen.accounts.room.acts import InGroup, Nothing
from menshen.accounts.rules import FACTS
from menshen.kit.database import metadata
from menshen.kit.room import Act, Room
from menshen.kit.texts import Texts
from menshen.kit.web.visitor import Visitor
from menshen.policy.rules import Refusal
from tests.accounts.houses import House, name

OPERATOR = Visitor(host="localhost", source="192.0.2.7", realm="operator", account_id="0" * 32)


@pytest.fixture
def room(house: House) -> Room:
    return furnish(house.database, house.accounts, lambda: tuple(metadata.tables.values()))


def _act(room: Room, verb: str) -> Act:
    return next(act for act in room.acts if act.verb == verb)


@pytest.mark.parametrize(
    ("verb", "state"), [("accounts.suspend", "suspended"), ("accounts.lock", "locked"), ("accounts.resume", "active")]
)
def test_an_act_says_does_and_undoes(house: House, room: Room, verb: str, state: str) -> None:
    account = house.create(name("user_name", "linwei"))
    act = _act(room, verb)
    with house.database.write() as tx:
        if verb == "accounts.resume":
            house.accounts.suspend(tx, account)
        before = house.accounts.standing(tx, account)
        assert act.preview(tx, account, Nothing()).sentence == verb.replace("accounts.", "accounts.act.")
        kept = act.do(tx, account, Nothing(), OPERATOR)
        done = house.accounts.standing(tx, account)
        assert act.preview(tx, account, Nothing()).count == 0
        assert act.undo is not None
        act.undo(tx, account, kept, OPERATOR)
        undone = house.accounts.standing(tx, account)
    assert before is not None
    assert done is not None
    assert undone is not None
    assert (done.state, undone.state) == (state, before.state)


def test_what_was_not_done_is_not_undone(house: House, room: Room) -> None:
    """Undoing an act that changed nothing must not lift what somebody else did."""
    account = house.create(name("user_name", "linwei"))
    act = _act(room, "accounts.suspend")
    with house.database.write() as tx:
        house.accounts.suspend(tx, account)
        kept = act.do(tx, account, Nothing(), OPERATOR)
        assert act.undo is not None
        act.undo(tx, account, kept, OPERATOR)
        standing = house.accounts.standing(tx, account)
    assert standing is not None
    assert standing.state == "suspended"


def test_groups_whose_policies_contradict_never_meet_in_one_account(house: House, room: Room) -> None:
    """C14."""
    account = house.create(name("user_name", "linwei"), groups=("staff",))
    house.accounts.govern(lambda tx, groups: Refusal("policy.contradiction", {}) if "nist" in groups else None)
    join = _act(room, "accounts.join_group")
    with house.database.write() as tx:
        refused = house.accounts.join_group(tx, account, "nist")
        assert isinstance(refused, Refusal)
        assert join.preview(tx, account, InGroup("nist")).count == 0
        assert join.preview(tx, account, InGroup("vip")).count == 1
        kept = join.do(tx, account, InGroup("vip"), OPERATOR)
        assert house.accounts.group_sets(tx, ("staff", "vip", "other")) == {("staff", "vip")}
        assert join.undo is not None
        join.undo(tx, account, kept, OPERATOR)
        assert house.accounts.group_sets(tx, ("staff", "vip")) == set()


def test_erasing_by_an_act_names_the_operator(house: House, room: Room) -> None:
    account = house.create(name("user_name", "linwei"), display_name="林伟")
    act = _act(room, "accounts.erase")
    assert act.sensitive
    assert act.undo is None
    with house.database.write() as tx:
        act.do(tx, account, Nothing(), OPERATOR)
        told = house.journal.history(tx, account)
    assert ("account.erased", OPERATOR.account_id) in {(entry.code, entry.actor) for entry in told}


def test_the_card_shows_names_and_no_sealed_fact(house: House, room: Room) -> None:
    account = house.create(name("user_name", "linwei"), facts=dict.fromkeys(FACTS, "RARE-FACT"))
    shown = room.parts[0].render(OPERATOR, {"account_id": account})
    assert shown is not None
    assert "linwei" in str(shown)
    assert "RARE-FACT" not in str(shown)
    assert room.parts[0].render(OPERATOR, {"account_id": "nobody"}) is None


def test_every_event_and_refusal_has_its_sentence(room: Room) -> None:
    texts = Texts([room.texts])
    codes = [f"event.{event.code}" for event in room.events] + ["accounts.taken", "accounts.lookalike"]
    assert [code for code in codes if not texts.knows(code)] == []
