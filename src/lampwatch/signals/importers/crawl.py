"""Crawls of the web (Common Crawl and its like): pages or hosts reached, by crawl and country or top-level domain.

Shape: https://commoncrawl.github.io/cc-crawl-statistics/ (crawl, tld, pages, urls, hosts, domains).
"""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.series import Family, Quantity, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.mapping import Mapping, Measured, read_mapped
from lampwatch.signals.table import Table, header_of

NAME: Final = "crawl"
ABOUT: Final = "Common Crawl's counts by crawl and country or top-level domain (CSV)"
LICENCE: Final = "Common Crawl: terms of use"
DELAY_S: Final = 14 * 86400

_COUNTS: Final = ("pages", "urls", "uris", "hosts", "domains", "count")
_PLACES: Final = ("country", "country_code", "tld", "cctld")


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """A crawl, a country or top-level domain, and counts."""
    columns = set(header_of(head))
    return "crawl" in columns and bool(columns & set(_PLACES)) and bool(columns & set(_COUNTS))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give each count of each country. Top-level domains that are no country's are left out, and counted.

    A crawl begins with the week that it is named after.
    """
    table = Table(content, name)
    counts = [column for column in _COUNTS if column in table.columns]
    tld = table.column("tld", "cctld")
    mapping = Mapping(
        time=table.columns[table.needed("crawl", "date")],
        time_format="crawl",
        country="" if tld is not None else table.columns[table.needed(*_PLACES)],
        tld="" if tld is None else table.columns[tld],
        values={one: Measured(signal=one, unit=one) for one in counts or _COUNTS[:1]},
        source="common-crawl",
        family=Family.CRAWL,
        quantity=Quantity.COUNT,
        licence=LICENCE,
    )
    return read_mapped(content, name, mapping, options)
