"""Which observations stand behind a named group of facts."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from lampwatch.model.observation import (
    DnsLookup,
    Facts,
    Handshake,
    HttpExchange,
    Observations,
    TcpConnect,
    Witness,
    witnessed,
)

_MOST: Final = 16
"""A verdict names this many witnesses of a group at most; the rest are in the measurement all the same."""
_OF_KIND: Final[dict[str, Callable[[Facts], Sequence[DnsLookup | TcpConnect | Handshake | HttpExchange]]]] = {
    "dns": attrgetter("dns"),
    "tcp": attrgetter("tcp"),
    "tls": attrgetter("handshakes"),
    "http": attrgetter("http"),
}
_KINDS: Final = {"dns": "dns", "tcp": "tcp", "tls": "handshake", "http": "http"}


def witnesses_of(group: str, observed: Observations) -> tuple[Witness, ...]:
    """The observations of a group: `dns`, `tcp`, `tls`, `http`, each also under `last.` and `control.`.

    Without a prefix it is the URL's own host (for `http` the whole chain), `last.` the host the final redirect led to.
    """
    place, _, kind = group.rpartition(".")
    vantage, facts = ("control", observed.control) if place == "control" else ("probe", observed.probe)
    if facts is None:
        return ()
    found = _OF_KIND[kind](facts)
    numbers: Sequence[int] = range(len(found))
    if place == "last":
        depth = max([e.depth for e in facts.dns] + [e.depth for e in facts.http], default=0)
        numbers = [n for n, entry in enumerate(found) if entry.depth == depth]
    elif place == "" and kind != "http":
        numbers = [n for n, entry in enumerate(found) if not entry.depth]
    name = _KINDS[kind]
    return tuple([witnessed(vantage, name, n) for n in numbers[:_MOST]])
