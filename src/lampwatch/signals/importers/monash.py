"""Monash IP Observatory: how much of a region's addresses answers, by the hour.

Shapes: https://github.com/sodalabsio/shared_data/tree/main/Monash-IP-Observatory (README.md). `connectivity` is an
index from 0 (offline) to 10 or 100 (as usual), so it is a share, given here in percent; what lies below 0 was not
measured. Regions and countries are means of what they are made of, each part counted alike. Only where values are above
100 are they counts, and summed. `time_e` is local time written as if it were UTC; `time_e_utc` is UTC.
"""

import math
from collections.abc import Iterator
from typing import Final

import msgspec
import pycountry

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant, local_instant, local_zone
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import country, country_in, part_of
from lampwatch.signals.points import Points, guessed_resolution, number
from lampwatch.signals.table import Table, header_of

NAME: Final = "monash"
ABOUT: Final = "Monash IP Observatory: hourly connectivity or latency by region and county (CSV)"
LICENCE: Final = "Monash IP Observatory: GPL-3.0"
DELAY_S: Final = 3600

_VALUES: Final = ("connectivity", "latency_indx", "latency_index")
_COUNTRIES: Final = ("iso", "country_iso_three_char_code", "country", "country_iso_name", "name_0")
_REGIONS: Final = ("name_1", "adm1_name", "region")
_DISTRICTS: Final = ("name_2", "adm2_name", "county")
_UTC_TIMES: Final = ("time_e_utc", "time_utc", "time_e_utc_str")
_LOCAL_TIMES: Final = ("time_e", "time_local", "time_e_str", "time")
_TENTHS: Final = 10
_PERCENT: Final = 100
_ENOUGH: Final = 0.5
"""A table that names fewer of a country's regions than this says nothing about the country."""


class _Reading(msgspec.Struct, frozen=True):
    """One row: whose, when (seconds since 1970, UTC), and what."""

    place: str
    start: int
    value: float


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """A column of connectivity or latency, and one of regions."""
    columns = set(header_of(head))
    return bool(columns & set(_VALUES)) and bool(columns & {*_REGIONS, *_DISTRICTS, *_COUNTRIES[:2]})


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give a series for each district and region, and one for the country where most of its regions are there."""
    table = Table(content, name)
    rows = list(_readings(table, name, options))
    latency = "connectivity" not in table.columns
    most = max((row.value for row in rows if not math.isnan(row.value)), default=0.0)
    counts = most > _PERCENT and not latency
    factor = _PERCENT / _TENTHS if 1 < most <= _TENTHS and not latency else 1.0
    resolution = options.resolution_s or guessed_resolution([row.start for row in rows]) or 3600
    points = Points()
    for place, at in _levels(rows, sums=counts).items():
        column = points.of(_header(place, resolution, options, latency=latency, counts=counts))
        for start, value in at.items():
            column.add(start, value * factor)
    yield from points.known()
    yield from table.malformed


def _readings(table: Table, name: str, options: Options) -> Iterator[_Reading]:
    value_at = table.needed(*_VALUES)
    land_at, district_at = table.column(*_COUNTRIES), table.column(*_DISTRICTS)
    region_at, zone_at = table.column(*_REGIONS), table.column("timezone_name")
    time_at = table.column(*_UTC_TIMES)
    utc = time_at is not None
    if time_at is None:
        time_at = table.needed(*_LOCAL_TIMES)
    for row in table:
        try:
            land = country(row[land_at]) if land_at is not None else options.country or country_in(name)
            if not land:
                table.leave_out("its country is not known; name it with --country")
                continue
            zone = (
                None if utc else local_zone(land, row[zone_at] if zone_at is not None else options.timezone)
            )
            place = part_of(land, *(row[at] for at in (region_at, district_at) if at is not None))
            Entity.of(place)
            start = instant(row[time_at]) if zone is None else local_instant(row[time_at], zone)
            value = number(row[value_at])
        except ValueError as error:
            table.leave_out(str(error))
            continue
        yield _Reading(place, start, math.nan if value < 0 else value)


def _levels(rows: list[_Reading], *, sums: bool) -> dict[str, dict[int, float]]:
    """Values by place and time, from the smallest places upward: each level is made of the one below it."""
    level: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        level.setdefault(row.place, {}).setdefault(row.start, []).append(row.value)
    combine = _total if sums else _mean
    found: dict[str, dict[int, float]] = {}
    while level:
        combined = {
            place: {start: combine(values) for start, values in at.items()} for place, at in level.items()
        }
        # A place that has values of its own needs none from its parts.
        found = combined | found
        level = {}
        for place, at in combined.items():
            above = Entity(place).within
            if above and above not in found:
                for start, value in at.items():
                    level.setdefault(above, {}).setdefault(start, []).append(value)
        for place in [place for place in level if len(place) == 2 and not _is_covered(place, found)]:  # noqa: PLR2004  ISO 3166-1 alpha-2
            del level[place]
    return found


def _mean(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _total(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) if known else math.nan


def _is_covered(land: str, found: dict[str, dict[int, float]]) -> bool:
    """Whether a table that has values of these places has most regions of a country."""
    regions = [
        one
        for one in pycountry.subdivisions.get(country_code=land) or ()  # type: ignore[no-untyped-call]  # as in pycountry
        if one.parent_code is None
    ]
    there = {place.partition("/")[0] if "-" in place else place for place in found if place[:2] == land}
    return len(there) >= _ENOUGH * len(regions)


def _header(place: str, resolution: int, options: Options, *, latency: bool, counts: bool) -> Series:
    """A latency index has no end above, and is no evidence of an outage by itself."""
    if latency:
        signal, family, unit, quantity = "latency", Family.OTHER, "percent of usual", Quantity.LEVEL
    elif counts:
        signal, family, unit, quantity = "connectivity", Family.PROBING, "addresses", Quantity.COUNT
    else:
        signal, family, unit, quantity = "connectivity", Family.PROBING, "percent of usual", Quantity.SHARE
    return Series(
        Entity(place),
        options.source or NAME,
        options.signal or signal,
        options.family or family,
        options.unit or unit,
        options.quantity or quantity,
        resolution,
        LICENCE,
    )
