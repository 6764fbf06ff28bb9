"""What the columns of a table mean, written down -> the series in it."""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import LATEST, instant, time_zone
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.binned import Binned, Combine
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity, country, country_in, part_of, word
from lampwatch.signals.points import number
from lampwatch.signals.table import Table

_CRAWL: Final = re.compile(r"CC-MAIN-(\d{4})-(\d{2})(?:-index)?")
_TLD: Final = 2
_UNITS: Final = {"s": 1, "ms": 1000, "us": 10**6}


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the values of one column are; what is empty is the mapping's."""

    signal: str = ""
    family: Family | None = None
    unit: str = ""
    quantity: Quantity | None = None


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the columns of a table mean. Names of columns are as in its header, in any case.

    time is the column of times, time_format how it is written (as in strptime; s, ms or us since 1970; crawl for
    CC-MAIN-2023-06; where empty it is recognised). entity, country, region, district and asn are columns that say whose
    a value is, tld is one of top-level domains; place is of all rows. values are the columns of values, and what they
    are; without them each row counts one. wide says that each other column is an entity, country or signal of its own.
    signal_column says what a row's value is. where keeps the rows whose cells are among those listed. missing says
    whether an empty cell and an absent bin are gaps or zeros. combine says what several values of one bin make. source,
    signal, family, unit and quantity hold where nothing finer is said.
    """

    time: str
    time_format: str = ""
    timezone: str = ""
    entity: str = ""
    country: str = ""
    region: str = ""
    district: str = ""
    asn: str = ""
    tld: str = ""
    place: str = ""
    values: dict[str, Measured] = msgspec.field(default_factory=dict)
    wide: Literal["", "entity", "country", "signal"] = ""
    signal_column: str = ""
    where: dict[str, list[str]] = msgspec.field(default_factory=dict)
    missing: Literal["gap", "zero"] = "gap"
    combine: Combine = Combine.LAST
    resolution_s: int = 0
    source: str = ""
    signal: str = ""
    family: Family = Family.OTHER
    unit: str = ""
    quantity: Quantity = Quantity.COUNT
    licence: str = ""


def with_options(mapping: Mapping, options: Options) -> Mapping:
    """The mapping, with what a user says on the command line in place of what it says."""
    given = {
        "source": options.source,
        "signal": options.signal,
        "family": options.family,
        "unit": options.unit,
        "quantity": options.quantity,
        "resolution_s": options.resolution_s,
        "timezone": options.timezone,
    }
    return msgspec.structs.replace(mapping, **{name: value for name, value in given.items() if value})


class _Cells:
    """Finds in a row what a mapping says is there. Raises UserError where the table lacks a column that it names."""

    def __init__(self, table: Table, name: str, mapping: Mapping, options: Options) -> None:
        self._mapping = mapping
        self._asked = asked_entity(options)
        self._only = self._asked or _fixed(mapping.place)
        self._name = name
        self._zone = time_zone(mapping.timezone)
        self.time = table.needed(mapping.time.lower())
        self._entity, self._country, self._region, self._district, self._asn, self.signal = (
            table.needed(column.lower()) if column else None
            for column in (
                mapping.entity,
                mapping.tld or mapping.country,
                mapping.region,
                mapping.district,
                mapping.asn,
                mapping.signal_column,
            )
        )
        self.where = [
            (table.needed(column.lower()), set(allowed)) for column, allowed in mapping.where.items()
        ]
        named = {self.time, self._entity, self._country, self._region, self._district, self._asn, self.signal}
        used = named | {at for at, _ in self.where}
        self.values: dict[int, tuple[str, Measured]] = {
            table.needed(column.lower()): (column, one) for column, one in mapping.values.items()
        }
        self.others = [
            (at, column) for at, column in enumerate(table.columns) if at not in used and column.strip()
        ]
        self._start = _reader(mapping.time_format, self._zone)

    def start(self, row: list[str]) -> int:
        """When a row's bin begins. Raises ValueError."""
        return self._start(row[self.time])

    def key(self, row: list[str]) -> tuple[str, ...]:
        """The cells that say whose a row is and what it counts."""
        return tuple(
            row[at] if at is not None else ""
            for at in (self._entity, self._country, self._region, self._district, self._asn, self.signal)
        )

    def entity(self, key: tuple[str, ...]) -> Entity:
        """Whose rows with this key are. Raises ValueError where it is none."""
        code, land, region, district, asn, _ = key
        if self._entity is not None:
            return Entity.of(code.strip())
        place = self._land(land) if self._country is not None else self._only.place if self._only else ""
        if self._country is not None and not place:
            message = f"{land[:20]} is no country" if land.strip() else "a total over all countries"
            raise ValueError(message)
        if (region.strip() or district.strip()) and place:
            place = part_of(place, region, district)
        number_of = asn.strip().upper().removeprefix("AS") or str((self._only and self._only.asn) or "")
        if number_of:
            return Entity.of(f"AS{int(number_of)}@{place}" if place else f"AS{int(number_of)}")
        return Entity.of(place or self._of_file())

    def _land(self, text: str) -> str:
        """A country; of top-level domains only those of two letters are countries' (com is no code of the Comoros)."""
        plain = text.strip().lstrip(".")
        return country(plain) if not self._mapping.tld or len(plain) == _TLD else ""

    def _of_file(self) -> str:
        if found := country_in(self._name):
            return found
        raise UserError(
            f"{printable(self._name)} does not say which country it is about; name it with --country or --place"
        )


def _fixed(place: str) -> Entity | None:
    if not place:
        return None
    try:
        return Entity.of(place)
    except ValueError as error:
        raise UserError(f"place in the mapping: {error}") from error


def _reader(form: str, zone: ZoneInfo | None) -> Callable[[str], int]:
    if not form:
        return lambda text: instant(text, zone)
    if form == "crawl":
        return _crawl
    if form in _UNITS:
        return lambda text: _bounded(int(float(text)) // _UNITS[form])
    return lambda text: _bounded(
        int(dt.datetime.strptime(text.strip(), form).replace(tzinfo=zone or dt.UTC).timestamp())
    )


def _crawl(text: str) -> int:
    """The week that a crawl is named after, as CC-MAIN-2023-06."""
    found = _CRAWL.fullmatch(text.strip())
    if found is None:
        return instant(text)
    day = dt.date.fromisocalendar(int(found.group(1)), int(found.group(2)), 1)
    return instant(day.isoformat())


def _bounded(start: int) -> int:
    if not 0 <= start < LATEST:
        message = "a time before 1970 or after 2100"
        raise ValueError(message)
    return start


def read_mapped(
    content: bytes, name: str, mapping: Mapping, options: Options
) -> Iterator[Values | MalformedRow]:
    """Give the series in a table. Raises UserError where it lacks a column that the mapping names."""
    table = Table(content, name)
    mapping = with_options(mapping, options)
    cells = _Cells(table, name, mapping, options)
    binned = Binned(mapping.combine, mapping.resolution_s, zeros=mapping.missing == "zero")
    missing = 0.0 if mapping.missing == "zero" else math.nan
    headers: dict[tuple[tuple[str, ...], int], Series] = {}
    columns = _value_columns(cells, mapping)
    for row in table:
        if any([row[at].strip() not in allowed for at, allowed in cells.where]):
            continue
        key = cells.key(row)
        try:
            start = cells.start(row)
            for at, column, measured in columns:
                if (key, at) not in headers:
                    headers[key, at] = _header(cells, key, column, measured, mapping)
                value = number(row[at]) if at >= 0 else 1.0
                binned.add(headers[key, at], start, missing if math.isnan(value) else value)
        except (ValueError, OverflowError) as error:
            table.leave_out(str(error))
    yield from binned.values()
    yield from table.malformed


def _value_columns(cells: _Cells, mapping: Mapping) -> list[tuple[int, str, Measured]]:
    """Where values stand, what the column is called, and what they are; at -1 where each row counts one."""
    if mapping.wide:
        return [(at, column, Measured()) for at, column in cells.others]
    if not cells.values:
        return [(-1, "", Measured())]
    return [(at, column, one) for at, (column, one) in cells.values.items()]


def _header(cells: _Cells, key: tuple[str, ...], column: str, measured: Measured, mapping: Mapping) -> Series:
    """Raises ValueError where the entity is none."""
    if mapping.wide == "country":
        if not (place := country(column)):
            message = f"column {column[:20]} is no country"
            raise ValueError(message)
        entity = Entity(place)
    elif mapping.wide == "entity":
        entity = Entity.of(column.upper())
    else:
        entity = cells.entity(key)
    own = word(key[-1]) if cells.signal is not None else word(column) if mapping.wide == "signal" else ""
    only = len(cells.values) <= 1
    signal = own or measured.signal or (mapping.signal if only else "") or word(column) or mapping.signal
    return Series(
        entity,
        mapping.source or "table",
        signal or "rows",
        measured.family or mapping.family,
        measured.unit or mapping.unit or column.lower() or "rows",
        measured.quantity or mapping.quantity,
        mapping.resolution_s,
        mapping.licence,
    )
