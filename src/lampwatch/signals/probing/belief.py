"""How sure we are that a /24 is up, from which of its addresses answered. Pure.

Belief is B(U), the probability that the block is up; inside it is a sum of log-odds, so that equal evidence in another
order says the same. Source: Quan, Heidemann and Pradkin, "Trinocular" (SIGCOMM 2013); docs/design/dd-006-probing.md
says where this departs from it.
"""

import math
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

UP: Final = 0.9
DOWN: Final = 0.1
"""Belief at or above UP means that a block is up, at or below DOWN that it is down, in between nothing yet."""
HIGHEST: Final = 0.99
LOWEST: Final = 0.01
"""Belief never leaves these bounds: however long all was well, a few silent addresses must be able to turn it."""
FLOOR: Final = 0.1
"""Of a block that answers more rarely than this, silence says too little: it is not judged."""
FEWEST_ADDRESSES: Final = 15
"""Nor is a block with fewer addresses that ever answered."""
MOST_PROBES: Final = 15
"""A block is asked so often in a round at most."""
TURNS_IN_ROUNDS: Final = 2
"""So many rounds of silence turn a block from up to down, where its availability allows that at all."""

_LOSS: Final = 0.01
_STRAY: Final = (1 - _LOSS) / 256
"""P(answer | down): now and then a router answers in the place of one of the block's addresses."""
_CEILING: Final = 0.99
"""Availability counts as this at most: a packet can be lost on the way to the best of networks."""
_MISSED: Final = 0.2
"""A block that is back may be overlooked this often in one round."""
_SLOWLY: Final = 0.01
"""What one round weighs in what is learnt of availability."""
_ALMOST: Final = 1e-9


class BlockState(StrEnum):
    """What is believed of a /24."""

    UP = "up"
    DOWN = "down"
    UNCERTAIN = "uncertain"


def log_odds(belief: float) -> float:
    """The log-odds of a probability strictly between 0 and 1."""
    return math.log(belief / (1 - belief))


def probability(odds: float) -> float:
    """The probability that log-odds stand for."""
    return 1 / (1 + math.exp(-odds))


_UP_AT: Final = log_odds(UP) - _ALMOST
_DOWN_AT: Final = log_odds(DOWN) + _ALMOST
_LOWEST_ODDS: Final = log_odds(LOWEST)


class Evidence(msgspec.Struct, frozen=True):
    """What answers of a block weigh, by its availability.

    answer and silence are what one of them adds to the log-odds; highest is where these end. A block that is down is
    asked `recovery` times before one believes that it still is.
    """

    answer: float
    silence: float
    highest: float
    recovery: int


@lru_cache(maxsize=65_536)
def evidence(availability: float) -> Evidence:
    """What an answer and a silence say of a block whose addresses answer with this probability when it is up.

    An availability outside [FLOOR, 0.99] counts as the nearest within.
    """
    usual = min(max(availability, FLOOR), _CEILING)
    silence = math.log((1 - usual) / (1 - _STRAY))
    # From the highest belief, silence must be able to reach DOWN within TURNS_IN_ROUNDS (and a hair before _DOWN_AT).
    reach = log_odds(DOWN) - silence * MOST_PROBES * TURNS_IN_ROUNDS
    return Evidence(
        answer=math.log(usual / _STRAY),
        silence=silence,
        highest=min(max(reach, log_odds(UP)), log_odds(HIGHEST)),
        recovery=min(math.ceil(math.log(_MISSED) / math.log(1 - usual)), MOST_PROBES),
    )


class Standing(msgspec.Struct, frozen=True):
    """What is remembered of a block from round to round; no address is in it.

    state is the last one that was decided, UNCERTAIN before the first. answered and asked are slow averages over
    rounds, whose ratio is the availability. pending counts the silences since an answer last came, of which only a
    later answer can say that the block was up all the while. position is how far the walk over its addresses has gone.
    """

    answered: float
    asked: float
    belief: float = HIGHEST
    state: BlockState = BlockState.UNCERTAIN
    pending: int = 0
    position: int = 0

    @property
    def availability(self) -> float:
        """The share of its addresses' answers that come when it is up, as learnt so far."""
        return self.answered / self.asked

    @property
    def is_judged(self) -> bool:
        """Whether it answers often enough for its silence to mean something."""
        return self.availability >= FLOOR - _ALMOST

    @property
    def is_decided(self) -> bool:
        """Whether its belief says up or down now; where not, its state is the one before."""
        return self.belief >= UP - _ALMOST or self.belief <= DOWN + _ALMOST


def first_standing(availability: float) -> Standing:
    """What is known of a block before it was ever asked: its long-term availability, from a list.

    It is taken to be up, as it was when it came on the list, so that a few silences at first do not call it down; but
    its state is not decided before it has answered, or been silent long enough.
    """
    return Standing(answered=1.0, asked=1 / availability)


class Watch:
    """One block in one round: hears answers until it has heard enough."""

    __slots__ = ("_answered", "_asked", "_before", "_evidence", "_in_a_row", "_odds")

    def __init__(self, before: Standing) -> None:
        self._before = before
        self._evidence = evidence(before.availability)
        self._odds = min(log_odds(before.belief), self._evidence.highest)
        self._answered = self._asked = self._in_a_row = 0

    @property
    def asked(self) -> int:
        """How many answers and silences were heard."""
        return self._asked

    @property
    def answered(self) -> int:
        """How many of them were answers."""
        return self._answered

    @property
    def belief(self) -> float:
        """B(U) by now."""
        return probability(self._odds)

    @property
    def state(self) -> BlockState:
        """What the belief says by now."""
        if self._odds >= _UP_AT:
            return BlockState.UP
        return BlockState.DOWN if self._odds <= _DOWN_AT else BlockState.UNCERTAIN

    def hear(self, *, answered: bool) -> None:
        """Take in what one address said, or that it was silent."""
        self._asked += 1
        if answered:
            self._answered += 1
            self._in_a_row = 0
            self._odds = min(self._odds + self._evidence.answer, self._evidence.highest)
        else:
            self._in_a_row += 1
            self._odds = max(self._odds + self._evidence.silence, _LOWEST_ODDS)

    @property
    def has_heard_enough(self) -> bool:
        """Whether no further probe is needed in this round, or none is allowed.

        Silence never ends a round as up: an outage may have begun. Nor does it end one as down before the block had
        its chance to show that it is back.
        """
        if self._asked >= MOST_PROBES:
            return True
        if not self._asked:
            return False
        if self._odds >= _UP_AT:
            return not self._in_a_row
        return self._odds <= _DOWN_AT and self._in_a_row >= self._evidence.recovery

    def ended(self) -> Standing:
        """What is remembered after the round."""
        before, now = self._before, self.state
        if now is BlockState.UP and not self._answered:
            # Only an answer makes a block up. Few silences leave it what it was.
            now = BlockState.UNCERTAIN
        after = msgspec.structs.replace(
            before,
            belief=self.belief,
            state=before.state if now is BlockState.UNCERTAIN else now,
            position=before.position + self._asked,
            pending=0,
        )
        if BlockState.DOWN in {before.state, now}:
            # Silence of a block that is down, or only comes back, says nothing of how it answers when it is up.
            return after
        if now is BlockState.UP and not self._in_a_row and self._asked:
            return msgspec.structs.replace(
                after,
                answered=(1 - _SLOWLY) * before.answered + _SLOWLY * self._answered,
                asked=(1 - _SLOWLY) * before.asked + _SLOWLY * (self._asked + before.pending),
            )
        return msgspec.structs.replace(after, pending=before.pending + self._asked)
