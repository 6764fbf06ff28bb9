"""MaxMind-format files behind one small reader: whose an address is, and what a network is called."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Final

import maxminddb

from lampwatch.formats.mmdb_record import asn_of, country_of, name_of, open_mmdb
from lampwatch.formats.network_names import names_in, read_names
from lampwatch.model.errors import UserError
from lampwatch.model.network import UNKNOWN_NETWORK, Network

CACHED_ADDRESSES: Final = 131_072
"""Addresses whose network is remembered; measurements of a day name fewer. A full cache is emptied."""

_LONGEST_ADDRESS: Final = 45
_MAPPED: Final = "::ffff:"
_NAT64: Final = "64:ff9b::"
_IPV4: Final = 0xFFFF_FFFF


class AddressBook:
    """Whose an address is, from a file of networks and a file of countries; either may hold both, or be absent.

    Each question is asked of the file named for it first, then of the other. names is the CSV of names that stands
    beside the files; without it the file of networks is read through when a name is first asked for, which takes
    seconds. version is the snapshot's name, as verdicts cite it. Can be pickled: the files are opened anew. Raises
    UserError where a file cannot be opened or is damaged.
    """

    def __init__(
        self, *, asn: Path | None, country: Path | None, version: str, names: Path | None = None
    ) -> None:
        self._asn, self._country, self._version, self._names = asn, country, version, names
        readers = {path: open_mmdb(path) for path in (asn, country) if path is not None}
        self._networks = _in_order(readers, asn, country)
        self._countries = _in_order(readers, country, asn)
        self._known: dict[tuple[int, str, str], Network] = {}
        self._named: dict[int, str] | None = None
        # A dictionary that fills itself answers a known address without entering Python code.
        self.network_of: Callable[[str], Network] = _Remembered(self._look_up).__getitem__

    def __reduce__(self) -> tuple[object, tuple[Path | None, Path | None, str, Path | None]]:
        return _reopened, (self._asn, self._country, self._version, self._names)

    @property
    def version(self) -> str:
        """The snapshot's name, as verdicts cite it."""
        return self._version

    def name_of(self, asn: int) -> str:
        """A network's name by its number; empty where it is not known."""
        if self._named is None:
            self._named = self._read_names()
        return self._named.get(asn, "")

    def _read_names(self) -> dict[int, str]:
        if self._names is not None:
            return read_names(self._names)
        return names_in(self._asn) if self._asn is not None else {}

    def _look_up(self, ip: str) -> Network:
        address = _plain(ip)
        asn, name, country = 0, "", ""
        for path, reader in self._networks:
            record = _record(reader, path, address)
            asn = asn_of(record)
            if asn:
                name = name_of(record)
                break
        for path, reader in self._countries:
            country = country_of(_record(reader, path, address))
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


def _reopened(asn: Path | None, country: Path | None, version: str, names: Path | None) -> AddressBook:
    return AddressBook(asn=asn, country=country, version=version, names=names)


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
    except (ValueError, TypeError):
        # No address at all (a TypeError where it holds a NUL), or an IPv6 one asked of a file that knows IPv4 only.
        return {}
    except maxminddb.InvalidDatabaseError as error:
        message = f"{path} is damaged: {error}. Run `lampwatch geoip update` to replace it."
        raise UserError(message) from error
    return dict(record) if isinstance(record, dict) else {}
