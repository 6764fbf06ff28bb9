"""GFWatch: how many domains China's firewall injects answers for, by day.

Shape: https://github.com/censorship-event-detection/acsac-censorship-event-detection (data/gfwatch).
"""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.series import Family, Quantity, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.mapping import Mapping, Measured, read_mapped
from lampwatch.signals.naming import stem
from lampwatch.signals.table import header_of

NAME: Final = "gfwatch"
ABOUT: Final = "GFWatch: censored domains by day (CSV)"
LICENCE: Final = "GFWatch"
DELAY_S: Final = 86400


def recognises(head: bytes, name: str) -> bool:
    """Days and counts in a file that is named so."""
    return "gfwatch" in stem(name).lower() and {"date", "count"} <= set(header_of(head))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the domains by day. A day that is absent was not measured."""
    mapping = Mapping(
        time="date",
        place="" if options.country or options.place else "CN",
        values={"count": Measured(signal="censored-domains", unit="domains")},
        source=NAME,
        family=Family.INTERFERENCE,
        quantity=Quantity.COUNT,
        licence=LICENCE,
    )
    return read_mapped(content, name, mapping, options)
