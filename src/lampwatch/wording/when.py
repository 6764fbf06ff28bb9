"""When: since when, from when to when, as finely as it is known and no finer."""

import datetime as dt
import statistics
from typing import Final
from zoneinfo import ZoneInfo

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident, Recurrence
from lampwatch.model.event import Event, Turn
from lampwatch.model.revision import AnyIncident, Status
from lampwatch.wording.language import Language
from lampwatch.wording.said import Said

_HOUR_S: Final = 3600
"""Votes are counted by the hour, so blocking is known to the hour."""
DAY_S: Final = 86_400
_TO_THE_MINUTE_S: Final = 900
"""What is known less well than this has its time rounded."""
_HALF_HOUR_S: Final = 1800


def is_over(said: Said) -> bool:
    """Whether it is told as past: its end was seen, or nobody knows whether it lasts."""
    incident = said.incident
    again = recurrence(incident)
    if again is not None:
        return again.next_due is None
    if incident.end is not None:
        return incident.end.turn is not Turn.SETTLED
    return said.status in {Status.INCONCLUSIVE, Status.RESTORED}


def recurrence(incident: AnyIncident) -> Recurrence | None:
    """How it comes again, if it does."""
    return incident.recurrence if isinstance(incident, ConnectivityIncident) else None


def when(language: Language, said: Said) -> str:
    """When it was or since when it is, with its own preposition."""
    incident = said.incident
    again = recurrence(incident)
    if again is not None:
        return _again(language, again)
    if not is_over(said):
        return _onset(language, incident, "since")
    end = incident.end
    if end is None:
        last = moment(language, incident.until, daily=_daily(incident))
        to = language.say("to.least", moment=last)
    elif short := _within_a_day(language, incident, end):
        return short
    else:
        to = _end(language, incident, end)
    return language.say("span", begin=_onset(language, incident, "from"), end=to)


def moment(language: Language, at: int, *, daily: bool = False) -> str:
    """A time to the minute with its zone, or, of daily data, a day."""
    if daily:
        return language.say("day", date=language.date(at))
    return language.say("moment", date=language.date(at), time=language.time(at))


def period(language: Language, incident: AnyIncident) -> str:
    """The days from an onset to an end, without a word."""
    first, last = (
        language.date(incident.onset.low),
        language.date(max(incident.until - 1, incident.onset.low)),
    )
    return first if first == last else f"{first} \N{EN DASH} {last}"


def _resolution_s(incident: AnyIncident) -> int:
    if isinstance(incident, ConnectivityIncident):
        return min((part.resolution_s for part in incident.parts), default=_HOUR_S)
    return _HOUR_S


def _daily(incident: AnyIncident) -> bool:
    return _resolution_s(incident) >= DAY_S


def _wide(incident: AnyIncident, event: Event) -> bool:
    """Whether an interval is wider than what was measured allows for in any case."""
    return event.high - event.low > _resolution_s(incident)


def _rough(event: Event) -> bool:
    """Whether its minute would be told more finely than it is known."""
    return event.high - event.low > _TO_THE_MINUTE_S


def _half_hour(at: int) -> int:
    """The half-hour that is nearest, of the same day."""
    day = at - at % DAY_S
    return min(day + round((at - day) / _HALF_HOUR_S) * _HALF_HOUR_S, day + DAY_S - _HALF_HOUR_S)


def _begun_before(incident: AnyIncident) -> bool:
    """Whether what began first had begun before anybody measured it."""
    return isinstance(incident, BlockingIncident) and any(
        one.begun_before for one in incident.blocks if one.onset.at <= incident.onset.at
    )


def _onset(language: Language, incident: AnyIncident, lead: str) -> str:
    """When it began; lead is `since` of what lasts, `from` of what is over."""
    event, daily = incident.onset, _daily(incident)
    if _begun_before(incident):
        return language.say(f"{lead}.earlier", moment=moment(language, event.at, daily=daily))
    # A day's bin ends at midnight, which is no longer that day.
    first, last = event.low, event.high - 1 if daily else event.high
    return _either(language, lead, first, last, incident, event)


def _end(language: Language, incident: AnyIncident, end: Event) -> str:
    if not _daily(incident):
        return _either(language, "to", end.low, end.high, incident, end)
    # Of days, the last one that was not yet as usual, since nobody knows when within the next one it was over.
    first, last = max(end.low - 1, incident.onset.low), max(end.at - 1, incident.onset.low)
    if language.date(first) == language.date(last):
        return language.say("to.day", moment=moment(language, last, daily=True))
    return _between(language, "to", first, last, daily=True)


def _either(language: Language, lead: str, first: int, last: int, incident: AnyIncident, event: Event) -> str:
    """One moment where it is known as well as can be, else two that it lies between."""
    if _daily(incident):
        if language.date(first) == language.date(last):
            return language.say(f"{lead}.at", moment=moment(language, first, daily=True))
        return _between(language, lead, first, last, daily=True)
    if _wide(incident, event):
        return _between(language, lead, first, last, daily=last - first >= DAY_S)
    if _rough(event):
        time = language.time(_half_hour(event.at))
        return language.say(f"{lead}.about", date=language.date(event.at), time=time)
    return language.say(f"{lead}.at", moment=moment(language, event.at))


def _between(language: Language, lead: str, first: int, last: int, *, daily: bool) -> str:
    """Some time between two moments, or two days; a day that both are on is named once."""
    date = language.date(first)
    if not daily and date == language.date(last):
        return language.say(f"{lead}.hours", date=date, low=language.time(first), high=language.time(last))
    low, high = moment(language, first, daily=daily), moment(language, last, daily=daily)
    return language.say(f"{lead}.between", low=low, high=high)


def _within_a_day(language: Language, incident: AnyIncident, end: Event) -> str:
    """Both ends on one day, which then is named once; empty where they are not, or are not known as well."""
    onset, date = incident.onset, language.date(incident.onset.at)
    if _begun_before(incident):
        return ""
    if _daily(incident):
        days = {language.date(at) for at in (onset.low, onset.high - 1, end.low - 1, end.at - 1)}
        return language.say("on.day", date=days.pop()) if len(days) == 1 else ""
    if _wide(incident, onset) or _wide(incident, end) or language.date(end.at) != date:
        return ""
    times = (onset.at, end.at)
    if not (_rough(onset) or _rough(end)):
        key = "on.hours"
    else:
        key, rounded = "on.about", (_half_hour(onset.at), _half_hour(end.at))
        times = rounded if rounded[0] < rounded[1] else times
    return language.say(key, date=date, begin=language.time(times[0]), end=language.time(times[1]))


def _again(language: Language, again: Recurrence) -> str:
    """What comes again: how often, at what time of the local day, and from which day to which."""
    begin = dt.time.fromisoformat(again.clock)
    lasted = statistics.median_low(
        [end - onset for onset, end in again.occurrences if end is not None] or [_HOUR_S]
    )
    over = dt.datetime.combine(dt.date.min, begin) + dt.timedelta(seconds=lasted)
    every = language.say(
        "again.every",
        again.every_days,
        n=language.number(again.every_days),
        begin=language.clock(begin),
        end=language.clock(over.time()),
    )
    count = len(again.occurrences)
    # The clock is the place's own, and so are the days.
    zone = ZoneInfo(again.zone)
    first, last = (
        language.say("day", date=language.day(dt.datetime.fromtimestamp(at, tz=zone).date()))
        for at in (again.occurrences[0][0], again.occurrences[-1][0])
    )
    span = language.say(
        "span", begin=language.say("from.at", moment=first), end=language.say("to.day", moment=last)
    )
    return language.say(
        "again",
        every=every,
        zone=language.name(again.zone),
        times=language.say("again.times", count, n=language.number(count)),
        span=span,
    )
