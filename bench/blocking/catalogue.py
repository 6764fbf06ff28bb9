"""What a simulated world is made of: targets, the reasons that verdicts have, programs and versions of the rules.

Rule ids are those of the rule books, so that detection sees what it would see of real measurements.
"""

from typing import Final, NamedTuple

from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State


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
_C, _I, _D = Evidence.COMPARED, Evidence.INFERRED, Evidence.DIRECT

Means = tuple[Layer, Evidence, str, str]
"""Layer, evidence, and the ids of the rule for sites and for other methods."""

BLOCKED: Final[dict[Mechanism, Means]] = {
    Mechanism.DNS_NXDOMAIN: (Layer.DNS, _C, "web.dns.nxdomain.control_resolves", "endpoints.dns.nxdomain"),
    Mechanism.DNS_NO_ANSWER: (Layer.DNS, _C, "web.dns.no_answer.control_resolves", "endpoints.dns.no_answer"),
    Mechanism.DNS_REFUSED: (Layer.DNS, _C, "web.dns.refused.control_resolves", "endpoints.dns.refused"),
    Mechanism.DNS_TIMEOUT: (Layer.DNS, _C, "web.dns.timeout.others_resolve", "endpoints.dns.timeout"),
    Mechanism.DNS_BOGON: (Layer.DNS, _D, "web.dns.bogon.control_resolves", "endpoints.dns.bogon"),
    Mechanism.DNS_SPOOF: (Layer.DNS, _C, "web.dns.foreign_answer.leads_nowhere", "endpoints.dns.elsewhere"),
    Mechanism.IP_DROP: (Layer.IP, _C, "web.ip.connect_timeout.control_connects", "endpoints.ip.drop"),
    Mechanism.IP_REFUSE: (Layer.IP, _C, "web.ip.connect_refused.control_connects", "endpoints.ip.refuse"),
    Mechanism.TLS_SNI_RESET: (
        Layer.TLS,
        _C,
        "web.tls.cut_after_client_hello.control_completes",
        "endpoints.tls.reset",
    ),
    Mechanism.TLS_SNI_DROP: (
        Layer.TLS,
        _C,
        "web.tls.timeout_after_client_hello.control_completes",
        "endpoints.tls.drop",
    ),
    Mechanism.TLS_INTERCEPTION: (
        Layer.TLS,
        _D,
        "web.tls.wrong_certificate.control_sees_right_one",
        "endpoints.tls.interception",
    ),
    Mechanism.QUIC_DROP: (Layer.QUIC, _C, "quic.timeout.control_completes", "quic.timeout.control_completes"),
    Mechanism.HTTP_RESET: (
        Layer.HTTP,
        _C,
        "web.http.cut_after_request.control_gets_page",
        "endpoints.http.reset",
    ),
    Mechanism.HTTP_DROP: (
        Layer.HTTP,
        _C,
        "web.http.timeout_after_request.control_gets_page",
        "endpoints.http.drop",
    ),
    Mechanism.HTTP_BLOCK_PAGE: (Layer.HTTP, _D, "web.http.known_block_page", "telegram.app.block_page"),
    Mechanism.HTTP_REDIRECT: (
        Layer.HTTP,
        _C,
        "web.http.redirected_to_another_page",
        "web.http.redirected_to_another_page",
    ),
    Mechanism.PROTOCOL_DROP: (
        Layer.IP,
        _I,
        "openvpn.connected_then_dropped",
        "openvpn.connected_then_dropped",
    ),
    Mechanism.PROTOCOL_RESET: (Layer.IP, _I, "openvpn.connected_then_reset", "openvpn.connected_then_reset"),
    Mechanism.THROTTLING: (Layer.TLS, _C, "throttle.throttled", "throttle.throttled"),
    Mechanism.STREAM_INTERRUPTED: (Layer.HTTP, _C, "stream.pieces_cut", "stream.pieces_cut"),
}
"""Every mechanism that a target can be blocked by: all but a middlebox, which is seen without a target."""

ONLY: Final = {
    Mechanism.QUIC_DROP: ("quic",),
    Mechanism.PROTOCOL_DROP: ("tor", "openvpn"),
    Mechanism.PROTOCOL_RESET: ("tor", "openvpn"),
    Mechanism.THROTTLING: ("throttle",),
    Mechanism.STREAM_INTERRUPTED: ("stream",),
    Mechanism.HTTP_RESET: ("web_connectivity",),
    Mechanism.HTTP_DROP: ("web_connectivity",),
    Mechanism.HTTP_REDIRECT: ("web_connectivity",),
    Mechanism.HTTP_BLOCK_PAGE: ("web_connectivity", "telegram"),
}
"""The methods that can see a mechanism; all others are seen by sites and messengers."""
_SITES_AND_MESSENGERS: Final = ("web_connectivity", "telegram", "whatsapp", "signal", "facebook_messenger")


def seen_by(mechanism: Mechanism) -> tuple[str, ...]:
    """The methods that can see a mechanism."""
    return ONLY.get(mechanism, _SITES_AND_MESSENGERS)


def ok(method: str) -> Why:
    """It works."""
    return Why(State.OK, None, None, _OK[method], Evidence.NONE, Control.WORKED)


def down(method: str) -> Why:
    """The server's own trouble."""
    rule_id = _DOWN.get(method, "endpoints.undetermined")
    return Why(State.DOWN, None, None, rule_id, Evidence.NONE, Control.FAILED)


def unknown(method: str) -> Why:
    """Nothing can be said."""
    rule_id = _UNKNOWN.get(method, "endpoints.undetermined")
    return Why(State.UNKNOWN, None, None, rule_id, Evidence.NONE, Control.ABSENT)


def blocked(method: str, mechanism: Mechanism, fingerprint: str = "") -> Why:
    """It is called blocked, rightly or not. A fingerprint makes the evidence direct."""
    layer, evidence, of_site, of_other = BLOCKED[mechanism]
    rule_id = of_site if method == WEB else of_other
    if fingerprint:
        evidence = Evidence.DIRECT
        rule_id = "web.dns.known_injected_answer" if layer is Layer.DNS else rule_id
    return Why(State.BLOCKED, layer, mechanism, rule_id, evidence, Control.WORKED, fingerprint)


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
