"""Censors, and innocent trouble, that Web Connectivity must be judged rightly under.

The first part is the table of cases by which OONI tests its own probe (probe-cli, webconnectivityqa), with the truth in
the place of what OONI's analysis says; the second is ours.
"""

from typing import Final

from lampwatch.lab.block import (
    Action,
    Address,
    Block,
    BlockPage,
    Close,
    Drop,
    DropReplies,
    Everything,
    Forge,
    Host,
    Intercept,
    Match,
    Name,
    Refuse,
    Reset,
    Sni,
    Throttle,
    Unreachable,
)
from lampwatch.lab.scenario import Scenario, Topology
from lampwatch.lab.truth import Truth
from lampwatch.lab.view import BLOCK_PAGE_ADDRESS, NOTHING_ADDRESS
from lampwatch.lab.world import FREE, Certificate, Dead, Page, Site, World
from lampwatch.model.vocabulary import Layer, Mechanism, State

OK: Final = Truth(State.OK)
DOWN: Final = Truth(State.DOWN)
UNKNOWN: Final = Truth(State.UNKNOWN)
TAMPERED: Final = Truth(State.OK, Layer.DNS, Mechanism.DNS_SPOOF)
SLOWED: Final = Truth(State.UNKNOWN, Layer.HTTP, Mechanism.THROTTLING)
SPOOFED: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF)
NO_NAME: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)
BOGON: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_BOGON)
DROPPED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
REFUSED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_REFUSE)
SNI_RESET: Final = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)
SNI_DROPPED: Final = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_DROP)
REQUEST_RESET: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_RESET)
REQUEST_DROPPED: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_DROP)
PAGE: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_BLOCK_PAGE)
ELSEWHERE: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_REDIRECT)

IP: Final = "93.184.216.34"
BOGUS: Final = "10.10.34.35"
PARKED_IP: Final = "195.82.146.90"
"""An address of the provider's, where somebody has put up a server of his own."""
HTTP: Final = "http://blocked.test/"
HTTPS: Final = "https://blocked.test/"
NAME: Final = Name("blocked.test")


def _world(site: Site, *others: Site, control: bool = True) -> World:
    return World(sites=(FREE, site, *others), control=control)


def _site(
    certificate: Certificate = Certificate.VALID,
    dead: Dead = Dead.NO,
    for_probe: Page | None = None,
    pages: dict[str, Page] | None = None,
    unlisted: tuple[str, ...] = (),
) -> Site:
    return Site(
        "blocked.test", (IP,), certificate=certificate, dead=dead, for_probe=for_probe, pages=pages or {},
        unlisted=unlisted,
    )  # fmt: skip


def _one(match: Match, action: Action, hop: int = 1) -> tuple[Block, ...]:
    return (Block(match, action, hop=hop),)


_PARKED: Final = Site("parked.test", (PARKED_IP,), certificate=Certificate.UNKNOWN_ISSUER)
_CAPTCHA: Final = Page("Attention Required!", 503, headers=(("CF-RAY", "7c1a2b3c4d5e6f70-LAB"),))
_REFUSAL: Final = Page("Unavailable For Legal Reasons", 451)
_DENIED: Final = Page(body="<html><head><title>Denied by order</title></head><body>Article 5.</body></html>")
_LARGE: Final = _world(_site(pages={"/": Page("A large page", size=1_000_000)}))
_CHAIN: Final = {f"/{n}": Page("Moved", 302, location=f"/{n + 1}") for n in range(30)}
_ENDLESS: Final = _world(_site(pages={**_CHAIN, "/": Page("Moved", 302, location="/0")}))


def _leads(url: str) -> World:
    """A site that leads on to the blocked one."""
    first = Site("first.test", ("93.184.216.50",), pages={"/": Page("Moved", 302, location=url)})
    return _world(_site(), first)


def _certificates() -> tuple[Scenario, ...]:
    return tuple(
        Scenario(
            name=f"certificate_{kind}",
            story=f"The site shows everybody a certificate that is bad: {kind.replace('_', ' ')}.",
            world=_world(_site(kind)),
            measure=HTTPS,
            truth=DOWN,
        )
        for kind in (Certificate.EXPIRED, Certificate.WRONG_NAME, Certificate.UNKNOWN_ISSUER)
    )


def _forged() -> tuple[Scenario, ...]:
    """The provider's resolver answers falsely, and other resolvers do not."""
    dead, right = _world(_site(dead=Dead.NXDOMAIN)), _world(_site(unlisted=(PARKED_IP,)))
    rows = (
        ("bad_certificate", "an address whose server shows a certificate of nobody", (PARKED_IP,), HTTPS, SPOOFED,
         _world(_site(), _PARKED)),
        ("bogon", "a private address", (BOGUS,), HTTPS, BOGON, None),
        ("localhost_http", "127.0.0.1", ("127.0.0.1",), HTTP, BOGON, None),
        ("localhost_https", "127.0.0.1", ("127.0.0.1",), HTTPS, BOGON, None),
        ("proxy_http", "a proxy that brings the right page", (PARKED_IP,), HTTP, TAMPERED, right),
        ("proxy_https", "a proxy that brings the right page", (PARKED_IP,), HTTPS, TAMPERED, right),
        ("dead_name_http", "a block page, for a name that is dead", (BLOCK_PAGE_ADDRESS,), HTTP, SPOOFED, dead),
        ("dead_name_https", "a block page, for a name that is dead", (BLOCK_PAGE_ADDRESS,), HTTPS, SPOOFED, dead),
        ("page", "a block page", (BLOCK_PAGE_ADDRESS,), HTTP, SPOOFED, None),
        ("refusing", "an address that refuses connections", (NOTHING_ADDRESS,), HTTPS, SPOOFED, None),
    )  # fmt: skip
    return tuple(
        Scenario(
            name=f"dns_forged_{name}",
            story=f"The provider's resolver answers with {what}.",
            censor=_one(NAME, Forge(addresses)),
            world=world or World(),
            measure=url,
            truth=truth,
        )
        for name, what, addresses, url, truth, world in rows
    )


def _redirects() -> tuple[Scenario, ...]:
    """The censor waits at the second host."""
    eof, reset = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET), Reset(both=True)
    rows: tuple[tuple[str, str, Match, Action, Truth], ...] = (
        ("refused_http", HTTP, Address(IP), Refuse(), REFUSED),
        ("refused_https", HTTPS, Address(IP), Refuse(), REFUSED),
        ("reset_http", HTTP, Host("blocked.test"), reset, REQUEST_RESET),
        ("reset_https", HTTPS, Sni("blocked.test"), reset, SNI_RESET),
        ("eof_http", HTTP, Host("blocked.test"), Close(), REQUEST_RESET),
        ("eof_https", HTTPS, Sni("blocked.test"), Close(), eof),
        ("timeout_http", HTTP, Host("blocked.test"), Drop(), REQUEST_DROPPED),
        ("timeout_https", HTTPS, Sni("blocked.test"), Drop(), SNI_DROPPED),
        ("nxdomain", HTTPS, NAME, Forge(rcode="NXDOMAIN"), NO_NAME),
    )
    return tuple(
        Scenario(
            name=f"redirect_then_{name}",
            story=f"A site leads on to {url}, where a censor waits.",
            censor=_one(match, action, hop=2),
            world=_leads(url),
            measure="http://first.test/",
            truth=truth,
        )
        for name, url, match, action, truth in rows
    )


_OF_OONI: Final[tuple[Scenario, ...]] = (
    *_certificates(),
    *_forged(),
    *_redirects(),
    Scenario(
        name="captcha_http",
        story="The site asks visitors from this country whether they are human, unencrypted.",
        world=_world(_site(for_probe=_CAPTCHA)),
        measure=HTTP,
        truth=OK | UNKNOWN,
    ),
    Scenario(
        name="captcha_https",
        story="The site asks visitors from this country whether they are human, over TLS.",
        world=_world(_site(for_probe=_CAPTCHA)),
        measure=HTTPS,
        truth=OK,
    ),
    Scenario(
        name="no_control_http",
        story="The control is not there; the site is well, unencrypted.",
        world=World(control=False),
        measure=HTTP,
        truth=UNKNOWN,
    ),
    Scenario(
        name="no_control_https",
        story="The control is not there; the site is well, over TLS.",
        world=World(control=False),
        measure=HTTPS,
        truth=OK,
    ),
    Scenario(
        name="dns_nxdomain",
        story="The provider's resolver says there is no such name.",
        censor=_one(NAME, Forge(rcode="NXDOMAIN")),
        measure=HTTPS,
        truth=NO_NAME,
    ),
    Scenario(
        name="everyone_gets_localhost",
        story="The name's owner has given it the address 127.0.0.1.",
        world=_world(Site("blocked.test", ("127.0.0.1",))),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="http_reset",
        story="A router resets unencrypted requests to the host.",
        censor=_one(Host("blocked.test"), Reset(both=True), hop=2),
        measure=HTTP,
        truth=REQUEST_RESET,
    ),
    Scenario(
        name="http_block_page_proxy",
        story="A proxy that takes all of port 80 shows a page of its own for the host.",
        censor=_one(Host("blocked.test"), BlockPage(), hop=2),
        measure=HTTP,
        truth=PAGE,
    ),
    Scenario(
        name="http_block_page_injected",
        story="A router writes a page of its own into connections that ask for the host.",
        censor=_one(Host("blocked.test"), BlockPage(by="injection"), hop=2),
        measure=HTTP,
        truth=PAGE,
    ),
    Scenario(
        name="dns_forged_and_block_page",
        story="The provider's resolver leads to a parked server, and the path to it is cut by a block page as well.",
        censor=(
            Block(NAME, Forge((PARKED_IP,))),
            Block(Host("blocked.test"), BlockPage(by="injection"), hop=2),
        ),
        world=_world(_site(), _PARKED),
        measure=HTTP,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF, also=(Layer.HTTP,)),
    ),
    Scenario(
        name="internationalised_name",
        story="The site has a name in Greek letters; nothing is wrong.",
        world=World(sites=(FREE, Site("xn--kxae4bafwg.xn--pxaix.test", ("93.184.216.60",)))),
        measure="http://ουτοπία.δπθ.test/",
        truth=OK,
    ),
    Scenario(
        name="large_body_http",
        story="The page is larger than what is kept of it.",
        world=_LARGE,
        measure=HTTP,
        truth=OK,
        timeouts=1.0,
    ),
    Scenario(
        name="large_body_https",
        story="The page is larger than what is kept of it.",
        world=_LARGE,
        measure=HTTPS,
        truth=OK,
        timeouts=1.0,
    ),
    Scenario(
        name="redirect_broken_http",
        story="The site leads visitors from this country to an address that is none.",
        world=_world(_site(for_probe=Page("Moved", 302, location="http://"))),
        measure=HTTP,
        truth=DOWN | UNKNOWN,
    ),
    Scenario(
        name="redirect_broken_https",
        story="The site leads visitors from this country to an address that is none, over TLS.",
        world=_world(_site(for_probe=Page("Moved", 302, location="https://"))),
        measure=HTTPS,
        truth=DOWN | UNKNOWN,
    ),
    Scenario(
        name="redirects_without_end_http",
        story="The site leads on, and on.",
        world=_ENDLESS,
        measure=HTTP,
        truth=DOWN,
    ),
    Scenario(
        name="redirects_without_end_https",
        story="The site leads on, and on, over TLS.",
        world=_ENDLESS,
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="address_dropped",
        story="Packets to the site's address vanish.",
        censor=_one(Address(IP), Drop(), hop=2),
        measure=HTTPS,
        truth=DROPPED,
    ),
    Scenario(
        name="bad_line",
        story="The line is long and loses one packet in ten; nobody means it.",
        topology=Topology(delay_ms=300, loss=0.1),
        world=_LARGE,
        measure=HTTPS,
        truth=SLOWED | UNKNOWN | OK,
        control="",
        timeouts=1.0,
    ),
    Scenario(
        name="sni_reset",
        story="A router resets TLS connections whose ClientHello names blocked.test.",
        censor=_one(Sni("blocked.test"), Reset(both=True), hop=2),
        measure=HTTPS,
        truth=SNI_RESET,
    ),
    Scenario(
        name="sni_reset_and_dns_forged",
        story="The same, and the provider's resolver leads to a parked server.",
        censor=(
            Block(NAME, Forge((PARKED_IP,))),
            Block(Sni("blocked.test"), Reset(both=True), hop=2),
        ),
        world=_world(_site(), _PARKED),
        measure=HTTPS,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF, also=(Layer.TLS,)),
    ),
    Scenario(
        name="name_gone",
        story="The name does not exist any more, for anybody.",
        world=_world(_site(dead=Dead.NXDOMAIN)),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="name_without_address",
        story="The name has no address, for anybody.",
        world=_world(_site(dead=Dead.NO_ADDRESS)),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="site_refuses",
        story="The site's server is off, and its machine refuses connections from everywhere.",
        world=_world(_site(dead=Dead.REFUSED)),
        measure=HTTPS,
        truth=DOWN,
    ),
)

_INNOCENT: Final[tuple[Scenario, ...]] = (
    Scenario(name="well_http", story="Nothing is wrong.", measure=HTTP, truth=OK),
    Scenario(name="well_https", story="Nothing is wrong.", measure=HTTPS, truth=OK),
    Scenario(
        name="site_silent",
        story="The site's machine answers nobody.",
        world=_world(_site(dead=Dead.SILENT)),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="ipv6_broken_at_the_client",
        story="The client believes that it has IPv6, and its packets vanish at the first router.",
        topology=Topology(ipv6=True),
        censor=_one(Everything(ip_version=6), Drop()),
        world=World(sites=(FREE, Site("blocked.test", (IP, "2606:2800:21f:cb07::34")))),
        measure=HTTPS,
        truth=OK,
    ),
    Scenario(
        name="captive_portal",
        story="A hotel's network leads every request to its own page, and lets nothing else out but DNS.",
        censor=(
            Block(Everything(), BlockPage(302, "", location="http://195.82.146.80/welcome")),
            Block(Address("0.0.0.0/0", 443, "tcp"), Refuse()),
        ),
        measure=HTTP,
        truth=UNKNOWN,
        control="",
    ),
    Scenario(
        name="rotating_cdn",
        story="A content network answers each question with another of its addresses.",
        world=_world(
            Site(
                "blocked.test",
                ("104.16.1.1", "104.16.2.1", "104.16.3.1"),
                control_addresses=("104.17.9.9",),
                rotating=True,
            )
        ),
        measure=HTTP,
        truth=OK,
    ),
    Scenario(
        name="another_cdn",
        story="The site is at two content networks, and the control is sent to the other one.",
        world=_world(Site("blocked.test", ("104.16.1.1",), control_addresses=("151.101.1.69",))),
        measure=HTTPS,
        truth=OK | TAMPERED,
    ),
    Scenario(
        name="geo_block_https",
        story="The site's own server turns visitors from this country away, over TLS.",
        world=_world(_site(for_probe=_REFUSAL)),
        measure=HTTPS,
        truth=OK,
    ),
    Scenario(
        name="geo_block_http",
        story="The site's own server turns visitors from this country away, unencrypted.",
        world=_world(_site(for_probe=Page("Forbidden", 403))),
        measure=HTTP,
        truth=OK | UNKNOWN,
    ),
)

_OURS: Final[tuple[Scenario, ...]] = (
    Scenario(
        name="sni_drop",
        story="A ClientHello that names blocked.test vanishes.",
        censor=_one(Sni("blocked.test"), Drop(), hop=2),
        measure=HTTPS,
        truth=SNI_DROPPED,
    ),
    Scenario(
        name="sni_replies_dropped",
        story="After a ClientHello that names blocked.test nothing comes back any more.",
        censor=_one(Sni("blocked.test"), DropReplies()),
        measure=HTTPS,
        truth=SNI_DROPPED,
    ),
    Scenario(
        name="sni_reset_by_a_parser",
        story="A box that puts segments together resets connections to blocked.test, three routers away.",
        censor=_one(Sni("blocked.test", reassembled=True), Reset(both=True), hop=3),
        topology=Topology(hops=4, delay_ms=20),
        measure=HTTPS,
        truth=SNI_RESET,
    ),
    Scenario(
        name="residual_blocking",
        story="After a reset the address stays blocked for this client, for a minute.",
        censor=(Block(Sni("blocked.test"), Reset(both=True), residual_s=60),),
        measure=HTTPS,
        truth=SNI_RESET,
    ),
    Scenario(
        name="dns_injected_bogon",
        story="A router answers questions for the name before the resolver can, with a private address.",
        censor=_one(NAME, Forge((BOGUS,), by="injection", copies=2), hop=1),
        topology=Topology(hops=3, delay_ms=20),
        measure=HTTPS,
        truth=BOGON,
    ),
    Scenario(
        name="dns_injected_address",
        story="A router answers questions for the name before the resolver can, with a parked server's address.",
        censor=_one(NAME, Forge((PARKED_IP,), by="injection"), hop=1),
        world=_world(_site(), _PARKED),
        measure=HTTPS,
        truth=SPOOFED,
    ),
    Scenario(
        name="dns_hijacked",
        story="A router takes every question, whomever it is for, and denies the name.",
        censor=_one(NAME, Forge(rcode="NXDOMAIN", by="hijack"), hop=2),
        measure=HTTPS,
        truth=NO_NAME,
    ),
    Scenario(
        name="dns_refused",
        story="The provider's resolver refuses to answer for the name.",
        censor=_one(NAME, Forge(rcode="REFUSED")),
        measure=HTTPS,
        # The system's resolver calls a refusal a temporary failure, so that a probe cannot tell the two apart.
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_REFUSED)
        | Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_TIMEOUT),
    ),
    Scenario(
        name="dns_dropped",
        story="Unencrypted questions for the name vanish.",
        censor=_one(NAME, Drop(), hop=2),
        measure=HTTPS,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_TIMEOUT),
    ),
    Scenario(
        name="address_refused",
        story="A router refuses connections to the site's address in its name.",
        censor=_one(Address(IP, 443, "tcp"), Refuse(), hop=2),
        measure=HTTPS,
        truth=REFUSED,
    ),
    Scenario(
        name="address_unreachable",
        story="A router says that the site's address cannot be reached.",
        censor=_one(Address(IP), Unreachable(), hop=2),
        measure=HTTPS,
        # A router that has lost its route says the same, and means nobody.
        truth=DROPPED | UNKNOWN,
    ),
    Scenario(
        name="quic_only",
        story="HTTP/3 is dropped for everybody; this method does not use it, and must not be misled.",
        censor=_one(Address("0.0.0.0/0", 443, "udp"), Drop()),
        measure=HTTPS,
        truth=OK,
        untouched=(0,),
    ),
    Scenario(
        name="throttled_by_sni",
        story="Connections to blocked.test are held down to 128 kbit/s, and the page is large.",
        censor=_one(Sni("blocked.test"), Throttle(kbit_s=128)),
        world=_LARGE,
        measure=HTTPS,
        truth=SLOWED,
        timeouts=0.5,
    ),
    Scenario(
        name="tls_intercepted",
        story="A box shows a certificate of its own authority for blocked.test, and reads along.",
        censor=_one(Sni("blocked.test"), Intercept(), hop=2),
        measure=HTTPS,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_INTERCEPTION),
    ),
    Scenario(
        name="redirected_to_a_block_page",
        story="A proxy sends whoever asks for the host to the censor's own site.",
        censor=_one(Host("blocked.test"), BlockPage(302, "", location="http://denied.test/")),
        world=_world(
            _site(),
            Site("denied.test", ("195.82.146.81",), pages={"/": _DENIED}, server="gov"),
        ),
        measure=HTTP,
        truth=ELSEWHERE | PAGE,
    ),
    Scenario(
        name="shutdown_in_the_middle",
        story="The whole network is switched off while the probe waits for the page.",
        censor=(Block(Everything(), Drop(), from_s=1.0),),
        world=_world(_site(for_probe=Page(pause_s=60))),
        measure=HTTPS,
        truth=UNKNOWN,
        control="",
    ),
)

SCENARIOS: Final[tuple[Scenario, ...]] = (*_INNOCENT, *_OF_OONI, *_OURS)
