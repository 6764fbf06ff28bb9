"""Check-in: what a probe says of itself -> what it is to measure, and with whose help. Pure.

Source: OONI spec, bk-005 (check-in, version 1).
"""

import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from lampwatch.collect.reception.refusal import RefusedError
from lampwatch.collect.reception.report_id import asn_of, country_of, report_id
from lampwatch.model.network import Network

_UNKNOWN_COUNTRY: Final = "ZZ"
_MOST_CATEGORIES: Final = 100
_CATEGORY: Final = re.compile(r"[A-Z]{2,8}")
_LOOKED_UP_BITS: Final = {4: 24, 6: 48}
"""So much of an address is enough for its network and country, and names nobody."""


class Target(msgspec.Struct, frozen=True):
    """One entry of a test list: a URL, its category, and the country the list is for (XX: all)."""

    url: str
    category_code: str
    country_code: str


class Helper(msgspec.Struct, frozen=True):
    """A control for web measurements: its URL and how it is spoken to (`https`, `cloudfront`)."""

    address: str
    type: str


Targets = Callable[[str, Sequence[str]], Sequence[Target]]
"""Gives what to measure in a country, of these categories; of all where none is named."""


class Networks(Protocol):
    """Whose an address is, and what a network is called."""

    def network_of(self, ip: str, /) -> Network:
        """The network and country of an address; asn 0 and country "" where they are not known."""
        ...

    def name_of(self, asn: int) -> str:
        """A network's name by its number; empty where it is not known."""
        ...


class _Web(msgspec.Struct):
    category_codes: list[str] | None = None


class CheckIn(msgspec.Struct):
    """What a probe sends, as far as it is used."""

    probe_cc: str | None = None
    probe_asn: str | None = None
    web_connectivity: _Web | None = None


class Whereabouts(msgspec.Struct, frozen=True):
    """A probe's country and network."""

    probe_cc: str
    probe_asn: int
    network_name: str


_CHECK_IN: Final = msgspec.json.Decoder(CheckIn)


def check_in_of(body: bytes) -> CheckIn:
    """Read a check-in. Raises RefusedError."""
    try:
        return _CHECK_IN.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(400, f"the body is no check-in: {' '.join(str(error).split())[:300]}") from error


def categories_of(asked: CheckIn) -> tuple[str, ...]:
    """The categories asked for; what is no category's code is left out."""
    codes = asked.web_connectivity.category_codes if asked.web_connectivity is not None else None
    return tuple(code for code in (codes or ())[:_MOST_CATEGORIES] if _CATEGORY.fullmatch(code))


def whereabouts(asked: CheckIn, networks: Networks | None, address: str) -> Whereabouts:
    """Where a probe is: as it says, else as the network of its address says. The address is forgotten at once."""
    country, asn = country_of(asked.probe_cc or ""), asn_of(asked.probe_asn or "")
    if networks is None:
        return Whereabouts(country, asn, "")
    if country == _UNKNOWN_COUNTRY or not asn:
        found = networks.network_of(_neighbourhood(address))
        country = country if country != _UNKNOWN_COUNTRY else country_of(found.country)
        asn = asn or found.asn
    return Whereabouts(country, asn, networks.name_of(asn) if asn else "")


def _neighbourhood(address: str) -> str:
    """The network part of an address: readers of address data remember what they were asked."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(ipaddress.ip_network((ip, _LOOKED_UP_BITS[ip.version]), strict=False).network_address)


def answer(
    where: Whereabouts,
    urls: Sequence[Target],
    helpers: Sequence[Helper],
    *,
    now: dt.datetime,
    token: str,
    address: str = "",
) -> dict[str, object]:
    """The answer to a check-in. now is UTC; token is random and ends the report's name.

    address is what the probe is seen as: told to nobody but itself, so that it can keep it out of what it writes.
    """
    asn = f"AS{where.probe_asn}"
    return {
        "v": 1,
        "probe_cc": where.probe_cc,
        "probe_asn": asn,
        "probe_network_name": where.network_name,
        "your_address": address,
        "utc_time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "conf": {"features": {}, "test_helpers": {"web-connectivity": list(helpers)}},
        "tests": {
            "web_connectivity": {
                "report_id": report_id(now, "web_connectivity", where.probe_cc, asn, token),
                "urls": list(urls),
            }
        },
    }
