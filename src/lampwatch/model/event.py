"""Events: one change, an onset or an end, in one series or one cell history."""

from enum import StrEnum

import msgspec


class Turn(StrEnum):
    """What an event is.

    onset     the series left what is usual
    recovery  it came back
    settled   it stayed elsewhere so long, and so steadily, that this is the new usual
    """

    ONSET = "onset"
    RECOVERY = "recovery"
    SETTLED = "settled"


class Event(msgspec.Struct, frozen=True):
    """One change in one series. All times are seconds since 1970 (UTC).

    at is the best single guess; [low, high] holds the true moment with 90 % probability, and is never narrower than the
    series' resolution allows. known is when the last bin it takes to see the change had ended.
    """

    turn: Turn
    at: int
    low: int
    high: int
    known: int
