"""Files of what detection may know beside series: occasions, and how large entities are."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

from lampwatch.formats.csv_rows import CsvRows, MalformedRow, RowError
from lampwatch.formats.label_rows import Columns, checked, entity, named_country, named_region
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.occasion import Occasion, OccasionKind

_EPOCH: Final = dt.date(1970, 1, 1)
_OWN_COUNTRY: Final = re.compile("X[A-Z]")
"""Codes that ISO 3166-1 leaves to whoever needs some, as a lab does."""
_CODE: Final = re.compile("[A-Z]{2}-[A-Z0-9]{1,3}")

T = TypeVar("T")


class Sized(msgspec.Struct, frozen=True):
    """How many users or addresses an entity has, and, of a network, the country it counts for (empty: not told).

    region is the place of the one region that a network serves; empty where it serves several, or nobody told.
    """

    entity: Entity
    size: float
    country: str
    region: str = ""


def occasions(content: bytes, source: str) -> tuple[list[Occasion], list[MalformedRow]]:
    """Read `country,kind,first,last,name`: a country by code or name, a kind of OccasionKind, days as YYYY-MM-DD.

    A last that is empty or absent is the first. Rows that cannot be read are left out, and told. Raises UserError where
    a column is missing.
    """
    return _read(content, source, ("country", "kind", "first"), _occasion)


def sizes(content: bytes, source: str) -> tuple[list[Sized], list[MalformedRow]]:
    """Read `entity,size` and, if they are there, `country` and `region`: entities by code, sizes as numbers above 0.

    Rows that cannot be read are left out, and told. Raises UserError where a column is missing.
    """
    return _read(content, source, ("entity", "size"), _sized)


def _read(
    content: bytes, source: str, needed: Sequence[str], of: Callable[[Columns, Sequence[str]], T]
) -> tuple[list[T], list[MalformedRow]]:
    rows = CsvRows(content, source)
    columns = Columns(rows.header)
    if not columns.has(*needed):
        raise UserError(f"{source} has no columns {', '.join(needed)} in its first line; add them")
    found: list[T] = []
    for row in rows:
        try:
            checked(row)
            found.append(of(columns, row))
        except RowError as error:
            rows.leave_out(str(error))
    return found, rows.malformed


def _occasion(columns: Columns, row: Sequence[str]) -> Occasion:
    kind = columns.cell(row, "kind").lower()
    if kind not in set(OccasionKind):
        raise RowError(f"{kind[:40]!r} is no kind of occasion; write {', '.join(OccasionKind)}")
    first = _day(columns.cell(row, "first"))
    last = _day(columns.cell(row, "last")) if columns.cell(row, "last") else first
    if last < first:
        raise RowError("it ends before it begins")
    country = _country(columns.cell(row, "country"))
    return Occasion(country, OccasionKind(kind), first, last, columns.cell(row, "name"))


def _sized(columns: Columns, row: Sequence[str]) -> Sized:
    written = columns.cell(row, "size")
    try:
        size = float(written)
    except ValueError:
        size = 0.0
    if not 0 < size < float("inf"):
        raise RowError(f"{written[:40]!r} is no size")
    about = entity(columns.cell(row, "entity"))
    country = columns.cell(row, "country")
    country = _country(country) if country else ""
    region = columns.cell(row, "region")
    if region and not country:
        raise RowError("it names a region, and not its country")
    return Sized(about, size, country, region_of(country, region) if region else "")


def _country(written: str) -> str:
    return written if _OWN_COUNTRY.fullmatch(written) else named_country(written)


def region_of(country: str, written: str) -> str:
    """The place of a country's region (alpha-2), of which people write the code (ISO 3166-2) or the name.

    Raises RowError where it is no name of a region.
    """
    code = written.upper()
    return (
        code if _CODE.fullmatch(code) and code.startswith(country) else named_region(country, written).place
    )


def _day(text: str) -> int:
    try:
        return (dt.date.fromisoformat(text) - _EPOCH).days
    except ValueError as error:
        raise RowError(f"{text[:40]!r} is no day; write YYYY-MM-DD") from error
