"""M-Lab: speed tests a day or hour by country, region or network, as a query of its BigQuery tables exports them.

The names of columns are the query's; these are the ones that M-Lab's own examples use.
"""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.series import Family, Quantity, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.mapping import Mapping, Measured, read_mapped
from lampwatch.signals.naming import stem
from lampwatch.signals.table import Table, header_of

NAME: Final = "mlab"
ABOUT: Final = "M-Lab: tests by day or hour and country, exported from BigQuery (CSV)"
LICENCE: Final = "M-Lab: CC0 1.0"
DELAY_S: Final = 2 * 86400

_TIMES: Final = ("date", "day", "hour", "time", "timestamp", "test_date", "test_time", "hour_ts", "ts")
_COUNTRIES: Final = (
    "country",
    "country_code",
    "countrycode",
    "client_country",
    "client_country_code",
    "cc",
    "client_geo_country_code",
)
_REGIONS: Final = ("region", "iso3166_2region1", "client_region", "region_code")
_NETWORKS: Final = ("asn", "client_asn", "as_number", "asnumber")
_COUNTS: Final = ("tests", "num_tests", "test_count", "ndt_tests", "n_tests", "downloads", "uploads")
_PLAIN_COUNTS: Final = ("count", "n", "measurements", "samples", "f0_")
"""Names that say nothing of M-Lab: they do where the file's name does."""


def recognises(head: bytes, name: str) -> bool:
    """A time, a country or none, and a number of tests."""
    columns = header_of(head)
    if not set(_TIMES) & set(columns):
        return False
    named = any(part in stem(name).lower() for part in ("mlab", "m-lab", "ndt"))
    return bool(set(_COUNTS) & set(columns)) or (named and bool(set(_PLAIN_COUNTS) & set(columns)))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give each column of counts of each country, region or network. A bin without a row was not told of."""
    table = Table(content, name)

    def named(candidates: tuple[str, ...]) -> str:
        at = table.column(*candidates)
        return "" if at is None else table.columns[at]

    counts = [column for column in (*_COUNTS, *_PLAIN_COUNTS) if column in table.columns]
    several = len(counts) > 1
    mapping = Mapping(
        time=named(_TIMES) or "date",
        country=named(_COUNTRIES),
        region=named(_REGIONS),
        asn=named(_NETWORKS),
        values={one: Measured(signal=one.replace("_", "-") if several else "tests") for one in counts},
        source=NAME,
        family=Family.MEASUREMENTS,
        unit="tests",
        quantity=Quantity.COUNT,
        licence=LICENCE,
    )
    if not counts:
        table.needed(*_COUNTS)
    return read_mapped(content, name, mapping, options)
