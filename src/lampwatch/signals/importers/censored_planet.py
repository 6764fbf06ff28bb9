"""Censored Planet: remote measurements a day, and the share of them that look interfered with.

Shape: https://github.com/censorship-event-detection/acsac-censorship-event-detection (data/censoredplanet).
"""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.model.series import Values
from lampwatch.signals.counted import Counted
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import entity_of, stem
from lampwatch.signals.points import number
from lampwatch.signals.table import Table, header_of

NAME: Final = "censored-planet"
ABOUT: Final = "Censored Planet: measurements and anomalies by day (CSV)"
LICENCE: Final = "Censored Planet"
DELAY_S: Final = 2 * 86400
_TECHNIQUES: Final = ("https", "http", "satellite", "discard", "echo")


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """Days with measurements and anomalies."""
    return {"date", "measurements", "anomalies"} <= set(header_of(head))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the measurements and the share of anomalies, named after the technique in the file's name."""
    table = Table(content, name)
    entity = entity_of(name, options)
    date, measured, anomalies = (table.needed(one) for one in ("date", "measurements", "anomalies"))
    technique = next((one for one in _TECHNIQUES if one in stem(name).lower()), "")
    counted = Counted(NAME, LICENCE, options, prefix=f"{technique}-" if technique else "")
    for row in table:
        try:
            counted.add(entity, instant(row[date]), number(row[measured]), number(row[anomalies]))
        except ValueError as error:
            table.leave_out(str(error))
    yield from counted.values()
    yield from table.malformed
