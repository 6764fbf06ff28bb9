"""MaxMind-format files behind one small reader: whose an address is, whatever spelling a publisher uses."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import maxminddb

from lampwatch.model.errors import UserError
from lampwatch.model.network import UNKNOWN_NETWORK, Network

CACHED_ADDRESSES: Final = 131_072
"""Addresses whose network is remembered; measurements of a day name fewer. A full cache is emptied."""
MAX_NAME: Final = 200
"""Characters of a network's name that are kept."""

_LONGEST_ADDRESS: Final = 45
_ASN: Final = ("autonomous_system_number", "asn", "as_number")
_NAME: Final = ("autonomous_system_organization", "as_name", "as_organization", "organization", "name")
_COUNTRY: Final = ("country_code", "country", "registered_country")
_CODE: Final = re.compile(r"[A-Za-z]{2}")
_NUMBER: Final = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)
_MAPPED: Final = "::ffff:"
_NAT64: Final = "64:ff9b::"
_IPV4: Final = 0xFFFF_FFFF


class AddressBook:
    """Whose an address is, from a file of networks and a file of countries; either may hold both, or be absent.

    Each question is asked of the file named for it first, then of the other. version is the snapshot's name, as
    verdicts cite it. Can be pickled: the files are opened anew. Raises UserError where a file cannot be opened.
    """

    def __init__(self, *, asn: Path | None, country: Path | None, version: str) -> None:
        self._paths = (asn, country)
        self._version = version
        readers = {path: open_mmdb(path) for path in self._paths if path is not None}
        self._networks = _in_order(readers, asn, country)
        self._countries = _in_order(readers, country, asn)
        self._known: dict[tuple[int, str, str], Network] = {}
        # A dictionary that fills itself answers a known address without entering Python code.
        self.network_of: Callable[[str], Network] = _Remembered(self._look_up).__getitem__

    def __reduce__(self) -> tuple[object, tuple[Path | None, Path | None, str]]:
        return _reopened, (*self._paths, self._version)

    @property
    def version(self) -> str:
        """The snapshot's name, as verdicts cite it."""
        return self._version

    def _look_up(self, ip: str) -> Network:
        address = _plain(ip)
        asn, name, country = 0, "", ""
        for path, reader in self._networks:
            record = _record(reader, path, address)
            asn = _asn_of(record)
            if asn:
                name = _text_of(record, _NAME)
                break
        for path, reader in self._countries:
            country = _country_of(_record(reader, path, address))
            if country:
                break
        if not (asn or country):
            return UNKNOWN_NETWORK
        key = (asn, name, country)
        return self._known.setdefault(key, Network(asn, name, country))


class _Remembered(dict[str, Network]):
    """Networks by address, asked for once and kept; bounded, and holding nothing that is no address."""

    def __init__(self, look_up: Callable[[str], Network]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, ip: str) -> Network:
        if len(ip) > _LONGEST_ADDRESS:
            return UNKNOWN_NETWORK
        network = self._look_up(ip)
        if len(self) >= CACHED_ADDRESSES:
            self.clear()
        self[ip] = network
        return network


def open_mmdb(path: Path) -> maxminddb.Reader:
    """Open a MaxMind-format file, mapped into memory. Raises UserError where it is none."""
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        message = f"{path} cannot be read as a MaxMind-format file: {error}. Run `lampwatch geoip update` to replace it."
        raise UserError(message) from error


def _reopened(asn: Path | None, country: Path | None, version: str) -> AddressBook:
    return AddressBook(asn=asn, country=country, version=version)


def _in_order(
    readers: dict[Path, maxminddb.Reader], *paths: Path | None
) -> tuple[tuple[Path, maxminddb.Reader], ...]:
    return tuple((path, readers[path]) for path in dict.fromkeys(paths) if path is not None)


def _plain(ip: str) -> str:
    """Give the IPv4 address that an IPv4-mapped or NAT64 (RFC 6052) address leads to; any other as it is."""
    if not ip[:9].lower().startswith((_MAPPED, _NAT64)):
        return ip
    try:
        return str(ipaddress.IPv4Address(int(ipaddress.IPv6Address(ip)) & _IPV4))
    except ValueError:
        return ip


def _record(reader: maxminddb.Reader, path: Path, ip: str) -> dict[str, object]:
    try:
        record = reader.get(ip)
    except ValueError:
        # No address at all, or an IPv6 one asked of a file that knows IPv4 only.
        return {}
    except maxminddb.InvalidDatabaseError as error:
        message = f"{path} is damaged: {error}. Run `lampwatch geoip update` to replace it."
        raise UserError(message) from error
    return dict(record) if isinstance(record, dict) else {}


def _asn_of(record: dict[str, object]) -> int:
    for key in _ASN:
        value = record.get(key)
        if isinstance(value, int) and 0 < value <= _IPV4:
            return value
        match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
        if match and 0 < int(match[1]) <= _IPV4:
            return int(match[1])
    return 0


def _text_of(record: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((text[:MAX_NAME] for key in keys if isinstance(text := record.get(key), str) and text), "")


def _country_of(record: dict[str, object]) -> str:
    for key in _COUNTRY:
        value = record.get(key)
        if isinstance(value, dict):
            value = value.get("iso_code")
        if isinstance(value, str) and _CODE.fullmatch(value) and value.upper() != "ZZ":
            return value.upper()
    return ""
