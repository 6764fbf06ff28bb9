"""How much, how often and how long: what one client may ask of the control, and all of them together."""

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from lampwatch.probe.control_service.question import Refused

_MOST_CLIENTS: Final = 20_000
"""Remembered at once; whoever was silent longest is forgotten first."""
_SITE_PREFIX: Final = 64
"""Bits of an IPv6 address that one customer shares: all addresses under them are one client."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is allowed. A question takes up to about a minute of one address's share at the default rate."""

    per_minute: float = 60.0
    """Questions of one client, in the long run."""
    burst: int = 60
    """Questions of one client at once, after it was silent."""
    at_once: int = 64
    """Questions being answered, of all clients."""
    at_once_each: int = 8
    """Questions being answered, of one client."""
    read_s: float = 10.0
    """Seconds for a question to arrive."""


class _Client:
    """What one client has left."""

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at
        self.running = 0


class Admission:
    """Lets questions in, or says why not. Clients are told apart by a salted hash that lives in memory only."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float], salt: bytes) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._salt = salt
        self._clients: OrderedDict[bytes, _Client] = OrderedDict()
        self._running = 0

    @contextmanager
    def admitted(self, address: str) -> Iterator[Refused | None]:
        """Hold a place for one question of a client; gives the refusal where there is none."""
        client = self._client(address)
        refused = self._refusal(client)
        if refused is not None:
            yield refused
            return
        client.tokens -= 1
        client.running += 1
        self._running += 1
        try:
            yield None
        finally:
            client.running -= 1
            self._running -= 1

    def _refusal(self, client: _Client) -> Refused | None:
        if client.tokens < 1 or client.running >= self._limits.at_once_each:
            return Refused(429, "too many questions from this address; ask again in a minute")
        if self._running >= self._limits.at_once:
            return Refused(503, "the control is busy; ask again in a minute")
        return None

    def _client(self, address: str) -> _Client:
        now = self._monotonic()
        name = hashlib.blake2b(_site(address).encode(), key=self._salt, digest_size=16).digest()
        client = self._clients.pop(name, None) or _Client(float(self._limits.burst), now)
        gained = (now - client.at) * self._limits.per_minute / 60
        client.tokens, client.at = min(client.tokens + gained, float(self._limits.burst)), now
        self._clients[name] = client
        while len(self._clients) > _MOST_CLIENTS:
            self._clients.popitem(last=False)
        return client


def _site(address: str) -> str:
    """What counts as one client: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return (
            str(mapped) if mapped else str(ipaddress.IPv6Network((int(parsed), _SITE_PREFIX), strict=False))
        )
    return str(parsed)
