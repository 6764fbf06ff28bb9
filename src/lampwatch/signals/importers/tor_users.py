"""Tor Metrics: users of Tor a day by country, estimated from requests for its directory.

Shapes: https://metrics.torproject.org/stats.html (userstats-relay-country, userstats-bridge-country), `clients.csv`
before them, and the wide `direct-users.csv` of 2009 to 2013.
"""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import country, country_in, stem
from lampwatch.signals.points import Column, Points, number
from lampwatch.signals.table import Table, header_of

NAME: Final = "tor-users"
ABOUT: Final = "Tor Metrics: daily users by country (relay and bridge, long and wide CSV)"
LICENCE: Final = "Tor Metrics: CC0 1.0"
DELAY_S: Final = 86400
"""A day's estimate needs what relays report within the day after."""
_DAY: Final = 86400
_LEAST_COUNTRIES: Final = 10
_ALPHA_2: Final = 2


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """Columns date, country and users or clients; or date and a column for each of many countries."""
    columns = header_of(head)
    if "date" not in columns:
        return False
    if "country" in columns and ("users" in columns or {"node", "clients"} <= set(columns)):
        return True
    return _is_wide(columns)


def _is_wide(columns: list[str]) -> bool:
    codes = [one for one in columns if len(one) == _ALPHA_2]
    return columns[0] == "date" and len(codes) >= _LEAST_COUNTRIES and len(codes) >= len(columns) - 2


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give a series for each country. A day that is absent, or NA, stays one: it is no zero."""
    table = Table(content, name)
    if _is_wide(table.columns):
        return _read_wide(table, name, options)
    return _read_long(table, name, options)


def _header(code: str, node: str, options: Options) -> Series | None:
    """The series of a country; None for what is none: ??, a1 (proxies), ap (a continent), and totals."""
    place = country(code)
    if not place or (options.country and place != options.country):
        return None
    return Series(
        Entity(place),
        options.source or "tor",
        options.signal or f"{node}-users",
        Family.USERS,
        "users",
        Quantity.COUNT,
        _DAY,
        LICENCE,
    )


def _why_not(code: str) -> str:
    return f"{printable(code[:20])} is no country that is asked for" if code else "a total over all countries"


def _node(name: str) -> str:
    return "bridge" if "bridge" in stem(name).lower() else "relay"


def _read_wide(table: Table, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    points = Points()
    series: dict[int, Column] = {}
    for at, code in enumerate(table.columns):
        if at and code:
            if header := _header(code, _node(name), options):
                series[at] = points.of(header)
            else:
                yield MalformedRow(name, 1, f"column {_why_not(code)}")
    for row in table:
        try:
            day = instant(row[0])
            values = [(one, number(row[at])) for at, one in series.items()]
        except ValueError as error:
            table.leave_out(str(error))
            continue
        for one, value in values:
            one.add(day, value)
    yield from points.known()
    yield from table.malformed


def _read_long(table: Table, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    date, users = table.needed("date"), table.needed("users", "clients")
    where, node = table.column("country"), table.column("node")
    narrower = [at for at in (table.column("transport"), table.column("version")) if at is not None]
    only, usual = options.country or country_in(name), _node(name)
    columns: dict[tuple[str, str], Column | None] = {}
    points = Points()
    for row in table:
        if any([row[at] for at in narrower]):
            table.leave_out("users of one transport or IP version only")
            continue
        key = row[where] if where is not None else only, row[node] if node is not None else usual
        if key not in columns:
            header = _header(key[0], key[1] if key[1] in {"relay", "bridge"} else "relay", options)
            columns[key] = None if header is None else points.of(header)
        column = columns[key]
        if column is None:
            table.leave_out(_why_not(key[0]))
            continue
        try:
            day, value = instant(row[date]), number(row[users])
        except ValueError as error:
            table.leave_out(str(error))
            continue
        if value < 0:
            table.leave_out("a negative number of users")
            continue
        column.add(day, value)
    yield from points.known()
    yield from table.malformed
