"""Rules on reaching the site: connecting to its addresses and shaking hands with it."""

from typing import Final

from lampwatch.judge.rule import Rule
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.hop import BAD_CERTIFICATE, CUT_OFF, LOCAL_TROUBLE, TIMEOUT
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

WebRule = Rule[WebFacts]

_REFUSED: Final = CUT_OFF | {Failure.CONNECTION_REFUSED}

CONNECT_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.ip.connect_timeout.control_connects",
        layer=Layer.IP,
        when=lambda web: (
            web.first.connect is TIMEOUT
            and web.first.connect_outside is True
            and not web.first.ipv6_in_doubt
            and web.link_worked
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.IP_DROP,
        evidence=Evidence.COMPARED,
        because="no connection to any genuine address of the site came about, and from outside the same addresses "
        "accept it",
        rests_on=("tcp", "control.tcp"),
    ),
    WebRule(
        id="web.ip.connect_refused.control_connects",
        layer=Layer.IP,
        when=lambda web: web.first.connect in _REFUSED and web.first.connect_outside is True,
        state=State.BLOCKED,
        mechanism=Mechanism.IP_REFUSE,
        evidence=Evidence.COMPARED,
        because="every genuine address of the site refused the connection, and from outside the same addresses "
        "accept it",
        rests_on=("tcp", "control.tcp"),
    ),
    WebRule(
        id="web.unknown.no_route",
        layer=Layer.IP,
        when=lambda web: (
            (web.first.connect in LOCAL_TROUBLE or web.first.ipv6_in_doubt)
            and web.first.connect_outside is True
        ),
        state=State.UNKNOWN,
        because="the probe's own network had no route to the site's addresses: its link may be at fault, "
        "or a router that rejects them",
        rests_on=("tcp", "control.tcp"),
    ),
)

TLS_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.tls.cut_after_client_hello.control_completes",
        layer=Layer.TLS,
        when=lambda web: web.first.tls in CUT_OFF and web.first.tls_outside is True,
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_SNI_RESET,
        evidence=Evidence.COMPARED,
        because="the handshake was cut off after our ClientHello, and from outside the same address completes it",
        rests_on=("tls", "control.tls"),
    ),
    WebRule(
        id="web.tls.timeout_after_client_hello.control_completes",
        layer=Layer.TLS,
        when=lambda web: web.first.tls is TIMEOUT and web.first.tls_outside is True,
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_SNI_DROP,
        evidence=Evidence.COMPARED,
        because="nothing came back after our ClientHello, and from outside the same address completes the handshake",
        rests_on=("tls", "control.tls"),
    ),
    WebRule(
        id="web.tls.wrong_certificate.control_sees_right_one",
        layer=Layer.TLS,
        when=lambda web: web.first.tls in BAD_CERTIFICATE and web.first.tls_outside is True,
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_INTERCEPTION,
        evidence=Evidence.COMPARED,
        because="a genuine address of the site showed a certificate that does not hold, and from outside the same "
        "address shows one that does",
        rests_on=("tls", "control.tls"),
    ),
    WebRule(
        id="web.tls.cut_after_client_hello.control_gets_page",
        layer=Layer.TLS,
        # Controls before version 0.5 did no handshake of their own: the page they got stands in for it.
        when=lambda web: web.first.tls in CUT_OFF and web.first.tls_outside is None and web.worked_outside,
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_SNI_RESET,
        evidence=Evidence.INFERRED,
        because="the handshake was cut off, and the control got the page over TLS",
        rests_on=("tls", "http", "control.http"),
    ),
    WebRule(
        id="web.tls.timeout_after_client_hello.control_gets_page",
        layer=Layer.TLS,
        when=lambda web: web.first.tls is TIMEOUT and web.first.tls_outside is None and web.worked_outside,
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_SNI_DROP,
        evidence=Evidence.INFERRED,
        because="the connection stood and the handshake was never answered, and the control got the page over TLS",
        rests_on=("tls", "http", "control.http"),
    ),
    WebRule(
        id="web.tls.wrong_certificate.control_gets_page",
        layer=Layer.TLS,
        when=lambda web: (
            web.first.tls in BAD_CERTIFICATE and web.first.tls_outside is None and web.worked_outside
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.TLS_INTERCEPTION,
        evidence=Evidence.INFERRED,
        because="the site showed a certificate that does not hold, and the control got the page over TLS",
        rests_on=("tls", "http", "control.http"),
    ),
)

UNCOMPARED_CONNECT_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.ip.connect_timeout.control_gets_page",
        layer=Layer.IP,
        when=lambda web: (
            web.first.connect is TIMEOUT
            and web.first.connect_outside is None
            and not web.first.ipv6_in_doubt
            and web.worked_outside
            and web.link_worked
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.IP_DROP,
        evidence=Evidence.INFERRED,
        because="no connection to any genuine address of the site came about, and the control got the page",
        rests_on=("tcp", "control.http"),
    ),
    WebRule(
        id="web.ip.connect_refused.control_gets_page",
        layer=Layer.IP,
        when=lambda web: (
            web.first.connect is Failure.CONNECTION_REFUSED
            and web.first.connect_outside is None
            and web.worked_outside
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.IP_REFUSE,
        evidence=Evidence.INFERRED,
        because="every genuine address of the site refused the connection, and the control got the page",
        rests_on=("tcp", "control.http"),
    ),
)
