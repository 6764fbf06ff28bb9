"""When what lasts and is steady is what is usual now, and when a series is judged anew though it is not back yet."""

from typing import Final

import msgspec
import numpy as np

from lampwatch.detect.connectivity.panel import DAY_S
from lampwatch.detect.connectivity.scan import Watch
from lampwatch.detect.connectivity.usual import median
from lampwatch.model.disturbance import Direction

_DAYS: Final = 42
_SURGE_DAYS: Final = 28
_GONE_DAYS: Final = 400
_NEARLY_ALL: Final = 0.5
"""What took half and more is an event for as long as anybody looks; what took less is a new state some day."""
_STEADY: Final = 0.15
_RECENT_BLOCKS: Final = 14


class Aside(msgspec.Struct):
    """A long loss beside which a series is judged by what it is now: its watch, and the level that it left."""

    watch: Watch
    level: float


def is_settled(watch: Watch, block_s: int) -> bool:
    """Whether a disturbance has lasted so long, and so steadily, that it is what is usual now."""
    days = _days(watch, block_s)
    of_a_loss = _DAYS if _gone(watch) < _NEARLY_ALL else _GONE_DAYS
    if days < (_SURGE_DAYS if watch.direction is Direction.SURGE else of_a_loss):
        return False
    steady = steady_size(watch)
    # A network that is given up is gone, and will be for as long as anybody looks.
    return steady > 0 or (steady == 0 and days >= _GONE_DAYS)


def may_stand_aside(watch: Watch, block_s: int, least: float) -> bool:
    """Whether a loss has lasted so long, and so steadily, that those who are left may rise and fall themselves.

    least is how many have to be left for that.
    """
    return (
        watch.direction is Direction.DROP
        and _days(watch, block_s) >= _DAYS
        and steady_size(watch) > max(least, 0.0)
    )


def is_long_gone(watch: Watch, block_s: int) -> bool:
    """Whether nobody waits any longer for a loss to be over."""
    return _days(watch, block_s) >= _GONE_DAYS


def steady_size(watch: Watch) -> float:
    """What has been there in the last two weeks, if it was much the same all the while; NaN if it was not."""
    recent = watch.slots[-_RECENT_BLOCKS:]
    levels, _ = median(np.stack(recent))
    middle, count = median(levels[None, :])
    if count[0] < len(recent) // 2:
        return float("nan")
    if not middle[0] > 0:
        return 0.0
    spread, _ = median(np.abs(levels[None, :] / middle[0] - 1))
    return float(middle[0]) if spread[0] < _STEADY else float("nan")


def _days(watch: Watch, block_s: int) -> float:
    return len(watch.slots) * block_s / DAY_S


def _gone(watch: Watch) -> float:
    """The share that a disturbance took all in all: a single bin that lacked more says nothing of what lasts."""
    expected = sum(one.expected for one in watch.bins)
    return 1 - sum(one.value for one in watch.bins) / expected if expected > 0 else 1.0
