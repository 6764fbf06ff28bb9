"""How likely it is that somebody wanted it, with the reasons. Never a verdict: no measurement sees an intention.

Factors are odds of shutdowns against spontaneous outages, as counted for 182 and 729 of them (Bischof et al., SIGCOMM
2023), where they were counted; the others are our own, and weaker. Reasons overlap, so each counts for less than alone.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from lampwatch.detect.connectivity.local_time import utc_offset_s, zone_of
from lampwatch.detect.connectivity.measured import Measured
from lampwatch.model.connectivity import Part, Recurrence
from lampwatch.model.incident import Reason
from lampwatch.model.occasion import Occasion, OccasionKind
from lampwatch.model.series import CONNECTIVITY

_PRIOR: Final = 182 / (182 + 729)
_SHRINK: Final = 0.75
"""Reasons that come together count as this power of their odds."""
_FINE_S: Final = 900
"""Only bins as short as this tell the minute of an onset."""
_ON_THE_CLOCK_S: Final = 300
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_WITHIN: Final = {
    OccasionKind.ELECTION: 2,
    OccasionKind.PROTEST: 2,
    OccasionKind.COUP: 2,
    OccasionKind.EXAM: 0,
}
"""How many days beside its own an occasion counts for."""
_FACTORS: Final = {
    OccasionKind.ELECTION: 16.0,
    OccasionKind.PROTEST: 9.0,
    OccasionKind.COUP: 286.0,
    OccasionKind.EXAM: 16.0,
}


def reasons(
    parts: Sequence[Part],
    country: str,
    recurrence: Recurrence | None,
    occasions: Iterable[Occasion],
    measured: Measured,
    onsets: Sequence[int] = (),
) -> tuple[Reason, ...]:
    """What speaks for an order, and what against it. country is ISO 3166-1 alpha-2, or a code without a clock.

    onsets are all times that it came, where it came again; parts are of one of them.
    """
    found = [
        _clock(parts, country),
        _cliff(parts),
        _recovery(parts),
        _spread(parts),
        _signals(parts, country, measured),
        _duration(parts),
        _again(recurrence),
        *_occasions(onsets or [min(part.onset.at for part in parts)], country, occasions),
    ]
    return tuple(one for one in found if one is not None)


def probability(given: Iterable[Reason]) -> float:
    """The probability that reasons add up to, between 0.02 and 0.98: nobody is ever sure."""
    odds = math.log(_PRIOR / (1 - _PRIOR)) + _SHRINK * sum(math.log(one.factor) for one in given)
    return round(min(0.98, max(0.02, 1 / (1 + math.exp(-odds)))), 3)


def _clock(parts: Sequence[Part], country: str) -> Reason | None:
    fine = [part for part in parts if part.resolution_s <= _FINE_S and part.ramp_s <= 2 * part.resolution_s]
    if not fine or len(country) != 2:  # noqa: PLR2004  ISO 3166-1 alpha-2
        return None
    part = min(fine, key=lambda one: (one.onset.high - one.onset.low, one.onset.at))
    local = dt.datetime.fromtimestamp(part.onset.at, tz=ZoneInfo(zone_of(country)))
    past = (local.minute * 60 + local.second + _ON_THE_CLOCK_S) % _HOUR_S
    tolerance = 2 * _ON_THE_CLOCK_S
    if past <= tolerance:
        return Reason("on_the_hour", f"it began on the hour, local time ({local:%H:%M})", 70.6 / 23.1)
    if _HOUR_S // 2 <= past <= _HOUR_S // 2 + tolerance:
        return Reason(
            "on_the_half_hour", f"it began on the half-hour, local time ({local:%H:%M})", 14.2 / 16.4
        )
    return Reason("off_the_clock", f"it began at no round local time ({local:%H:%M})", 15.2 / 60.5)


def _cliff(parts: Sequence[Part]) -> Reason | None:
    """Whether most series that are fine enough to tell fell at once."""
    fine = [part for part in parts if part.resolution_s <= _HOUR_S and part.family in CONNECTIVITY]
    if not fine:
        return None
    ramps = sum(part.ramp_s >= max(_HOUR_S, 2 * part.resolution_s) for part in fine)
    if 2 * ramps > len(fine):
        return Reason("ramp", f"it fell slowly in {ramps} of {len(fine)} series", 0.25)
    return Reason("cliff", f"it fell at once in {len(fine) - ramps} of {len(fine)} series", 1.5)


def _recovery(parts: Sequence[Part]) -> Reason | None:
    over = [
        part for part in parts if part.end and part.resolution_s <= _HOUR_S and part.family in CONNECTIVITY
    ]
    slow = sum(part.recovery_s >= max(3 * _HOUR_S, 3 * part.resolution_s) for part in over)
    if over and 2 * slow > len(over):
        return Reason("slow_recovery", f"it came back slowly in {slow} of {len(over)} series", 0.3)
    return None


def _spread(parts: Sequence[Part]) -> Reason | None:
    """Places that fall, or come back, one after the other."""
    fine = {part.entity: part for part in parts if part.resolution_s <= _HOUR_S}
    if len(fine) < 3:  # noqa: PLR2004  of two, one is always first
        return None
    onsets = sorted(part.onset.at for part in fine.values())
    middle = onsets[len(onsets) // 10], onsets[-1 - len(onsets) // 10]
    if middle[1] - middle[0] > 3 * _HOUR_S:
        return Reason("path", f"its {len(fine)} places fell one after the other", 0.3)
    ends = sorted(part.end.at for part in fine.values() if part.end)
    if len(ends) > 2 and ends[-1 - len(ends) // 10] - ends[len(ends) // 10] > 6 * _HOUR_S:  # noqa: PLR2004  as above
        return Reason("patchy_recovery", f"its {len(fine)} places came back one after the other", 0.4)
    return Reason("together", f"its {len(fine)} places fell within three hours", 1.5)


def _signals(parts: Sequence[Part], country: str, measured: Measured) -> Reason | None:
    """Whether all signals are gone that could be."""
    there = measured.families([country], parts[0].onset.at) & CONNECTIVITY
    gone = {part.family for part in parts} & CONNECTIVITY
    if len(there) < 3:  # noqa: PLR2004  as many as were counted: routing, probing and a telescope
        return None
    if gone >= there:
        return Reason("all_signals", f"all {len(there)} signals are gone", 94.5 / 53.9)
    return Reason("not_all_signals", f"{len(gone)} of {len(there)} signals are gone", 0.5)


def _duration(parts: Sequence[Part]) -> Reason | None:
    lasted = max(part.until for part in parts) - min(part.onset.at for part in parts)
    if all(part.resolution_s > _HOUR_S for part in parts):
        return None
    if lasted >= 5.5 * _HOUR_S:
        return Reason("long", f"it lasts for {lasted / _HOUR_S:.0f} hours", 1.6)
    if lasted < 2 * _HOUR_S:
        return Reason("short", "it lasted for less than two hours", 0.6)
    return None


def _again(recurrence: Recurrence | None) -> Reason | None:
    if recurrence is None:
        return None
    times = len(recurrence.occurrences)
    return Reason("recurring", f"it came {times} times at {recurrence.clock}, local time", 30.0)


def _occasions(onsets: Sequence[int], country: str, occasions: Iterable[Occasion]) -> Iterable[Reason]:
    """What people had planned or done in those days, which are days of their own clock; each kind once."""
    days = [(at + utc_offset_s(country, at // _DAY_S)) // _DAY_S for at in onsets]
    best: dict[OccasionKind, Reason] = {}
    for one in sorted(occasions, key=lambda one: (one.first_day, one.name)):
        beside = _WITHIN[one.kind]
        if one.country == country and any(
            one.first_day - beside <= day <= one.last_day + beside for day in days
        ):
            text, factor = f"{one.kind}: {one.name}", _FACTORS[one.kind]
            best.setdefault(one.kind, Reason(str(one.kind), text, factor, (one.name,)))
    return best.values()
