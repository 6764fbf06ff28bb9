"""Values -> incidents: the whole of detection. Pure, and the same for the same values."""

import bisect
import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from lampwatch.detect.connectivity import deliberate, level
from lampwatch.detect.connectivity.cluster import CountryOf, clusters, country
from lampwatch.detect.connectivity.detector import Tell, disturbances
from lampwatch.detect.connectivity.measured import Measured
from lampwatch.detect.connectivity.panel import believed
from lampwatch.detect.connectivity.parts import agreed_onset, is_drop, parts
from lampwatch.detect.connectivity.recurrence import chains, recurrence
from lampwatch.detect.connectivity.silent import silent
from lampwatch.model.connectivity import ConnectivityIncident, Part
from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.event import Event
from lampwatch.model.incident import Level, Reason, Scope, Step
from lampwatch.model.occasion import Occasion
from lampwatch.model.series import Family, Values

_NATIONAL_SHARE: Final = 0.5
_RESTORED: Final = 0.8
_TELLING_TIMES: Final = 3
_AT_ONCE_COUNTRIES: Final = 6
_AT_ONCE_BINS: Final = 3
_AS_FAR: Final = 0.6
"""What others change by is as far as one's own change if it is so much of that, as a factor."""
_LEAST_DOUBT: Final = 1e-3
_LEAST_LEFT: Final = 0.03
_EVERYWHERE: Final = 0.04
_CONTEXT_ONLY: Final = 0.3


class Setting(msgspec.Struct, frozen=True):
    """What detection may know beside series: networks' countries, entities' sizes by code, and occasions."""

    country_of: Callable[[int], str] = lambda _asn: ""
    sizes: Mapping[str, float] = {}
    occasions: tuple[Occasion, ...] = ()


_NOTHING: Final = Setting()


def incidents(
    given: Iterable[Values], setting: Setting = _NOTHING, tell: Tell = lambda _done, _all: None
) -> list[ConnectivityIncident]:
    """Find all incidents in series, in order of their onset.

    The same values give the same incidents, in whatever order they come. tell hears how many values of how many have
    been looked at.
    """
    values = sorted((one for one in map(believed, given) if len(one)), key=lambda one: one.series.id)
    measured = Measured(values, setting.sizes)
    latest = max((int(one.starts[-1]) + one.series.resolution_s for one in values), default=0)
    found = parts(disturbances(values, tell))
    crowd = _Crowd(found, measured, setting.country_of)
    single = [
        _incident(members, country(members[0], setting.country_of), measured, setting, crowd)
        for members in clusters(found, setting.country_of)
    ]
    joined = [_chained(chain, latest, measured, setting) for chain in chains(single)]
    return sorted(joined, key=lambda one: (one.onset.at, one.id))


class _Crowd:
    """How many countries a source says changed at the same time: many mean the source, or the world."""

    def __init__(self, found: Sequence[Part], measured: Measured, country_of: CountryOf) -> None:
        self._measured = measured
        self._country_of = country_of
        self._onsets: dict[tuple[str, str, str], list[tuple[int, str, float]]] = defaultdict(list)
        for part in sorted(found, key=lambda part: part.onset.at):
            key = (*measured.signal(part.series), str(part.direction))
            self._onsets[key].append((part.onset.at, self._country(part), _factor(part)))

    def others(self, part: Part) -> int:
        """How many other countries of the same source and signal changed the same way, and as far, within three bins.

        What goes much farther than the others is more than what they have in common.
        """
        key = (*self._measured.signal(part.series), str(part.direction))
        near = _AT_ONCE_BINS * part.resolution_s
        onsets = self._onsets[key]
        first = bisect.bisect_left(onsets, (part.onset.at - near,))
        last = bisect.bisect_left(onsets, (part.onset.at + near + 1,))
        least = _AS_FAR * _factor(part)
        alike = {there for _, there, factor in onsets[first:last] if factor >= least}
        return len(alike - {self._country(part), ""})

    def _country(self, part: Part) -> str:
        one = Entity.of(part.entity)
        return one.country or self._country_of(one.asn)


def _factor(part: Part) -> float:
    """How far a part went: the logarithm of what it was divided, or multiplied by."""
    left = max(1 - part.depth, _LEAST_LEFT) if is_drop(part) else 1 + part.depth
    return abs(math.log(left))


def _incident(
    members: list[Part], where: str, measured: Measured, setting: Setting, crowd: _Crowd
) -> ConnectivityIncident:
    onset = agreed_onset(members)
    steps = level.steps(members, measured)
    against = _against(members, crowd)
    if against:
        steps = tuple(step for step in steps if step.level <= Level.SIGNAL)
    doubts = silent(members, measured)
    likely = _doubted(level.probability(members), [*against, *doubts])
    reasons = deliberate.reasons(members, where, None, setting.occasions, measured)
    share = measured.share([(part.series, part.depth) for part in members], onset.high)
    reached = steps[-1].level if steps else Level.REPORTED
    return ConnectivityIncident(
        id=_name(where, members),
        country=where if len(where) == 2 else "",  # noqa: PLR2004  ISO 3166-1 alpha-2
        scope=_scope(members, share),
        direction=members[0].direction,
        entities=_entities(members),
        onset=onset,
        end=_end(members, share),
        until=max(part.until for part in members),
        level=reached,
        steps=steps,
        depth=max(part.depth for part in members),
        share=share,
        probability=round(likely, 3),
        deliberate=deliberate.probability(reasons),
        reasons=reasons,
        against=against + doubts,
        parts=tuple(members),
        confirmable=level.is_confirmable(members, reached),
    )


def _doubted(likely: float, against: Iterable[Reason]) -> float:
    """A probability after what speaks against it, which is given as odds."""
    odds = likely / max(1 - likely, _LEAST_DOUBT) * math.prod(reason.factor for reason in against)
    return odds / (1 + odds)


def _chained(
    chain: list[ConnectivityIncident], latest: int, measured: Measured, setting: Setting
) -> ConnectivityIncident:
    """One incident of all times that something came again."""
    first, last = chain[0], chain[-1]
    again = recurrence(chain, first.country, latest)
    if again is None:
        return first
    members = tuple(part for one in chain for part in one.parts)
    best = max(chain, key=lambda one: one.level)
    # One time is judged, with its own clock, length and places; all of them together are neither long nor spread out.
    onsets = [one.onset.at for one in chain]
    reasons = deliberate.reasons(best.parts, first.country, again, setting.occasions, measured, onsets)
    steps: list[Step] = []
    for step in sorted((step for one in chain for step in one.steps), key=lambda step: step.at):
        if not steps or step.level > steps[-1].level:
            steps.append(step)
    return msgspec.structs.replace(
        first,
        entities=tuple(dict.fromkeys(code for one in chain for code in one.entities)),
        end=None if again.next_due else last.end,
        until=last.until,
        level=best.level,
        steps=tuple(steps),
        depth=max(one.depth for one in chain),
        share=max((one.share for one in chain if one.share is not None), default=None),
        probability=_of_chain(chain),
        deliberate=deliberate.probability(reasons),
        reasons=reasons,
        against=tuple(dict.fromkeys(reason for one in chain for reason in one.against)),
        parts=members,
        recurrence=again,
        confirmable=any(one.confirmable for one in chain),
    )


def _of_chain(chain: list[ConnectivityIncident]) -> float:
    """How likely it is that what came again was real: each time tells more, but what errs daily errs daily.

    Where other signals go on as usual each time, the tenth time tells no more than the first.
    """
    best = max(one.probability for one in chain)
    times = 1 if any(one.against for one in chain) else min(len(chain), _TELLING_TIMES)
    return round(1 - (1 - best) ** times, 3)


def _end(members: list[Part], share: float | None) -> Event | None:
    """When it was over; None while it lasts.

    A country is restored when its own signals are, though a place in it may still be dark; one that is known by its
    places alone, when four fifths of them are. All others when all of them are.
    """
    national = [part for part in members if Entity.of(part.entity).kind is EntityKind.COUNTRY]
    telling = national or members
    ends = sorted((part.end for part in telling if part.end), key=lambda end: (end.at, end.known))
    by_places = not national and (share or 0.0) >= _NATIONAL_SHARE
    needed = math.ceil(_RESTORED * len(telling)) if by_places else len(telling)
    return ends[needed - 1] if len(ends) >= needed else None


def _scope(members: list[Part], share: float | None) -> Scope:
    kinds = {Entity.of(part.entity).kind for part in members}
    if EntityKind.COUNTRY in kinds or (share or 0.0) >= _NATIONAL_SHARE:
        return Scope.COUNTRY
    return Scope.REGIONS if EntityKind.REGION in kinds else Scope.NETWORKS


def _entities(members: list[Part]) -> tuple[str, ...]:
    order = {EntityKind.COUNTRY: 0, EntityKind.REGION: 1, EntityKind.NETWORK: 2}
    found = {part.entity: part.onset.at for part in reversed(members)}
    return tuple(sorted(found, key=lambda code: (order[Entity.of(code).kind], found[code], code)))


def _against(members: list[Part], crowd: _Crowd) -> tuple[Reason, ...]:
    """What speaks against a loss of connectivity in this country."""
    found = []
    independent = {part.family for part in members}
    others = min(crowd.others(part) for part in members)
    if others >= _AT_ONCE_COUNTRIES and len(independent) == 1:
        text = f"the same source shows the same change in {others} other countries at the same time"
        found.append(Reason("everywhere", text, _EVERYWHERE))
    if independent == {Family.MEASUREMENTS}:
        text = "only the number of measurements changed, which follows campaigns"
        found.append(Reason("volume_only", text, _CONTEXT_ONLY))
    return tuple(found)


def _name(where: str, members: list[Part]) -> str:
    """A name that stays while more becomes known: of what was known first, and of the bin that it began in.

    What is known later may have begun before, as a day's bin does; and how deep it is, which grows, moves the guess
    when within its bin it began.
    """
    first = min(members, key=lambda part: (part.onset.known, part.series))
    digest = hashlib.blake2b(f"{first.series} {first.direction} {first.onset.high}".encode(), digest_size=4)
    return f"{where.lower().replace('@', '-')}-{first.onset.high // 86_400 * 86_400}-{digest.hexdigest()}"
