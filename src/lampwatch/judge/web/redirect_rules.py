"""Rules on the host a redirect led to. The control followed the same redirects, but names no steps there."""

from collections.abc import Callable, Collection
from typing import Final

from lampwatch.judge.rule import Rule
from lampwatch.judge.web.dns import DENIALS, Answered
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.hop import BAD_CERTIFICATE, CUT_OFF
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

WebRule = Rule[WebFacts]

_TIMEOUT: Final = frozenset({Failure.TIMEOUT})


def _beyond(
    name: str, layer: Layer, mechanism: Mechanism, when: Callable[[WebFacts], bool], because: str, facts: str
) -> WebRule:
    """The site itself answered, the host it sent us to did not, and the control got the page all the way."""
    return WebRule(
        id=f"web.redirect.{name}.control_gets_page",
        layer=layer,
        when=when,
        state=State.BLOCKED,
        mechanism=mechanism,
        evidence=Evidence.INFERRED,
        because=f"{because}, and the control got the page at the end of the redirects",
        rests_on=(f"last.{facts}", "control.http"),
    )


def _resolver_said(*answers: Answered) -> Callable[[WebFacts], bool]:
    return lambda web: web.last.system in answers


def _connect(failures: Collection[Failure]) -> Callable[[WebFacts], bool]:
    return lambda web: web.last.connect in failures and not web.last.ipv6_in_doubt


def _tls(failures: Collection[Failure]) -> Callable[[WebFacts], bool]:
    return lambda web: web.last.connect is None and web.last.tls in failures


def _plain(failures: Collection[Failure]) -> Callable[[WebFacts], bool]:
    return lambda web: web.last_plain_failed_in(failures)


REDIRECT_RULES: Final[tuple[WebRule, ...]] = (
    _beyond(
        "dns_bogon", Layer.DNS, Mechanism.DNS_BOGON, _resolver_said(Answered.BOGON),
        "the host that a redirect led to was given an address that no public server can have", "dns",
    ),
    _beyond(
        "dns_injected", Layer.DNS, Mechanism.DNS_SPOOF, _resolver_said(Answered.INJECTED),
        "the host that a redirect led to was given an address known to be injected by censors", "dns",
    ),
    _beyond(
        "dns_nxdomain", Layer.DNS, Mechanism.DNS_NXDOMAIN, _resolver_said(Answered.NXDOMAIN),
        "the resolver denied that the host exists to which a redirect led", "dns",
    ),
    _beyond(
        "dns_no_answer", Layer.DNS, Mechanism.DNS_NO_ANSWER, _resolver_said(Answered.NO_ANSWER, Answered.REFUSED),
        "the resolver gave no address for the host to which a redirect led", "dns",
    ),
    _beyond(
        "connect_timeout", Layer.IP, Mechanism.IP_DROP, _connect(_TIMEOUT),
        "no connection came about to the host that a redirect led to", "tcp",
    ),
    _beyond(
        "connect_refused", Layer.IP, Mechanism.IP_REFUSE, _connect(CUT_OFF | {Failure.CONNECTION_REFUSED}),
        "the host that a redirect led to refused the connection", "tcp",
    ),
    _beyond(
        "tls_cut", Layer.TLS, Mechanism.TLS_SNI_RESET, _tls(CUT_OFF),
        "the handshake with the host that a redirect led to was cut off after our ClientHello", "tls",
    ),
    _beyond(
        "tls_timeout", Layer.TLS, Mechanism.TLS_SNI_DROP, _tls(_TIMEOUT),
        "the host that a redirect led to never answered our ClientHello", "tls",
    ),
    _beyond(
        "http_cut", Layer.HTTP, Mechanism.HTTP_RESET, _plain(CUT_OFF),
        "a redirect led to a host where the connection was cut off after our unencrypted request", "http",
    ),
    _beyond(
        "http_timeout", Layer.HTTP, Mechanism.HTTP_DROP, _plain(_TIMEOUT),
        "a redirect led to a host that never answered our unencrypted request", "http",
    ),
    _beyond(
        "tls_wrong_certificate", Layer.TLS, Mechanism.TLS_INTERCEPTION, _tls(BAD_CERTIFICATE),
        "the host that a redirect led to showed a certificate that does not hold", "tls",
    ),
)  # fmt: skip


def _denied(name: str, mechanism: Mechanism, because: str, *answers: Answered) -> WebRule:
    """The resolver kept us from the host, and the address that another one gave led to the true page."""
    return WebRule(
        id=f"web.redirect.{name}.others_lead_to_the_page",
        layer=Layer.DNS,
        when=lambda web: (
            web.last.system in answers
            and web.last.encrypted not in DENIALS
            and (web.certified_page or web.same_page)
        ),
        state=State.BLOCKED,
        mechanism=mechanism,
        evidence=Evidence.INFERRED,
        because=f"{because}, and another resolver's address led to the page itself",
        rests_on=("last.dns", "http", "control.http"),
    )


DENIED_REDIRECT_RULES: Final[tuple[WebRule, ...]] = (
    _denied(
        "dns_bogon", Mechanism.DNS_BOGON,
        "the host that a redirect led to was given an address that no public server can have", Answered.BOGON,
    ),
    _denied(
        "dns_nxdomain", Mechanism.DNS_NXDOMAIN,
        "the resolver denied that the host exists to which a redirect led", Answered.NXDOMAIN,
    ),
    _denied(
        "dns_no_answer", Mechanism.DNS_NO_ANSWER,
        "the resolver gave no address for the host to which a redirect led",
        Answered.NO_ANSWER, Answered.REFUSED,
    ),
)  # fmt: skip
