"""Times and days as people write them into lists of events -> seconds since 1970 (UTC) and how fine they are."""

import datetime as dt
import re
from typing import Final, NamedTuple

from lampwatch.formats.csv_rows import RowError
from lampwatch.model.label import DAY_S

MINUTE_S: Final = 60

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{0,2}))?\s*(?P<half>[AaPp][Mm])?"
_NOON: Final = 12
_FORMS: Final = tuple(
    re.compile(rf"{day}(?:[\s,T]+{_CLOCK})?")
    for day in (
        r"(?:[A-Za-z]+,?\s+)?(?P<word>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?:[A-Za-z]+,?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<word>[A-Za-z]{3,9})\.?,?\s+(?P<year>\d{4})",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})",
    )
)
_ISO_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


class Moment(NamedTuple):
    """When, in seconds since 1970 (UTC), and for how long it may be meant, in seconds: a minute or a day."""

    at: int
    resolution_s: int

    @property
    def over(self) -> int:
        """When it is over for sure: of a day its end, of a time that time."""
        return self.at + (self.resolution_s if self.resolution_s == DAY_S else 0)


def moment(text: str) -> Moment:
    """Read a time or a day: ISO 8601, `3/17/2021`, or `Wednesday, March 17, 2021, 4:40:00 PM`. UTC without a zone.

    Of two numbers with a slash the first is the month, unless only the second can be. An hour above 12 is one of 24,
    whatever half of the day is written behind it. Raises RowError where it is none of these.
    """
    text = text.strip()
    if _ISO_TIME.fullmatch(text):
        return _iso(text)
    found = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if found is None:
        raise RowError(f"{text[:40]!r} is no time and no day")
    part = found.groupdict()
    month, day = _month(part.get("word"), part.get("month")), int(part["day"])
    if month > len(_MONTHS) and not part.get("word") and not text[:4].isdigit():
        month, day = day, month
    try:
        start = dt.datetime(int(part["year"]), month, day, tzinfo=dt.UTC)
        if part["hour"] is None:
            return Moment(int(start.timestamp()), DAY_S)
        hour = _hour(int(part["hour"]), (part["half"] or "").lower())
        start = start.replace(hour=hour, minute=int(part["minute"]), second=int(part["second"] or 0))
    except ValueError as error:
        raise RowError(f"{text[:40]!r} is no time that there is") from error
    return Moment(int(start.timestamp()), MINUTE_S)


def _iso(text: str) -> Moment:
    try:
        when = dt.datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
        return Moment(int(when.timestamp()), MINUTE_S)
    except (ValueError, OverflowError) as error:
        raise RowError(f"{text[:40]!r} is no time that there is") from error


def _month(word: str | None, number: str | None) -> int:
    if word is None:
        return int(number or 0)
    name = word[:3].lower()
    if name not in _MONTHS:
        raise RowError(f"{word!r} is no month")
    return _MONTHS.index(name) + 1


def _hour(hour: int, half: str) -> int:
    if not half or hour > _NOON:
        return hour
    return hour % _NOON + (_NOON if half == "pm" else 0)
