"""Plays a round on a network: the one place where its questions are asked."""

import asyncio
import datetime as dt
import math
from typing import Protocol

from lampwatch.signals.probing.pace import TokenBucket
from lampwatch.signals.probing.rounds import Answer, Ask, Result, Round, Wait


class Asker(Protocol):
    """A way to ask an address whether it is there."""

    async def ask(self, address: str) -> Answer:
        """What came of asking once."""
        ...


class Clock(Protocol):
    """Where every time comes from."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def utc(self) -> dt.datetime:
        """The time of the world, UTC without a zone."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


async def play(round_: Round, asker: Asker, pace: TokenBucket, clock: Clock) -> Result:
    """Play a round to its end, no faster than the pace. When it is cancelled, nothing of it goes on."""
    running: dict[asyncio.Task[Answer], Ask] = {}
    try:
        while (step := round_.next(clock.monotonic())) is not None:
            if isinstance(step, Ask):
                if wait_s := pace.take(clock.monotonic()):
                    await clock.sleep(wait_s)
                running[asyncio.create_task(asker.ask(step.address))] = step
            else:
                await _answer_or(step, running, clock)
            for task in [task for task in running if task.done()]:
                round_.hear(running.pop(task), task.result(), clock.monotonic())
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return round_.result()


async def _answer_or(wait: Wait, running: dict[asyncio.Task[Answer], Ask], clock: Clock) -> None:
    """Wait until an answer came, or the time is there."""
    until = set[asyncio.Task[Answer] | asyncio.Task[None]](running)
    alarm = None
    if wait.until_s < math.inf:
        alarm = asyncio.create_task(clock.sleep(wait.until_s - clock.monotonic()))
        until.add(alarm)
    try:
        await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if alarm is not None:
            alarm.cancel()
