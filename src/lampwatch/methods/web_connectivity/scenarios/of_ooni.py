"""The table of cases by which OONI tests its own probe (probe-cli, webconnectivityqa), each as a censor and a truth.

The truth stands in the place of what OONI's analysis says.
"""

from typing import Final

from lampwatch.lab.block import (
    Action,
    Address,
    Block,
    BlockPage,
    Close,
    Drop,
    Forge,
    Host,
    Match,
    Refuse,
    Reset,
    Sni,
)
from lampwatch.lab.scenario import Scenario, Topology
from lampwatch.lab.truth import Truth
from lampwatch.lab.view import BLOCK_PAGE_ADDRESS, NOTHING_ADDRESS
from lampwatch.lab.world import FREE, Certificate, Dead, Page, Site, World
from lampwatch.methods.web_connectivity.scenarios.blocked_site import (
    BOGON,
    BOGUS,
    CAPTCHA,
    DOWN,
    DROPPED,
    ENDLESS,
    HTTP,
    HTTPS,
    IP,
    LARGE,
    NAME,
    NO_NAME,
    OK,
    PAGE,
    PARKED,
    PARKED_IP,
    REFUSED,
    REQUEST_DROPPED,
    REQUEST_RESET,
    SLOWED,
    SNI_DROPPED,
    SNI_RESET,
    SPOOFED,
    TAMPERED,
    UNKNOWN,
    leading_to,
    one_block,
    the_site,
    world_with,
)
from lampwatch.model.vocabulary import Layer, Mechanism, State


def _certificates() -> tuple[Scenario, ...]:
    return tuple(
        Scenario(
            name=f"certificate_{kind}",
            story=f"The site shows everybody a certificate that is bad: {kind.replace('_', ' ')}.",
            world=world_with(the_site(kind)),
            measure=HTTPS,
            truth=DOWN,
        )
        for kind in (Certificate.EXPIRED, Certificate.WRONG_NAME, Certificate.UNKNOWN_ISSUER)
    )


def _forged() -> tuple[Scenario, ...]:
    """The provider's resolver answers falsely, and other resolvers do not."""
    dead, right = world_with(the_site(dead=Dead.NXDOMAIN)), world_with(the_site(unlisted=(PARKED_IP,)))
    rows = (
        ("bad_certificate", "an address whose server shows a certificate of nobody", (PARKED_IP,), HTTPS, SPOOFED,
         world_with(the_site(), PARKED)),
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
            censor=one_block(NAME, Forge(addresses)),
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
            censor=one_block(match, action, hop=2),
            world=leading_to(url),
            measure="http://first.test/",
            truth=truth,
        )
        for name, url, match, action, truth in rows
    )


OF_OONI: Final[tuple[Scenario, ...]] = (
    *_certificates(),
    *_forged(),
    *_redirects(),
    Scenario(
        name="captcha_http",
        story="The site asks visitors from this country whether they are human, unencrypted.",
        world=world_with(the_site(for_probe=CAPTCHA)),
        measure=HTTP,
        truth=OK | UNKNOWN,
    ),
    Scenario(
        name="captcha_https",
        story="The site asks visitors from this country whether they are human, over TLS.",
        world=world_with(the_site(for_probe=CAPTCHA)),
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
        censor=one_block(NAME, Forge(rcode="NXDOMAIN")),
        measure=HTTPS,
        truth=NO_NAME,
    ),
    Scenario(
        name="everyone_gets_localhost",
        story="The name's owner has given it the address 127.0.0.1.",
        world=world_with(Site("blocked.test", ("127.0.0.1",))),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="http_reset",
        story="A router resets unencrypted requests to the host.",
        censor=one_block(Host("blocked.test"), Reset(both=True), hop=2),
        measure=HTTP,
        truth=REQUEST_RESET,
    ),
    Scenario(
        name="http_block_page_proxy",
        story="A proxy that takes all of port 80 shows a page of its own for the host.",
        censor=one_block(Host("blocked.test"), BlockPage(), hop=2),
        measure=HTTP,
        truth=PAGE,
    ),
    Scenario(
        name="http_block_page_injected",
        story="A router writes a page of its own into connections that ask for the host.",
        censor=one_block(Host("blocked.test"), BlockPage(by="injection"), hop=2),
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
        world=world_with(the_site(), PARKED),
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
        world=LARGE,
        measure=HTTP,
        truth=OK,
        timeouts=1.0,
    ),
    Scenario(
        name="large_body_https",
        story="The page is larger than what is kept of it.",
        world=LARGE,
        measure=HTTPS,
        truth=OK,
        timeouts=1.0,
    ),
    Scenario(
        name="redirect_broken_http",
        story="The site leads visitors from this country to an address that is none.",
        world=world_with(the_site(for_probe=Page("Moved", 302, location="http://"))),
        measure=HTTP,
        truth=DOWN | UNKNOWN,
    ),
    Scenario(
        name="redirect_broken_https",
        story="The site leads visitors from this country to an address that is none, over TLS.",
        world=world_with(the_site(for_probe=Page("Moved", 302, location="https://"))),
        measure=HTTPS,
        truth=DOWN | UNKNOWN,
    ),
    Scenario(
        name="redirects_without_end_http",
        story="The site leads on, and on.",
        world=ENDLESS,
        measure=HTTP,
        truth=DOWN,
    ),
    Scenario(
        name="redirects_without_end_https",
        story="The site leads on, and on, over TLS.",
        world=ENDLESS,
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="address_dropped",
        story="Packets to the site's address vanish.",
        censor=one_block(Address(IP), Drop(), hop=2),
        measure=HTTPS,
        truth=DROPPED,
    ),
    Scenario(
        name="bad_line",
        story="The line is long and loses one packet in ten; nobody means it.",
        topology=Topology(delay_ms=300, loss=0.1),
        world=LARGE,
        measure=HTTPS,
        truth=SLOWED | UNKNOWN | OK,
        control="",
        timeouts=1.0,
    ),
    Scenario(
        name="sni_reset",
        story="A router resets TLS connections whose ClientHello names blocked.test.",
        censor=one_block(Sni("blocked.test"), Reset(both=True), hop=2),
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
        world=world_with(the_site(), PARKED),
        measure=HTTPS,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF, also=(Layer.TLS,)),
    ),
    Scenario(
        name="name_gone",
        story="The name does not exist any more, for anybody.",
        world=world_with(the_site(dead=Dead.NXDOMAIN)),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="name_without_address",
        story="The name has no address, for anybody.",
        world=world_with(the_site(dead=Dead.NO_ADDRESS)),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="site_refuses",
        story="The site's server is off, and its machine refuses connections from everywhere.",
        world=world_with(the_site(dead=Dead.REFUSED)),
        measure=HTTPS,
        truth=DOWN,
    ),
)
