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
from lampwatch.model.vocabulary import Vantage

_MOST: Final = 16
"""A verdict names this many witnesses of a group at most; the rest are in the measurement all the same."""
_OF_KIND: Final[dict[str, Callable[[Facts], Sequence[DnsLookup | TcpConnect | Handshake | HttpExchange]]]] = {
    "dns": attrgetter("dns"),
    "tcp": attrgetter("tcp"),
    "tls": attrgetter("handshakes"),
    "http": attrgetter("http"),
}
_KINDS: Final = {"dns": "dns", "tcp": "tcp", "tls": "handshake", "http": "http"}
_FIRST: Final[dict[tuple[str, str], tuple[Witness, ...]]] = {
    (vantage, kind): tuple([witnessed(vantage, name, n) for n in range(_MOST)])
    for vantage in Vantage
    for kind, name in _KINDS.items()
}
_depth: Final = attrgetter("depth")


def witnesses_of(group: str, observed: Observations) -> tuple[Witness, ...]:
    """The observations of a group: `dns`, `tcp`, `tls`, `http`, each also under `last.` and `control.`.

    Without a prefix it is the URL's own host (for `http` the whole chain), `last.` the host the final redirect led to.
    """
    place, _, kind = group.rpartition(".")
    vantage, facts = ("control", observed.control) if place == "control" else ("probe", observed.probe)
    if facts is None:
        return ()
    found = _OF_KIND[kind](facts)
    if place == "last":
        depth = max(map(_depth, (*facts.dns, *facts.http)), default=0)
        numbers = [n for n, entry in enumerate(found) if entry.depth == depth]
    elif place == "" and kind != "http" and any(map(_depth, found)):
        numbers = [n for n, entry in enumerate(found) if not entry.depth]
    else:
        return _FIRST[vantage, kind][: len(found)]
    return tuple([witnessed(vantage, _KINDS[kind], n) for n in numbers[:_MOST]])
