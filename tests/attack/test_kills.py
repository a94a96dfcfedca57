"""kill -9 at any point of sign-up, change, recovery, import and key rotation: nothing lost, nothing twice."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from menshen.accounts.store import accounts, external_ids, identifiers
from menshen.kit.clock import SECOND
from tests.attack.dying import NEW, NEWCOMER, VERBS, dies_at, points
from tests.houses import PASSWORD, Tested, opened_house
from tests.letters import letters

CUSTOMERS = 30


def prepared(url: str, data: Path) -> None:
    """A customer with a session, and a file of others."""
    with opened_house(url, data) as tested:
        tested.customer()
        tested.signed_in()
    lines = [
        json.dumps({"external_id": f"C-{n}", "emails": [f"c{n}@example.com"], "display_name": f"客{n}"})
        for n in range(CUSTOMERS)
    ]
    (data / "customers.jsonl").write_text("\n".join(lines) + "\n")


def opens(tested: Tested, password: str, who: str = "lin@example.com") -> bool:
    """Whether a password leads in, asked below the doors so that nothing is counted."""
    with tested.house.foundation.database.read() as tx:
        standing = tested.house.accounts.find(tx, "customer", who)
        kept = tested.house.credentials.kept(tx, standing.account_id) if standing else None
    return kept is not None and tested.house.credentials.check(kept, "", password).right


def count(tested: Tested, code: str) -> int:
    """How many events of a code there are."""
    with tested.house.foundation.database.read() as tx:
        return int(tx.scalar(text("select count(*) from events where code = :code"), {"code": code}))


def changed_whole(tested: Tested) -> None:
    """The old password or the new one, with all that follows or nothing of it."""
    new = opens(tested, NEW)
    assert opens(tested, PASSWORD) != new
    assert count(tested, "password.changed") == new
    with tested.house.foundation.database.read() as tx:
        sessions = tx.scalar(text("select count(*) from sessions"))
    assert sessions == 1 if new else 1 <= sessions <= 2


def recovered_whole(tested: Tested) -> None:
    """A mail that was written opens; a finished recovery ended everything and told the owner once."""
    new = opens(tested, NEW)
    assert opens(tested, PASSWORD) != new
    assert count(tested, "recovery.finished") == new == len(letters(tested, "recovery.done"))
    assert count(tested, "recovery.asked") == len(letters(tested, "recovery.letter"))
    if new:
        with tested.house.foundation.database.read() as tx:
            assert tx.scalar(text("select count(*) from sessions")) == 0


def joined_whole(tested: Tested) -> None:
    """No account without password, event and proven address; never two."""
    with tested.house.foundation.database.read() as tx:
        found = tested.house.accounts.find(tx, "customer", NEWCOMER)
        proven = tested.house.accounts.addresses(tx, found.account_id, True) if found else ()
        number = tx.scalar(select(func.count()).select_from(accounts))
    assert number == 1 + (found is not None)
    assert opens(tested, PASSWORD, NEWCOMER) == (found is not None) == (proven == (NEWCOMER,))


def sealed_whole(tested: Tested) -> None:
    """Every sealed value opens, and the password with it."""
    assert opens(tested, PASSWORD)
    assert sum(key.values for key in tested.house.keys.status()) >= 1
    current = [key.kind for key in tested.house.keys.status() if key.state == "current"]
    assert len(current) == len(set(current))


def brought_whole(tested: Tested) -> None:
    """Nobody twice; each who came has all that the file says."""
    with tested.house.foundation.database.read() as tx:
        number = tx.scalar(select(func.count()).select_from(accounts))
        external = tx.scalar(select(func.count()).select_from(external_ids))
        named = tx.scalar(select(func.count(identifiers.c.normal.distinct())))
    assert number - 1 == external == named - 1 <= CUSTOMERS


WHOLE: dict[str, Callable[[Tested], None]] = {
    "change": changed_whole,
    "recovery": recovered_whole,
    "sign-up": joined_whole,
    "rotation": sealed_whole,
    "import": brought_whole,
}
AT_END: dict[str, Callable[[Tested], bool]] = {
    "change": lambda tested: opens(tested, NEW),
    "recovery": lambda tested: opens(tested, NEW),
    "sign-up": lambda tested: opens(tested, PASSWORD, NEWCOMER),
    "rotation": lambda tested: opens(tested, PASSWORD),
    "import": lambda tested: accounts_of(tested) == CUSTOMERS + 1,
}


def accounts_of(tested: Tested) -> int:
    """How many accounts there are."""
    with tested.house.foundation.database.read() as tx:
        return int(tx.scalar(select(func.count()).select_from(accounts)) or 0)


@contextmanager
def copied(origin: Path, folder: Path) -> Iterator[str]:
    """The prepared house once more, to be killed."""
    shutil.copytree(origin, folder)
    yield f"sqlite:///{folder / 'menshen.db'}"
    shutil.rmtree(folder)


def killed_at(origin: Path, folder: Path, verb: str, point: int) -> None:
    """Kill, look, go on, look again."""
    with copied(origin, folder) as url:
        assert dies_at(url, folder, verb, point), (verb, point)
        with opened_house(url, folder) as tested:
            WHOLE[verb](tested)
            tested.clock.advance(SECOND)
            if not AT_END[verb](tested):
                VERBS[verb](tested)
            assert AT_END[verb](tested), (verb, point)
            if verb != "recovery":
                WHOLE[verb](tested)


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_killed_anywhere_is_done_or_not_done(sqlite_url: str, tmp_path: Path, verb: str) -> None:
    """Some points of each; all of them in `make prove`. Seen to fail with each statement
    committed by itself."""
    prepared(sqlite_url, tmp_path)
    origin = tmp_path.with_name(tmp_path.name + "-origin")
    shutil.copytree(tmp_path, origin)
    total = points(sqlite_url, tmp_path, verb)
    assert total > 10
    for part in (1, 3, 5, 6):
        killed_at(origin, tmp_path / "dying", verb, total * part // 7)


@pytest.mark.prove
@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_killed_at_each_point_is_done_or_not_done(sqlite_url: str, tmp_path: Path, verb: str) -> None:
    """All points, some hundred in all."""
    prepared(sqlite_url, tmp_path)
    origin = tmp_path.with_name(tmp_path.name + "-origin")
    shutil.copytree(tmp_path, origin)
    for point in range(1, points(sqlite_url, tmp_path, verb) + 1):
        killed_at(origin, tmp_path / "dying", verb, point)
