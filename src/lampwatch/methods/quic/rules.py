"""The rule book of QUIC. The site over TCP is judged first, by the rules on web sites; QUIC only where that is well."""

from typing import Final

from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide, decide_by_chapters
from lampwatch.judge.web.book import WEB_BOOK, WEB_RULES
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.hop import BAD_CERTIFICATE
from lampwatch.methods.quic.facts import QuicFacts
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

QuicRule = Rule[QuicFacts]

_REJECTED: Final = frozenset({Failure.CONNECTION_REFUSED, Failure.HOST_UNREACHABLE})
"""What ICMP says of a packet that was turned back. TCP to the same address stood: it is no matter of the link."""
_OWN_LINK: Final = frozenset({Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN, Failure.INTERRUPTED})

QUIC_RULES: Final[tuple[QuicRule, ...]] = (
    QuicRule(
        id="quic.ok.http3",
        when=lambda site: site.fetched,
        state=State.OK,
        because="a response came over HTTP/3",
        rests_on=("h3", "quic"),
    ),
    QuicRule(
        id="quic.timeout.control_completes",
        layer=Layer.QUIC,
        when=lambda site: site.disputed_in({Failure.TIMEOUT}),
        state=State.BLOCKED,
        mechanism=Mechanism.QUIC_DROP,
        evidence=Evidence.COMPARED,
        because="QUIC packets to the site got no answer where TLS over TCP to the same addresses was completed, and "
        "from outside the same addresses complete QUIC",
        rests_on=("quic", "control.quic", "tls"),
    ),
    QuicRule(
        id="quic.rejected.control_completes",
        layer=Layer.QUIC,
        when=lambda site: site.disputed_in(_REJECTED),
        state=State.BLOCKED,
        mechanism=Mechanism.IP_REFUSE,
        evidence=Evidence.COMPARED,
        because="QUIC packets to the site were turned back where TLS over TCP to the same addresses was completed, "
        "and from outside the same addresses complete QUIC",
        rests_on=("quic", "control.quic", "tls"),
    ),
    QuicRule(
        id="quic.wrong_certificate.control_sees_right_one",
        layer=Layer.QUIC,
        when=lambda site: site.disputed_in(BAD_CERTIFICATE),
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_INTERCEPTION,
        evidence=Evidence.COMPARED,
        because="over QUIC the site showed a certificate that does not hold, and from outside the same address shows "
        "one that does",
        rests_on=("quic", "control.quic"),
    ),
    QuicRule(
        id="quic.timeout.server_lists_version",
        layer=Layer.QUIC,
        # The list came over the same path to the same port: neither UDP nor the server can be what fails.
        when=lambda site: site.all_failed and site.offered and site.silent_though_there,
        state=State.BLOCKED,
        mechanism=Mechanism.QUIC_DROP,
        evidence=Evidence.INFERRED,
        because="the handshake got no answer from a server that announces HTTP/3 and, asked without a name, says that "
        "it speaks this version of QUIC",
        rests_on=("quic", "versions", "tls"),
    ),
    QuicRule(
        id="quic.unknown.no_response",
        layer=Layer.QUIC,
        when=lambda site: site.stood and not site.fetched,
        state=State.UNKNOWN,
        because="the QUIC handshake was completed and no response came over HTTP/3",
        rests_on=("h3", "quic"),
    ),
    QuicRule(
        id="quic.unknown.no_route",
        layer=Layer.QUIC,
        when=lambda site: site.failed_only_in(_OWN_LINK),
        state=State.UNKNOWN,
        because="the probe's own machine or link let no QUIC packet out",
        rests_on=("quic",),
    ),
    QuicRule(
        id="quic.down.control_fails_too",
        layer=Layer.QUIC,
        when=lambda site: site.all_failed and site.offered and site.outside_tried and not site.outside_stood,
        state=State.DOWN,
        because="the site announces HTTP/3, and QUIC to it fails from outside too",
        rests_on=("quic", "control.quic"),
    ),
    QuicRule(
        id="quic.unknown.not_offered",
        when=lambda site: site.outside_tried and not site.outside_stood,
        state=State.UNKNOWN,
        because="nothing says that the site speaks QUIC: it does not announce HTTP/3, and to the control it did not "
        "answer either",
        rests_on=("quic", "control.quic"),
    ),
    QuicRule(
        id="quic.unknown.no_control",
        when=lambda site: not site.outside_tried,
        state=State.UNKNOWN,
        because="no control tried QUIC, so there is nothing to hold the probe's result against",
        rests_on=("quic",),
    ),
    QuicRule(
        id="quic.unknown.unexplained",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="QUIC failed in a way that no rule can tell from an accident",
        rests_on=("quic", "control.quic"),
    ),
)
RULES: Final[tuple[Rule[WebFacts] | QuicRule, ...]] = (*WEB_RULES, *QUIC_RULES)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict, on the host that the input URL names."""
    site = QuicFacts(measurement, observations, references)
    over_tcp = decide_by_chapters(WEB_BOOK, site)
    if over_tcp.state is not State.OK:
        return [over_tcp]
    over_quic = decide(QUIC_RULES, site)
    # What took part in a transfer that was well all the same is not to be lost behind a plain "ok".
    tampered = over_tcp.mechanism is not None and over_quic.state is not State.BLOCKED
    return [over_tcp if tampered else over_quic]
