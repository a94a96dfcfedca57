"""Accounts from their creation to their end, on both databases."""

import threading
from functools import partial

import pytest

from menshen.accounts.rules import Taken, Unusable
from menshen.accounts.rules.standing import MOVES
from menshen.accounts.service.people import UnknownFact
from menshen.kit.clock import DAY
from menshen.kit.database import Tx
from menshen.kit.room import Query
from tests.accounts.houses import NOON, House, find, name


def test_one_field_takes_user_name_address_and_number(house: House) -> None:
    account = house.create(
        name("user_name", "LinWei"), name("email", "lin.wei@example.com"), name("phone", "13800138000")
    )
    for typed in ("linwei", "ＬＩＮＷＥＩ ", "Lin.Wei@Example.com", "138-0013-8000", "+8613800138000"):
        assert find(house, typed) == account
    for typed in ("linwe", "linwei@example.com", "13800138001", "", "x" * 10_000):
        assert find(house, typed) is None


def test_realms_do_not_meet(house: House) -> None:
    house.create(name("email", "lin@example.com"))
    with house.database.write() as tx:
        operator = house.accounts.create(tx, "operator", identifiers=[name("email", "lin@example.com")])
        found = house.accounts.find(tx, "operator", "lin@example.com")
    assert found is not None
    assert found.account_id == operator
    assert find(house, "lin@example.com") != operator


def test_mail_goes_only_to_the_stored_address(house: House) -> None:
    """S-39: whatever spelling finds the account, the address written to is the stored one."""
    account = house.create(name("email", "mike@example.org", verified=True))
    for typed in ("MIKE@EXAMPLE.ORG", "mi\u212ae@example.org", "ｍｉｋｅ＠example.org"):
        assert find(house, typed) == account
    assert find(house, "m\u0131ke@example.org") is None
    with house.database.read() as tx:
        assert house.accounts.addresses(tx, account, True) == ("mike@example.org",)


def test_an_address_that_looks_like_anothers_is_refused(house: House) -> None:
    house.create(name("email", "mike@example.org"))
    with house.database.write() as tx:
        refused = house.accounts.create(
            tx, "customer", identifiers=[name("email", "m\u0131ke@example.org", verified=True)]
        )
    assert isinstance(refused, Taken)
    assert refused.lookalike
    assert find(house, "mike@example.org") is not None


def test_a_taken_name_leaves_no_account(house: House) -> None:
    house.create(name("email", "lin@example.com"))
    with house.database.write() as tx:
        refused = house.accounts.create(
            tx, "customer", identifiers=[name("user_name", "free.name"), name("email", "LIN@example.com")]
        )
        left = house.accounts.count(tx, Query())
    assert isinstance(refused, Taken)
    assert refused.identifier.kind == "email"
    assert find(house, "free.name") is None
    assert left == 1


def test_a_claim_does_not_block_the_true_owner(house: House) -> None:
    """S-49: whoever proves an address takes it from whoever only claimed it."""
    squatter = house.create(name("user_name", "squatter"), name("email", "victim@example.org"))
    owner = house.create(name("email", "victim@example.org", verified=True))
    assert find(house, "victim@example.org") == owner
    assert "identifier.displaced" in house.events(squatter)
    with house.database.read() as tx:
        assert house.accounts.addresses(tx, squatter, False) == ()
        assert not house.accounts.search(tx, "customer", "victim")[1:]


def test_a_proven_address_is_not_taken_by_another_proof(house: House) -> None:
    owner = house.create(name("email", "lin@example.com", verified=True))
    other = house.create(name("user_name", "other"))
    with house.database.write() as tx:
        refused = house.accounts.verify_identifier(tx, other, name("email", "lin@example.com"))
    assert isinstance(refused, Taken)
    assert find(house, "lin@example.com") == owner


def test_a_claim_beside_a_proven_address_finds_nobody(house: House) -> None:
    """A mistyped or prepared second address must not lead its owner into this account."""
    account = house.create(name("email", "lin@example.com", verified=True), name("email", "wei@example.com"))
    assert find(house, "wei@example.com") is None
    with house.database.write() as tx:
        assert house.accounts.addresses(tx, account, False) == ("lin@example.com",)
        assert house.accounts.verify_identifier(tx, account, name("email", "wei@example.com")) is None
    assert find(house, "wei@example.com") == account


def test_names_are_added_replaced_and_removed(house: House) -> None:
    account = house.create(name("email", "old@example.com", verified=True))
    new = name("email", "new@example.com", verified=True)
    with house.database.write() as tx:
        assert house.accounts.replace_identifier(tx, account, name("email", "old@example.com"), new) is None
        assert house.accounts.add_identifier(tx, account, name("user_name", "linwei")) is None
        assert house.accounts.add_identifier(tx, account, name("user_name", "linwei")) is None
        assert house.accounts.addresses(tx, account, True) == ("new@example.com",)
    assert find(house, "old@example.com") is None
    with house.database.write() as tx:
        assert house.accounts.remove_identifier(tx, account, name("user_name", "linwei"))
        assert not house.accounts.remove_identifier(tx, account, name("user_name", "linwei"))
        assert not house.accounts.remove_identifier(tx, account, new), "the last name stays"
    # Within one microsecond of the standing clock their order is chance.
    assert sorted(house.events(account)) == [
        "account.created",
        "identifier.added",
        "identifier.removed",
        "identifier.replaced",
    ]


@pytest.mark.parametrize("verb", ["suspend", "lock", "begin_closing"])
def test_a_shut_account_has_no_authority_left(house: House, verb: str) -> None:
    account = house.create(name("user_name", "linwei"))
    with house.database.write() as tx:
        more = (NOON + DAY,) if verb == "begin_closing" else ()
        assert getattr(house.accounts, verb)(tx, account, *more)
        assert not getattr(house.accounts, verb)(tx, account, *more), "a second time there is nothing to do"
        standing = house.accounts.standing(tx, account)
    assert standing is not None
    assert (standing.state, standing.epoch) == (MOVES[verb].to, 2)


def test_a_lifted_suspension_leads_back(house: House) -> None:
    account = house.create(name("user_name", "linwei"), state="invited")
    with house.database.write() as tx:
        assert house.accounts.suspend(tx, account)
        assert not house.accounts.activate(tx, account)
        assert house.accounts.resume(tx, account)
        standing = house.accounts.standing(tx, account)
    assert standing is not None
    assert standing.state == "invited"
    assert house.dropped == [account]


def test_closing_can_be_called_back(house: House) -> None:
    account = house.create(name("user_name", "linwei"))
    with house.database.write() as tx:
        house.accounts.begin_closing(tx, account, NOON + 30 * DAY)
        closing = house.accounts.standing(tx, account)
        house.accounts.cancel_closing(tx, account)
        stays = house.accounts.standing(tx, account)
    assert closing is not None
    assert stays is not None
    assert (closing.state, closing.closing_until) == ("closing", NOON + 30 * DAY)
    assert (stays.state, stays.closing_until) == ("active", None)


def test_a_lock_survives_a_profile_saved_from_an_older_form(house: House) -> None:
    """S-166: what a form showed is not saved over a newer change."""
    account = house.create(name("user_name", "linwei"), display_name="林伟")
    with house.database.write() as tx:
        shown = house.accounts.standing(tx, account)
        assert shown is not None
        house.accounts.lock(tx, account)
        save = partial(house.accounts.save_profile, display_name="林维", locale="en", time_zone=None)
        assert not save(tx, account, shown.version)
        now = house.accounts.standing(tx, account)
        assert now is not None
        assert (now.state, now.display_name) == ("locked", "林伟")
        assert save(tx, account, now.version)


def test_other_rooms_write_their_facts_into_the_standing(house: House) -> None:
    account = house.create(name("user_name", "linwei"))
    with house.database.write() as tx:
        house.accounts.set_password_facts(tx, account, NOON, "argon2id")
        house.accounts.set_method(tx, account, "passkey", True)
        house.accounts.mark_must_change(tx, account, "leaked", NOON + DAY)
        assert house.accounts.saw(tx, account, 20_000)
        assert not house.accounts.saw(tx, account, 20_000)
        assert house.accounts.bump_epoch(tx, account) == 2
        standing = house.accounts.standing(tx, account)
    assert standing is not None
    assert standing.methods == ("passkey", "password")
    assert (standing.must_change_why, standing.must_change_by) == ("leaked", NOON + DAY)
    assert (standing.password_class, standing.last_seen_day) == ("argon2id", 20_000)
    with house.database.write() as tx:
        house.accounts.set_password_facts(tx, account, None, None)
        assert house.accounts.clear_must_change(tx, account)
        assert not house.accounts.clear_must_change(tx, account)
        standing = house.accounts.standing(tx, account)
    assert standing is not None
    assert not standing.has_password
    assert not standing.must_change


def test_two_rooms_writing_at_once_lose_nothing(crowded: House) -> None:
    """Methods are one list: without the row lock one of eight writers would overwrite another's."""
    account = crowded.create(name("user_name", "linwei"))
    gate = threading.Barrier(8)

    def write(method: str) -> None:
        gate.wait()
        with crowded.database.write() as tx:
            crowded.accounts.set_method(tx, account, method, True)

    threads = [threading.Thread(target=write, args=(f"method{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with crowded.database.read() as tx:
        standing = crowded.accounts.standing(tx, account)
    assert standing is not None
    assert len(standing.methods) == 8


def test_one_address_is_given_once_however_many_ask(crowded: House) -> None:
    gate = threading.Barrier(8)
    answers: list[str | Taken] = []

    def ask() -> None:
        gate.wait()
        with crowded.database.write() as tx:
            wanted = [name("email", "lin@example.com", verified=True)]
            answers.append(crowded.accounts.create(tx, "customer", identifiers=wanted))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(answer) for answer in answers].count(str) == 1
    assert len(answers) == 8


def test_groups_hold_their_members(house: House) -> None:
    account = house.create(name("user_name", "linwei"), groups=("staff",))
    house.create(name("user_name", "other"))
    with house.database.write() as tx:
        assert house.accounts.join_group(tx, account, "vip")
        assert not house.accounts.join_group(tx, account, "vip")
        assert house.accounts.leave_group(tx, account, "staff")
        assert not house.accounts.leave_group(tx, account, "staff")
        members = house.accounts.select(tx, Query(group="vip"))
        assert house.accounts.groups(tx, "customer") == ("staff", "vip")
        assert house.accounts.count(tx, Query(group="staff")) == 0
    assert [member.account_id for member in members] == [account]
    assert members[0].groups == ("vip",)


def test_queries_and_census_count_the_same_people(house: House) -> None:
    due = house.create(name("user_name", "one"))
    house.create(name("user_name", "two"))
    third = house.create(name("user_name", "three"))
    with house.database.write() as tx:
        house.accounts.mark_must_change(tx, due, "leaked", None)
        house.accounts.set_password_facts(tx, due, 61 * DAY, "argon2id")
        house.accounts.suspend(tx, third)
        assert [found.account_id for found in house.accounts.select(tx, Query(must_change=True))] == [due]
        assert house.accounts.count(tx, Query(state="suspended")) == 1
        assert house.accounts.count(tx, Query(account_ids=(due, third), must_change=False)) == 1
        pages = house.accounts.select(tx, Query(), limit=2)
        rest = house.accounts.select(tx, Query(), after=pages[-1].account_id, limit=2)
        classes = house.accounts.census(tx, Query())
    assert len({found.account_id for found in (*pages, *rest)}) == 3
    assert sorted(each.count for each in classes) == [1, 1, 1]
    assert {(each.must_change_why, each.password_month) for each in classes} == {("leaked", 2), (None, None)}


def test_facts_are_sealed_and_serve_the_judge(house: House) -> None:
    account = house.create(
        name("user_name", "linwei"),
        name("email", "lin@example.com"),
        name("phone", "13800138000"),
        display_name=" 林伟 ",
        facts={"birthday": "1990-05-17"},
    )
    with house.database.write() as tx:
        house.accounts.record_fact(tx, account, "id_number", "11010519491231002X")
        house.accounts.record_fact(tx, account, "id_number", "440524188001010014")
        house.accounts.record_fact(tx, account, "birthday", None)
        person = house.accounts.person_facts(tx, account)
    assert (person.name, person.birthday, person.id_number) == ("林伟", None, "440524188001010014")
    assert (person.username, person.email, person.phones) == ("linwei", "lin@example.com", ("+8613800138000",))
    with pytest.raises(UnknownFact), house.database.write() as tx:
        house.accounts.record_fact(tx, account, "shoe_size", "43")


def test_consents_are_given_and_withdrawn(house: House) -> None:
    account = house.create(name("user_name", "linwei"))
    with house.database.write() as tx:
        house.accounts.give_consent(tx, account, "terms", "2026-01", "sign-up")
        house.clock.advance(DAY)
        house.accounts.give_consent(tx, account, "terms", "2026-12", "page")
        assert house.accounts.consented(tx, account, "terms") == "2026-12"
        assert house.accounts.withdraw_consent(tx, account, "terms")
        assert not house.accounts.withdraw_consent(tx, account, "terms")
        assert house.accounts.consented(tx, account, "terms") is None


@pytest.mark.parametrize("typed", ["x" * 201, "\x00", "林\u0007伟", "\ud800", "   "])
def test_names_nobody_bears_are_refused(house: House, typed: str) -> None:
    """S-162."""
    with pytest.raises(Unusable), house.database.write() as tx:
        house.accounts.create(tx, "customer", identifiers=[name("user_name", "linwei")], display_name=typed)


def _sought(house: House, tx: Tx, typed: str) -> set[str]:
    return {str(found.display_name) for found in house.accounts.search(tx, "customer", typed)}


def test_search_finds_by_any_part_that_an_operator_knows(house: House) -> None:
    house.create(
        name("email", "xm.wang@example.com"),
        name("phone", "13800138000"),
        display_name="王小明",
        external_ids={"crm": "C-0042"},
    )
    house.create(name("user_name", "swan"), name("email", "swan@example.org"), display_name="Shan Lin-Wei")
    house.create(name("user_name", "shan88"), display_name="单小虎")
    with house.database.write() as tx:
        expected = {
            "小明": {"王小明"},
            "小": {"王小明", "单小虎"},
            "wangxiao": {"王小明"},
            "Xiao Ming": {"王小明"},
            "xm": {"王小明"},
            "wxm": {"王小明"},
            "xm.w": {"王小明"},
            "@example.com": {"王小明"},
            "example": {"王小明", "Shan Lin-Wei"},
            "8000": {"王小明"},
            "138 0013 8000": {"王小明"},
            "+86 138": set(),
            "C-0042": {"王小明"},
            "shan": {"Shan Lin-Wei", "单小虎"},
            "slw": {"Shan Lin-Wei"},
            "shanxiao": {"单小虎"},
            "danxiaohu": {"单小虎"},
            "ｗｅｉ": {"Shan Lin-Wei"},
            "": set(),
            "%": set(),
        }
        assert {typed: _sought(house, tx, typed) for typed in expected} == expected


def test_search_follows_a_changed_name(house: House) -> None:
    account = house.create(name("user_name", "first"), display_name="王小明")
    with house.database.write() as tx:
        saved = house.accounts.save_profile(tx, account, 1, display_name="李大龙", locale=None, time_zone=None)
        assert saved
        assert _sought(house, tx, "wangxm") == set()
        assert _sought(house, tx, "dalong") == {"李大龙"}
