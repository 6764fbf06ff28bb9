"""One round over all blocks, without I/O: says whom to ask, hears what came, and tells what it means.

The controls are asked before, between and after. Where none of them answers, our own network has failed, and nothing
of the round counts.
"""

import heapq
import itertools
import math
from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum, auto
from typing import Final

import msgspec

from lampwatch.signals.probing.belief import MOST_PROBES, Standing, Watch, first_standing
from lampwatch.signals.probing.targets import Block
from lampwatch.signals.probing.walk import address_at

TRIES_OF_CONTROLS: Final = 3
"""So often every control must have been silent before our own network is taken to have failed."""


class Answer(StrEnum):
    """What came of asking an address. UNSENT: the question never left, so that silence means nothing."""

    ANSWERED = "answered"
    SILENT = "silent"
    UNSENT = "unsent"


class Ask(msgspec.Struct, frozen=True):
    """Ask this address now. block is the /24 it is asked for, empty for a control."""

    address: str
    block: str = ""


class Wait(msgspec.Struct, frozen=True):
    """Nothing to ask before this time; infinite where only an answer can lead on."""

    until_s: float


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How a round goes on: seconds between two probes of one block, and between two looks at the controls."""

    spacing_s: float = 1.0
    check_every_s: float = 30.0


class Result(msgspec.Struct, frozen=True):
    """What a round found. gap says why nothing of it counts, and is empty where it does.

    standings hold all blocks by name; after a gap they are as before.
    """

    gap: str
    standings: dict[str, Standing]
    probes: int
    answered: int
    unsent: int


class Round:
    """A round, to be asked for its next step and told of every answer, until the next step is None.

    No block is asked after ends_s; what is undecided then goes on in the next round. Times are of a clock that only
    runs forward, in seconds. The order of blocks is that of `blocks`.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        standings: Mapping[str, Standing],
        controls: Sequence[str],
        *,
        seed: int,
        ends_s: float,
        rhythm: Rhythm,
    ) -> None:
        self._blocks = {block.name: block for block in blocks}
        self._before = {
            name: standings.get(name) or first_standing(block.availability)
            for name, block in self._blocks.items()
        }
        self._watches = {name: Watch(standing) for name, standing in self._before.items()}
        self._spent = dict.fromkeys(self._blocks, 0)
        self._seed = seed
        self._ends_s = ends_s
        self._rhythm = rhythm
        self._numbers = itertools.count()
        self._due = [(-math.inf, next(self._numbers), name) for name in self._blocks]
        self._running = 0
        self._phase = _Phase.OPENING
        self._check = _Check(controls)
        self._checked_s = -math.inf
        self._sent = self._unsent = 0

    def next(self, now_s: float) -> Ask | Wait | None:
        """The next step; None when the round is over."""
        if self._check.has_failed:
            return Wait(math.inf) if self._running else None
        if address := self._check.next():
            return Ask(address)
        if self._phase is _Phase.OPENING and not self._check.is_running:
            self._phase, self._checked_s = _Phase.ASKING, now_s
        if self._phase is _Phase.ASKING:
            return self._of_blocks(now_s)
        # Before the controls have answered once, nobody else is asked; after the last block, only they are.
        return Wait(math.inf) if self._check.is_running else None

    def hear(self, ask: Ask, answer: Answer, now_s: float) -> None:
        """Take in what came of a question."""
        if not ask.block:
            self._check.hear(answered=answer is Answer.ANSWERED)
            return
        self._running -= 1
        watch = self._watches[ask.block]
        if answer is Answer.UNSENT:
            self._unsent += 1
        else:
            watch.hear(answered=answer is Answer.ANSWERED)
        if not watch.has_heard_enough and self._spent[ask.block] < MOST_PROBES:
            heapq.heappush(self._due, (now_s + self._rhythm.spacing_s, next(self._numbers), ask.block))

    def result(self, *, spoilt: str = "") -> Result:
        """What the round found, once it is over; spoilt is a reason of the caller's why it shall not count."""
        unasked = sum(not watch.asked for watch in self._watches.values())
        gap = spoilt
        if self._check.has_failed:
            gap = "none of the controls answers, so it is our own network that fails"
        elif unasked:
            gap = f"{unasked} of {len(self._blocks)} blocks were not asked: the rate is too low, or sending fails"
        after = self._before if gap else {name: watch.ended() for name, watch in self._watches.items()}
        answered = sum(watch.answered for watch in self._watches.values())
        return Result(gap, after, self._sent, answered, self._unsent)

    def _of_blocks(self, now_s: float) -> Ask | Wait | None:
        if now_s >= self._ends_s:
            self._due.clear()
        is_done = not self._due and not self._running
        is_late = now_s - self._checked_s >= self._rhythm.check_every_s
        if (is_done or is_late) and not self._check.is_running:
            self._phase = _Phase.CLOSING if is_done else _Phase.ASKING
            self._checked_s = now_s
            self._check.begin()
            return Ask(self._check.next())
        if not self._due:
            return Wait(math.inf)
        due_s, _, name = self._due[0]
        if due_s > now_s:
            return Wait(min(due_s, self._ends_s))
        heapq.heappop(self._due)
        self._running += 1
        self._sent += 1
        place = self._before[name].position + self._spent[name]
        self._spent[name] += 1
        return Ask(address_at(self._blocks[name], self._seed, place), name)


class _Phase(Enum):
    OPENING = auto()
    ASKING = auto()
    CLOSING = auto()


class _Check:
    """A look at the controls: passed as soon as it is over and one has answered, in any of its tries."""

    def __init__(self, controls: Sequence[str]) -> None:
        self._controls = controls
        self.begin()

    def begin(self) -> None:
        """Look again."""
        self._left = list(self._controls)
        self._waiting = 0
        self._silent_tries = 0
        self._has_answer = False

    @property
    def is_running(self) -> bool:
        """Whether a control is still to be asked, or to answer."""
        return bool(self._left or self._waiting)

    @property
    def has_failed(self) -> bool:
        """Whether every control was silent in every try."""
        return self._silent_tries >= TRIES_OF_CONTROLS

    def next(self) -> str:
        """The control to ask now; empty where there is none."""
        if not self._left:
            return ""
        self._waiting += 1
        return self._left.pop()

    def hear(self, *, answered: bool) -> None:
        """Take in what came of asking one."""
        self._waiting -= 1
        self._has_answer = self._has_answer or answered
        if self.is_running or self._has_answer:
            return
        self._silent_tries += 1
        if not self.has_failed:
            self._left = list(self._controls)
