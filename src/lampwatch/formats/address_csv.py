"""CSV of address ranges, as ip-location-db and DB-IP publish them -> ranges for a MaxMind-format file.

A row is `first,last,number,name` for networks, `first,last,code` for countries; addresses in IPv4 or IPv6 notation,
or as whole numbers. There is no header.
"""

import csv
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from lampwatch.formats.mmdb_build import AddressRange, Fields
from lampwatch.formats.mmdb_record import LAST_ASN, MAX_NAME

_CODE: Final = re.compile(r"[A-Z]{2}")
_FEWEST_FIELDS: Final = 3


class Malformed(msgspec.Struct):
    """Rows left out so far: how many, and the first reason with its line (from 1)."""

    rows: int = 0
    read: int = 0
    first: str = ""


def network_ranges(lines: Iterable[str], malformed: Malformed) -> Iterator[AddressRange]:
    """Ranges with `autonomous_system_number` and `autonomous_system_organization`; AS 0 stands for no network."""
    return _ranges(lines, _network, malformed)


def country_ranges(lines: Iterable[str], malformed: Malformed) -> Iterator[AddressRange]:
    """Ranges with `country_code`, ISO 3166-1 alpha-2; ZZ and an empty code stand for no country."""
    return _ranges(lines, _country, malformed)


def _ranges(
    lines: Iterable[str], fields_of: Callable[[list[str]], Fields | None], malformed: Malformed
) -> Iterator[AddressRange]:
    reader = csv.reader(lines)
    while True:
        malformed.read += 1
        try:
            row = next(reader)
            if len(row) < _FEWEST_FIELDS:
                message = f"{len(row)} fields instead of {_FEWEST_FIELDS} or more"
                raise ValueError(message)  # noqa: TRY301  told and counted in one place, below
            found = _range(row, fields_of)
        except StopIteration:
            malformed.read -= 1
            return
        except (ValueError, csv.Error) as error:
            malformed.rows += 1
            malformed.first = malformed.first or f"line {reader.line_num}: {error}"[:200]
            continue
        if found is not None:
            yield found


def _range(row: list[str], fields_of: Callable[[list[str]], Fields | None]) -> AddressRange | None:
    first, last = _address(row[0]), _address(row[1])
    if last < first:
        message = f"the range ends at {row[1]} before it begins"
        raise ValueError(message)
    fields = fields_of(row)
    return AddressRange(first, last, fields) if fields else None


def _address(text: str) -> int:
    if ":" in text:
        return int(ipaddress.IPv6Address(text))
    if "." in text:
        return int(ipaddress.IPv4Address(text))
    if text.isascii() and text.isdigit() and len(text) <= len(str(2**128)):
        return int(ipaddress.ip_address(int(text)))
    message = f"{text[:60]!r} is no address"
    raise ValueError(message)


def _network(row: list[str]) -> Fields | None:
    number = row[2].upper().removeprefix("AS")
    if not (number.isascii() and number.isdigit()) or int(number[:11]) > LAST_ASN:
        message = f"{row[2][:40]!r} is no network's number"
        raise ValueError(message)
    if int(number) == 0:
        return None
    name = row[3][:MAX_NAME] if len(row) > _FEWEST_FIELDS else ""
    return ("autonomous_system_number", int(number)), ("autonomous_system_organization", name)


def _country(row: list[str]) -> Fields | None:
    code = row[2].strip().upper()
    if code in {"", "ZZ"}:
        return None
    if not _CODE.fullmatch(code):
        message = f"{row[2][:40]!r} is no two-letter country code"
        raise ValueError(message)
    return (("country_code", code),)
