"""IODA's curated list of outages, 2018-2022, as CSV -> labels.

Columns, by the start of their names: Begin time, End time, Country, IODA BGP / AP / IBR visible by human, Scope
(Country, `Region (X)` or `AS (N)`), Cause, Confirmation Status, Notes; times are UTC, to ten minutes.
Source: github.com/InetIntel/internet_outages (Bischof et al., SIGCOMM 2023).
"""

from typing import Final

from lampwatch.formats.csv_rows import CsvRows, RowError
from lampwatch.formats.label_rows import (
    Columns,
    LabelRows,
    checked,
    ends_after,
    named_country,
    named_region,
    network,
)
from lampwatch.formats.label_times import Moment, moment
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label
from lampwatch.model.series import Family

NEEDED: Final = ("begin time", "end time", "country")

REVERSED_END: Final = "the list has its end before its begin, so nobody knows it"
"""The note of a label whose end was dropped."""

_RESOLUTION_S: Final = 600
_VISIBLE: Final = {
    "ioda bgp visible": Family.BGP,
    "ioda ap visible": Family.PROBING,
    "ioda ibr visible": Family.TELESCOPE,
}
_YES: Final = frozenset({"true", "ture", "yes"})
"""As the list spells it."""
_DELIBERATE: Final = frozenset({"government-ordered", "exams"})
_UNKNOWN: Final = frozenset({"", "unknown"})
_NO_TIME: Final = frozenset({"", "n/a", "na", "unknown", "ongoing"})


def read_ioda(rows: CsvRows) -> LabelRows:
    """Read the list's rows. A bad one is counted with its reason and is never fatal.

    A row that ends before it begins keeps its begin; its label's note is REVERSED_END.
    """
    columns = Columns(rows.header)
    found = []
    for row in rows:
        try:
            checked(row)
            found.append(_label(row, columns))
        except RowError as error:
            rows.leave_out(str(error))
    return LabelRows(tuple(found), tuple(rows.malformed))


def _label(row: list[str], columns: Columns) -> Label:
    begin = moment(columns.cell(row, "begin time"))
    cause = columns.cell(row, "cause")
    families = {f for name, f in _VISIBLE.items() if columns.longest(row, name).lower() in _YES}
    last = _end(columns.cell(row, "end time"))
    # Typed by hand: the day or the half of the day of some ends is wrong. What is told of the begin still holds.
    reversed_end = last is not None and last.at <= begin.at
    return Label(
        entity=_entity(columns.cell(row, "country"), columns.longest(row, "scope")),
        begin=begin.at,
        end=None if reversed_end else ends_after(begin, last),
        source="ioda",
        cause="" if cause.lower() in _UNKNOWN else cause,
        deliberate=None if cause.lower() in _UNKNOWN else cause.lower() in _DELIBERATE,
        resolution_s=_RESOLUTION_S,
        families=frozenset(families),
        note=REVERSED_END if reversed_end else columns.cell(row, "notes"),
    )


def _end(text: str) -> Moment | None:
    return None if text.lower() in _NO_TIME else moment(text)


def _entity(country: str, scope: str) -> Entity:
    kind, bracket, inside = scope.partition("(")
    # A region's own name may hold brackets: Region (Sakha (Yakutia)).
    inside = inside.strip().removesuffix(")").strip()
    match kind.strip().lower():
        case "country" | "":
            return Entity(named_country(country))
        case "region" if bracket:
            return named_region(named_country(country), inside)
        case "as" | "asn" if bracket:
            return network(inside)
    raise RowError(f"its scope {scope[:60]!r} is no country, region or network")
