"""What a simulated world is made of: targets, the reasons that verdicts have, programs and versions of the rules.

Reasons are taken from the rule books themselves, so that detection sees what it would see of real measurements.
"""

from functools import cache
from typing import Any, Final, NamedTuple

from lampwatch.judge.rule import Rule
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from lampwatch.pipeline.methods import discover, rule_book


class Item(NamedTuple):
    """One target as one method sees it. category is a code of the test lists."""

    target: str
    method: str
    category: str


class Why(NamedTuple):
    """The reason of a verdict: what a rule says, and what it rests on."""

    state: State
    layer: Layer | None
    mechanism: Mechanism | None
    rule_id: str
    evidence: Evidence
    control: Control
    fingerprint: str = ""


WEB: Final = "web_connectivity"
QUIC: Final = "quic"

MESSENGERS: Final = (
    Item("telegram", "telegram", "COMT"),
    Item("web.telegram.org", "telegram", "COMT"),
    Item("whatsapp", "whatsapp", "COMT"),
    Item("signal", "signal", "COMT"),
    Item("facebook_messenger", "facebook_messenger", "COMT"),
)
"""Measured in every country."""

_SITES: Final = {
    "GRP": "facebook.com x.com instagram.com tiktok.com vk.com reddit.com linkedin.com pinterest.com",
    "NEWS": "bbc.com dw.com rferl.org nytimes.com theguardian.com voanews.com aljazeera.com meduza.io",
    "MMED": "youtube.com vimeo.com twitch.tv soundcloud.com",
    "ANON": "torproject.org psiphon.ca protonvpn.com nordvpn.com tunnelbear.com",
    "HUMR": "hrw.org amnesty.org article19.org accessnow.org",
    "SRCH": "google.com duckduckgo.com wikipedia.org",
    "PORN": "pornhub.com xvideos.com",
    "GMB": "bet365.com pokerstars.com",
    "LGBT": "grindr.com ilga.org",
    "HOST": "github.com archive.org medium.com",
}
SITES: Final = tuple(
    Item(name, WEB, category) for category, names in _SITES.items() for name in names.split()
)
"""Known everywhere; a country's list holds some of them, and sites of its own."""

OVER_QUIC: Final = tuple(
    Item(name, QUIC, category)
    for name, category in (
        ("youtube.com", "MMED"),
        ("facebook.com", "GRP"),
        ("instagram.com", "GRP"),
        ("google.com", "SRCH"),
    )
)
LOCAL_CATEGORIES: Final = ("NEWS", "NEWS", "NEWS", "POLR", "GOVT", "HUMR", "MMED", "CULTR", "REL", "ECON")

THROTTLED: Final = Item("youtube.com", "throttle", "MMED")
TUNNELS: Final = (
    Item("tor", "tor", "ANON"),
    Item("obfs4", "tor", "ANON"),
    Item("riseup", "openvpn", "ANON"),
)

METHODS: Final = (
    "web_connectivity",
    "telegram",
    "whatsapp",
    "signal",
    "facebook_messenger",
    "quic",
    "stream",
    "throttle",
    "tor",
    "openvpn",
)

_OK: Final = {
    "web_connectivity": "web.ok.page_over_tls",
    "telegram": "telegram.app.answers",
    "whatsapp": "whatsapp.app.connects",
    "signal": "signal.all_answer",
    "facebook_messenger": "facebook_messenger.connects",
    "quic": "quic.ok.http3",
    "stream": "stream.ok.advances",
    "throttle": "throttle.as_fast",
    "tor": "tor.authorities.reached",
    "openvpn": "openvpn.handshake_completes",
}
_UNKNOWN: Final = {
    "web_connectivity": "web.unknown.unexplained",
    "quic": "quic.unknown.unexplained",
    "stream": "stream.unknown.unexplained",
    "throttle": "throttle.undetermined",
    "tor": "tor.unknown",
    "openvpn": "openvpn.unknown",
}
_DOWN: Final = {
    "web_connectivity": "web.down.no_connection",
    "quic": "quic.down.control_fails_too",
    "stream": "stream.down.stands_still",
}
"""Other methods have no control of their own: what is down there says nothing, or reads as dropped."""

_MESSENGER: Final = "messenger"
_WEB_ONLY: Final = {
    Mechanism.HTTP_RESET: "web.http.cut_after_request.control_gets_page",
    Mechanism.HTTP_DROP: "web.http.timeout_after_request.control_gets_page",
    Mechanism.HTTP_REDIRECT: "web.http.redirected_to_another_page",
}
_WEB_AND_MESSENGERS: Final = {
    Mechanism.DNS_NXDOMAIN: ("web.dns.nxdomain.control_resolves", "endpoints.dns.nxdomain"),
    Mechanism.DNS_NO_ANSWER: ("web.dns.no_answer.control_resolves", "endpoints.dns.no_answer"),
    Mechanism.DNS_REFUSED: ("web.dns.refused.control_resolves", "endpoints.dns.refused"),
    Mechanism.DNS_TIMEOUT: ("web.dns.timeout.others_resolve", "endpoints.dns.timeout"),
    Mechanism.DNS_BOGON: ("web.dns.bogon.control_resolves", "endpoints.dns.bogon"),
    Mechanism.DNS_SPOOF: ("web.dns.foreign_answer.leads_nowhere", "endpoints.dns.elsewhere"),
    Mechanism.IP_DROP: ("web.ip.connect_timeout.control_connects", "endpoints.ip.drop"),
    Mechanism.IP_REFUSE: ("web.ip.connect_refused.control_connects", "endpoints.ip.refuse"),
    Mechanism.TLS_SNI_RESET: ("web.tls.cut_after_client_hello.control_completes", "endpoints.tls.reset"),
    Mechanism.TLS_SNI_DROP: ("web.tls.timeout_after_client_hello.control_completes", "endpoints.tls.drop"),
    Mechanism.TLS_INTERCEPTION: (
        "web.tls.wrong_certificate.control_sees_right_one",
        "endpoints.tls.interception",
    ),
}
RULE_IDS: Final[dict[Mechanism, dict[str, str]]] = {
    **{
        mechanism: {WEB: web, _MESSENGER: messenger}
        for mechanism, (web, messenger) in _WEB_AND_MESSENGERS.items()
    },
    **{mechanism: {WEB: rule_id} for mechanism, rule_id in _WEB_ONLY.items()},
    Mechanism.HTTP_BLOCK_PAGE: {WEB: "web.http.known_block_page", "telegram": "telegram.app.block_page"},
    Mechanism.QUIC_DROP: {QUIC: "quic.timeout.control_completes"},
    Mechanism.PROTOCOL_DROP: {
        "openvpn": "openvpn.connected_then_dropped",
        "tor": "tor.authorities.handshake_dropped",
    },
    Mechanism.PROTOCOL_RESET: {
        "openvpn": "openvpn.connected_then_reset",
        "tor": "tor.authorities.handshake_reset",
    },
    Mechanism.THROTTLING: {"throttle": "throttle.throttled"},
}
"""Every mechanism by which some rule calls a target blocked, and that rule for each method that can see it.

The rest are no blocks: middleboxes are seen without a target, and of streams no rule accuses anybody.
"""
_MESSENGER_METHODS: Final = tuple(dict.fromkeys(item.method for item in MESSENGERS))


@cache
def _book() -> "dict[str, Rule[Any]]":
    return dict(rule_book(discover()))


def seen_by(mechanism: Mechanism) -> tuple[str, ...]:
    """The methods that can see a mechanism."""
    methods = RULE_IDS[mechanism]
    found = [method for method in methods if method != _MESSENGER]
    return (*found, *_MESSENGER_METHODS) if _MESSENGER in methods else tuple(found)


def layer_of(mechanism: Mechanism) -> Layer | None:
    """The layer at which a mechanism works, as the rule of the first method that sees it has it."""
    return _book()[next(iter(RULE_IDS[mechanism].values()))].layer


def _why(rule_id: str, control: Control, fingerprint: str = "") -> Why:
    rule = _book()[rule_id]
    return Why(rule.state, rule.layer, rule.mechanism, rule_id, rule.evidence, control, fingerprint)


def ok(method: str) -> Why:
    """It works."""
    return _why(_OK[method], Control.WORKED)


def down(method: str) -> Why:
    """The server's own trouble, as far as a method can tell."""
    return _why(_DOWN[method], Control.FAILED) if method in _DOWN else unknown(method)


def looks_dropped_when_down(method: str) -> bool:
    """Whether a method without a control takes a server that is down for one whose addresses are dropped."""
    return method in _MESSENGER_METHODS


def unknown(method: str) -> Why:
    """Nothing can be said."""
    return _why(_UNKNOWN.get(method, "endpoints.undetermined"), Control.ABSENT)


def blocked(method: str, mechanism: Mechanism, fingerprint: str = "") -> Why:
    """It is called blocked, rightly or not. A fingerprint is that of a block page or an injected answer."""
    rules = RULE_IDS[mechanism]
    rule_id = rules.get(method) or rules[_MESSENGER]
    if fingerprint and mechanism is Mechanism.DNS_SPOOF:
        rule_id = "web.dns.known_injected_answer" if method == WEB else "endpoints.dns.injected"
    return _why(rule_id, Control.WORKED, fingerprint)


def moved(method: str) -> Why:
    """A target has moved its addresses, which reads as an answer that is not its own."""
    if method == WEB:
        return _why("web.dns.foreign_answer.serves_another_page", Control.WORKED)
    return blocked(method, Mechanism.DNS_SPOOF)


class Program(NamedTuple):
    """One program: its name, its versions with the day each came out (below zero: before), and its share of probes."""

    name: str
    versions: tuple[tuple[str, int], ...]
    share: float


PROGRAMS: Final = (
    Program("ooniprobe-android", (("5.0.9", -200), ("5.1.0", -60), ("5.2.0", 34), ("5.2.1", 47)), 0.42),
    Program("ooniprobe-desktop", (("5.0.2", -90), ("5.1.0", 20)), 0.13),
    Program("ooniprobe-cli", (("3.22.0", -150), ("3.23.0", -30), ("3.24.0", 55)), 0.2),
    Program("miniooni", (("3.20.1", -300), ("3.23.0", -30)), 0.1),
    Program("lampwatch", (("0.1.0", -20), ("0.2.0", 40)), 0.15),
)
SOFTWARE: Final = tuple(
    f"{program.name} {version}" for program in PROGRAMS for version, _ in program.versions
)

RULES_VERSIONS: Final = (("2026.11.1", 0), ("2026.11.2", 27), ("2026.12.1", 32), ("2026.12.2", 66))
"""Versions of the rules, with the day from which they judged."""
