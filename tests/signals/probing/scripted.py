"""A clock that only moves when somebody waits, a network that answers as it is told, and blocks to ask."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence

from lampwatch.model.entity import Entity
from lampwatch.signals.probing.rounds import Answer, Ask, Rhythm, Round, Wait
from lampwatch.signals.probing.targets import Block

CONTROLS = ("198.19.0.1", "198.19.0.2")
START = dt.datetime(2026, 1, 5, 12, 3, 20)  # noqa: DTZ001  UTC without a zone, as everywhere
LONG_S = 600.0


class ScriptedClock:
    """Begins at START and at monotonic 0; sleeping moves it."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.now_s)

    async def sleep(self, seconds: float) -> None:
        # All tasks that can go on do so before time does.
        for _ in range(5):
            await asyncio.sleep(0)
        self.now_s += seconds


class ScriptedNetwork:
    """Answers by a function of the address, and remembers who was asked when."""

    def __init__(self, clock: ScriptedClock, answer: Callable[[str], Answer]) -> None:
        self._clock = clock
        self.answer = answer
        self.asked: list[tuple[float, str]] = []

    async def ask(self, address: str) -> Answer:
        self.asked.append((self._clock.monotonic(), address))
        await asyncio.sleep(0)
        return self.answer(address)


def block(number: int, availability: float = 0.5, *, places: Sequence[str] = ("XA",)) -> Block:
    """`198.18.NUMBER.0/24`, of which forty addresses ever answered."""
    return Block(
        f"198.18.{number}.0/24",
        bytes(range(10, 50)),
        availability,
        tuple(Entity.of(place) for place in places),
    )


def new_round(
    blocks: Sequence[Block], *, ends_s: float = LONG_S, controls: Sequence[str] = CONTROLS
) -> Round:
    """A round in which nothing is known yet."""
    return Round(
        blocks, {}, controls, seed=1, ends_s=ends_s, rhythm=Rhythm(spacing_s=1.0, check_every_s=30.0)
    )


def played(
    round_: Round, answer: Callable[[Ask], Answer], *, answer_s: float = 0.1, asked: list[Ask] | None = None
) -> float:
    """Play a round to its end, one question after the other; the time it took in seconds."""
    now_s = 0.0
    while (step := round_.next(now_s)) is not None:
        if isinstance(step, Wait):
            # Every answer has been told, so that only time can lead on.
            now_s = step.until_s
            continue
        if asked is not None:
            asked.append(step)
        now_s += answer_s
        round_.hear(step, answer(step), now_s)
    return now_s
