"""Incidents found again -> revisions: what is new, what changed, and what is no more. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from lampwatch.detect.version import DETECTOR_VERSION
from lampwatch.model.incident import Incident, Level
from lampwatch.model.revision import Revision, Status

_SILENT_S: Final = 86_400
"""Series that have told nothing for so long (and for three bins) say nothing of whether it lasts."""
_WORDS: Final = {
    Level.REPORTED: "reported",
    Level.SIGNAL: "a signal",
    Level.APPARENT: "apparent",
    Level.CORROBORATED: "corroborated",
    Level.CONFIRMED: "confirmed",
}


def revisions(
    before: Iterable[Revision],
    found: Sequence[Incident],
    *,
    since: int | None,
    latest: int,
    now: int,
    as_of: int,
) -> list[Revision]:
    """The revisions to be made now, in order of their incidents' onsets.

    before are the last revisions of all incidents known so far; found is what a detection over [since, latest) found,
    the end being that of the last bin measured. An incident keeps its name as long as one found overlaps it in place
    and time. One that begins after since and is not found any more is retracted.
    """
    standing = {one.incident.id: one for one in before}
    made: list[Revision] = []
    met: set[str] = set()
    for incident in found:
        old = _same(standing.values(), incident, met)
        if incident.insufficient and old is None:
            continue
        named = incident if old is None else msgspec.structs.replace(incident, id=old.incident.id)
        met.add(named.id)
        status = _status(named, latest)
        because = _change(old, named, status)
        if because:
            number = 1 if old is None else old.number + 1
            made.append(Revision(named, number, now, as_of, status, because, DETECTOR_VERSION))
    for name, old in standing.items():
        within = since is None or old.incident.onset.low >= since
        if (
            name not in met
            and within
            and old.status is not Status.RETRACTED
            and old.incident.onset.at < latest
        ):
            made.append(
                Revision(
                    old.incident,
                    old.number + 1,
                    now,
                    as_of,
                    Status.RETRACTED,
                    "with the values that have arrived since, it is none",
                    DETECTOR_VERSION,
                )
            )
    return sorted(made, key=lambda one: (one.incident.onset.at, one.incident.id))


def _same(standing: Iterable[Revision], incident: Incident, met: set[str]) -> Revision | None:
    """The incident that this one is a new look at."""
    alike = [
        one
        for one in standing
        if one.incident.id not in met
        and one.incident.country == incident.country
        and one.incident.direction == incident.direction
        and (one.incident.id == incident.id or _meets(one.incident, incident))
    ]
    return max(
        alike,
        key=lambda one: (one.incident.id == incident.id, _shared_s(one.incident, incident), one.incident.id),
        default=None,
    )


def _meets(first: Incident, second: Incident) -> bool:
    """Whether two incidents have a series in common while both last."""
    shared = {part.series for part in first.parts} & {part.series for part in second.parts}
    return bool(shared) and first.onset.low <= second.until and second.onset.low <= first.until


def _shared_s(first: Incident, second: Incident) -> int:
    return min(first.until, second.until) - max(first.onset.at, second.onset.at)


def _status(incident: Incident, latest: int) -> Status:
    if incident.end is not None:
        return Status.RESTORED
    silent = latest - max(part.until for part in incident.parts)
    patience = max(_SILENT_S, 3 * max(part.resolution_s for part in incident.parts))
    if incident.recurrence is None and silent > patience:
        return Status.INCONCLUSIVE
    return Status.ONGOING


def _change(old: Revision | None, new: Incident, status: Status) -> str:
    """What is new, in a sentence; empty where nothing is that anybody would want to know."""
    if old is None:
        return f"first seen, {_WORDS[new.level]}"
    was = old.incident
    changes = []
    if old.status is not status:
        changes.append(f"it is {status}")
    if was.level != new.level:
        changes.append(f"it is now {_WORDS[new.level]}")
    if was.onset.at != new.onset.at:
        changes.append("its onset is known better")
    if was.end != new.end and status is old.status:
        changes.append("its end is known better")
    if set(was.entities) != set(new.entities):
        changes.append("other places are part of it")
    if {part.series for part in was.parts} != {part.series for part in new.parts}:
        changes.append("other series show it")
    if abs(was.depth - new.depth) > 0.05:  # noqa: PLR2004  twentieths are told, less is noise
        changes.append("its depth changed")
    if _times(was) != _times(new):
        changes.append(f"it came {_times(new)} times")
    return "; ".join(changes)


def _times(incident: Incident) -> int:
    return len(incident.recurrence.occurrences) if incident.recurrence else 1
