"""Times as tables write them -> seconds since 1970 (UTC), and back."""

import datetime as dt
import importlib.resources
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lampwatch.model.errors import UserError

_EPOCH: Final = re.compile(r"(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(\.0*)?")
_UNITS: Final = {9: 1, 10: 1, 12: 1000, 13: 1000, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}
"""Digits of a time since 1970 that lies after 1973 and before 2286 -> how many such units a second has."""
_FORMS: Final = (
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
)
"""What is no ISO 8601 and yet cannot be misread."""
_ZONE: Final = re.compile(r"\s*(UTC|GMT|Z)$", re.IGNORECASE)
LATEST: Final = 4102444800
"""The year 2100: what lies after it is a mistake."""


def seconds_of(time: dt.datetime) -> int:
    """Seconds since 1970 of a time in UTC without a zone, fractions cut off."""
    return int(time.replace(tzinfo=dt.UTC).timestamp())


def time_of(seconds: int) -> dt.datetime:
    """The time, in UTC without a zone, that is so many seconds after the beginning of 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)


def iso(seconds: int) -> str:
    """The same as ISO 8601: 2022-01-05T14:30:00Z."""
    return f"{time_of(seconds):%Y-%m-%dT%H:%M:%SZ}"


def instant(text: str, zone: ZoneInfo | None = None) -> int:
    """A time or a date (its beginning) in seconds since 1970 (UTC), fractions cut off.

    ISO 8601 with or without its T, `20-Jul-2019 00:00:00`, `2019/07/20`, or seconds, milliseconds, microseconds or
    nanoseconds since 1970. What names no zone is in zone, which is UTC where not given. Raises ValueError for anything
    else, and for what lies before 1970 or after 2100.
    """
    return _instant(text.strip(), zone)


@lru_cache(100_000)
def _instant(text: str, zone: ZoneInfo | None) -> int:
    if epoch := _EPOCH.fullmatch(text):
        found = int(epoch.group(1)) // _UNITS[len(epoch.group(1))]
    else:
        time = _parsed(text)
        if time is None:
            message = f"{text[:30]!r} is no time"
            raise ValueError(message)
        try:
            found = int((time if time.tzinfo else time.replace(tzinfo=zone or dt.UTC)).timestamp())
        except OverflowError:
            found = -1
    if not 0 <= found < LATEST:
        message = f"{text[:30]!r} lies before 1970 or after 2100"
        raise ValueError(message)
    return found


def _parsed(text: str) -> dt.datetime | None:
    plain, utc = _ZONE.subn("", text)
    zone = dt.UTC if utc else None
    for read in (dt.datetime.fromisoformat, *(_reader(form) for form in _FORMS)):
        try:
            time = read(plain)
        except ValueError:
            continue
        return time.replace(tzinfo=zone) if zone and time.tzinfo is None else time
    return None


def _reader(form: str) -> Callable[[str], dt.datetime]:
    return lambda text: dt.datetime.strptime(text, form)  # noqa: DTZ007  the zone is the caller's


def time_zone(name: str) -> ZoneInfo | None:
    """The time zone of this name, as `Asia/Yangon`; None for no name. Raises UserError where nobody knows it."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UserError(f"{name!r} is no time zone; write it as in Asia/Yangon") from error


@cache
def zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """The time zones of a country (ISO 3166-1 alpha-2), as in the tz database's zone.tab; none where it has none."""
    table = (importlib.resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return tuple(ZoneInfo(row[2]) for row in rows if row[0] == country)


def local_zone(country: str, asked: str) -> ZoneInfo:
    """The zone that local times of a country are in: the one asked for by name, or the country's.

    Raises UserError where it has several that differ now or ever did since 2015, or none.
    """
    if asked and (zone := time_zone(asked)):
        return zone
    zones = zones_of(country)
    moments = [dt.datetime(year, month, 1, tzinfo=dt.UTC) for year in range(2015, 2027) for month in (1, 7)]
    offsets = {tuple(moment.astimezone(zone).utcoffset() for moment in moments) for zone in zones}
    if len(offsets) != 1:
        raise UserError(
            f"the times are local ones, and {country or 'the country'} has {len(offsets) or 'no'} time zones that are "
            "known; name the one that is meant with --timezone, as in --timezone Asia/Yangon"
        )
    return zones[0]


def local_instant(text: str, zone: ZoneInfo) -> int:
    """As instant, of a local time in zone; also of one written in seconds since 1970 as if the zone were UTC."""
    if _EPOCH.fullmatch(text.strip()):
        clock = dt.datetime.fromtimestamp(instant(text), dt.UTC)
        return int(clock.replace(tzinfo=zone).timestamp())
    return instant(text, zone)
