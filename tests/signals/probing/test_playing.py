import asyncio
import itertools

import pytest

from lampwatch.signals.probing.belief import BlockState
from lampwatch.signals.probing.pace import TokenBucket
from lampwatch.signals.probing.playing import play
from lampwatch.signals.probing.rounds import Answer
from tests.signals.probing.scripted import CONTROLS, ScriptedClock, ScriptedNetwork, block, new_round

DARK = "198.18.2."


def dark(address: str) -> Answer:
    return Answer.SILENT if address.startswith(DARK) else Answer.ANSWERED


def test_a_round_is_played_to_its_end() -> None:
    clock = ScriptedClock()
    network = ScriptedNetwork(clock, dark)
    result = asyncio.run(play(new_round([block(1), block(2)]), network, TokenBucket(20.0), clock))
    assert result.standings["198.18.1.0/24"].state is BlockState.UP
    assert result.standings["198.18.2.0/24"].state is BlockState.DOWN
    assert (result.probes, result.answered) == (11, 1)


def test_no_more_leaves_in_a_second_than_is_allowed_nor_to_one_block() -> None:
    clock = ScriptedClock()
    network = ScriptedNetwork(clock, dark)
    asyncio.run(play(new_round([block(n) for n in range(200)]), network, TokenBucket(20.0), clock))
    times = [time for time, _ in network.asked]
    assert len(times) > 200
    assert max(sum(begin <= time < begin + 1 for time in times) for begin in times) <= 21
    one = [time for time, address in network.asked if address.startswith(DARK)]
    assert len(one) == 10
    assert min(after - before for before, after in itertools.pairwise(one)) >= 1.0


def test_where_no_control_answers_only_controls_were_asked() -> None:
    clock = ScriptedClock()
    network = ScriptedNetwork(clock, lambda _: Answer.SILENT)
    result = asyncio.run(play(new_round([block(1)]), network, TokenBucket(20.0), clock))
    assert result.gap
    assert {address for _, address in network.asked} == set(CONTROLS)


def test_when_it_is_cancelled_no_question_goes_on() -> None:
    clock, ended = ScriptedClock(), []

    class Endless:
        async def ask(self, address: str) -> Answer:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append(address)
                raise
            return Answer.SILENT

    async def cancelled() -> None:
        playing = asyncio.create_task(play(new_round([block(1)]), Endless(), TokenBucket(1000.0), clock))
        for _ in range(20):
            await asyncio.sleep(0)
        playing.cancel()
        await playing

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert sorted(ended) == sorted(CONTROLS)


def test_a_bug_of_the_asker_is_not_taken_for_silence() -> None:
    class Broken:
        async def ask(self, address: str) -> Answer:
            raise ZeroDivisionError(address)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(play(new_round([block(1)]), Broken(), TokenBucket(20.0), ScriptedClock()))
