"""Google's Transparency Report: traffic of its products by country, normalised, with noise.

Shapes: times and fractions as https://github.com/Jigsaw-Code/net-analysis saves them (REGION/PRODUCT.csv, no header),
with a header, with a column for each product or country, or with columns of products and countries.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.model.series import Family, Quantity, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.mapping import Mapping, Measured, read_mapped
from lampwatch.signals.naming import asked_entity, country, country_in, stem, word
from lampwatch.signals.table import Table, header_of

NAME: Final = "google-traffic"
ABOUT: Final = "Google Transparency Report: traffic by product and country (CSV)"
LICENCE: Final = "Google Transparency Report"
DELAY_S: Final = 3600

PRODUCTS: Final = frozenset(
    {
        "all",
        "blogger",
        "books",
        "docs",
        "drive",
        "earth",
        "gmail",
        "google-search",
        "groups",
        "images",
        "mail",
        "maps",
        "orkut",
        "photos",
        "picasa",
        "play",
        "search",
        "sites",
        "spreadsheets",
        "translate",
        "video",
        "web-search",
        "websearch",
        "youtube",
    }
)
"""What Google calls its products, as words with hyphens."""
_TIMES: Final = ("time", "timestamp", "date", "datetime", "time (utc)")
_VALUES: Final = ("value", "traffic", "fraction", "traffic_fraction", "normalized", "normalised", "y")
_COUNTRIES: Final = ("country", "region", "country_code", "region_code")
_LEAST_COUNTRIES: Final = 3


def recognises(head: bytes, name: str) -> bool:
    """A table of times and fractions, in a file, with columns, or with a column of products, that Google has."""
    columns = header_of(head)
    if len(columns) < 2:  # noqa: PLR2004  a time and a value
        return False
    named = word(stem(name)) in PRODUCTS or (
        "google" in stem(name).lower() and "traffic" in stem(name).lower()
    )
    if _is_time(columns[0]):
        return named
    if not set(columns) & set(_TIMES):
        return False
    others = {
        column for column in columns if column and column not in {*_TIMES, *_COUNTRIES, *_VALUES, "product"}
    }
    products = {column for column in others if word(column) in PRODUCTS}
    return (
        bool(products - {"all"} and products == others)
        or "product" in columns
        or (named and bool(set(columns) & {*_VALUES, "count"}))
    )


def _is_time(cell: str) -> bool:
    try:
        instant(cell)
    except ValueError:
        return False
    return True


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give each product of each country."""
    if not options.country and not options.place and (found := country(PurePath(name).parent.name)):
        # A folder is named after the country, where the file is named after the product.
        options = options if country_in(name) else msgspec.structs.replace(options, country=found)
    headless = _is_time(Table(content, name).columns[0])
    if headless:
        content = b"time,value\n" + content.removeprefix(b"\xef\xbb\xbf")
    for one in read_mapped(content, name, _mapping(Table(content, name), name, options), options):
        yield (
            MalformedRow(one.source, one.line - 1, one.reason)
            if headless and isinstance(one, MalformedRow)
            else one
        )


def _mapping(table: Table, name: str, options: Options) -> Mapping:
    product = word(stem(name)) if word(stem(name)) in PRODUCTS else "traffic"
    products = [column for column in table.columns if word(column) in PRODUCTS]
    where, values = table.column(*_COUNTRIES), table.column(*_VALUES)
    mapping = Mapping(
        time=table.columns[table.needed(*_TIMES)],
        country="" if where is None or asked_entity(options) else table.columns[where],
        signal=product,
        source="google",
        family=Family.TRAFFIC,
        unit="requests",
        quantity=Quantity.LEVEL,
        licence=LICENCE,
    )
    if values is not None:
        column = "product" if "product" in table.columns else ""
        return msgspec.structs.replace(
            mapping, values={table.columns[values]: Measured()}, signal_column=column
        )
    if products:
        return msgspec.structs.replace(mapping, values={one: Measured(signal=word(one)) for one in products})
    if len([column for column in table.columns if country(column)]) >= _LEAST_COUNTRIES:
        return msgspec.structs.replace(mapping, wide="country")
    table.needed(*_VALUES)
    return mapping
