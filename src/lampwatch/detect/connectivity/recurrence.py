"""Curfews: what comes again at the same time of the local day, and when the next is due."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from lampwatch.detect.connectivity.local_time import zone_of
from lampwatch.model.connectivity import ConnectivityIncident, Recurrence
from lampwatch.model.disturbance import Direction

_DAY_S: Final = 86_400
_MOST_DAYS: Final = 4
_LEAST_TIMES: Final = 3
_TOLERANCE_S: Final = 3600
_RECENT: Final = 7
_LONGEST_S: Final = 20 * 3600
"""What lasts longer is no part of a day."""


def chains(incidents: Sequence[ConnectivityIncident]) -> list[list[ConnectivityIncident]]:
    """Put those together that came again, one to four days later at the same time of the day, in the same place.

    Gives every incident in one chain, alone if need be, in order of time.
    """
    found: list[list[ConnectivityIncident]] = []
    recent: dict[tuple[str, Direction], list[list[ConnectivityIncident]]] = defaultdict(list)
    for one in sorted(incidents, key=lambda one: (one.onset.at, one.id)):
        key = one.country, one.direction
        since = one.onset.at - (_MOST_DAYS + 1) * _DAY_S
        recent[key] = [chain for chain in recent[key] if chain[-1].onset.at >= since]
        best = next((chain for chain in reversed(recent[key]) if _follows(chain, one)), None)
        if best is None:
            best = []
            found.append(best)
            recent[key].append(best)
        best.append(one)
    return [
        piece
        for chain in found
        for piece in ([chain] if len(chain) >= _LEAST_TIMES else [[one] for one in chain])
    ]


def _follows(chain: Sequence[ConnectivityIncident], one: ConnectivityIncident) -> bool:
    """Whether an incident is the next time of those in a chain of its country and direction."""
    before = chain[-1]
    if before.end is None or before.until - before.onset.at > _LONGEST_S:
        return False
    if not set(before.entities) & set(one.entities):
        return False
    resolution = max(part.resolution_s for part in one.parts)
    if resolution > _TOLERANCE_S:
        return False
    apart = one.onset.at - before.onset.at
    days = round(apart / _DAY_S)
    if not 1 <= days <= _MOST_DAYS:
        return False
    # Against the whole chain's hour, so that one odd onset neither breaks it nor moves it.
    usual = _middle([other.onset.at % _DAY_S for other in chain[-_RECENT:]])
    off = (one.onset.at - usual + _DAY_S // 2) % _DAY_S - _DAY_S // 2
    wide = 2 if len(chain) >= _LEAST_TIMES else 1
    return abs(off) <= wide * (_TOLERANCE_S + resolution // 2)


def _middle(times: list[int]) -> int:
    """The middle of times of the day in seconds, which may lie around midnight."""
    first = times[0]
    around = sorted((at - first + _DAY_S // 2) % _DAY_S for at in times)
    return (around[len(around) // 2] + first - _DAY_S // 2) % _DAY_S


def recurrence(chain: Sequence[ConnectivityIncident], country: str, latest: int) -> Recurrence | None:
    """What a chain has in common; None of fewer than three times. latest is the end of what was measured."""
    if len(chain) < _LEAST_TIMES:
        return None
    zone = ZoneInfo(zone_of(country))
    # On clocks without a zone, so that tomorrow at the same time is that also when summer time begins.
    clocks = [dt.datetime.fromtimestamp(one.onset.at, tz=zone).replace(tzinfo=None) for one in chain]
    seconds = [clock.hour * 3600 + clock.minute * 60 + clock.second for clock in clocks]
    off = (_middle(seconds) - seconds[-1] + _DAY_S // 2) % _DAY_S - _DAY_S // 2
    begin = clocks[-1] + dt.timedelta(seconds=off)
    steps = sorted(
        round((after.onset.at - before.onset.at) / _DAY_S) for before, after in itertools.pairwise(chain)
    )
    every = steps[len(steps) // 2]
    due = int((begin + dt.timedelta(days=every)).replace(tzinfo=zone).timestamp())
    # It is due until it should have been seen, and was not: an onset is known after two bins.
    pending = due + _TOLERANCE_S + 2 * max(part.resolution_s for part in chain[-1].parts) > latest
    return Recurrence(
        tuple((one.onset.at, one.end.at if one.end else None) for one in chain),
        f"{begin:%H:%M}",
        zone.key,
        every,
        due if pending else None,
    )
