"""Names, URLs and addresses as text -> their parts, with the answers remembered: the same few recur all the time."""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_REMEMBERED: Final = 16_384
_LONGEST_REMEMBERED: Final = 512
"""Longer ones are worked out anew each time, so that hostile input cannot fill the memory."""
_LONGEST_ADDRESS: Final = 64
_LONGEST_NAME: Final = 253
_DOTS: Final = re.compile("[\u3002\uff0e\uff61]")
"""What else is a full stop in a host name (UTS 46)."""
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Prefixes under which networks without IPv4 name IPv4 addresses (RFC 6052, RFC 8215)."""


class UrlParts(NamedTuple):
    """A URL's scheme, host (lower-case, internationalised names in ASCII) and port; empty and 0 where unknown."""

    scheme: str
    host: str
    port: int


_NOTHING: Final = UrlParts("", "", 0)


@lru_cache(maxsize=_REMEMBERED)
def _url_parts(url: str) -> UrlParts:
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        return _NOTHING
    return UrlParts(split.scheme, ascii_host(host), port or _PORTS.get(split.scheme, 0))


def url_parts(url: str) -> UrlParts:
    """The parts of a URL; all empty where it cannot be read as one."""
    return _url_parts(url) if len(url) <= _LONGEST_REMEMBERED else _url_parts.__wrapped__(url)


def ascii_host(host: str) -> str:
    """A host name in lower case, internationalised labels as `xn--…`, without a final dot."""
    if host.isascii() or len(host) > _LONGEST_NAME:
        return host.rstrip(".").lower()
    # As UTS 46 has it and probes do it, hence not by Python's own codec: that one makes another site of a sharp s.
    host = unicodedata.normalize("NFKC", _DOTS.sub(".", host)).lower().rstrip(".")
    try:
        return ".".join([_ascii_label(label) for label in host.split(".")])
    except UnicodeError:
        return host


def _ascii_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


@lru_cache(maxsize=_REMEMBERED)
def _endpoint(address: str) -> tuple[str, int]:
    ip, _, port = address.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0  # noqa: PLR2004  65535 has five digits
    return ip.strip("[]"), number


def endpoint(address: str) -> tuple[str, int]:
    """`93.184.216.34:443` or `[2001:db8::1]:443` -> its address and port."""
    return _endpoint(address if len(address) <= _LONGEST_ADDRESS else address[:_LONGEST_ADDRESS])


@lru_cache(maxsize=_REMEMBERED)
def _parsed(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(ip)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address."""
    return len(text) <= _LONGEST_ADDRESS and _parsed(text) is not None


@lru_cache(maxsize=_REMEMBERED)
def _is_bogon(ip: str) -> bool:
    address = _parsed(ip)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    if any([address in prefix for prefix in _NAT64]):
        mapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return not (mapped or address).is_global or address.is_multicast


def is_own(ip: str) -> bool:
    """Whether an address leads to this very machine or link, whatever a resolver says of it: nothing is sent there."""
    address = _parsed(ip) if len(ip) <= _LONGEST_ADDRESS else None
    if address is None:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified or address.is_link_local or address.is_multicast


def is_bogon(ip: str) -> bool:
    """Whether an address can never be a public server's: private, loopback, link-local, reserved, multicast."""
    return len(ip) <= _LONGEST_ADDRESS and _is_bogon(ip)


@lru_cache(maxsize=_REMEMBERED)
def _embedded_ipv4(ip: str) -> str:
    address = _parsed(ip)
    if not isinstance(address, ipaddress.IPv6Address):
        return ""
    return str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))


def embedded_ipv4(ip: str) -> str:
    """The IPv4 address that a network without IPv4 would mean by this IPv6 address (RFC 6052), empty for any other."""
    return _embedded_ipv4(ip) if ":" in ip and len(ip) <= _LONGEST_ADDRESS else ""


def is_ipv6(ip: str) -> bool:
    """Whether the text is an IPv6 address."""
    return ":" in ip and is_address(ip)
