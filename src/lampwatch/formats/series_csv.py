"""Lampwatch's own CSV of series: a row a value, with all that is known of it, read back as it was written."""

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from lampwatch.formats.csv_rows import CsvRows, MalformedRow, is_utf8
from lampwatch.formats.instants import instant, iso
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values

COLUMNS: Final = (
    "entity",
    "source",
    "signal",
    "family",
    "unit",
    "quantity",
    "resolution_s",
    "licence",
    "label",
    "start",
    "value",
    "arrived",
)
"""start and arrived are times in UTC; an empty value is a gap of the source, an empty arrived is not known."""
_WORD: Final = re.compile(r"[a-z0-9._-]{1,100}")
_NEEDED: Final = ("entity", "source", "signal", "resolution_s", "start", "value")
_QUOTED: Final = re.compile(r'[",\r\n]')
_MOST_RESOLUTION_S: Final = 400 * 86400


def header_line() -> str:
    """The first line."""
    return ",".join(COLUMNS) + "\n"


def rows_of(values: Values) -> str:
    """The lines of one series' values, each with its end."""
    one = values.series
    header = ",".join(
        map(
            _cell,
            (
                one.entity.code,
                one.source,
                one.signal,
                str(one.family),
                one.unit,
                str(one.quantity),
                str(one.resolution_s),
                one.licence,
                one.label,
            ),
        )
    )
    return "".join(
        f"{header},{iso(start)},{_value(value)},{iso(arrived) if arrived else ''}\n"
        for start, value, arrived in zip(
            values.starts.tolist(), values.values.tolist(), values.arrived.tolist(), strict=True
        )
    )


def write(batches: Iterable[Values]) -> Iterator[str]:
    """Give a whole file, piece by piece."""
    yield header_line()
    for values in batches:
        yield rows_of(values)


def is_ours(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is one."""
    return set(_NEEDED) <= set(columns)


def read(content: bytes, name: str) -> Iterator[Values | MalformedRow]:
    """Give the series of a file, then the rows that cannot be used.

    Columns may stand in any order, and all but the needed ones may be missing. Raises UserError where a needed one is,
    or where there is one that is none of ours: nobody would know what becomes of it.
    """
    rows = CsvRows(content, name)
    columns = [column.strip().lower() for column in rows.header]
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise UserError(f"{printable(name)} has no column {', '.join(missing)}; it is no CSV of series")
    extra = [column for column in columns if column not in COLUMNS]
    if extra or len(set(columns)) < len(columns):
        what = printable(", ".join(extra)[:100]) if extra else "twice"
        raise UserError(
            f"{printable(name)} has columns that no series has: {what}; leave them out, or use --map FILE.toml"
        )
    found: dict[Series, list[tuple[int, float, int]]] = {}
    for row in rows:
        if len(row) != len(columns) or not is_utf8(row):
            rows.leave_out(f"has {len(row)} cells instead of {len(columns)}, or is not UTF-8")
            continue
        cells = dict(zip(columns, row, strict=True))
        try:
            series = _series(cells)
            arrived = instant(cells["arrived"]) if cells.get("arrived") else 0
            point = (instant(cells["start"]), _number(cells["value"]), arrived)
        except ValueError as error:
            rows.leave_out(str(error))
            continue
        found.setdefault(series, []).append(point)
    yield from (_values(series, points) for series, points in found.items())
    yield from rows.malformed


def _series(cells: dict[str, str]) -> Series:
    """Raises ValueError for what is no series."""
    resolution = int(cells["resolution_s"])
    if not 0 < resolution <= _MOST_RESOLUTION_S:
        message = f"{resolution} is no resolution in seconds"
        raise ValueError(message)
    if not (_WORD.fullmatch(cells["source"]) and _WORD.fullmatch(cells["signal"])):
        message = "a series needs a source and a signal: words of small letters, digits and hyphens"
        raise ValueError(message)
    return Series(
        Entity.of(cells["entity"]),
        cells["source"],
        cells["signal"],
        Family(cells.get("family") or Family.OTHER),
        cells.get("unit", ""),
        Quantity(cells.get("quantity") or Quantity.COUNT),
        resolution,
        cells.get("licence", ""),
        cells.get("label", ""),
    )


def _values(series: Series, points: list[tuple[int, float, int]]) -> Values:
    """In order of time; of two values of one bin, the one that stands later."""
    latest = {point[0]: point for point in points}
    ordered = [latest[start] for start in sorted(latest)]
    return Values(
        series,
        np.array([point[0] for point in ordered], np.int64),
        np.array([point[1] for point in ordered], np.float64),
        np.array([point[2] for point in ordered], np.int64),
    )


def _number(text: str) -> float:
    if not text.strip():
        return math.nan
    value = float(text)
    if not math.isfinite(value):
        message = f"{text[:20]!r} is no number"
        raise ValueError(message)
    return value


def _cell(text: str) -> str:
    """Text as a cell. The csv module leaves a lone carriage return unquoted, and then cannot read it back."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _value(value: float) -> str:
    return "" if math.isnan(value) else repr(value)
