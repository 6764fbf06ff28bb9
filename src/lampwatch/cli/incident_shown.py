"""An incident for people, in lines; and as an object for machines."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from lampwatch.formats.places import place_name
from lampwatch.model.connectivity import ConnectivityIncident, Part, Recurrence
from lampwatch.model.disturbance import Direction
from lampwatch.model.entity import Entity
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope
from lampwatch.model.series import CONNECTIVITY, Family

_VERBS: Final = {
    Level.REPORTED: "is reported to be",
    Level.SIGNAL: "shows signs of being",
    Level.APPARENT: "is apparently",
    Level.CORROBORATED: "is very likely",
    Level.CONFIRMED: "is confirmed to be",
}
_LESS: Final = {
    Family.USERS: "losing users of circumvention",
    Family.TRANSPORT: "without departures that are usual",
    Family.STREAM: "without live programmes that are usual",
    Family.CRAWL: "out of reach of crawlers",
    Family.INTERFERENCE: "interfered with less than usual",
    Family.MEASUREMENTS: "measured less than usual",
    Family.OTHER: "below what is usual in a signal",
}
_MORE: Final = {
    Family.USERS: "using circumvention more than usual",
    Family.INTERFERENCE: "interfered with more than usual",
    Family.MEASUREMENTS: "measured more than usual",
    Family.OTHER: "above what is usual in a signal",
}
"""What a signal shows that is none of connectivity, the more telling first."""
_MOST_NAMES: Final = 4
_NEARLY_ALL: Final = 0.8
_DAY_S: Final = 86_400


def headline(incident: ConnectivityIncident) -> str:
    """One calibrated sentence: what, where, since when, until when."""
    what = _what(incident)
    if incident.recurrence is not None:
        return f"{_where(incident)} {_VERBS[incident.level]} {what} {_again(incident.recurrence)}."
    end = f" until {moment(incident.end, incident)}" if incident.end else ", and it lasts"
    if incident.end and incident.end.turn is Turn.SETTLED:
        end = ", and it has become usual"
    verb = _VERBS[incident.level] if not incident.end else _past(incident.level)
    begin = "from" if incident.end and incident.end.turn is not Turn.SETTLED else "since"
    return f"{_where(incident)} {verb} {what} {begin} {moment(incident.onset, incident)}{end}."


def told(incident: ConnectivityIncident) -> Iterator[str]:
    """All that there is to say of an incident, the headline first."""
    yield headline(incident)
    yield f"  id           {incident.id}"
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
    yield f"  deliberate?  {_percent(incident.deliberate)}, never a verdict" + "".join(
        f"\n               {'+' if one.factor > 1 else '-'} {one.text}" for one in incident.reasons
    )
    for one in incident.against:
        yield f"  against      {one.text}"
    if incident.confirmable:
        yield "  confirmable  two families are down by four fifths: a person's sign-off would confirm it"
    for part in incident.parts[:20]:
        yield f"  signal       {_part(part)}"
    if len(incident.parts) > 20:  # noqa: PLR2004  a screen's worth
        yield f"               and {len(incident.parts) - 20} more"


def public_incident(incident: ConnectivityIncident) -> dict[str, Any]:
    """An incident as a JSON object: times as ISO 8601 (UTC), a level by its number and name."""
    found: dict[str, Any] = msgspec.to_builtins(incident)
    found["level_name"] = incident.level.name.lower()
    found["insufficient"] = incident.insufficient
    found["headline"] = headline(incident)
    public: dict[str, Any] = _with_times(found)
    return public


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


_TIMES: Final = frozenset({"at", "low", "high", "known", "until", "next_due", "made_at", "as_of"})


def _pairs(occurrences: list[list[int | None]]) -> list[list[str | None]]:
    return [[None if at is None else iso(at) for at in pair] for pair in occurrences]


def iso(at: int) -> str:
    """A time as ISO 8601, UTC."""
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(at: int) -> str:
    """A time for people, UTC."""
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def moment(event: Event, incident: ConnectivityIncident) -> str:
    """When an event was, as finely as it is known: a day where only days are."""
    if min(part.resolution_s for part in incident.parts) >= _DAY_S:
        return dt.datetime.fromtimestamp(
            event.low if event.turn is Turn.ONSET else event.at, tz=dt.UTC
        ).strftime("%Y-%m-%d")
    return clock(event.at)


def _what(incident: ConnectivityIncident) -> str:
    """What its series show, and no more: that people use Tor less is no loss of connectivity."""
    families = {part.family for part in incident.parts}
    if incident.direction is Direction.SURGE:
        family = next((one for one in _MORE if one in families), Family.OTHER)
        return f"{_MORE[family]} ({incident.depth + 1:.1f} times the usual)"
    if families & CONNECTIVITY:
        nearly = incident.depth >= _NEARLY_ALL
        return "cut off" if nearly else f"cut off in part ({_percent(incident.depth)} at worst)"
    family = next((one for one in _LESS if one in families), Family.OTHER)
    return f"{_LESS[family]} ({_percent(incident.depth)} fewer at worst)"


def _past(level: Level) -> str:
    return {
        Level.REPORTED: "is reported to have been",
        Level.SIGNAL: "shows signs of having been",
        Level.APPARENT: "was apparently",
        Level.CORROBORATED: "was very likely",
        Level.CONFIRMED: "is confirmed to have been",
    }[level]


def _where(incident: ConnectivityIncident) -> str:
    names = [_name(code) for code in incident.entities]
    country = place_name(incident.country) if incident.country else ""
    if incident.scope is Scope.COUNTRY:
        return country or names[0]
    listed = ", ".join(names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{listed}{more}" + (f" ({country})" if country else "")


def _name(code: str) -> str:
    entity = Entity.of(code)
    return code if entity.asn else place_name(entity.place)


def _again(recurrence: Recurrence) -> str:
    times = len(recurrence.occurrences)
    every = "every day" if recurrence.every_days == 1 else f"every {recurrence.every_days} days"
    first, last = recurrence.occurrences[0][0], recurrence.occurrences[-1][0]
    days = f"{iso(first)[:10]} to {iso(last)[:10]}"
    due = f"; the next time is due {clock(recurrence.next_due)}" if recurrence.next_due else ""
    return f"{every} at {recurrence.clock} ({recurrence.zone}), {times} times from {days}{due}"


def _part(part: Part) -> str:
    end = "lasts" if part.end is None else f"until {clock(part.end.at)}"
    how = f"-{part.depth:.0%}" if part.direction is Direction.DROP else f"+{part.depth:.0%}"
    return f"{part.series:32} {part.family:10} {how:>6} from {clock(part.onset.at)} {end}"


def _percent(share: float) -> str:
    return f"{share:.0%}"
