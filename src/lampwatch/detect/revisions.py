"""Incidents found again -> revisions: what is new, what changed, and what is no more. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from lampwatch.detect.looks import as_on_record, changes, marks, may_be_gone, meets, patience_s
from lampwatch.detect.sign_offs import NOTHING_SAID, Said, deciding, lapsed, without_sign_offs
from lampwatch.detect.version import DETECTOR_VERSION
from lampwatch.model.event import Event
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
_PARTS: Final = 4
"""A moment that moves by a quarter of its interval lies elsewhere."""
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
    overlaps it in place and time. One that begins after since and is not found any more is retracted; what began before
    keeps its onset, and when nothing is heard of it any more, nobody can say that it lasts. said is what persons
    signed; its history must hold all revisions.
    """
    standing = {one.incident.id: one for one in before}
    made: list[Revision] = []
    met: set[str] = set()
    for incident, old in _followed(standing, found):
        if incident.insufficient and old is None:
            continue
        named = incident
        if old is not None:
            named = msgspec.structs.replace(as_on_record(old.incident, incident, since), id=old.incident.id)
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
    others = [incident for incident in found if not incident.insufficient]
    for name, old in standing.items():
        if name in met or old.status is Status.RETRACTED or old.incident.onset.at >= latest:
            continue
        if may_be_gone(old.incident, since):
            status, because = Status.RETRACTED, _none_any_more(old, others, said)
            kept = without_sign_offs(old.incident)
        elif old.status is Status.ONGOING and 0 < patience_s(old.incident) < latest - old.incident.until:
            status, because, kept = Status.INCONCLUSIVE, "it is inconclusive", old.incident
        else:
            continue
        made.append(Revision(kept, old.number + 1, now, as_of, status, because, DETECTOR_VERSION, inputs))
    return sorted(made, key=lambda one: (one.incident.onset.at, one.incident.id))


def _none_any_more(old: Revision, found: Sequence[AnyIncident], said: Said) -> str:
    """Why an incident that is not found any more is retracted, and what becomes of its confirmation."""
    because = "with the values that have arrived since, it is none"
    if any(one.country == old.incident.country and meets(old.incident, one) for one in found):
        because = "with the values that have arrived since, it is part of another incident"
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


def _by_marks(standing: Iterable[Revision]) -> dict[Hashable, list[Revision]]:
    """Revisions by what looks at one incident have in common."""
    found: dict[Hashable, list[Revision]] = defaultdict(list)
    for one in standing:
        for mark in marks(one.incident):
            found[one.incident.country, mark].append(one)
    return found


def _followed(
    standing: Mapping[str, Revision], found: Sequence[AnyIncident]
) -> list[tuple[AnyIncident, Revision | None]]:
    """Each incident found, and the one on record that it is a new look at: each of these once.

    What has its name on record already goes first, and what is below the evidence floor last: it is none yet, and must
    not take the name of another that is found again.
    """
    looks, taken = _by_marks(standing.values()), set[str]()
    order = sorted(found, key=lambda one: (one.id not in standing, one.insufficient))
    followed = []
    for incident in order:
        old = _same(looks, incident, taken)
        if old is not None:
            taken.add(old.incident.id)
        followed.append((incident, old))
    return followed


def _same(
    looks: Mapping[Hashable, Sequence[Revision]], incident: AnyIncident, met: set[str]
) -> Revision | None:
    """The incident that this one is a new look at."""
    alike = {
        one.incident.id: one
        for mark in marks(incident)
        for one in looks.get((incident.country, mark), ())
        if one.incident.id not in met and meets(one.incident, incident)
    }
    return max(
        alike.values(),
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
    found += _anew("its onset", was.onset, new.onset)
    if status is old.status:
        found += _anew("its end", was.end, new.end)
    if set(was.entities) != set(new.entities):
        found.append("other places are part of it")
    return "; ".join([*found, *changes(was, new)])


def _anew(what: str, was: Event | None, now: Event | None) -> list[str]:
    """What to say of a moment that is told anew: it lies elsewhere, or is known twice as well, or half as well.

    Every measurement moves it a little within what was said of it, and nobody wants to hear that each hour.
    """
    if was is None or now is None:
        return [] if was is now else [f"{what} is known better"]
    before, after = was.high - was.low, now.high - now.low
    if after > before * 2:
        return [f"{what} is known less well"]
    moved = abs(now.at - was.at) * _PARTS > before
    outside = not was.low <= now.at <= was.high
    return [f"{what} is known better"] if outside or moved or after * 2 < before else []
