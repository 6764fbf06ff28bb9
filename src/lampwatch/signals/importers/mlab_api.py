"""M-Lab's speed tests a day by its statistics files: https://statistics.measurementlab.net/v0/ (histogram_daily_stats).

A file is of one country or network in one year. Its rows are a day's speeds in eight classes, each with the day's whole
number of tests. Countries lie under their continents there, which only asking tells.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity
from lampwatch.signals.points import Points
from lampwatch.signals.spans import DAY_S, Span, asked_span, joined
from lampwatch.signals.web import Web

NAME: Final = "mlab-api"
ABOUT: Final = "M-Lab's statistics: speed tests a day of a country, region or network"
LICENCE: Final = "M-Lab: CC0 1.0"
DELAY_S: Final = 2 * DAY_S

BASE: Final = "https://statistics.measurementlab.net/v0"
CONTINENTS: Final = ("AS", "AF", "SA", "EU", "NA", "OC")
_NOT_THERE: Final = 404


class _Row(msgspec.Struct):
    """One class of speeds on one day; the counts are the whole day's."""

    date: str
    dl_samples_day: float | None = None
    ul_samples_day: float | None = None


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give tests by day. Raises UserError where nothing is said that M-Lab has a file of."""
    entity = asked_entity(options)
    if entity is None or "/" in entity.place:
        raise UserError(
            "M-Lab is asked about one country, region or network: say --country, --place or --asn"
        )
    span = asked_span(options, now=web.now(), default_s=30 * DAY_S).widened(DAY_S)
    return joined(_found(web, options, entity, span), span)


def _found(web: Web, options: Options, entity: Entity, span: Span) -> Iterator[Values | MalformedRow]:
    years = range(_year(span.since), _year(span.until - 1) + 1)
    folder, files = _folder(web, options, entity, years)
    points = Points()
    for year, rows in files.items():
        name = f"{folder}/{year}"
        for position, row in enumerate(rows, start=1):
            try:
                start = instant(row.date)
            except ValueError as error:
                yield MalformedRow(name, position, printable(str(error)))
                continue
            for signal, count in (("downloads", row.dl_samples_day), ("uploads", row.ul_samples_day)):
                if count is not None and count >= 0:
                    points.of(_series(entity, signal, options)).add(start, count)
    yield from points.values()


def _folder(web: Web, options: Options, entity: Entity, years: range) -> tuple[str, dict[int, list[_Row]]]:
    """Where an entity's files lie, and those of the years asked for, of which there is any."""
    for folder in _folders(entity):
        files = {}
        for year in years:
            address = f"{(options.address or BASE).rstrip('/')}/{folder}/{year}/histogram_daily_stats.json"
            answer = web.get(address, also=(_NOT_THERE,))
            if answer.status != _NOT_THERE:
                files[year] = web.decoded(answer.body, list[_Row], address)
        if files:
            return folder, files
    raise UserError(f"M-Lab has no statistics of {entity.code} in {years[0]} to {years[-1]}")


def _folders(entity: Entity) -> Iterator[str]:
    """Where an entity's files may lie, as `SA/VE`, `NA/US/US-MD`, `asn/8048` or `SA/VE/asn/AS8048`."""
    if not entity.place:
        yield f"asn/{entity.asn}"
        return
    for continent in CONTINENTS:
        parts = [continent, entity.country, entity.place if entity.place != entity.country else ""]
        parts += ["asn", f"AS{entity.asn}"] if entity.asn else []
        yield "/".join(filter(None, parts))


def _series(entity: Entity, signal: str, options: Options) -> Series:
    source, family = options.source or "mlab", options.family or Family.MEASUREMENTS
    return Series(entity, source, signal, family, "tests", Quantity.COUNT, DAY_S, LICENCE)


def _year(seconds: int) -> int:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).year
