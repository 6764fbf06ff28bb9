"""What methods that try servers share: how far each try got, what the tries say together, what shows a live link."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from lampwatch.formats.names import is_bogon, is_ipv6
from lampwatch.model.failure import Failure
from lampwatch.model.observation import Facts, Witness, witnessed
from lampwatch.model.vocabulary import Control, Layer, Mechanism

UNCOUNTED: Final = frozenset(
    {
        Failure.NETWORK_DOWN,
        Failure.NETWORK_UNREACHABLE,
        Failure.HOST_UNREACHABLE,
        Failure.INTERRUPTED,
        Failure.CONNECTION_ALREADY_CLOSED,
    }
)
"""Failures that the probe's own link or software makes: a try that ended so says nothing of the server."""

MOST_WITNESSES: Final = 16
"""A group names this many witnesses at most; the rest are in the measurement all the same."""

# Operators that answer from many places at once and whose failure everywhere would be world news: if one of these is
# silent while the link works, it is the path that is silent. Anybody else's lone server may simply be gone.
_ALWAYS_UP: Final = frozenset(
    {
        "dns.google",
        "dns.google.com",
        "dns64.dns.google",
        "8.8.8.8",
        "8.8.4.4",
        "cloudflare-dns.com",
        "chrome.cloudflare-dns.com",
        "mozilla.cloudflare-dns.com",
        "1dot1dot1dot1.cloudflare-dns.com",
        "one.one.one.one",
        "1.1.1.1",
        "1.0.0.1",
        "dns.quad9.net",
        "dns9.quad9.net",
        "dns10.quad9.net",
        "dns11.quad9.net",
        "9.9.9.9",
        "149.112.112.112",
        "doh.opendns.com",
        "dns.opendns.com",
        "208.67.222.222",
        "208.67.220.220",
        "dns.adguard.com",
        "dns.adguard-dns.com",
        "94.140.14.14",
        "94.140.15.15",
        "dns.nextdns.io",
        "stun.l.google.com",
        "stun1.l.google.com",
        "stun2.l.google.com",
        "stun3.l.google.com",
        "stun4.l.google.com",
        "stun.cloudflare.com",
        "global.stun.twilio.com",
    }
)


class Step(StrEnum):
    """The step at which a try ended, or the last it took. `protocol` is what runs over a transport that stood."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    QUIC = "quic"
    HTTP = "http"
    PROTOCOL = "protocol"


LAYERS: Final[dict[Step, Layer]] = {
    Step.DNS: Layer.DNS,
    Step.CONNECT: Layer.IP,
    Step.TLS: Layer.TLS,
    Step.QUIC: Layer.QUIC,
    Step.HTTP: Layer.HTTP,
    Step.PROTOCOL: Layer.IP,
}

_CUT: Final = (Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED, Failure.EOF)
_MECHANISMS: Final[dict[tuple[Step, Failure], Mechanism]] = {
    (Step.DNS, Failure.DNS_NXDOMAIN): Mechanism.DNS_NXDOMAIN,
    (Step.DNS, Failure.DNS_NO_ANSWER): Mechanism.DNS_NO_ANSWER,
    (Step.DNS, Failure.ANDROID_DNS_NO_DATA): Mechanism.DNS_NO_ANSWER,
    (Step.DNS, Failure.DNS_REFUSED): Mechanism.DNS_REFUSED,
    (Step.DNS, Failure.DNS_BOGON): Mechanism.DNS_BOGON,
    (Step.DNS, Failure.TIMEOUT): Mechanism.DNS_TIMEOUT,
    (Step.CONNECT, Failure.TIMEOUT): Mechanism.IP_DROP,
    (Step.CONNECT, Failure.CONNECTION_REFUSED): Mechanism.IP_REFUSE,
    **{(Step.CONNECT, failure): Mechanism.IP_REFUSE for failure in _CUT},
    (Step.TLS, Failure.TIMEOUT): Mechanism.TLS_SNI_DROP,
    (Step.TLS, Failure.TLS_UNKNOWN_AUTHORITY): Mechanism.TLS_INTERCEPTION,
    (Step.TLS, Failure.TLS_INVALID_HOSTNAME): Mechanism.TLS_INTERCEPTION,
    **{(Step.TLS, failure): Mechanism.TLS_SNI_RESET for failure in _CUT},
    (Step.QUIC, Failure.TIMEOUT): Mechanism.QUIC_DROP,
    (Step.HTTP, Failure.TIMEOUT): Mechanism.HTTP_DROP,
    **{(Step.HTTP, failure): Mechanism.HTTP_RESET for failure in _CUT},
    (Step.PROTOCOL, Failure.TIMEOUT): Mechanism.PROTOCOL_DROP,
    **{(Step.PROTOCOL, failure): Mechanism.PROTOCOL_RESET for failure in _CUT},
}


def always_up(host: str) -> bool:
    """Whether a host is run so that it is never down for everybody, and its silence is the path's."""
    return host in _ALWAYS_UP


def mechanism_of(step: Step, failure: Failure | None) -> Mechanism | None:
    """The interference that a failure at a step looks like; None where it looks like none."""
    return _MECHANISMS.get((step, failure)) if failure is not None else None


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One try to use one server: the last step it took, how that ended, and the observations that show it.

    ip is empty where the address is not known or not kept.
    """

    step: Step
    failure: Failure | None
    ip: str = ""
    witnesses: tuple[Witness, ...] = ()


class Reach(msgspec.Struct, frozen=True, gc=False):
    """How many servers of a kind were tried and reached, and what most of the others' failures look like.

    stood and failed are the witnesses of either.
    """

    tried: int
    reached: int
    mechanism: Mechanism | None
    stood: tuple[Witness, ...]
    failed: tuple[Witness, ...]

    @property
    def none(self) -> bool:
        """Whether some were tried and none was reached."""
        return self.tried > 0 and not self.reached


def counted(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The tries that say something of their servers.

    Without those that the probe's own link ended; and where no IPv6 address was even connected to while there are
    others, without IPv6: such a probe has none that works.
    """
    told = [attempt for attempt in attempts if attempt.failure not in UNCOUNTED]
    sixth = [attempt for attempt in told if is_ipv6(attempt.ip)]
    if (
        sixth
        and len(sixth) < len(told)
        and all(a.step is Step.CONNECT and a.failure is not None for a in sixth)
    ):
        return [attempt for attempt in told if not is_ipv6(attempt.ip)]
    return told


def reach_of(attempts: Sequence[Attempt]) -> Reach:
    """What the tries say together. The mechanism is the one most failures share, none where none ties with it."""
    told = counted(attempts)
    failed = [attempt for attempt in told if attempt.failure is not None]
    looks = Counter([mechanism_of(attempt.step, attempt.failure) for attempt in failed])
    mechanism = min(looks, key=lambda look: (-looks[look], str(look))) if looks else None
    stood = [attempt for attempt in told if attempt.failure is None]
    return Reach(len(told), len(stood), mechanism, _shown(stood), _shown(failed))


def _shown(attempts: Iterable[Attempt]) -> tuple[Witness, ...]:
    return tuple([witness for attempt in attempts for witness in attempt.witnesses][:MOST_WITNESSES])


def sign_of_life(facts: Facts) -> tuple[Witness, ...]:
    """The first observation that shows the probe's link to have worked; empty where nothing whatever did.

    A connect or handshake that stood, a response, or a DNS answer with an address of the public network.
    """
    for n, connect in enumerate(facts.tcp):
        if connect.failure is None:
            return (witnessed("probe", "tcp", n),)
    for n, handshake in enumerate(facts.handshakes):
        if handshake.failure is None:
            return (witnessed("probe", "handshake", n),)
    for n, exchange in enumerate(facts.http):
        if exchange.failure is None and exchange.status:
            return (witnessed("probe", "http", n),)
    for n, lookup in enumerate(facts.dns):
        if lookup.failure is None and any(not is_bogon(answer) for answer in lookup.answers):
            return (witnessed("probe", "dns", n),)
    return ()


class ReachFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule book needs of facts about reaching servers; methods add to it what their rules read.

    link is the sign that the probe's link worked, empty where there is none. groups name the witnesses of each group.
    """

    target: str
    link: tuple[Witness, ...] = ()
    groups: Mapping[str, tuple[Witness, ...]] = {}
    host: str = ""
    control: Control = Control.ABSENT

    def hostname(self, _group: str) -> str:
        """The server's name where the target is not named after it."""
        return self.host

    def fingerprint(self, _group: str) -> str:
        """No block page is looked for here."""
        return ""

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        """The observations behind a group; `link` is the sign of life."""
        return self.link if group == "link" else self.groups.get(group, ())
