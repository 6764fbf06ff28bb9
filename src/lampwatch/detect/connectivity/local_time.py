"""The clock and calendar that people in a country live by: its zone, its days of rest and its holidays.

Sources: tz database (zone.tab), and the holidays package.
"""

import datetime as dt
import warnings
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

from lampwatch.formats.instants import zones_of

DAY_S: Final = 86_400
_UTC: Final = "UTC"
_WEEKEND: Final = frozenset({5, 6})
_LARGEST_ZONE: Final = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PG": "Pacific/Port_Moresby",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",
}
"""Of countries with several zones, the one most people live in; and of Kosovo, which zone.tab leaves out."""


@cache
def zone_of(country: str) -> str:
    """The zone most people of a country (ISO 3166-1 alpha-2) live in; UTC where nobody knows it."""
    if country in _LARGEST_ZONE:
        return _LARGEST_ZONE[country]
    zones = zones_of(country)
    return zones[0].key if zones else _UTC


@cache
def utc_offset_s(country: str, day: int) -> int:
    """How many seconds local clocks are ahead of UTC at noon (UTC) of a day, counted from 1970."""
    return offset_at(country, day * DAY_S + DAY_S // 2)


def offset_at(country: str, moment: int) -> int:
    """How many seconds local clocks are ahead of UTC at a moment, in seconds since 1970."""
    offset = dt.datetime.fromtimestamp(moment, tz=ZoneInfo(zone_of(country))).utcoffset()
    return int(offset.total_seconds()) if offset else 0


@cache
def rest_days(country: str) -> frozenset[int]:
    """The weekly days of rest of today (Monday is 0); Saturday and Sunday where nobody knows them."""
    try:
        return frozenset(holidays.country_holidays(country).weekend) or _WEEKEND
    except NotImplementedError:
        return _WEEKEND


@cache
def _holidays(country: str, year: int) -> frozenset[dt.date]:
    try:
        # Of some countries it warns that it knows fewer holidays in far years: so do we.
        with warnings.catch_warnings(action="ignore"):
            return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


@cache
def is_holiday(country: str, day: int) -> bool:
    """Whether a local day, counted from 1970, is a public holiday."""
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    return date in _holidays(country, date.year)


@cache
def is_rest(country: str, day: int) -> bool:
    """Whether a local day, counted from 1970, is a weekly day of rest or a public holiday."""
    return (day + 3) % 7 in rest_days(country) or is_holiday(country, day)


@cache
def stand_in_day(country: str, day: int) -> int:
    """The day whose weekday a day resembles: itself, or for a holiday the nearest day of rest before it."""
    rest = rest_days(country)
    # 1970-01-01 was a Thursday.
    if is_holiday(country, day) and (day + 3) % 7 not in rest:
        return next(day - back for back in range(1, 8) if (day - back + 3) % 7 in rest)
    return day


def offsets_s(countries: list[str], moments: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`offset_at` for many countries, a row each, at moments in order of time, a column each."""
    found = np.empty((len(countries), len(moments)), np.int64)
    days = range(int(moments[0]) // DAY_S - 1, int(moments[-1]) // DAY_S + 2) if len(moments) else ()
    for row, country in enumerate(countries):
        at_noon = {utc_offset_s(country, day) for day in days}
        # Only where clocks change in these days does every moment have to be looked up.
        found[row] = (
            at_noon.pop()
            if len(at_noon) == 1
            else [offset_at(country, moment) for moment in moments.tolist()]
        )
    return found
