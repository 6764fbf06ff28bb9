"""Incidents found again -> revisions: what is new, what changed, and what is no more. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from lampwatch.detect.looks import changes, meets, patience_s
from lampwatch.detect.sign_offs import NOTHING_SAID, Said, deciding, lapsed, without_sign_offs
from lampwatch.detect.version import DETECTOR_VERSION
from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident, Inputs, Revision, Status
from lampwatch.model.signoff import Decision

_WORDS: Final = {
    Level.REPORTED: "reported",
    Level.SIGNAL: "a signal",
    Level.APPARENT: "apparent",
    Level.CORROBORATED: "corroborated",
    Level.CONFIRMED: "confirmed",
}
_NO_INPUTS: Final = Inputs()


def revisions(
    before: Iterable[Revision],
    found: Sequence[AnyIncident],
    *,
    since: int | None,
    latest: int,
    now: int,
    as_of: int,
    inputs: Inputs = _NO_INPUTS,
    said: Said = NOTHING_SAID,
) -> list[Revision]:
    """The revisions to be made now, in order of their incidents' onsets.

    before are the last revisions of all incidents of these kinds known so far; found is what a detection over
    [since, latest) found, the end being that of the last bin measured. An incident keeps its name as long as one found
    overlaps it in place and time. One that begins after since and is not found any more is retracted. said is what
    persons signed; its history must hold all revisions.
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
        signed = said.of(named)
        named = signed.incident
        status = Status.RETRACTED if signed.retracted else _status(named, latest)
        because = _change(old, named, status)
        if because:
            because = "; ".join([because, *_signing_told(old, named, status, signed.because)])
            number = 1 if old is None else old.number + 1
            made.append(
                Revision(named, number, now, as_of, status, because, DETECTOR_VERSION, inputs, signed.reason)
            )
    for name, old in standing.items():
        within = since is None or old.incident.onset.low >= since
        if (
            name not in met
            and within
            and old.status is not Status.RETRACTED
            and old.incident.onset.at < latest
        ):
            because = _none_any_more(old, said)
            number, none = old.number + 1, without_sign_offs(old.incident)
            made.append(
                Revision(none, number, now, as_of, Status.RETRACTED, because, DETECTOR_VERSION, inputs)
            )
    return sorted(made, key=lambda one: (one.incident.onset.at, one.incident.id))


def _none_any_more(old: Revision, said: Said) -> str:
    """Why an incident that is not found any more is retracted, and what becomes of its confirmation."""
    because = "with the values that have arrived since, it is none"
    signed = deciding(old.incident.id, said.sign_offs)
    if signed is None or signed.decision is not Decision.CONFIRM:
        return because
    return f"{because}; {lapsed(signed, 'it was retracted')}"


def _signing_told(old: Revision | None, new: AnyIncident, status: Status, because: str) -> Iterator[str]:
    """What persons signed, where a change is of the kind that sign-offs make or undo."""
    if old is None:
        return
    levels, statuses = {old.incident.level, new.level}, {old.status, status}
    if Level.CONFIRMED in levels and len(levels) > 1:
        yield because or "no sign-off of it counts any more"
    elif because and Status.RETRACTED in statuses and len(statuses) > 1:
        yield because


def _same(standing: Iterable[Revision], incident: AnyIncident, met: set[str]) -> Revision | None:
    """The incident that this one is a new look at."""
    alike = [
        one
        for one in standing
        if one.incident.id not in met
        and one.incident.country == incident.country
        and meets(one.incident, incident)
    ]
    return max(
        alike,
        key=lambda one: (one.incident.id == incident.id, _shared_s(one.incident, incident), one.incident.id),
        default=None,
    )


def _shared_s(first: AnyIncident, second: AnyIncident) -> int:
    return min(first.until, second.until) - max(first.onset.at, second.onset.at)


def _status(incident: AnyIncident, latest: int) -> Status:
    if incident.end is not None:
        return Status.RESTORED
    patience = patience_s(incident)
    return Status.INCONCLUSIVE if patience and latest - incident.until > patience else Status.ONGOING


def _change(old: Revision | None, new: AnyIncident, status: Status) -> str:
    """What is new, in a sentence; empty where nothing is that anybody would want to know."""
    if old is None:
        return f"first seen, {_WORDS[new.level]}"
    was = old.incident
    found = []
    if old.status is not status:
        found.append(f"it is {status}")
    if was.level != new.level:
        found.append(f"it is now {_WORDS[new.level]}")
    if was.onset.at != new.onset.at:
        found.append("its onset is known better")
    if was.end != new.end and status is old.status:
        found.append("its end is known better")
    if set(was.entities) != set(new.entities):
        found.append("other places are part of it")
    return "; ".join([*found, *changes(was, new)])
