"""Monash IP Observatory, unaggregated: one row for each answer of an address -> addresses that answered, by the hour.

Shape: https://github.com/sodalabsio/shared_data/tree/main/Monash-IP-Observatory (mmr-2021-04-09_Bago.csv). Times are
local. The prober asked throughout, so an hour without answers between the first and the last one is a true zero. Hashes
of addresses are counted, and kept nowhere.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import local_instant, local_zone
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import country, country_in, part_of
from lampwatch.signals.table import Table, header_of

NAME: Final = "monash-answers"
ABOUT: Final = "Monash IP Observatory: single answers of addresses, counted by the hour (CSV)"
LICENCE: Final = "Monash IP Observatory: GPL-3.0"
DELAY_S: Final = 3600
_HOUR: Final = 3600
_MOST_HOURS: Final = 24 * 366 * 20


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """Hashes of addresses with local times."""
    return {"ip_hash", "time_local_str"} <= set(header_of(head))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the distinct addresses that answered in each hour (UTC), by region, and by provider within it.

    A provider without a number known is a part of the region: `MM-02/Frontiir Co Ltd`.
    """
    table = Table(content, name)
    address_at, time_at = table.needed("ip_hash"), table.needed("time_local_str")
    land_at, region_at = table.column("iso", "name_0"), table.column("name_1")
    provider_at = table.column("isp_name")
    answered: dict[str, set[tuple[int, str]]] = {}
    for row in table:
        try:
            land = country(row[land_at]) if land_at is not None else options.country or country_in(name)
            if not land:
                table.leave_out("its country is not known; name it with --country")
                continue
            # What happens by the clock happens by the local one: hours begin where it strikes, also half-hours off UTC.
            start = local_instant(f"{row[time_at].strip()[:13]}:00:00", local_zone(land, options.timezone))
            region = part_of(land, *([row[region_at]] if region_at is not None else []))
            places = {region}
            if provider_at is not None and row[provider_at].strip():
                places.add(part_of(region, row[provider_at]))
            for place in places:
                Entity.of(place)
                answered.setdefault(place, set()).add((start, row[address_at]))
        except ValueError as error:
            table.leave_out(str(error))
    hours = [start for found in answered.values() for start, _ in found]
    if hours and max(hours) - min(hours) > _MOST_HOURS * _HOUR:
        table.leave_out("the rows lie more than 20 years apart")
    elif hours:
        for place in sorted(answered):
            yield _counted(place, answered[place], min(hours), max(hours), options)
    yield from table.malformed


def _counted(place: str, found: set[tuple[int, str]], first: int, last: int, options: Options) -> Values:
    starts = np.arange(first, last + 1, _HOUR, dtype=np.int64)
    hours, counts = np.unique(np.array([start for start, _ in found], np.int64), return_counts=True)
    values = np.zeros(len(starts))
    values[(hours - first) // _HOUR] = counts
    series = Series(
        Entity(place),
        options.source or "monash",
        options.signal or "answers",
        options.family or Family.PROBING,
        options.unit or "addresses",
        options.quantity or Quantity.COUNT,
        _HOUR,
        LICENCE,
    )
    return Values(series, starts, values, np.zeros(len(starts), np.int64))
