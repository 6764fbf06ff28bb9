"""The rule book of the DNS check: the resolver's name, then its addresses. README.md says why so."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from lampwatch.formats.names import endpoint, is_address, url_parts
from lampwatch.judge.reachability import (
    Attempt,
    Reach,
    ReachFacts,
    Step,
    always_up,
    mechanism_of,
    reach_of,
    sign_of_life,
)
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.dnscheck.extract import BOOTSTRAP
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import DnsLookup, Facts, Handshake, Observations, TcpConnect, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

_ANSWERS_PLAINLY: Final = frozenset(
    {Failure.DNS_NXDOMAIN, Failure.DNS_NO_ANSWER, Failure.DNS_REFUSED, Failure.DNS_SERVFAIL}
)
"""Outcomes by which a resolver did answer, whatever it answered."""
_TRANSPORT_STEPS: Final = {"udp": Step.DNS, "https": Step.HTTP, "doh": Step.HTTP, "h3": Step.HTTP}


class Resolver(ReachFacts, frozen=True, kw_only=True):
    """One public resolver: how its name was answered, and how many of its addresses answered.

    renowned says that it is never down for everybody. name is what a failed lookup of its name looks like; injected
    names the known injected answer that it got.
    """

    injected: str
    renowned: bool
    name: Mechanism | None
    addresses: Reach

    def fingerprint(self, group: str) -> str:
        """The injected answer that was recognised in the lookup of the name."""
        return self.injected if group == "name" else ""


ResolverRule = Rule[Resolver]


def _name_fails(mechanism: Mechanism) -> Callable[[Resolver], bool]:
    """The resolver's own name was answered in this way, though it certainly exists, while something else worked.

    An offline telephone, a router without its uplink and a portal before the login answer any name so.
    """
    return lambda dns: dns.renowned and dns.name is mechanism and bool(dns.link)


def _alive_but_cut(mechanism: Mechanism) -> Callable[[Resolver], bool]:
    """Every address took the connection and failed in this way after it."""
    return lambda dns: dns.addresses.none and dns.addresses.mechanism is mechanism and bool(dns.link)


def _silent_though_renowned(mechanism: Mechanism) -> Callable[[Resolver], bool]:
    """Every address of a resolver that is never down failed in this way, while something else worked."""
    return lambda dns: dns.renowned and _alive_but_cut(mechanism)(dns)


_NAME: Final = (
    (
        "nxdomain",
        Mechanism.DNS_NXDOMAIN,
        "the provider's resolver says that the name does not exist, and it does",
    ),
    (
        "no_answer",
        Mechanism.DNS_NO_ANSWER,
        "the provider's resolver gives the name no address, and it has some",
    ),
    ("refused", Mechanism.DNS_REFUSED, "the provider's resolver refuses to look the name up"),
    (
        "bogon",
        Mechanism.DNS_BOGON,
        "the provider's resolver gives the name an address no public server can have",
    ),
)
_RENOWNED: Final = (
    ("addresses_dropped", Layer.IP, Mechanism.IP_DROP, "packets to every address of it get no answer"),
    (
        "addresses_refused",
        Layer.IP,
        Mechanism.IP_REFUSE,
        "connections to every address of it are turned away",
    ),
    ("quic_dropped", Layer.QUIC, Mechanism.QUIC_DROP, "QUIC packets to every address of it get no answer"),
    (
        "queries_dropped",
        Layer.DNS,
        Mechanism.DNS_TIMEOUT,
        "plain queries to every address of it get no answer",
    ),
)
_CUT: Final = (
    ("tls_reset", Layer.TLS, Mechanism.TLS_SNI_RESET, "and the TLS handshake is cut off"),
    ("tls_dropped", Layer.TLS, Mechanism.TLS_SNI_DROP, "and the TLS handshake gets no answer"),
    ("http_reset", Layer.HTTP, Mechanism.HTTP_RESET, "and then it is cut off"),
    ("http_dropped", Layer.HTTP, Mechanism.HTTP_DROP, "and then nothing comes back"),
    ("queries_cut", Layer.IP, Mechanism.PROTOCOL_RESET, "and it is cut off at the query"),
    ("queries_unanswered", Layer.IP, Mechanism.PROTOCOL_DROP, "and no query is answered"),
)

RULES: Final = (
    ResolverRule(
        id="dnscheck.name.known_injection",
        layer=Layer.DNS,
        when=lambda dns: bool(dns.injected),
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.DIRECT,
        because="the resolver's name was answered with an address that is known to be injected",
        rests_on=("name",),
    ),
    *[
        ResolverRule(
            id=f"dnscheck.name.{way}",
            layer=Layer.DNS,
            when=_name_fails(mechanism),
            state=State.BLOCKED,
            mechanism=mechanism,
            evidence=Evidence.INFERRED,
            because=because,
            rests_on=("name", "link"),
        )
        for way, mechanism, because in _NAME
    ],
    ResolverRule(
        id="dnscheck.answers",
        when=lambda dns: dns.addresses.reached == dns.addresses.tried > 0,
        state=State.OK,
        because="every address of the resolver that could be tried answered",
        rests_on=("answered",),
    ),
    ResolverRule(
        id="dnscheck.some_addresses_answer",
        when=lambda dns: dns.addresses.reached > 0,
        state=State.OK,
        because="an address of the resolver answered, though not every one",
        rests_on=("answered", "failed"),
    ),
    *[
        ResolverRule(
            id=f"dnscheck.{way}",
            layer=layer,
            when=_silent_though_renowned(mechanism),
            state=State.BLOCKED,
            mechanism=mechanism,
            evidence=Evidence.INFERRED,
            because=f"the resolver is never down for everybody, and here {how}",
            rests_on=("failed", "link"),
        )
        for way, layer, mechanism, how in _RENOWNED
    ],
    *[
        ResolverRule(
            id=f"dnscheck.{way}",
            layer=layer,
            when=_alive_but_cut(mechanism),
            state=State.BLOCKED,
            mechanism=mechanism,
            evidence=Evidence.INFERRED,
            because=f"the resolver takes the connection, {how}",
            rests_on=("failed", "link"),
        )
        for way, layer, mechanism, how in _CUT
    ],
    ResolverRule(
        id="dnscheck.another_certificate",
        when=_alive_but_cut(Mechanism.TLS_INTERCEPTION),
        state=State.UNKNOWN,
        because="somebody else answered with another certificate, which a portal before its login does as well",
        rests_on=("failed",),
    ),
    ResolverRule(
        id="dnscheck.nothing_worked",
        when=lambda dns: not dns.link,
        state=State.UNKNOWN,
        because="nothing whatever worked, so the probe's own link may have been dead",
        rests_on=("name", "failed"),
    ),
    ResolverRule(
        id="dnscheck.unknown",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the resolver did not answer, and nothing shows that it answers elsewhere",
        rests_on=("name", "failed"),
    ),
)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict, on the resolver's host name; on its address where the input names no other."""
    probe = observations.probe
    host = url_parts(measurement.input).host
    name = [lookup for lookup in probe.dns if lookup.transaction_id == BOOTSTRAP]
    reach = reach_of(_attempts(observations))
    looks = [mechanism_of(Step.DNS, lookup.failure) for lookup in name if lookup.failure is not None]
    # A name without IPv6 addresses gives no answer to one of two questions: that is no failure of the name.
    failed = looks[0] if looks and not any(lookup.answers for lookup in name) else None
    return [
        decide(
            RULES,
            Resolver(
                target=host or measurement.input[:253],
                injected=_injected(name, measurement.probe_cc, references),
                renowned=always_up(host),
                name=None if is_address(host) else failed,
                addresses=reach,
                link=sign_of_life(probe),
                groups={
                    "name": tuple([witnessed("probe", "dns", n) for n in range(len(name))][:16]),
                    "answered": reach.stood,
                    "failed": reach.failed,
                },
            ),
        )
    ]


def _injected(name: list[DnsLookup], country: str, references: References) -> str:
    if references.fingerprints is None:
        return ""
    for lookup in name:
        known = references.fingerprints.in_answers(lookup.answers, country) if lookup.answers else None
        if known is not None and known.blocks:
            return known.name
    return ""


class _Asked:
    """What happened at one address, in the order of the steps."""

    __slots__ = ("dns", "shakes", "tcp")

    def __init__(self) -> None:
        self.tcp: list[tuple[int, TcpConnect]] = []
        self.shakes: list[tuple[int, Handshake]] = []
        self.dns: list[tuple[int, DnsLookup]] = []


def _attempts(observations: Observations) -> list[Attempt]:
    """One try for each address that was asked."""
    asked = _by_address(observations.probe)
    return [_attempt(asked[n], observations.notes.get(str(n), "")) for n in sorted(asked)]


def _by_address(probe: Facts) -> dict[int, _Asked]:
    asked: dict[int, _Asked] = defaultdict(_Asked)
    for n, connect in enumerate(probe.tcp):
        asked[connect.transaction_id].tcp.append((n, connect))
    for n, shake in enumerate(probe.handshakes):
        asked[shake.transaction_id].shakes.append((n, shake))
    for n, lookup in enumerate(probe.dns):
        if lookup.transaction_id != BOOTSTRAP:
            asked[lookup.transaction_id].dns.append((n, lookup))
    return asked


def _attempt(asked: _Asked, scheme: str) -> Attempt:
    """How far one address's try got: an answer to any query is success, else the first step that never stood."""
    ip = next((found for _, lookup in asked.dns if is_address(found := endpoint(lookup.resolver)[0])), "")
    ip = ip or next((connect.ip for _, connect in asked.tcp), "")
    for n, lookup in asked.dns:
        if lookup.failure is None or lookup.failure in _ANSWERS_PLAINLY:
            return Attempt(Step.DNS, None, ip, (witnessed("probe", "dns", n),))
    if asked.tcp and all(connect.failure is not None for _, connect in asked.tcp):
        n, connect = asked.tcp[0]
        return Attempt(Step.CONNECT, connect.failure, connect.ip, (witnessed("probe", "tcp", n),))
    if asked.shakes and all(shake.failure is not None for _, shake in asked.shakes):
        n, shake = asked.shakes[0]
        step = Step.QUIC if shake.protocol == "quic" else Step.TLS
        return Attempt(step, shake.failure, ip or shake.ip, (witnessed("probe", "handshake", n),))
    if not asked.dns:
        return Attempt(Step.PROTOCOL, Failure.UNKNOWN, ip)
    n, lookup = asked.dns[0]
    return Attempt(
        _TRANSPORT_STEPS.get(scheme, Step.PROTOCOL), lookup.failure, ip, (witnessed("probe", "dns", n),)
    )
