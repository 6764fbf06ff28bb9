"""Where a resolver is: its address read into a host, a port and, where it is known, an IP address."""

from typing import Final

import msgspec

from lampwatch.formats.names import ascii_host, endpoint, is_address
from lampwatch.model.errors import UserError
from lampwatch.probe.dns.https import Url, url_of
from lampwatch.probe.network import joined
from lampwatch.probe.resolver import Engine, Resolver

_PORTS: Final = {Engine.UDP: 53, Engine.TCP: 53, Engine.DOT: 853, Engine.DOQ: 853}
_MOST_PORT: Final = 65_535


class Place(msgspec.Struct, frozen=True):
    """A resolver's host, as its certificate names it, and port; ip is empty where the host must be looked up.

    written is how the resolver is named in the record, url is set for DNS over HTTPS.
    """

    host: str
    port: int
    ip: str
    written: str
    url: Url | None = None


def place_of(resolver: Resolver) -> Place:
    """Read a resolver's address: `ip`, `ip:port`, `name:port` or an https URL. Raises UserError where it is none."""
    if resolver.engine is Engine.DOH:
        url = url_of(resolver.address)
        return Place(url.host, url.port, _ip(resolver, url.host), resolver.address, url)
    usual = _PORTS[resolver.engine]
    if is_address(resolver.address):
        host, port = resolver.address, usual
    else:
        host, port = endpoint(resolver.address)
        host, port = (host, port) if port else (resolver.address, usual)
    host = ascii_host(host.strip("[]"))
    if not host or "/" in host or port > _MOST_PORT or (":" in host and not is_address(host)):
        raise UserError(f"{resolver.address!r} is no resolver: write it as address:port")
    ip = _ip(resolver, host)
    return Place(host, port, ip, joined(ip or host, port))


def _ip(resolver: Resolver, host: str) -> str:
    if resolver.ip and not is_address(resolver.ip):
        raise UserError(f"{resolver.ip!r} is no IP address to reach the resolver {resolver.address} at")
    return resolver.ip or (host if is_address(host) else "")
