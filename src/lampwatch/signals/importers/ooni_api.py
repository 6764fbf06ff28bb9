"""OONI's counts of measurements by its aggregation API: https://api.ooni.io/api/v1/aggregation.

Three series: the volume of all tests, and of tests of sites those that came to a conclusion and the share of them that
looks blocked, as the files of `ooni-counts`. The API names only what was measured: an hour in which the world measured
and the country did not is a volume of zero; an hour of which nothing is told of the world either is no answer.
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
from lampwatch.signals.counted import Counted
from lampwatch.signals.importers import ooni_counts
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity
from lampwatch.signals.points import Points
from lampwatch.signals.spans import DAY_S, Span, asked_span, joined
from lampwatch.signals.web import Query, Web

NAME: Final = "ooni-api"
ABOUT: Final = (
    "OONI's API: measurements of a country or network by the hour, and the share of them that look blocked"
)
LICENCE: Final = ooni_counts.LICENCE
DELAY_S: Final = ooni_counts.DELAY_S
"""Most measurements are counted within minutes; those of a blackout come after it, and are revisions."""

BASE: Final = "https://api.ooni.io/api/v1"
SOURCE: Final = "ooni"
_HOUR_S: Final = 3600
_CHUNK_S: Final = {_HOUR_S: 7 * DAY_S, DAY_S: 30 * DAY_S}
"""How long a time the API divides into bins of so many seconds."""
_GRAINS: Final = {_HOUR_S: "hour", DAY_S: "day"}
_WEB: Final = "web_connectivity"
_NAMED: Final = "OONI's aggregation"


class _Count(msgspec.Struct):
    """One bin as the API gives it; the counts but the first exclude each other."""

    measurement_start_day: str
    measurement_count: int
    anomaly_count: int = 0
    confirmed_count: int = 0
    failure_count: int = 0


class _Counts(msgspec.Struct):
    result: list[_Count]


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the counts of one country, network, or network in a country. Raises UserError where none is said."""
    step_s = options.resolution_s or _HOUR_S
    if step_s not in _GRAINS:
        raise UserError("OONI's API counts by the hour (3600 seconds) or the day (86400 seconds)")
    span = asked_span(options, now=web.now() - DELAY_S, default_s=7 * DAY_S).ended(step_s)
    entity = asked_entity(options)
    if entity is None or (entity.place and entity.place != entity.country):
        raise UserError("OONI's API is asked about one country or network: say --country or --asn")
    return joined(_found(web, options, entity, span, step_s), span)


def _found(
    web: Web, options: Options, entity: Entity, span: Span, step_s: int
) -> Iterator[Values | MalformedRow]:
    volume = Points()
    header = Series(
        entity,
        options.source or SOURCE,
        "volume",
        Family.MEASUREMENTS,
        "measurements",
        Quantity.COUNT,
        step_s,
        LICENCE,
    )
    concluded = Counted(SOURCE, LICENCE, msgspec.structs.replace(options, resolution_s=step_s))
    where: dict[str, str | int] = {"probe_cc": entity.country} if entity.country else {}
    where |= {"probe_asn": f"AS{entity.asn}"} if entity.asn else {}
    for chunk in span.widened(DAY_S).chunks(_CHUNK_S[step_s]):
        asked: dict[str, str | int] = {
            "since": _date(chunk.since),
            "until": _date(chunk.until),
            "axis_x": "measurement_start_day",
            "time_grain": _GRAINS[step_s],
        }
        alive, _ = _counts(web, options, asked)
        counts, malformed = _counts(web, options, asked | where)
        for start in alive:
            volume.of(header).add(start, float(counts[start].measurement_count) if start in counts else 0.0)
        yield from malformed
        looked, _ = _counts(web, options, asked | where | {"test_name": _WEB})
        for position, (start, count) in enumerate(looked.items(), start=1):
            measured = count.measurement_count - count.failure_count
            try:
                concluded.add(entity, start, measured, count.anomaly_count + count.confirmed_count)
            except ValueError as error:
                yield MalformedRow(_NAMED, position, printable(str(error)))
    yield from volume.values()
    yield from concluded.values()


def _counts(web: Web, options: Options, query: Query) -> tuple[dict[int, _Count], list[MalformedRow]]:
    """Counts by the start of their bin, and those whose start is no time."""
    address = f"{(options.address or BASE).rstrip('/')}/aggregation"
    counts, malformed = {}, []
    for position, count in enumerate(web.json(address, _Counts, query).result, start=1):
        try:
            counts[instant(count.measurement_start_day)] = count
        except ValueError as error:
            malformed.append(MalformedRow(_NAMED, position, printable(str(error))))
    return counts, malformed


def _date(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d}"
