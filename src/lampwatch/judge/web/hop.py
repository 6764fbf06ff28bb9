"""One hop of a fetch: a host name resolved, connected to, shaken hands with, and asked for a page."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Final

from lampwatch.formats.names import is_ipv6
from lampwatch.judge.web.control import ControlView, Endpoint
from lampwatch.judge.web.dns import BY_FAILURE, GENUINE, NOT_ASKED, Answered, answered
from lampwatch.judge.web.trusted import Trusted
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.observation import DnsLookup, Handshake, HttpExchange, TcpConnect

# Python 3.11 takes ten times as long to find a member in its class, and this one is asked for in every measurement.
TIMEOUT: Final = Failure.TIMEOUT
LOCAL_TROUBLE: Final = frozenset(
    {Failure.NETWORK_DOWN, Failure.NETWORK_UNREACHABLE, Failure.HOST_UNREACHABLE}
)
"""Failures that the probe's own link makes, most of all where it has no IPv6."""
SILENCE: Final = LOCAL_TROUBLE | {TIMEOUT, Failure.INTERRUPTED}
"""What a connect over IPv6 ends in where the probe has none that works."""
CUT_OFF: Final = frozenset(
    {Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED, Failure.CONNECTION_ALREADY_CLOSED, Failure.EOF}
)
"""Failures by which somebody ended a connection that stood."""
BAD_CERTIFICATE: Final = frozenset(
    {Failure.TLS_INVALID_HOSTNAME, Failure.TLS_UNKNOWN_AUTHORITY, Failure.TLS_INVALID_CERTIFICATE}
)

_ENCRYPTED: Final = frozenset({"doh", "dot", "doq"})


class Hop:
    """The facts of one host name in a chain of redirects; what failed is said only of genuine addresses.

    system is what the system's resolver answered; where that is not genuine, other is what any other one did, and
    encrypted what came over DNS-over-TLS, -HTTPS or -QUIC, which nobody on the path can write.

    connect and tls are the failure that every attempt met, or None where one succeeded or none was made;
    connected and completed say that one did succeed; ipv6_in_doubt that the attempts went over IPv6 alone, and nothing
    shows that the probe's IPv6 works. *_outside is True where the control succeeded at one of the very
    endpoints that failed here, False where it failed there too, None where it did not try.
    """

    # Defaults stand in the class: most hops change few of them, and there is one for every measurement.
    system: Answered = NOT_ASKED
    other: Answered = NOT_ASKED
    encrypted: Answered = NOT_ASKED
    connected = completed = False
    connect: Failure | None = None
    connect_outside: bool | None = None
    ipv6_in_doubt = False
    tls: Failure | None = None
    tls_outside: bool | None = None
    exchange: HttpExchange | None = None

    def __init__(self, host: str) -> None:
        self.host = host

    def resolve(
        self,
        lookups: Sequence[DnsLookup],
        trusted: Trusted | None,
        injected: Callable[[tuple[str, ...]], Fingerprint | None],
    ) -> None:
        """Weigh what the system's resolver said of the host, and what the others did."""
        own = [lookup for lookup in lookups if lookup.engine == "system"]
        self.system = answered(own, trusted, injected)
        # Beside a genuine answer the others say nothing that a rule would ask.
        if self.system is not GENUINE and len(own) < len(lookups):
            self.other = answered([e for e in lookups if e.engine != "system"], trusted, injected)
            encrypted = [e for e in lookups if e.engine in _ENCRYPTED]
            if encrypted:
                self.encrypted = answered(encrypted, trusted, injected)

    def reach(
        self,
        tcp: Sequence[TcpConnect],
        shakes: Sequence[Handshake],
        genuine: Callable[[], Container[str]],
        control: ControlView | None,
        ipv6_works: Callable[[], bool],
    ) -> None:
        """Find the failure that every attempt at the host's genuine addresses met, by TCP and then by TLS.

        genuine gives these addresses, ipv6_works whether any step over IPv6 got an answer; they are asked only where
        something failed.
        """
        refused = [((c.ip, c.port), c.failure) for c in tcp if c.failure is not None]
        failed = [((s.ip, s.port), s.failure) for s in shakes if s.failure is not None]
        self.connected = len(refused) < len(tcp)
        self.completed = len(failed) < len(shakes) and any([s.failure is None and s.verified for s in shakes])
        own = genuine() if refused or failed else ()
        if refused:
            self.connected = any([c.failure is None and c.ip in own for c in tcp])
            refused = [e for e in refused if e[0][0] in own]
            if any([is_ipv6(ip) for (ip, _), _ in refused]) and not self.connected and not ipv6_works():
                over_ipv4 = [e for e in refused if not is_ipv6(e[0][0])]
                self.ipv6_in_doubt = not over_ipv4
                refused = over_ipv4 or refused
            if refused and not self.connected:
                self.connect, self.connect_outside = _common(refused, control.tcp if control else {})
        if failed:
            self.completed = any([s.failure is None and s.verified and s.ip in own for s in shakes])
            failed = [e for e in failed if e[0][0] in own]
            if failed and not self.completed:
                self.tls, self.tls_outside = _common(failed, control.tls if control else {})

    def read_exchange(self, exchange: HttpExchange | None) -> None:
        """Add the exchange; where older probes wrote no step of their own, its failure tells which step it was."""
        self.exchange = exchange
        if exchange is None or exchange.failure is None or exchange.status:
            return
        failure = exchange.failure
        if self.system is NOT_ASKED and failure in BY_FAILURE and failure is not TIMEOUT:
            self.system = BY_FAILURE[failure]
        elif self.connect is not None or self.tls is not None or self.completed:
            return
        elif failure is Failure.CONNECTION_REFUSED or (failure is TIMEOUT and not self.connected):
            self.connect = None if self.connected else failure
        elif exchange.over_tls and (failure in CUT_OFF or failure in BAD_CERTIFICATE or failure is TIMEOUT):
            self.tls = failure


def _common(
    failed: Sequence[tuple[Endpoint, Failure]], outside: Mapping[Endpoint, Failure | None]
) -> tuple[Failure | None, bool | None]:
    """The failure to be explained, and whether the control succeeded at an endpoint that met it.

    An IPv6 address that the probe's own link cannot reach explains nothing while there is anything else to explain.
    """
    telling = [e for e in failed if e[1] not in LOCAL_TROUBLE or not is_ipv6(e[0][0])] or list(failed)
    disputed = [failure for endpoint, failure in telling if outside.get(endpoint, failure) is None]
    if disputed:
        return disputed[0], True
    tried = any([endpoint in outside for endpoint, _ in telling])
    return telling[0][1], False if tried else None
