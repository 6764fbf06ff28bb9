"""Measures by a schedule, several at a time, and puts every document into the spool. The one place that runs tasks."""

import asyncio
import contextlib
import datetime as dt
from typing import Final, Protocol

from lampwatch.formats.printable import printable
from lampwatch.probe.budget import bytes_used
from lampwatch.probe.clock import Clock
from lampwatch.probe.schedule import Schedule, Task, Wait
from lampwatch.probe.spool import Spool, one_line
from lampwatch.probe.spool_worth import CONNECTIVITY_TEST, Seen, seen_in, worth_of

LONGEST_S: Final = 900.0
"""A measurement that takes longer hangs, and is given up."""


DEAD_IN_A_ROW: Final = 3
"""So many measurements in which no step worked, one after the other, and the probe looks for what is left."""


class Measure(Protocol):
    """Makes one measurement and gives its document. What fails on the network is in the document."""

    async def __call__(self, task: Task, /) -> bytes:
        """The document, one JSON object in the OONI data format."""
        ...


class Watcher(Protocol):
    """Is told how a run goes on, for showing it."""

    def begun(self, task: Task) -> None:
        """A measurement begins."""
        ...

    def ended(self, task: Task, seen: Seen) -> None:
        """A measurement ended, and is in the spool."""
        ...

    def broke(self, task: Task, why: str) -> None:
        """A measurement could not be made, for a fault of ours."""
        ...


class Run:
    """One run over a schedule. Whatever ended is in the spool, however the run itself ends."""

    def __init__(
        self, schedule: Schedule, measure: Measure, spool: Spool, *, clock: Clock, watcher: Watcher
    ) -> None:
        self._schedule = schedule
        self._measure = measure
        self._spool = spool
        self._clock = clock
        self._watcher = watcher
        self._dead = 0
        self._before = {about: last.outcome for about, last in spool.last().items()}

    async def to_its_end(self) -> None:
        """Measure until the schedule has nothing more, or until it is cancelled. Raises UserError on a full disk."""
        running: set[asyncio.Task[None]] = set()
        try:
            while (step := self._schedule.next(self._now())) is not None or running:
                if isinstance(step, Task):
                    self._watcher.begun(step)
                    running.add(asyncio.create_task(self._one(step)))
                    continue
                ended = await self._waited(running, step)
                running -= ended
                for one in ended:
                    one.result()
        finally:
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _waited(self, running: set[asyncio.Task[None]], step: Wait | None) -> set[asyncio.Task[None]]:
        """Wait until a measurement ends, or the time has come for another to begin; give those that ended."""
        if step is None or step.seconds == float("inf"):
            return (await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED))[0]
        sleeping = asyncio.create_task(self._clock.sleep(step.seconds))
        try:
            ended, _ = await asyncio.wait({sleeping, *running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sleeping
        return ended - {sleeping}

    async def _one(self, task: Task) -> None:
        used = 0
        try:
            document = await self._document(task)
            if document:
                seen, used = seen_in(document), bytes_used(document)
                # Not to be cut off in its middle: what was measured is kept, also where the run is being ended.
                await asyncio.shield(asyncio.to_thread(self._keep, task, document, seen, used))
                self._watcher.ended(task, seen)
                self._mind(seen)
        finally:
            self._schedule.ended(task, self._now(), used)

    def _mind(self, seen: Seen) -> None:
        """Ask what is left of the network where nothing has worked several times in a row."""
        if seen.test_name == CONNECTIVITY_TEST:
            return
        self._dead = 0 if seen.worked else self._dead + 1
        if self._dead >= DEAD_IN_A_ROW:
            self._dead = 0
            self._schedule.hurry(CONNECTIVITY_TEST, self._now())

    async def _document(self, task: Task) -> bytes:
        """One measurement on one line; empty where none could be made, which is told."""
        try:
            async with asyncio.timeout(LONGEST_S):
                return one_line(await self._measure(task))
        except Exception as error:  # noqa: BLE001  a fault in one method must not end the probe: the others go on
            self._watcher.broke(task, printable(f"{type(error).__name__}: {error}"))
            return b""

    def _keep(self, task: Task, document: bytes, seen: Seen, used: int) -> None:
        worth = worth_of(seen, self._before.get(task.about))
        self._spool.put(document, worth=worth, about=task.about, outcome=seen.outcome, bytes_used=used)
        self._before[task.about] = seen.outcome

    def _now(self) -> float:
        return self._clock.utc().replace(tzinfo=dt.UTC).timestamp()
