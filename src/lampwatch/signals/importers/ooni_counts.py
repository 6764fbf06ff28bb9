"""OONI: measurements by day or hour, and the share of them that look blocked.

Shapes: the aggregation API (https://api.ooni.org/apidocs/, JSON and CSV), and the table of a study that counted raw
measurements: https://github.com/censorship-event-detection/acsac-censorship-event-detection (data/ooni).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.answers import begins_json, finite, json_of
from lampwatch.signals.counted import Counted
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import country, entity_of
from lampwatch.signals.points import number
from lampwatch.signals.table import Table, header_of

NAME: Final = "ooni-counts"
ABOUT: Final = "OONI: counts of measurements and of those that look blocked (aggregation JSON or CSV)"
LICENCE: Final = "OONI: CC BY-NC-SA 4.0"
DELAY_S: Final = 3600
_API: Final = {"measurement_start_day", "measurement_count"}
_STUDY: Final = {"ok", "dns", "http", "tls", "date", "total"}


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """Counts as the API names them, or as the study does."""
    if begins_json(head):
        return b'"measurement_count"' in head and b'"measurement_start_day"' in head
    columns = set(header_of(head))
    return columns >= _API or columns >= _STUDY


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the measurements that came to a conclusion, and the share of anomalies, confirmed ones among them."""
    if begins_json(content[:4096]):
        return _read_answer(json_of(content, name), name, options)
    table = Table(content, name)
    if set(table.columns) >= _STUDY:
        return _read_study(table, name, options)
    return _read_api_table(table, name, options)


def _read_study(table: Table, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """`total` counts what was valid; `error` lies outside it."""
    entity = entity_of(name, options)
    date, total = table.needed("date"), table.needed("total")
    parts = [table.needed(one) for one in ("dns", "http", "tls")]
    counted = Counted("ooni", LICENCE, options)
    for row in table:
        try:
            interfered = sum(number(row[at]) for at in parts)
            counted.add(entity, instant(row[date]), number(row[total]), interfered)
        except ValueError as error:
            table.leave_out(str(error))
    yield from counted.values()
    yield from table.malformed


def _read_api_table(table: Table, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    counted = Counted("ooni", LICENCE, options)
    for row in table:
        try:
            _add(counted, dict(zip(table.columns, row, strict=False)), name, options)
        except (ValueError, TypeError) as error:
            table.leave_out(str(error))
    yield from counted.values()
    yield from table.malformed


def _read_answer(answer: Any, name: str, options: Options) -> Iterator[Values | MalformedRow]:  # noqa: ANN401  any JSON
    found = answer.get("result") if isinstance(answer, dict) else answer
    if not isinstance(found, list | dict):
        raise UserError(f"{printable(name)} holds no counts of OONI")
    counted = Counted("ooni", LICENCE, options)
    for position, one in enumerate(found if isinstance(found, list) else [found], start=1):
        try:
            if not isinstance(one, dict):
                yield MalformedRow(name, position, "is no object")
                continue
            _add(counted, one, name, options)
        except (ValueError, TypeError) as error:
            yield MalformedRow(name, position, printable(str(error)))
    yield from counted.values()


def _add(counted: Counted, one: Mapping[str, Any], name: str, options: Options) -> None:
    """The counts exclude each other, but for measurement_count, which is of all. Raises ValueError."""
    start = instant(str(one.get("measurement_start_day")))
    counts = [
        finite(one.get(key) or 0)
        for key in ("measurement_count", "failure_count", "anomaly_count", "confirmed_count")
    ]
    place = country(str(one["probe_cc"])) if one.get("probe_cc") else entity_of(name, options).place
    if not place:
        message = f"{str(one.get('probe_cc'))[:20]} is no country"
        raise ValueError(message)
    network = str(one.get("probe_asn") or "").upper().removeprefix("AS")
    entity = Entity.of(f"AS{int(network)}@{place}" if network else place)
    counted.add(entity, start, counts[0] - counts[1], counts[2] + counts[3])
