"""IODA (Georgia Tech): /24s in BGP and that answer probes, telescope and Google traffic; API v2 and dashboard CSV.

Shapes: https://api.ioda.inetintel.cc.gatech.edu/v2/ (signals/raw), and the "Data CSV" of an entity's page.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import numpy as np

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.answers import begins_json, finite, json_of
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity, country, entity_of, part_of, stem, word
from lampwatch.signals.points import guessed_resolution, number
from lampwatch.signals.table import Table, header_of

NAME: Final = "ioda"
ABOUT: Final = "IODA: API v2 signals (JSON) and the dashboard's CSV"
LICENCE: Final = "Georgia Tech IODA: free with attribution"
DELAY_S: Final = 1800
"""BGP and probing are published within half an hour."""

DATASOURCES: Final = {
    "bgp": (Family.BGP, "/24s", Quantity.COUNT),
    "ping-slash24": (Family.PROBING, "/24s", Quantity.COUNT),
    "merit-nt": (Family.TELESCOPE, "addresses", Quantity.COUNT),
    "ucsd-nt": (Family.TELESCOPE, "addresses", Quantity.COUNT),
    "gtr": (Family.TRAFFIC, "requests", Quantity.LEVEL),
    "gtr-norm": (Family.TRAFFIC, "requests", Quantity.LEVEL),
    "gtr-sarima": (Family.TRAFFIC, "requests", Quantity.LEVEL),
    "mozilla": (Family.TRAFFIC, "cities", Quantity.COUNT),
}
"""What IODA calls a source of data -> what its values are. Google's are normalised, with noise."""
_COLUMNS: Final = (
    ("bgp", "bgp"),
    ("probing", "ping-slash24"),
    ("slash24", "ping-slash24"),
    ("merit", "merit-nt"),
    ("ucsd", "ucsd-nt"),
    ("telescope", "merit-nt"),
    ("darknet", "merit-nt"),
    ("google", "gtr"),
    ("gtr", "gtr"),
    ("mozilla", "mozilla"),
)
"""What stands in a column's name -> the source of data; the first that fits."""
_REGION_IN_FQID: Final = re.compile(r"\.([A-Z]{2})\.[^.]+$")
_GEOASN: Final = re.compile(r"(\d{1,10})-([A-Za-z]{2})")
_DASHBOARD_FILE: Final = re.compile(r"ioda-(.+?)-\d\d-\d\d-\d\d-\d\d-\d\d")
_ASN_IN_NAME: Final = re.compile(r"(?:^|[^a-z0-9])as(\d{1,10})(?![a-z0-9])")
_NORMAL: Final = 100.0
_MOST_DEPTH: Final = 8


def recognises(head: bytes, name: str) -> bool:
    """An answer of `signals/raw`, or a table of times with columns that IODA names."""
    if begins_json(head):
        return b'"datasource"' in head and b'"entityCode"' in head
    columns = header_of(head)
    known = [column for column in columns[1:] if _datasource(column)]
    return (
        len(columns) > 1
        and ("time" in columns[0] or "date" in columns[0])
        and (len(known) > 1 or (len(known) == 1 and "ioda" in stem(name).lower()))
    )


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give each signal of each entity; nested ones (loss, latency, SARIMA bounds) are left out."""
    if begins_json(content[:4096]):
        return read_answer(json_of(content, name), name, options)
    return _read_table(content, name, options)


def read_answer(answer: Any, name: str, options: Options) -> Iterator[Values | MalformedRow]:  # noqa: ANN401  any JSON
    """Give the series in an answer of `signals/raw`, decoded. Raises UserError where it holds none or an error."""
    found = answer.get("data") if isinstance(answer, dict) else answer
    if isinstance(answer, dict) and answer.get("error"):
        raise UserError(f"{printable(name)}: IODA answered with an error: {printable(str(answer['error']))}")
    if not isinstance(found, list):
        raise UserError(f"{printable(name)} holds no signals of IODA")
    for position, one in enumerate(_flat(found), start=1):
        try:
            yield _signal(one, options)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            yield MalformedRow(name, position, printable(reason))


def _flat(found: Iterable[Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """The signals in an answer, which nests them in lists by entity."""
    for one in found:
        if isinstance(one, dict):
            yield one
        elif isinstance(one, list) and depth < _MOST_DEPTH:
            yield from _flat(one, depth + 1)


def _signal(one: dict[str, Any], options: Options) -> Values:
    datasource = str(one["datasource"])
    if datasource not in DATASOURCES:
        message = f"{datasource[:40]} is no signal with one value a time"
        raise ValueError(message)
    given = one["values"] or []
    if any(isinstance(value, list | dict) for value in given):
        message = f"{datasource} has several values a time"
        raise ValueError(message)
    values = np.array([finite(value) for value in given], np.float64)
    first, step = int(one["from"]), int(one.get("step") or one["nativeStep"])
    if step <= 0 or not 0 <= first <= first + step * len(values) < 2**33:
        message = "its times make no sense"
        raise ValueError(message)
    # What ends in nulls has not been measured yet: no gap of the source.
    known = len(values) - int(np.argmin(np.isnan(values[::-1]))) if not np.isnan(values).all() else 0
    family, unit, quantity = DATASOURCES[datasource]
    product = word(str(one.get("subtype") or ""))
    series = Series(
        _entity(one, options),
        options.source or NAME,
        options.signal or (f"{datasource}-{product}" if product else datasource),
        family,
        unit,
        quantity,
        step,
        LICENCE,
        printable(str(one.get("entityName") or "")),
    )
    starts = first + step * np.arange(known, dtype=np.int64)
    return Values(series, starts, values[:known], np.zeros(known, np.int64))


def _entity(one: dict[str, Any], options: Options) -> Entity:
    """Raises ValueError for what Lampwatch has no name for: continents, and regions of a country that nobody says."""
    kind, code = str(one["entityType"]), str(one["entityCode"])
    asked = asked_entity(options)
    if kind == "country" and (found := country(code)):
        return Entity(found)
    if kind == "asn" and code.isascii() and code.isdigit():
        return Entity.of(f"AS{int(code)}")
    if kind == "geoasn" and (parts := _GEOASN.fullmatch(code)) and (found := country(parts.group(2))):
        return Entity.of(f"AS{int(parts.group(1))}@{found}")
    if kind in {"region", "county"}:
        within = _REGION_IN_FQID.search(str(one.get("entityFqid") or ""))
        land = (within and country(within.group(1))) or (asked.country if asked else "")
        if options.place:
            return Entity(options.place)
        if land and one.get("entityName"):
            return Entity.of(part_of(land, str(one["entityName"])))
        message = f"{kind} {code[:20]} is IODA's own number; say its country with --country"
        raise ValueError(message)
    if asked and kind == "geoasn":
        return asked
    message = f"{kind[:20]} {code[:20]} is no entity"
    raise ValueError(message)


def _datasource(column: str) -> str:
    """The source of data that a column is named after; empty where there is none."""
    return next((datasource for part, datasource in _COLUMNS if part in column), "")


def _table_entity(name: str, options: Options) -> Entity:
    """The entity of a dashboard's file: as asked, or as its name says: `ioda-iran-(islamic-republic-of)-26-01-…`."""
    dashboard = _DASHBOARD_FILE.match(stem(name).lower())
    if dashboard and not options.place and not options.asn:
        title = dashboard.group(1).replace("-", " ")
        if network := _ASN_IN_NAME.search(title):
            return Entity.of(
                f"AS{int(network.group(1))}" + (f"@{options.country}" if options.country else "")
            )
        if options.country and not country(title):
            return Entity.of(part_of(options.country, title))
        if found := country(title):
            return Entity(found)
    return entity_of(name, options)


def _read_table(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    table = Table(content, name)
    entity = _table_entity(name, options)
    cells: dict[int, tuple[list[int], list[float]]] = {}
    for at, column in enumerate(table.columns[1:], start=1):
        if _datasource(column):
            cells[at] = ([], [])
        elif column:
            yield MalformedRow(name, 1, f"column {printable(column[:40])} is no signal of IODA")
    for row in table:
        try:
            start = instant(row[0])
            values = {at: number(row[at]) for at in cells}
        except ValueError as error:
            table.leave_out(str(error))
            continue
        for at, value in values.items():
            cells[at][0].append(start)
            cells[at][1].append(value)
    normalised = _is_normalised(name, [value for _, values in cells.values() for value in values])
    names = Counter(_signal_of(table.columns[at]) for at in cells)
    for at, (starts, found) in cells.items():
        signal = _signal_of(table.columns[at])
        if names[signal] > 1:
            signal = f"{_datasource(table.columns[at])}-{word(table.columns[at])}"
        series = _table_series(entity, table.columns[at], signal, options, normalised=normalised)
        if column_values := _column(series, starts, found):
            yield column_values
    yield from table.malformed


def _signal_of(column: str) -> str:
    """A column's signal: IODA's name for the source, and for Google's the product, where the column says it."""
    datasource = _datasource(column)
    if datasource != "gtr":
        return datasource
    return word(
        re.sub(r"google|gtr|traffic|transparency|report|normali[sz]ed", " ", column).join(("gtr ", ""))
    )


def _is_normalised(name: str, values: list[float]) -> bool:
    """Whether the export was in percent of each signal's maximum, as its name says or all of it looks."""
    if "normal" in stem(name).lower():
        return True
    if stem(name).lower().endswith("-raw"):
        return False
    known = [value for value in values if not math.isnan(value)]
    return bool(known) and max(known) == _NORMAL


def _table_series(entity: Entity, column: str, signal: str, options: Options, *, normalised: bool) -> Series:
    family, unit, quantity = DATASOURCES[_datasource(column)]
    if normalised:
        unit, quantity = "percent of the highest", Quantity.LEVEL
    return Series(
        entity,
        options.source or NAME,
        signal,
        family,
        options.unit or unit,
        options.quantity or quantity,
        options.resolution_s,
        LICENCE,
    )


def _column(series: Series, given: list[int], found: list[float]) -> Values | None:
    """The values of one column; None where it has none.

    The table has a row for the finest signal's bins; a coarser one's cells between its own bins are empty, and no gaps.
    An empty cell where it has a bin is one.
    """
    starts, at = np.unique(np.array(given, np.int64), return_index=True)
    values = np.array(found, np.float64)[at]
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return None
    resolution = series.resolution_s or guessed_resolution(starts[there].tolist()) or 3600
    first, last = int(there[0]), int(there[-1])
    starts, values = starts[first : last + 1], values[first : last + 1]
    bins = ~np.isnan(values) | ((starts - starts[0]) % resolution == 0)
    header = msgspec.structs.replace(series, resolution_s=resolution)
    return Values(header, starts[bins], values[bins], np.zeros(int(bins.sum()), np.int64))
