"""Resolvers as the command line names them, for who measures and for who compares."""

from collections.abc import Sequence
from typing import Final

from lampwatch.formats.names import is_address
from lampwatch.model.errors import UserError
from lampwatch.probe.dns.place import place_of
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver

PUBLIC_UDP: Final = "8.8.8.8:53"
PUBLIC_DOH: Final = "https://cloudflare-dns.com/dns-query@1.1.1.1"
"""Two operators, so that neither alone decides what a name is said to be."""
NONE: Final = "none"
_BY_SCHEME: Final = {
    "udp": Engine.UDP,
    "tcp": Engine.TCP,
    "tls": Engine.DOT,
    "dot": Engine.DOT,
    "quic": Engine.DOQ,
    "doq": Engine.DOQ,
}


def resolver_named(text: str) -> Resolver:
    """`system`, `8.8.8.8:53`, `tls://…`, `quic://…`, or `https://…` with `@` and its address. Else UserError."""
    if text == "system":
        return SYSTEM
    scheme, is_url, rest = text.partition("://")
    if not is_url:
        scheme, rest = "udp", text
    if scheme == "https":
        url, _, ip = text.partition("@")
        found = Resolver(Engine.DOH, url, ip)
    else:
        address, _, ip = rest.partition("@")
        if scheme not in _BY_SCHEME:
            raise UserError(f"{text!r} is no resolver; write it as --resolver 8.8.8.8:53 or an https:// URL")
        found = Resolver(_BY_SCHEME[scheme], address, ip)
    place = place_of(found)
    if found.engine in {Engine.UDP, Engine.TCP} and not is_address(place.ip):
        raise UserError(f"{text!r} is no resolver's address; write it as --resolver 8.8.8.8:53")
    return found


def with_system(named: Sequence[str]) -> tuple[Resolver, ...]:
    """The system's own resolver, and after it those that are named, each once; `none` alone names no other.

    Raises UserError where a name is none.
    """
    if NONE in named and len(named) > 1:
        raise UserError("--resolver none names no other resolver, so it cannot stand beside one")
    others = [resolver_named(text) for text in named if text != NONE]
    return tuple(dict.fromkeys((SYSTEM, *others)))
