"""The law book on both databases: the strictest wins, changes reach every node, contradictions are never saved."""

import threading

import msgspec
import pytest
from sqlalchemy import text

from menshen.kit.clock import DAY
from menshen.kit.database import Fault
from menshen.passwords import PROFILE_NAMES, named
from menshen.policy.rules import PolicySettings, Refusal, Version
from menshen.policy.service import Contradiction, UnknownPermission
from tests.policy.books import NOON, House, own


class Undone(Exception):
    """Rolls a transaction back."""


def test_without_any_choice_classic_holds(house: House) -> None:
    assert house.effective() == named("classic")
    assert house.effective("guests").name == "classic"


def test_the_days_of_classic_are_a_setting(house: House) -> None:
    shorter = House(house.database, PolicySettings(rotation_days=90))
    assert shorter.effective().rotation.change_after_days == 90
    assert house.effective().rotation.change_after_days == 180


@pytest.mark.parametrize("days", [89, 181])
def test_the_days_of_classic_stay_within_the_mission(days: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"rotation_days": days}, PolicySettings)


def test_a_default_that_is_no_policy_is_told_with_the_nearest_name(house: House) -> None:
    with pytest.raises(Fault, match="did you mean 'modern'"):
        House(house.database, PolicySettings(default="modrn")).effective()


def test_the_strictest_of_a_customers_policies_wins(house: House) -> None:
    assert house.assign("staff", "mlps-3") is None
    assert house.assign("shop", "pci-dss-4") is None
    both = house.effective("staff", "shop")
    assert both.password.length_alone == max(named(name).password.length_alone for name in ("mlps-3", "pci-dss-4"))
    assert house.effective("staff").name == "mlps-3"
    assert house.effective("guests").name == "classic"


def test_operators_are_bound_more_strictly(house: House) -> None:
    house.assign("staff", "mlps-3")
    assert house.effective("staff", realm="operator").password.length_alone == max(
        named("mlps-3").operators.least_length, named("mlps-3").password.length_alone
    )


def test_every_node_sees_a_change_at_its_next_look(house: House) -> None:
    other = house.node()
    assert house.effective("staff", node=other).name == "classic"
    house.assign("staff", "pci-dss-4")
    assert house.effective("staff", node=other).name == "pci-dss-4"
    with house.database.write() as tx:
        assert house.policy.release(tx, "staff", actor="tester") is None
    assert house.effective("staff", node=other).name == "classic"


def test_a_change_that_was_rolled_back_is_forgotten(house: House) -> None:
    def assign_and_fail() -> str:
        with house.database.write() as tx:
            house.policy.assign(tx, "staff", "pci-dss-4", actor="tester")
            raise Undone(house.policy.effective(tx, ["staff"]).name)

    with pytest.raises(Undone, match="pci-dss-4"):
        assign_and_fail()
    house.assign("guests", "mlps-3")
    assert house.effective("staff").name == "classic"


def test_a_scheduled_version_comes_into_force_without_anyones_doing(house: House) -> None:
    saved = house.save(own("classic", days=90), valid_from=NOON + DAY)
    assert isinstance(saved, Version)
    assert house.effective().rotation.change_after_days == 180
    house.clock.advance(DAY)
    assert house.effective().rotation.change_after_days == 90
    house.clock.advance(-1)
    assert house.effective().rotation.change_after_days == 180


def test_policies_that_contradict_are_refused_when_a_group_is_assigned(house: House) -> None:
    """C14: NIST forbids what classic demands; nobody may end up under both."""
    house.meetings.sets.append(("shop", "staff"))
    assert house.assign("shop", "classic") is None
    refusal = house.assign("staff", "nist-800-63b-4")
    assert refusal is not None
    assert refusal.code == "policy.contradiction"
    assert {reason.code for reason in refusal.reasons} >= {"passwords.contradiction.composition"}
    assert refusal.values == {"policies": "classic, nist-800-63b-4", "groups": "shop, staff"}
    assert house.effective("staff").name == "classic"


def test_groups_that_never_meet_may_contradict(house: House) -> None:
    assert house.assign("shop", "classic") is None
    assert house.assign("staff", "nist-800-63b-4") is None


def test_policies_that_contradict_are_refused_when_one_is_saved(house: House) -> None:
    house.meetings.sets.append(("shop", "staff"))
    house.save(own("ours", "nist-800-63b-4", days=None))
    house.save(own("theirs", "nist-800-63b-4", days=None))
    assert house.assign("shop", "ours") is None
    assert house.assign("staff", "theirs") is None
    refused = house.save(own("theirs"), based_on=1)
    assert isinstance(refused, Refusal)
    assert refused.code == "policy.contradiction"
    assert house.effective("staff").password.classes == frozenset()


def test_a_version_that_will_contradict_later_is_refused_now(house: House) -> None:
    house.meetings.sets.append(("shop", "staff"))
    house.save(own("theirs", "nist-800-63b-4", days=None))
    house.assign("shop", "nist-800-63b-4")
    house.assign("staff", "theirs")
    assert isinstance(house.save(own("theirs"), based_on=1, valid_from=NOON + 30 * DAY), Refusal)


def test_a_policy_that_contradicts_itself_is_refused(house: House) -> None:
    refused = house.save(own("ours", "nist-800-63b-4", days=90))
    assert isinstance(refused, Refusal)
    assert [reason.code for reason in refused.reasons] == ["passwords.contradiction.rotation"]
    assert house.book().newest("ours") is None


def test_whoever_puts_an_account_into_groups_can_ask_first(house: House) -> None:
    house.assign("shop", "classic")
    house.assign("staff", "nist-800-63b-4")
    with house.database.write() as tx:
        assert house.policy.would_contradict(tx, ["shop"]) is None
        refusal = house.policy.would_contradict(tx, ["shop", "staff", "guests"])
    assert refusal is not None
    assert refusal.reasons


def test_a_contradiction_that_came_about_all_the_same_is_a_fault_not_a_merge(house: House) -> None:
    house.assign("shop", "classic")
    house.assign("staff", "nist-800-63b-4")
    house.meetings.sets.append(("shop", "staff"))
    with pytest.raises(Contradiction):
        house.effective("shop", "staff")
    with house.database.read() as tx:
        found = house.policy.standing_contradiction(tx)
    assert found is not None
    assert found.values["groups"] == "shop, staff"


def test_what_was_saved_meanwhile_is_not_overwritten(house: House) -> None:
    """S-166: a policy saved from two tabs."""
    first = house.save(own("ours", length=10))
    assert isinstance(first, Version)
    assert first.number == 1
    second = house.save(own("ours", length=9))
    assert second == Refusal("policy.changed_meanwhile", {"policy": "ours", "version": 1})
    third = house.save(own("ours", length=12), based_on=1)
    assert isinstance(third, Version)
    assert third.number == 2
    assert [version.profile.password.length_alone for version in house.book().versions["ours"]] == [10, 12]


def test_an_unknown_policy_is_refused_with_the_nearest_name(house: House) -> None:
    assert house.assign("staff", "clasic") == Refusal("policy.unknown", {"policy": "clasic", "nearest": "classic"})


def test_releasing_a_group_without_policy_says_so(house: House) -> None:
    with house.database.write() as tx:
        assert house.policy.release(tx, "staff", actor="tester") == Refusal("policy.group_has_none", {"group": "staff"})


def test_an_unknown_permission_is_refused(house: House) -> None:
    node = house.node(acts=[("accounts.suspend", True)])
    assert node.knows("accounts.suspend")
    assert not house.policy.knows("accounts.suspend")
    assert node.demand("operator", "accounts.suspend", named("classic")).fresh_within == 600_000_000
    with pytest.raises(UnknownPermission):
        house.policy.demand("operator", "accounts.suspend", named("classic"))


def test_what_no_method_can_prove_is_known(house: House) -> None:
    house.assign("staff", "mlps-3")
    with house.database.read() as tx:
        assert house.policy.beyond_reach(tx) == ["mlps-3"]
        assert house.node(reachable_level=2).beyond_reach(tx) == []


def test_each_decision_is_journaled(house: House) -> None:
    house.save(own("ours"))
    house.assign("staff", "ours")
    house.assign("staff", "clasic")
    with house.database.write() as tx:
        house.policy.release(tx, "staff", actor="tester")
    assert journaled(house) == ["policy.saved", "policy.assigned", "policy.released"]


def test_two_that_fit_alone_and_contradict_together_cannot_both_be_assigned(crowded: House) -> None:
    """C14 under a race: without waiting for each other both would see a book without the other."""
    for round_number in range(10):
        shop, staff = f"shop{round_number}", f"staff{round_number}"
        crowded.meetings.sets.append((shop, staff))
        start = threading.Barrier(2)
        done: list[Refusal | None] = []

        def assign(group: str, name: str, start: threading.Barrier = start, done: list[Refusal | None] = done) -> None:
            node = crowded.node()
            start.wait()
            with crowded.database.write() as tx:
                done.append(node.assign(tx, group, name, actor="tester"))

        pair = [
            threading.Thread(target=assign, args=(shop, "classic")),
            threading.Thread(target=assign, args=(staff, "nist-800-63b-4")),
        ]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        assert len([refusal for refusal in done if refusal is None]) == 1


def test_an_account_cannot_slip_into_groups_while_their_policies_change(crowded: House) -> None:
    """Whoever asked first is waited for, so that its account is seen."""
    asked, assigned = threading.Event(), threading.Event()
    results: list[Refusal | None] = []
    crowded.assign("shop", "classic")

    def join() -> None:
        with crowded.database.write() as tx:
            results.append(crowded.node().would_contradict(tx, ["shop", "staff"]))
            asked.set()
            assigned.wait(0.3)  # time enough for the other, if nothing held it back
            crowded.meetings.sets.append(("shop", "staff"))

    def assign() -> None:
        asked.wait()
        results.append(crowded.assign("staff", "nist-800-63b-4"))
        assigned.set()

    pair = [threading.Thread(target=join), threading.Thread(target=assign)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert results[0] is None
    assert results[1] is not None


def test_every_shipped_policy_survives_the_database(house: House) -> None:
    for name in PROFILE_NAMES:
        kept = msgspec.structs.replace(named(name), name=f"our {name}")
        assert isinstance(house.save(kept), Version)
        assert house.book().in_force(kept.name, NOON).profile == kept


def journaled(house: House) -> list[str]:
    """The codes in the journal, oldest first."""
    with house.database.read() as tx:
        return [str(row.code) for row in tx.all(text("select code from events order by seq"))]
