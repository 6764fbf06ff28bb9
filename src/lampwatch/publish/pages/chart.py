"""Counts over time as a drawing of bars, for a template to write as SVG. Days that nobody measured stay empty."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from lampwatch.model.vocabulary import State
from lampwatch.store.rows import Counted

_MOST_DAYS: Final = 120
_HEIGHT: Final = 100.0
_STEP: Final = 8.0
_BAR: Final = 6.0
_NARROW: Final = 9
_WIDE: Final = 40
_COMFORTABLE: Final = 420
"""Pixels a day: few days are drawn wide, but no wider than this together; many as narrow as can still be seen."""
_THINNEST: Final = 1.5
"""A single blocked verdict among thousands still shows."""
_ORDER: Final = (State.BLOCKED, State.DOWN, State.UNKNOWN, State.OK)
"""From the ground up: what matters most stands where bars can be compared."""


class Bar(msgspec.Struct, frozen=True):
    """One state's part of one day, in the drawing's units."""

    state: str
    x: float
    y: float
    width: float
    height: float


class Chart(msgspec.Struct, frozen=True):
    """A drawing: its size, its width on a screen in pixels, its bars, its first and last day, and what it says."""

    width: float
    height: float
    pixels: int
    bars: list[Bar]
    first: str
    last: str
    says: str


def daily_chart(days: Mapping[str, Counted]) -> Chart | None:
    """Draw counts by day (YYYY-MM-DD), at most the last 120 days of them; None where there is no day at all."""
    if not days:
        return None
    last = dt.date.fromisoformat(max(days))
    begins = max(dt.date.fromisoformat(min(days)), last - dt.timedelta(days=_MOST_DAYS - 1))
    shown = [(begins + dt.timedelta(days=n)).isoformat() for n in range((last - begins).days + 1)]
    most = max((days[day].total for day in shown if day in days), default=0) or 1
    bars: list[Bar] = []
    for place, day in enumerate(shown):
        if day in days:
            bars.extend(_stack(days[day], place * _STEP, most))
    measured = sum(day in days for day in shown)
    blocked = sum(day in days and days[day].blocked > 0 for day in shown)
    says = (
        f"Verdicts a day from {shown[0]} to {shown[-1]}: measured on {measured} of {len(shown)} days, "
        f"some verdict blocked on {blocked} of them, at most {most} verdicts a day."
    )
    earlier = sum(day < shown[0] for day in days)
    if earlier:
        says += f" Earlier days that were measured ({earlier}) are not drawn; the tables count them."
    pixels = max(_NARROW * len(shown), min(_WIDE * len(shown), _COMFORTABLE))
    return Chart(len(shown) * _STEP, _HEIGHT, pixels, bars, shown[0], shown[-1], says)


def share_bars(counts: Counted) -> list[Bar]:
    """One line's verdicts as parts of a bar 100 wide, in the order blocked, down, unknown, ok."""
    bars, x = [], 0.0
    for state in _ORDER:
        number = getattr(counts, state)
        if number:
            width = 100 * number / counts.total
            bars.append(Bar(state, round(x, 2), 0, round(width, 2), 8))
            x += width
    return bars


def _stack(counts: Counted, x: float, most: int) -> Sequence[Bar]:
    bars, y = [], _HEIGHT
    for state in _ORDER:
        number = getattr(counts, state)
        if number:
            height = max(_THINNEST, _HEIGHT * number / most)
            y -= height
            bars.append(Bar(state, x, round(max(y, 0.0), 2), _BAR, round(height, 2)))
    return bars
