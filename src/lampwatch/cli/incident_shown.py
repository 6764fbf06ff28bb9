"""An incident for people, in lines; and as an object for machines."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from lampwatch.cli.blocking_shown import clock, summary
from lampwatch.formats.instants import iso
from lampwatch.formats.printable import printable
from lampwatch.formats.services import service_named, service_of
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident, Part
from lampwatch.model.disturbance import Direction
from lampwatch.model.revision import AnyIncident
from lampwatch.wording.said import Names


def told(incident: AnyIncident, headline: str) -> Iterator[str]:
    """What there is to say of an incident in a few lines, its sentence first."""
    # A sentence's names are safe to print, and its marks for reading directions must stay as they are.
    yield headline
    yield printable(f"  id           {incident.id}")
    lines = summary(incident) if isinstance(incident, BlockingIncident) else _connectivity(incident)
    yield from (printable(line) for line in lines)


def _connectivity(incident: ConnectivityIncident) -> Iterator[str]:
    onset, steps = incident.onset, [f"{step.level.name.lower()} {clock(step.at)}" for step in incident.steps]
    level = f"{int(incident.level)} {incident.level.name.lower()}"
    yield f"  level        {level} ({', '.join(steps)}); more than noise with {_percent(incident.probability)}"
    yield f"  onset        between {clock(onset.low)} and {clock(onset.high)}, known {clock(onset.known)}"
    share = (
        ""
        if incident.share is None
        else f"; {_percent(incident.share)} of what was measured in the country is gone"
    )
    worst = (
        _percent(incident.depth)
        if incident.direction is Direction.DROP
        else f"{incident.depth + 1:.1f} times the usual"
    )
    yield f"  at worst     {worst}{share}"
    again = incident.recurrence
    if again is not None and again.next_due is not None:
        yield f"  next due     {clock(again.next_due)} ({again.clock} {again.zone})"
    yield f"  deliberate?  {_percent(incident.deliberate)}, never a verdict"
    for one in incident.reasons:
        yield f"               {'+' if one.factor > 1 else '-'} {one.text}"
    for one in incident.against:
        yield f"  against      {one.text}"
    if incident.confirmable:
        yield "  confirmable  two families are down by four fifths: a person's sign-off would confirm it"
    for part in incident.parts[:20]:
        yield f"  signal       {_part(part)}"
    if len(incident.parts) > 20:  # noqa: PLR2004  a screen's worth
        yield f"               and {len(incident.parts) - 20} more"


def public_incident(incident: AnyIncident, headline: str) -> dict[str, Any]:
    """An incident as a JSON object: times as ISO 8601 (UTC), a level by its number and name, and its sentence."""
    found: dict[str, Any] = msgspec.to_builtins(incident)
    found["level_name"] = incident.level.name.lower()
    found["insufficient"] = incident.insufficient
    found["headline"] = headline
    public: dict[str, Any] = _with_times(found)
    return public


def write_objects(objects: Iterable[Any], shape: str) -> None:
    """Print objects: as one array, an object a line (`json`), or each by itself (`jsonl`)."""
    lines = [msgspec.json.encode(one) for one in objects]
    whole = (
        b"[\n" + b",\n".join(lines) + b"\n]\n" if shape == "json" else b"".join(one + b"\n" for one in lines)
    )
    sys.stdout.buffer.write(whole)
    sys.stdout.buffer.flush()


def names_of(*incidents: AnyIncident) -> Names:
    """What incidents' targets and networks are called."""
    blocking = [one for one in incidents if isinstance(one, BlockingIncident)]
    targets = {name: service_of(name).name for one in blocking for name in one.targets}
    services = {name: service_named(name).name for one in blocking for name in one.services}
    return Names(
        targets=targets | services, networks=dict(pair for one in blocking for pair in one.network_names)
    )


def _with_times(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Seconds become times, wherever a name says that they are some."""
    if isinstance(value, dict):
        return {
            key: iso(one)
            if key in _TIMES and isinstance(one, int)
            else _pairs(one)
            if key == "occurrences"
            else _with_times(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_with_times(one) for one in value]
    return value


_TIMES: Final = frozenset(
    {"at", "low", "high", "known", "until", "next_due", "made_at", "as_of", "first", "last"}
)


def _pairs(occurrences: list[list[int | None]]) -> list[list[str | None]]:
    return [[None if at is None else iso(at) for at in pair] for pair in occurrences]


def _part(part: Part) -> str:
    end = "lasts" if part.end is None else f"until {clock(part.end.at)}"
    how = f"-{part.depth:.0%}" if part.direction is Direction.DROP else f"+{part.depth:.0%}"
    return f"{part.series:32} {part.family:10} {how:>6} from {clock(part.onset.at)} {end}"


def _percent(share: float) -> str:
    return f"{share:.0%}"
