"""Access Now's #KeepItOn STOP dataset of shutdowns, as the published sheet is exported to CSV -> labels.

Columns, by name, as the years have them: start_date, end_date, country, geo_scope, area_name, shutdown_type,
shutdown_extent (2019: `full or service-based`, before: `shutdown_type_group`), affected_network, ordered_by,
actual_cause, shutdown_status, event. Days only. Every row is deliberate by the dataset's own definition.
Source: accessnow.org/guide/shutdown-tracker-optimization-project (CC BY 4.0).
"""

import re
from typing import Final

from lampwatch.formats.csv_rows import CsvRows, RowError
from lampwatch.formats.label_rows import Columns, LabelRows, checked, ends_after, named_country, named_region
from lampwatch.formats.label_times import moment
from lampwatch.formats.places import folded, region_code
from lampwatch.model.entity import Entity
from lampwatch.model.label import DAY_S, Label, LabelKind

NEEDED: Final = ("start date", "country")

_NATIONAL: Final = re.compile(
    r"\b(nation ?wide|national|country ?wide|whole country|entire country|level 3)\b"
)
_NO_DATE: Final = frozenset({"", "ongoing", "unknown", "n a", "tbd", "present"})
_SEPARATORS: Final = re.compile(r"\s*[;,\n]\s*")
_LONGEST_NAME: Final = 60


def read_stop(rows: CsvRows) -> LabelRows:
    """Read the dataset's rows: a row of several countries or regions is a label for each.

    A bad row is counted with its reason and is never fatal.
    """
    columns = Columns(rows.header)
    found: list[Label] = []
    for row in rows:
        try:
            checked(row)
            found += _labels(row, columns)
        except RowError as error:
            rows.leave_out(str(error))
    return LabelRows(tuple(found), tuple(rows.malformed))


def _labels(row: list[str], columns: Columns) -> list[Label]:
    begin = moment(columns.cell(row, "start date"))
    last = columns.cell(row, "end date")
    end = None if folded(last) in _NO_DATE else moment(last)
    causes = [columns.cell(row, "actual cause"), columns.cell(row, "ordered by")]
    status = columns.cell(row, "shutdown status")
    notes = [
        columns.cell(row, "affected network"),
        columns.cell(row, "area name", "area name string"),
        status,
    ]
    return [
        Label(
            entity=entity,
            begin=begin.at,
            end=ends_after(begin, end),
            source="access-now-stop",
            kind=_kind(row, columns),
            cause="; ".join(filter(None, causes)),
            deliberate=True,
            resolution_s=DAY_S,
            note="; ".join(filter(None, notes)),
        )
        for entity in _entities(row, columns)
    ]


def _kind(row: list[str], columns: Columns) -> LabelKind:
    extent = columns.cell(
        row, "shutdown extent", "full or service based", "shutdown type group", "shutdown type new"
    ).lower()
    kind = columns.cell(row, "shutdown type").lower()
    if "throttl" in kind and "shutdown" not in kind:
        return LabelKind.THROTTLING
    if "service" in extent and "full" not in extent:
        return LabelKind.BLOCKING
    return LabelKind.OUTAGE


def _entities(row: list[str], columns: Columns) -> list[Entity]:
    countries = [named_country(name) for name in columns.cell(row, "country").split(";") if name.strip()]
    if not countries:
        raise RowError("it names no country")
    area = columns.cell(row, "area name", "area name string")
    scope = f"{folded(area)} | {folded(columns.cell(row, 'geo scope'))}"
    if len(countries) > 1 or not area or _NATIONAL.search(scope):
        return [Entity(country) for country in countries]
    return [named_region(countries[0], name) for name in _area_names(countries[0], area)]


def _area_names(country: str, area: str) -> list[str]:
    """The names in a text about areas: those that have a code, or where none has, all that may be a name."""
    names = [name for piece in _SEPARATORS.split(area) for name in _apart(country, piece.strip(" ."))]
    known = [name for name in names if region_code(country, name)]
    maybe = known or [name for name in names if name and len(name) <= _LONGEST_NAME]
    if not maybe:
        raise RowError(f"its area {area[:60]!r} is no list of names")
    return list(dict.fromkeys(maybe))


def _apart(country: str, piece: str) -> list[str]:
    """The names on both sides of an `and`, unless it is a part of a name, as in Jammu and Kashmir."""
    return [piece] if region_code(country, piece) else piece.split(" and ")
