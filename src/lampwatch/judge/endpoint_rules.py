"""The rules that every service's endpoints are judged by: what accuses, layer by layer, and what cannot be known.

A method puts its own `ok` rules before CAUSES and closes its book with LAST_WORDS.
"""

from collections.abc import Sequence
from typing import Final, TypeVar, cast

from lampwatch.judge.endpoints import (
    CERTIFICATE_FAILURES,
    OF_CONNECT,
    OF_HTTP,
    OF_TLS,
    Endpoints,
    Standing,
    leading,
)
from lampwatch.judge.rule import Rule
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

E = TypeVar("E", bound=Endpoints)
EndpointRule = Rule[Endpoints]


def of_kind(rules: Sequence[EndpointRule], kind: type[E]) -> tuple[Rule[E], ...]:  # noqa: ARG001  names the type only
    """The same rules, for facts that know more: a rule that reads endpoints can read any kind of them."""
    return cast("tuple[Rule[E], ...]", tuple(rules))


def forged(facts: Endpoints, standing: Standing) -> bool:
    """Whether the names were answered with forgeries of this kind, and no certificate vouches for the addresses."""
    if facts.dns.forgery is not standing or facts.vouched or facts.link.misnamed:
        return False
    # Whoever sends every name to one place, as portals do, does not mean this one.
    return facts.link.neutral.isdisjoint(facts.dns.told)


def dns_failed(facts: Endpoints, mechanism: Mechanism) -> bool:
    """Whether every name failed so, and the link shows life enough to say that it was not the link."""
    if facts.dns.failure is not mechanism or facts.vouched or facts.link.misnamed:
        return False
    link = facts.link
    if mechanism in {Mechanism.DNS_TIMEOUT, Mechanism.DNS_REFUSED}:
        # A resolver that is slow or closed is so for every name: only another name that resolved tells them apart.
        return link.resolved and not link.lost
    return link.worked or (link.replied and not link.silent and not link.lost)


def connect_failed(facts: Endpoints, mechanism: Mechanism) -> bool:
    """Whether no server could be connected to, though the link worked."""
    if not facts.tcp.all_failed or facts.vouched or not facts.link.worked:
        return False
    if mechanism is Mechanism.IP_DROP and facts.link.lost:
        return False
    return leading(facts.tcp.failures, OF_CONNECT) is mechanism


def handshake_failed(facts: Endpoints, mechanism: Mechanism) -> bool:
    """Whether no TLS handshake completed, though the link worked."""
    if not facts.tls.all_failed or facts.vouched or not facts.link.worked:
        return False
    if leading(facts.tls.failures, OF_TLS) is not mechanism:
        return False
    if mechanism is Mechanism.TLS_INTERCEPTION:
        # A certificate that is out of date may be right and the probe's clock wrong, unless another one was in order.
        wrong = [f for f in facts.tls.failures if f in CERTIFICATE_FAILURES]
        return facts.link.verified or any(f is not Failure.TLS_INVALID_CERTIFICATE for f in wrong)
    return not (mechanism is Mechanism.TLS_SNI_DROP and facts.link.lost)


def exchange_failed(facts: Endpoints, mechanism: Mechanism) -> bool:
    """Whether servers could be connected to, and no exchange in the clear got a response."""
    if not facts.tcp.worked or not facts.http.all_failed or facts.tls.tried:
        return False
    if mechanism is Mechanism.HTTP_DROP and facts.link.lost:
        return False
    return leading(facts.http.failures, OF_HTTP) is mechanism


def plain_failed(facts: Endpoints, mechanism: Mechanism) -> bool:
    """Whether the exchanges over bare HTTP failed, where HTTPS to the same site worked."""
    return (
        facts.plain.all_failed
        and facts.http.worked > 0
        and leading(facts.plain.failures, OF_HTTP) is mechanism
    )


def _half_failed(facts: Endpoints, mechanism: Mechanism) -> bool:
    return facts.tcp.half_failed and leading(facts.tcp.failures, OF_CONNECT) is mechanism


NOT_MEASURED: Final = EndpointRule(
    id="endpoints.not_measured",
    when=lambda facts: not facts.measured,
    state=State.UNKNOWN,
    because="no step towards it was recorded",
    rests_on=(),
)

PAGE_OVER_TLS: Final = EndpointRule(
    id="endpoints.http.page_over_tls",
    when=lambda facts: facts.http.worked > 0,
    state=State.OK,
    because="it answered over TLS with a certificate in order, whatever it answered",
    rests_on=("http", "tls"),
)

DNS_CAUSES: Final = (
    EndpointRule(
        id="endpoints.dns.bogon",
        when=lambda facts: forged(facts, Standing.BOGON),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_BOGON,
        evidence=Evidence.DIRECT,
        because="the resolver answered with an address that no public server can have",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.injected",
        when=lambda facts: forged(facts, Standing.INJECTED),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.DIRECT,
        because="the answer is one that is known to be injected",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.elsewhere",
        when=lambda facts: forged(facts, Standing.ELSEWHERE),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.INFERRED,
        because="every answer leads outside the service's own networks, and nothing there proved to be the service",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.bogon_refused",
        when=lambda facts: dns_failed(facts, Mechanism.DNS_BOGON),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_BOGON,
        evidence=Evidence.DIRECT,
        because="the probe turned the answer down: its address is none that a public server can have",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.nxdomain",
        when=lambda facts: dns_failed(facts, Mechanism.DNS_NXDOMAIN),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_NXDOMAIN,
        evidence=Evidence.INFERRED,
        because="the resolver denies that the names exist, and the probe's link worked",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.no_answer",
        when=lambda facts: dns_failed(facts, Mechanism.DNS_NO_ANSWER),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_NO_ANSWER,
        evidence=Evidence.INFERRED,
        because="the resolver gives no address for the names, and the probe's link worked",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.refused",
        when=lambda facts: dns_failed(facts, Mechanism.DNS_REFUSED),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_REFUSED,
        evidence=Evidence.INFERRED,
        because="the resolver refuses to answer for these names, and answered for others",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.dns.timeout",
        when=lambda facts: dns_failed(facts, Mechanism.DNS_TIMEOUT),
        state=State.BLOCKED,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_TIMEOUT,
        evidence=Evidence.INFERRED,
        because="lookups of these names get no reply, and others do",
        rests_on=("dns",),
    ),
)
IP_CAUSES: Final = (
    EndpointRule(
        id="endpoints.ip.drop",
        when=lambda facts: connect_failed(facts, Mechanism.IP_DROP),
        state=State.BLOCKED,
        layer=Layer.IP,
        mechanism=Mechanism.IP_DROP,
        evidence=Evidence.INFERRED,
        because="no connect to any of its addresses gets a reply, and the probe's link worked",
        rests_on=("tcp", "dns"),
    ),
    EndpointRule(
        id="endpoints.ip.refuse",
        when=lambda facts: connect_failed(facts, Mechanism.IP_REFUSE),
        state=State.BLOCKED,
        layer=Layer.IP,
        mechanism=Mechanism.IP_REFUSE,
        evidence=Evidence.INFERRED,
        because="every connect to its addresses is turned away, and the probe's link worked",
        rests_on=("tcp", "dns"),
    ),
)
TLS_CAUSES: Final = (
    EndpointRule(
        id="endpoints.tls.interception",
        when=lambda facts: handshake_failed(facts, Mechanism.TLS_INTERCEPTION),
        state=State.BLOCKED,
        layer=Layer.TLS,
        mechanism=Mechanism.TLS_INTERCEPTION,
        evidence=Evidence.INFERRED,
        because="whoever answered at its address has no certificate of the service",
        rests_on=("tls",),
    ),
    EndpointRule(
        id="endpoints.tls.reset",
        when=lambda facts: handshake_failed(facts, Mechanism.TLS_SNI_RESET),
        state=State.BLOCKED,
        layer=Layer.TLS,
        mechanism=Mechanism.TLS_SNI_RESET,
        evidence=Evidence.INFERRED,
        because="its address can be connected to, and the connection is cut once the name was sent",
        rests_on=("tls", "tcp"),
    ),
    EndpointRule(
        id="endpoints.tls.drop",
        when=lambda facts: handshake_failed(facts, Mechanism.TLS_SNI_DROP),
        state=State.BLOCKED,
        layer=Layer.TLS,
        mechanism=Mechanism.TLS_SNI_DROP,
        evidence=Evidence.INFERRED,
        because="its address can be connected to, and nothing comes back once the name was sent",
        rests_on=("tls", "tcp"),
    ),
)
HTTP_CAUSES: Final = (
    EndpointRule(
        id="endpoints.http.reset",
        when=lambda facts: exchange_failed(facts, Mechanism.HTTP_RESET),
        state=State.BLOCKED,
        layer=Layer.HTTP,
        mechanism=Mechanism.HTTP_RESET,
        evidence=Evidence.INFERRED,
        because="its servers can be connected to, and every connection is cut once a request was sent",
        rests_on=("http", "tcp"),
    ),
    EndpointRule(
        id="endpoints.http.drop",
        when=lambda facts: exchange_failed(facts, Mechanism.HTTP_DROP),
        state=State.BLOCKED,
        layer=Layer.HTTP,
        mechanism=Mechanism.HTTP_DROP,
        evidence=Evidence.INFERRED,
        because="its servers can be connected to, and none answers a request",
        rests_on=("http", "tcp"),
    ),
)
PLAIN_CAUSES: Final = (
    EndpointRule(
        id="endpoints.http.plain_block_page",
        when=lambda facts: facts.page is not None and facts.plain.worked > 0,
        state=State.BLOCKED,
        layer=Layer.HTTP,
        mechanism=Mechanism.HTTP_BLOCK_PAGE,
        evidence=Evidence.DIRECT,
        because="over HTTP without TLS a known block page comes instead of the service",
        rests_on=("plain",),
    ),
    EndpointRule(
        id="endpoints.http.plain_reset",
        when=lambda facts: plain_failed(facts, Mechanism.HTTP_RESET),
        state=State.UNKNOWN,
        layer=Layer.HTTP,
        mechanism=Mechanism.HTTP_RESET,
        because="over HTTP without TLS the connection is cut once the request was sent, and over TLS it is not",
        rests_on=("plain", "http"),
    ),
    EndpointRule(
        id="endpoints.http.plain_drop",
        when=lambda facts: plain_failed(facts, Mechanism.HTTP_DROP),
        state=State.UNKNOWN,
        layer=Layer.HTTP,
        mechanism=Mechanism.HTTP_DROP,
        because="over HTTP without TLS no answer comes, and over TLS one does",
        rests_on=("plain", "http"),
    ),
)
"""Beside a site that works over TLS these are findings: whoever types its name is led to TLS by the browser anyway."""

CAUSES: Final = (*DNS_CAUSES, *IP_CAUSES, *TLS_CAUSES, *HTTP_CAUSES)
"""Everything that accuses, lower layers first."""

PARTS: Final = (
    EndpointRule(
        id="endpoints.dns.some_forged",
        when=lambda facts: not facts.vouched and facts.dns.some_forged,
        state=State.UNKNOWN,
        layer=Layer.DNS,
        mechanism=Mechanism.DNS_SPOOF,
        because="some of its names got forged answers, and others true ones",
        rests_on=("dns",),
    ),
    EndpointRule(
        id="endpoints.ip.half_dropped",
        when=lambda facts: _half_failed(facts, Mechanism.IP_DROP),
        state=State.UNKNOWN,
        layer=Layer.IP,
        mechanism=Mechanism.IP_DROP,
        because="half of the connects to its servers or more get no reply, and the others do",
        rests_on=("tcp",),
    ),
    EndpointRule(
        id="endpoints.ip.half_refused",
        when=lambda facts: _half_failed(facts, Mechanism.IP_REFUSE),
        state=State.UNKNOWN,
        layer=Layer.IP,
        mechanism=Mechanism.IP_REFUSE,
        because="half of the connects to its servers or more are turned away, and the others are not",
        rests_on=("tcp",),
    ),
)
"""What happened to some servers only: findings beside a service that works."""

LAST_WORDS: Final = (
    EndpointRule(
        id="endpoints.link_dead",
        when=lambda facts: not facts.link.worked,
        state=State.UNKNOWN,
        because="nothing in the measurement worked, so the probe's own link may have been dead",
        rests_on=("dns", "tcp"),
    ),
    EndpointRule(
        id="endpoints.undetermined",
        when=lambda _facts: True,
        state=State.UNKNOWN,
        because="it did not work, and what was recorded does not tell why",
        rests_on=("dns", "tcp", "tls", "http"),
    ),
)

SITE: Final = (NOT_MEASURED, PAGE_OVER_TLS, *CAUSES, *PLAIN_CAUSES, *PARTS, *LAST_WORDS)
"""The book for a site that is fetched over HTTPS."""
