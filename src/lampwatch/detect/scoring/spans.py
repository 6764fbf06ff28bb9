"""Incidents as spans of entities, which labels are compared with."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from lampwatch.detect.connectivity.parts import agreed_onset
from lampwatch.detect.scoring.match import Span
from lampwatch.model.connectivity import ConnectivityIncident, Part
from lampwatch.model.entity import Entity
from lampwatch.model.incident import Scope


def spans(incidents: Iterable[ConnectivityIncident]) -> list[Span]:
    """One span for each entity that an incident is about, and one for the country where it is national.

    Of what comes again, each time is a span.
    """
    return [span for incident in incidents if not incident.insufficient for span in _spans(incident)]


def _spans(incident: ConnectivityIncident) -> Iterator[Span]:
    by_entity: dict[str, list[Part]] = defaultdict(list)
    for part in incident.parts:
        by_entity[part.entity].append(part)
    if incident.scope is Scope.COUNTRY and incident.country and incident.country not in by_entity:
        by_entity[incident.country] = list(incident.parts)
    for code, parts in by_entity.items():
        for number, together in enumerate(_times(incident, parts)):
            ends = [part.end.at if part.end else None for part in together]
            yield Span(
                Entity.of(code),
                agreed_onset(together).at,
                None if None in ends else max(end for end in ends if end is not None),
                min(part.onset.known for part in together),
                int(incident.level),
                frozenset(part.family for part in together),
                f"{incident.id}:{code}:{number}",
                str(incident.direction),
            )


def _times(incident: ConnectivityIncident, parts: list[Part]) -> list[list[Part]]:
    """The parts of each time that it was there."""
    if incident.recurrence is None:
        return [parts]
    begins = [begin for begin, _ in incident.recurrence.occurrences]
    times: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        nearest = min(range(len(begins)), key=lambda at: abs(begins[at] - part.onset.at))
        times[nearest].append(part)
    return [times[at] for at in sorted(times)]
