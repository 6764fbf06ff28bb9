"""Which observations stand behind a named group of facts."""

from collections.abc import Sequence
from typing import Final

from lampwatch.model.observation import DnsLookup, Handshake, HttpExchange, Observations, TcpConnect, Witness

_MOST: Final = 16
"""A verdict names this many witnesses of a group at most; the rest are in the measurement all the same."""
_KINDS: Final = {"dns": "dns", "tcp": "tcp", "tls": "handshake", "http": "http"}


def witnesses_of(group: str, observed: Observations) -> tuple[Witness, ...]:
    """The observations of a group: `dns`, `tcp`, `tls`, `http`, each also under `last.` and `control.`.

    Without a prefix it is the URL's own host (for `http` the whole chain), `last.` the host the final redirect led to.
    """
    place, _, kind = group.rpartition(".")
    if place == "control":
        facts, vantage = observed.control, "control"
    else:
        facts, vantage = observed.probe, "probe"
    if facts is None:
        return ()
    depth = None
    if place == "" and kind != "http":
        depth = 0
    elif place == "last":
        depth = max([e.depth for e in facts.dns] + [e.depth for e in facts.http], default=0)
    entries: Sequence[DnsLookup | TcpConnect | Handshake | HttpExchange] = {
        "dns": facts.dns,
        "tcp": facts.tcp,
        "tls": facts.handshakes,
        "http": facts.http,
    }[kind]
    return tuple(
        [
            Witness(vantage, _KINDS[kind], n)
            for n, entry in enumerate(entries)
            if depth is None or entry.depth == depth
        ][:_MOST]
    )
