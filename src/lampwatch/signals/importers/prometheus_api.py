"""Prometheus and what speaks its API: https://prometheus.io/docs/prometheus/latest/querying/api/ (query_range).

The query decides what is counted; labels say of whom: `entity` (a code of ours), `place`, `region`, `country` and
`asn`. PromQL's label_replace gives labels these names.
"""

import math
from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.places import region_place
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity, country, word
from lampwatch.signals.spans import DAY_S, Span, asked_span, joined
from lampwatch.signals.web import Query, Web

NAME: Final = "prometheus-api"
ABOUT: Final = "a Prometheus query (--address, --query), by the labels country, region, asn or entity"
LICENCE: Final = ""
"""That of whoever runs it."""
DELAY_S: Final = 0

MOST_POINTS: Final = 10_000
"""Prometheus refuses ranges of more than 11,000 points."""
_REFUSED: Final = (400, 422)
"""Statuses whose body says what is wrong with the query."""
_SOURCE: Final = "prometheus"


class _Result(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]] = []


class _Matrix(msgspec.Struct):
    result: list[_Result] = []


class _Answer(msgspec.Struct):
    status: str
    data: _Matrix = msgspec.field(default_factory=_Matrix)
    error: str = ""


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give what a query finds, one series for each entity. A bin's value is the query's at the bin's end.

    Raises UserError where address or query are not said, and with Prometheus' own words where it refuses the query.
    """
    if not options.address or not options.query:
        raise UserError("Prometheus is asked at an address for a query: say --address and --query")
    step_s = options.resolution_s or 300
    span = asked_span(options, now=web.now(), default_s=7 * DAY_S).ended(step_s)
    return joined(_found(web, options, span, step_s), span)


def _found(web: Web, options: Options, span: Span, step_s: int) -> Iterator[Values | MalformedRow]:
    for chunk in span.chunks(step_s * MOST_POINTS):
        seen: set[Entity] = set()
        for position, result in enumerate(_results(web, options, chunk, step_s), start=1):
            try:
                entity = _entity(result.metric, options)
                found = _values(_series(entity, result.metric, options, step_s), result.values)
            except ValueError as error:
                yield MalformedRow(_SOURCE, position, printable(str(error)))
                continue
            if entity in seen:
                reason = f"more than one series is of {entity.code}: sum them in the query"
                yield MalformedRow(_SOURCE, position, reason)
            else:
                seen.add(entity)
                yield found


def _results(web: Web, options: Options, chunk: Span, step_s: int) -> list[_Result]:
    address = f"{options.address.rstrip('/')}/api/v1/query_range"
    query: Query = {
        "query": options.query,
        "start": chunk.since + step_s,
        "end": chunk.until,
        "step": step_s,
    }
    answer = web.get(address, query, also=_REFUSED)
    found = web.decoded(answer.body, _Answer, address)
    if found.status != "success":
        raise UserError(f"Prometheus refuses the query: {printable(found.error)[:300]}")
    return found.data.result


def _entity(labels: dict[str, str], options: Options) -> Entity:
    """The entity that labels name; where they name none, the one that the options do. Raises ValueError."""
    asn = labels.get("asn", "").upper().removeprefix("AS")
    place = labels.get("entity") or labels.get("place") or ""
    if not place and "country" in labels:
        place = country(labels["country"])
        if not place:
            raise ValueError(f"{labels['country'][:40]!r} is no country")
    if region := labels.get("region", ""):
        within = place or options.country
        # A code of ISO 3166-2 names its country itself.
        place = region_place(within, region) if within else region
    if place or asn:
        return Entity.of(place if not asn else f"AS{asn}@{place}" if place else f"AS{asn}")
    asked = asked_entity(options)
    if asked is None:
        raise ValueError("no label says where: name one country, region, asn or entity, or say --country")
    return asked


def _series(entity: Entity, labels: dict[str, str], options: Options, step_s: int) -> Series:
    return Series(
        entity,
        options.source or _SOURCE,
        options.signal or word(labels.get("__name__", "")) or "query",
        options.family or Family.OTHER,
        options.unit or "units",
        options.quantity or Quantity.LEVEL,
        step_s,
        LICENCE,
    )


def _values(series: Series, given: list[tuple[float, str]]) -> Values:
    """NaN and what is infinite are gaps; steps without a value are absent."""
    if not all(math.isfinite(time) for time, _ in given):
        raise ValueError(f"a time of {series.entity.code} is none")
    step_s = series.resolution_s
    starts = np.array([math.floor(time / step_s) * step_s - step_s for time, _ in given], np.int64)
    values = np.array([float(value) for _, value in given], np.float64)
    values[np.isinf(values)] = np.nan
    return Values(series, starts, values, np.zeros(len(given), np.int64))
