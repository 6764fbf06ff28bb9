"""Round after round, on the clock, until told to end."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from lampwatch.model.series import Values
from lampwatch.signals.probing.belief import BlockState, Standing
from lampwatch.signals.probing.exclusions import Exclusions
from lampwatch.signals.probing.memory import Memory
from lampwatch.signals.probing.pace import TokenBucket
from lampwatch.signals.probing.playing import Asker, Clock, play
from lampwatch.signals.probing.rounds import Result, Rhythm, Round
from lampwatch.signals.probing.tally import Tally, round_values, tally
from lampwatch.signals.probing.targets import Block

ENDING_TIMEOUTS: Final = 5
"""Before its time is over, a round has so many timeouts for the last answers and the last look at the controls."""
_BURSTS_A_SECOND: Final = 20


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked and how fast. rate is probes a second in all, rhythm the pace of one block; times in seconds."""

    blocks: Sequence[Block]
    controls: Sequence[str]
    rate: float
    rhythm: Rhythm
    round_s: int
    timeout_s: float


class Told(msgspec.Struct, frozen=True):
    """What a round came to, for people: when it began (seconds since 1970), the counts, and which blocks turned.

    gap says why the round does not count, and is empty where it does; the counts are then those of before.
    """

    start_s: int
    gap: str
    counts: Tally
    probes: int
    answered: int
    went_down: list[str]
    came_back: list[str]


class Session:
    """Runs rounds that begin at whole multiples of their length, so that their bins never overlap.

    keep is given a round's values, then remember what is known after it; tell what to show. exclusions is asked before
    every round. What was remembered is in memory, which this never changes.
    """

    def __init__(
        self,
        plan: Plan,
        asker: Asker,
        clock: Clock,
        *,
        memory: Memory,
        exclusions: Callable[[], Exclusions],
        keep: Callable[[Sequence[Values]], None],
        remember: Callable[[Memory], None],
        tell: Callable[[Told], None],
    ) -> None:
        self._plan = plan
        self._asker = asker
        self._clock = clock
        self._memory = memory
        self._exclusions = exclusions
        self._keep = keep
        self._remember = remember
        self._tell = tell
        self._pace = TokenBucket(plan.rate, burst=max(1.0, plan.rate / _BURSTS_A_SECOND))

    @property
    def begins_s(self) -> int:
        """When the next round begins, in seconds since 1970."""
        return (int(self._now_s() // self._plan.round_s) + 1) * self._plan.round_s

    async def run(self, rounds: int | None) -> None:
        """Run so many rounds, or for good. A round that is cut off leaves nothing: the next one begins anew."""
        count = 0
        while rounds is None or count < rounds:
            await self._round(self.begins_s)
            count += 1

    async def _round(self, start_s: int) -> None:
        await self._clock.sleep(max(0.0, start_s - self._now_s()))
        known = self._memory.standings
        left = [self._exclusions().without(block) for block in self._plan.blocks]
        blocks = [block for block in left if block.is_judged]
        length_s = self._plan.round_s - ENDING_TIMEOUTS * self._plan.timeout_s
        round_ = Round(
            blocks,
            known,
            self._plan.controls,
            seed=self._memory.seed,
            ends_s=self._clock.monotonic() + length_s,
            rhythm=self._plan.rhythm,
        )
        result = await play(round_, self._asker, self._pace, self._clock)
        if self._now_s() > start_s + self._plan.round_s:
            # What was heard then is not about this bin. The monotonic clock stands still while a machine sleeps.
            result = round_.result(spoilt="it ended too late: this machine slept, or was too busy")
        self._keep(
            round_values(
                blocks,
                result,
                start_s=start_s,
                arrived_s=int(self._now_s()),
                resolution_s=self._plan.round_s,
            )
        )
        self._memory = Memory(self._memory.seed, {**known, **result.standings})
        self._remember(self._memory)
        self._tell(_told(start_s, known, result))

    def _now_s(self) -> float:
        return self._clock.utc().replace(tzinfo=dt.UTC).timestamp()


def _told(start_s: int, known: Mapping[str, Standing], result: Result) -> Told:
    turned: dict[BlockState, list[str]] = {BlockState.UP: [], BlockState.DOWN: []}
    for name, after in result.standings.items():
        before = known[name].state if name in known else BlockState.UNCERTAIN
        if (
            before is not after.state
            and BlockState.UNCERTAIN not in {before, after.state}
            and after.is_judged
        ):
            turned[after.state].append(name)
    counts = tally(list(result.standings.values()))
    return Told(
        start_s,
        result.gap,
        counts,
        result.probes,
        result.answered,
        turned[BlockState.DOWN],
        turned[BlockState.UP],
    )
