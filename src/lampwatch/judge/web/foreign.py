"""What became of the addresses that the system's resolver gave and nobody else knows."""

from typing import Final

from lampwatch.formats.names import ascii_host
from lampwatch.judge.web.control import ControlView, Endpoint
from lampwatch.model.failure import Failure
from lampwatch.model.observation import Facts, HttpExchange

_HTTPS: Final = 443


class ForeignAnswer:
    """The fate of a foreign answer: did its addresses fail, what page did they serve, did the control fail there too.

    failed is true where an attempt at these addresses ended in failure and none got a response. page is the
    unencrypted response that one of them served. denied is true where the control tried them and got nowhere.
    """

    __slots__ = ("addresses", "denied", "failed", "page")

    def __init__(self, host: str, port: int, probe: Facts, outside: ControlView | None) -> None:
        self.addresses = frozenset(
            [
                address
                for lookup in probe.dns
                if lookup.engine == "system" and ascii_host(lookup.hostname) == host and not lookup.late
                for address in lookup.answers
            ]
        )
        own = self.addresses
        self.page: HttpExchange | None = None
        failures = 0
        served = False
        for exchange in probe.http:
            # Before version 0.5 an exchange does not name its address: it went where the system's resolver said.
            if exchange.depth == 0 and (exchange.ip in own or not exchange.ip):
                if exchange.failure is not None:
                    failures += 1
                elif exchange.status:
                    served = True
                    self.page = None if exchange.over_tls else exchange
        failures += _failed_everywhere(
            [(c.ip, c.failure) for c in probe.tcp if c.ip in own and c.port == port]
        )
        shakes = [(s.ip, s.failure) for s in probe.handshakes if s.ip in own and s.port == port]
        failures += _failed_everywhere(shakes)
        self.failed = failures > 0 and not served
        self.denied = outside is not None and (
            _denied(own, port, outside.tls)
            or (port != _HTTPS and _denied(own, port, outside.tcp))
            # A site that proves itself by TLS elsewhere, and not there, is not there, whatever port it is asked on.
            or (None in outside.tls.values() and _denied(own, _HTTPS, outside.tls))
        )


def _failed_everywhere(outcomes: list[tuple[str, Failure | None]]) -> int:
    return int(bool(outcomes) and all([failure is not None for _, failure in outcomes]))


def _denied(own: frozenset[str], port: int, outside: dict[Endpoint, Failure | None]) -> bool:
    tried = [failure for (ip, number), failure in outside.items() if ip in own and number == port]
    return bool(tried) and all([failure is not None for failure in tried])
