import asyncio
import datetime as dt
import ipaddress
import itertools
import math
from collections.abc import Callable, Sequence

import pytest

from lampwatch.model.series import Values
from lampwatch.signals.probing.exclusions import Exclusions
from lampwatch.signals.probing.memory import Memory
from lampwatch.signals.probing.playing import Asker
from lampwatch.signals.probing.rounds import Answer, Rhythm
from lampwatch.signals.probing.session import Plan, Session, Told
from lampwatch.signals.probing.tally import Tally
from tests.signals.probing.scripted import CONTROLS, START, ScriptedClock, ScriptedNetwork, block

ROUND_S = 660
DARK = "198.18.2."


class Running:
    """A session over three blocks, and all that it gave away."""

    def __init__(
        self, answer: Callable[[str], Answer], memory: Memory | None = None, *, asker: Asker | None = None
    ) -> None:
        self.clock = ScriptedClock()
        self.network = ScriptedNetwork(self.clock, answer)
        self.kept: list[Sequence[Values]] = []
        self.memories: list[Memory] = []
        self.told: list[Told] = []
        self.excluded = Exclusions()
        self.session = Session(
            Plan(
                blocks=[block(1), block(2), block(3)],
                controls=CONTROLS,
                rate=20.0,
                rhythm=Rhythm(),
                round_s=ROUND_S,
                timeout_s=3.0,
            ),
            asker or self.network,
            self.clock,
            memory=memory or Memory(1, {}),
            exclusions=lambda: self.excluded,
            keep=self.kept.append,
            remember=self.memories.append,
            tell=self.told.append,
        )

    def run(self, rounds: int = 1) -> None:
        asyncio.run(self.session.run(rounds))

    def up(self) -> list[float]:
        return [
            float(one.values[0])
            for batch in self.kept
            for one in batch
            if one.series.id == "XA:lampwatch:slash24s-up"
        ]


def well(_: str) -> Answer:
    return Answer.ANSWERED


def dark(address: str) -> Answer:
    return Answer.SILENT if address.startswith(DARK) else Answer.ANSWERED


def test_rounds_begin_at_whole_multiples_of_their_length() -> None:
    running = Running(well)
    running.run(3)
    starts = [told.start_s for told in running.told]
    assert [start % ROUND_S for start in starts] == [0, 0, 0]
    assert [after - before for before, after in itertools.pairwise(starts)] == [ROUND_S, ROUND_S]
    assert [int(batch[0].starts[0]) for batch in running.kept] == starts
    assert all(0 <= batch[0].arrived[0] - batch[0].starts[0] < ROUND_S for batch in running.kept)
    assert running.network.asked[0][0] > 0


def test_a_block_that_goes_dark_and_comes_back_is_told_once_each() -> None:
    running = Running(well)
    running.run(1)
    running.network.answer = dark
    running.run(2)
    running.network.answer = well
    running.run(1)
    assert [(told.went_down, told.came_back) for told in running.told] == [
        ([], []),
        (["198.18.2.0/24"], []),
        ([], []),
        ([], ["198.18.2.0/24"]),
    ]
    assert running.up() == [3.0, 2.0, 2.0, 3.0]


def test_a_round_of_our_own_failure_is_a_gap_and_teaches_nothing() -> None:
    running = Running(well)
    running.run(1)
    running.network.answer = lambda _: Answer.SILENT
    running.run(4)
    running.network.answer = well
    running.run(1)
    assert [bool(told.gap) for told in running.told] == [False, True, True, True, True, False]
    assert [math.isnan(value) for value in running.up()] == [False, True, True, True, True, False]
    assert running.memories[4] == running.memories[0]
    assert running.told[2].counts == Tally(up=3)
    assert not running.told[-1].came_back


def test_a_round_that_ends_after_its_time_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(well)
    running.run(1)

    def slept(address: str) -> Answer:
        # The machine sleeps for an hour in the middle of the round; its monotonic clock does not see that.
        monkeypatch.setattr(running.clock, "utc", lambda: START + dt.timedelta(hours=2))
        return dark(address)

    running.network.answer = slept
    running.run(1)
    assert "ended too late" in running.told[1].gap
    assert [math.isnan(value) for value in running.up()] == [False, True]
    assert running.memories[1] == running.memories[0]


def test_a_session_goes_on_from_what_another_remembered() -> None:
    first = Running(dark)
    first.run(2)
    second = Running(well, first.memories[-1])
    second.run(1)
    assert second.told[0].came_back == ["198.18.2.0/24"]


def test_whoever_opts_out_is_left_alone_from_the_next_round_on() -> None:
    running = Running(well)
    running.run(1)
    before = len(running.network.asked)
    running.excluded = Exclusions([ipaddress.IPv4Network("198.18.2.0/24")])
    running.run(1)
    assert any(address.startswith(DARK) for _, address in running.network.asked[:before])
    assert not any(address.startswith(DARK) for _, address in running.network.asked[before:])
    assert running.told[-1].counts == Tally(up=2)


def test_a_round_that_is_cut_off_leaves_nothing() -> None:
    begun: list[Running] = []

    async def cut_off() -> None:
        class Endless:
            async def ask(self, _: str) -> Answer:
                await asyncio.Event().wait()
                return Answer.SILENT

        running = Running(well, asker=Endless())
        begun.append(running)
        task = asyncio.create_task(running.session.run(None))
        for _ in range(50):
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cut_off())
    (running,) = begun
    assert running.clock.now_s > 0
    assert (running.kept, running.memories, running.told) == ([], [], [])
