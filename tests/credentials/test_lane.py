"""The hashing lane: width, order, deadline, a browser that goes away, and no place ever lost."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menshen.credentials.service.lane import MOST_OF_ONE, HashingLane
from menshen.kit.database import Database, Fault
from menshen.kit.web.wire import Bad

LONG = 30.0


@pytest.fixture
def narrow() -> Iterator[HashingLane]:
    """One hash at once."""
    lane = HashingLane(width=1, patience=LONG, longest=3)
    yield lane
    lane.close()


class Held:
    """Calls that stand in the lane until they are let go, in the order in which they came in."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.go: dict[str, threading.Event] = {}
        self.inside = 0
        self.most_inside = 0
        self._guard = threading.Lock()

    def call(self, name: str) -> Callable[[], str]:
        let_go = self.go[name] = threading.Event()

        def stand() -> str:
            with self._guard:
                self.came.append(name)
                self.inside += 1
                self.most_inside = max(self.most_inside, self.inside)
            let_go.wait(LONG)
            with self._guard:
                self.inside -= 1
            return name

        return stand

    def let_all_go(self) -> None:
        for event in self.go.values():
            event.set()


async def settle(until: Callable[[], bool] = lambda: False, turns: int = 2000) -> None:
    """Let the loop and the lane's threads go on, until something holds."""
    for _ in range(turns):
        if until():
            return
        await asyncio.sleep(0)


def start(lane: HashingLane, held: Held, name: str, device: str = "") -> asyncio.Task[Any]:
    return asyncio.ensure_future(lane.run(held.call(name), device=device))


async def is_whole(lane: HashingLane) -> bool:
    """Whether `width` calls can stand in the lane at once, and nobody waits."""
    meeting = threading.Barrier(lane.width)
    meet = [lane.run(lambda: meeting.wait(LONG)) for _ in range(lane.width)]
    return sorted(await asyncio.gather(*meet)) == list(range(lane.width)) and lane.waiting() == 0


def whole(lane: HashingLane) -> bool:
    """The same for a lane whose loop has ended."""
    return asyncio.run(is_whole(lane))


def in_line(lane: HashingLane, arrivals: list[tuple[str, str]]) -> list[str]:
    """Names in the order in which they came in, while one call held the only place."""

    async def arrive() -> list[str]:
        held = Held()
        first = start(lane, held, "first")
        await settle(lambda: held.came == ["first"], 100_000)
        tasks = []
        for name, device in arrivals:
            tasks.append(start(lane, held, name, device))
            await settle(turns=3)
        held.let_all_go()
        await asyncio.gather(first, *tasks)
        return held.came[1:]

    return asyncio.run(arrive())


def test_known_devices_go_first_and_each_line_keeps_its_order(narrow: HashingLane) -> None:
    """Seen red with one line for all."""
    arrivals = [("s1", ""), ("s2", ""), ("k1", "a"), ("k2", "b"), ("s3", "")]
    assert in_line(narrow, arrivals) == ["k1", "k2", "s1", "s2", "s3"]


def test_one_device_does_not_fill_the_line_of_the_known() -> None:
    """S-171: a single cookie holds two places of it; seen red without the limit."""
    lane = HashingLane(width=1, patience=LONG, longest=20)
    arrivals = [*[(f"a{number}", "a") for number in range(6)], ("b", "b")]
    assert in_line(lane, arrivals) == ["a0", "a1", "b", "a2", "a3", "a4", "a5"]
    assert MOST_OF_ONE == 2
    lane.close()


def test_when_it_is_full_the_answer_is_come_back(narrow: HashingLane) -> None:
    async def overfill() -> Bad:
        held = Held()
        tasks = [start(narrow, held, f"s{number}") for number in range(4)]
        await settle(turns=10)
        with pytest.raises(Bad) as refused:
            await narrow.run(held.call("one too many"))
        known = start(narrow, held, "k", "device")
        await settle(turns=10)
        held.let_all_go()
        assert await known == "k"
        await asyncio.gather(*tasks)
        return refused.value

    refused = asyncio.run(overfill())
    assert (refused.status, "Retry-After" in refused.headers) == (503, True)
    assert narrow.refused == 1
    assert whole(narrow)


def test_who_waits_too_long_is_told_to_come_back() -> None:
    lane = HashingLane(width=1, patience=0.01, longest=3)

    async def wait_in_vain() -> int:
        held = Held()
        first = start(lane, held, "first")
        await settle(turns=10)
        with pytest.raises(Bad) as refused:
            await lane.run(held.call("late"))
        held.let_all_go()
        await first
        return refused.value.status

    assert asyncio.run(wait_in_vain()) == 503
    assert whole(lane)
    lane.close()


def test_a_browser_that_goes_away_frees_no_place_while_its_hash_runs(narrow: HashingLane) -> None:
    """Seen red with the place given back by the waiting task: calls then stood behind one another in the threads."""

    async def leave() -> list[str]:
        held = Held()
        gone = start(narrow, held, "gone")
        await settle(lambda: held.came == ["gone"], 100_000)
        later, known = start(narrow, held, "stranger"), start(narrow, held, "known", "device")
        await settle(turns=3)
        gone.cancel()
        await settle(turns=50)
        waited, came = narrow.waiting(), list(held.came)
        held.let_all_go()
        await asyncio.gather(later, known)
        return [f"{waited} wait", *came, *held.came]

    assert asyncio.run(leave()) == ["2 wait", "gone", "gone", "known", "stranger"]
    assert whole(narrow)


Move = tuple[str, int]
moves = st.lists(st.tuples(st.sampled_from(["stranger", "known", "cancel", "finish"]), st.integers(0, 30)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(width=st.integers(1, 3), longest=st.integers(1, 4), moves=moves)
def test_whatever_comes_and_goes_no_place_is_lost_or_added(width: int, longest: int, moves: list[Move]) -> None:
    lane, held = HashingLane(width=width, patience=LONG, longest=longest), Held()

    async def live() -> None:
        tasks: list[asyncio.Task[Any]] = []
        for number, (move, which) in enumerate(moves):
            if move in ("stranger", "known"):
                tasks.append(start(lane, held, str(number), f"d{which % 3}" if move == "known" else ""))
            elif tasks and move == "cancel":
                tasks[which % len(tasks)].cancel()
            elif held.came:
                held.go[held.came[which % len(held.came)]].set()
            await settle(turns=which % 4)
        held.let_all_go()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(outcome, str | Bad | asyncio.CancelledError)
        # Threads whose browser went away tell the loop when they are done.
        await settle(lambda: lane.busy() == 0, 100_000)
        assert await is_whole(lane)

    asyncio.run(live())
    assert held.most_inside <= width
    lane.close()


def test_a_call_that_breaks_gives_its_place_back(narrow: HashingLane) -> None:
    async def break_off() -> None:
        with pytest.raises(ZeroDivisionError):
            await narrow.run(lambda: 1 // 0)

    asyncio.run(break_off())
    assert whole(narrow)


def test_nothing_is_hashed_inside_a_transaction(narrow: HashingLane, database: Database) -> None:
    with database.read(), pytest.raises(Fault, match="inside a transaction"):
        narrow.hash(lambda: "hashed")
    assert narrow.hash(lambda: "hashed") == "hashed"
    assert narrow.hashed == 1


def can_be_idle() -> bool:
    def try_it() -> bool:
        try:
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        except (AttributeError, OSError):
            return False
        return True

    with ThreadPoolExecutor(1) as once:
        return once.submit(try_it).result()


@pytest.mark.skipif(not can_be_idle(), reason="this system has no idle priority")
def test_only_bare_hashes_run_at_idle_priority(narrow: HashingLane) -> None:
    def call() -> tuple[int, int]:
        return os.sched_getscheduler(0), narrow.hash(lambda: os.sched_getscheduler(0))

    async def run() -> tuple[int, int]:
        found: Coroutine[Any, Any, tuple[int, int]] = narrow.run(call)
        return await found

    ordinary, idle = asyncio.run(run())
    assert (ordinary, idle) == (os.SCHED_OTHER, os.SCHED_IDLE)
