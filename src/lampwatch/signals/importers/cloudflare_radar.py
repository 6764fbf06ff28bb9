"""Cloudflare Radar: traffic of a country or network as Cloudflare sees it; API JSON and the dashboard's CSV.

Shapes: https://developers.cloudflare.com/api/resources/radar/ (`netflows/timeseries`, `http/timeseries`, …);
CSV pairs columns as in "Serie_0 timestamps,Serie_0 values".
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.answers import begins_json, finite, json_of
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity, country_in, entity_of, stem, word
from lampwatch.signals.points import Points, guessed_resolution, number
from lampwatch.signals.table import Table, header_of

NAME: Final = "cloudflare-radar"
ABOUT: Final = "Cloudflare Radar: API time series (JSON) and the dashboard's CSV"
LICENCE: Final = "Cloudflare Radar: CC BY-NC 4.0"
DELAY_S: Final = 3600

INTERVALS: Final = {
    "FIFTEEN_MINUTES": 900,
    "15m": 900,
    "ONE_HOUR": 3600,
    "1h": 3600,
    "ONE_DAY": 86400,
    "1d": 86400,
    "ONE_WEEK": 604800,
    "1w": 604800,
}
"""What `aggInterval` says -> the width of a bin in seconds."""
_TIMES: Final = re.compile(r"(?:(.*?)[ _.])?timestamps?")
_COUNTRY_KEY: Final = re.compile(r"[A-Z]{2}")


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """An answer with arrays of timestamps and an interval, or a table with a column of timestamps."""
    if begins_json(head):
        return b'"timestamps"' in head and (b'"aggInterval"' in head or b'"serie_0"' in head)
    columns = header_of(head)
    return any(_TIMES.fullmatch(column) and column != "timestamp" for column in columns)


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give each series of the file. Neither shape says where: options do, or the file's name."""
    if begins_json(content[:4096]):
        return read_answer(json_of(content, name), name, options)
    return _read_table(content, name, options)


def read_answer(answer: Any, name: str, options: Options) -> Iterator[Values | MalformedRow]:  # noqa: ANN401  any JSON
    """Give the series in an answer, decoded. Raises UserError where it is none, or tells of an error."""
    if isinstance(answer, dict) and answer.get("success") is False:
        raise UserError(
            f"{printable(name)}: Cloudflare answered with an error: {printable(str(answer.get('errors')))}"
        )
    result = answer.get("result", answer) if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        raise UserError(f"{printable(name)} holds no time series of Cloudflare Radar")
    meta = result.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    found = {
        key: one
        for key, one in result.items()
        if isinstance(one, dict) and isinstance(one.get("timestamps"), list)
    }
    for key, one in found.items():
        try:
            starts = [instant(str(time)) for time in one["timestamps"]]
        except ValueError as error:
            yield MalformedRow(name, 1, f"{printable(key[:20])}: {error}")
            continue
        for part, given in one.items():
            if part == "timestamps" or not isinstance(given, list):
                continue
            signal = _signal(name, meta, key if len(found) > 1 else "", part, options)
            try:
                interval = INTERVALS.get(str(meta.get("aggInterval")), 0) or guessed_resolution(starts)
                share = part != "values"
                series = _series(_entity(name, key, options), signal, interval, options, share=share)
                yield from _values(series, starts, given)
            except ValueError as error:
                yield MalformedRow(name, 1, f"{printable(key[:20])}: {error}")
    if not found:
        raise UserError(f"{printable(name)} holds no time series of Cloudflare Radar")


def _entity(name: str, key: str, options: Options) -> Entity:
    """A series that was named after a country is about it."""
    if _COUNTRY_KEY.fullmatch(key) and asked_entity(options) is None and not country_in(name):
        return Entity(key)
    return entity_of(name, options)


def _signal(name: str, meta: dict[str, Any], key: str, part: str, options: Options) -> str:
    """The endpoint, by what the values count or by the file's name, and which of several series it is."""
    endpoint = options.signal or next(
        (one for one in ("netflows", "http", "dns", "attacks") if one in stem(name).lower()), ""
    )
    if not endpoint:
        units = str(meta.get("units") or "")
        endpoint = "netflows" if "bytes" in units else "http" if "requests" in units else "traffic"
    extra = "" if _COUNTRY_KEY.fullmatch(key) or key in {"", "serie_0", "main"} else word(key)
    return "-".join(filter(None, (endpoint, extra, "" if part == "values" else word(part))))


def _series(
    entity: Entity, signal: str, resolution_s: int, options: Options, *, share: bool = False
) -> Series:
    """The header of one array; those that are no traffic are the shares of its groups, in percent."""
    return Series(
        entity,
        options.source or NAME,
        signal,
        options.family or Family.TRAFFIC,
        options.unit or ("percent" if share else "traffic"),
        options.quantity or (Quantity.SHARE if share else Quantity.LEVEL),
        options.resolution_s or resolution_s or 3600,
        LICENCE,
    )


def _values(series: Series, starts: list[int], given: list[Any]) -> Iterator[Values]:
    if len(given) != len(starts):
        message = f"{len(given)} values at {len(starts)} times"
        raise ValueError(message)
    points = Points()
    column = points.of(series)
    for start, value in zip(starts, given, strict=True):
        column.add(start, finite(value))
    yield from points.values()


def _read_table(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    table = Table(content, name)
    entity = entity_of(name, options)
    times = {at: found for at, column in enumerate(table.columns) if (found := _TIMES.fullmatch(column))}
    if not times:
        raise UserError(f"{printable(name)} has no column of timestamps")
    pairs = []
    at = min(times)
    for position, column in enumerate(table.columns):
        if position in times:
            at = position
        elif column and position > at:
            pairs.append((at, position, column.removeprefix(times[at].group(1) or "").strip(" _.")))
    cells: dict[int, list[tuple[int, float]]] = {position: [] for _, position, _ in pairs}
    for row in table:
        try:
            for at, position, _ in pairs:
                # Columns of unequal length: where one has ended, both its cells are empty.
                if row[at].strip():
                    cells[position].append((instant(row[at]), number(row[position])))
        except ValueError as error:
            table.leave_out(str(error))
    several = len(times) > 1
    for at, position, part in pairs:
        key = (times[at].group(1) or "") if several else ""
        signal = _signal(name, {}, key, "values" if not part or part == "value" else part, options)
        starts = [start for start, _ in cells[position]]
        given = [value for _, value in cells[position]]
        yield from _values(_series(entity, signal, guessed_resolution(starts), options), starts, given)
    yield from table.malformed
