"""What one record of a MaxMind-format file says, whatever spelling its publisher uses, and how the file is opened."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import maxminddb

from lampwatch.model.errors import UserError

MAX_NAME: Final = 200
"""Characters of a network's name that are kept."""
LAST_ASN: Final = 0xFFFF_FFFF

_ASN: Final = ("autonomous_system_number", "asn", "as_number")
_NAME: Final = ("autonomous_system_organization", "as_name", "as_organization", "organization", "name")
_COUNTRY: Final = ("country_code", "country", "registered_country")
_CODE: Final = re.compile(r"[A-Za-z]{2}")
_NUMBER: Final = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)


def open_mmdb(path: Path) -> maxminddb.Reader:
    """Open a MaxMind-format file, mapped into memory. Raises UserError where it is none."""
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        message = f"{path} cannot be read as a MaxMind-format file: {error}. Run `lampwatch geoip update`."
        raise UserError(message) from error


def asn_of(record: Mapping[str, object]) -> int:
    """The network's number, given as a number, `15169` or `AS15169`; 0 where there is none."""
    for key in _ASN:
        value = record.get(key)
        if isinstance(value, int) and 0 < value <= LAST_ASN:
            return value
        match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
        if match and 0 < int(match[1]) <= LAST_ASN:
            return int(match[1])
    return 0


def name_of(record: Mapping[str, object]) -> str:
    """The network's name, empty where there is none."""
    return next((text[:MAX_NAME] for key in _NAME if isinstance(text := record.get(key), str) and text), "")


def country_of(record: Mapping[str, object]) -> str:
    """The country's ISO 3166-1 alpha-2 code, given flat or as `country.iso_code`; empty where there is none."""
    for key in _COUNTRY:
        value = record.get(key)
        if isinstance(value, dict):
            value = value.get("iso_code")
        if isinstance(value, str) and _CODE.fullmatch(value) and value.upper() != "ZZ":
            return value.upper()
    return ""
