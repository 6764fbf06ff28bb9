"""Nothing wrong, and trouble that nobody means: none of it may be called blocked."""

from typing import Final

from lampwatch.lab.block import Address, Block, BlockPage, Drop, Everything, Refuse
from lampwatch.lab.scenario import Scenario, Topology
from lampwatch.lab.world import FREE, Dead, Page, Site, World
from lampwatch.methods.web_connectivity.scenarios.blocked_site import (
    DOWN,
    HTTP,
    HTTPS,
    IP,
    OK,
    REFUSAL,
    TAMPERED,
    UNKNOWN,
    one_block,
    the_site,
    world_with,
)

INNOCENT: Final[tuple[Scenario, ...]] = (
    Scenario(name="well_http", story="Nothing is wrong.", measure=HTTP, truth=OK),
    Scenario(name="well_https", story="Nothing is wrong.", measure=HTTPS, truth=OK),
    Scenario(
        name="site_silent",
        story="The site's machine answers nobody.",
        world=world_with(the_site(dead=Dead.SILENT)),
        measure=HTTPS,
        truth=DOWN,
    ),
    Scenario(
        name="ipv6_broken_at_the_client",
        story="The client believes that it has IPv6, and its packets vanish at the first router.",
        topology=Topology(ipv6=True),
        censor=one_block(Everything(ip_version=6), Drop()),
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
        world=world_with(
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
        world=world_with(Site("blocked.test", ("104.16.1.1",), control_addresses=("151.101.1.69",))),
        measure=HTTPS,
        truth=OK | TAMPERED,
    ),
    Scenario(
        name="geo_block_https",
        story="The site's own server turns visitors from this country away, over TLS.",
        world=world_with(the_site(for_probe=REFUSAL)),
        measure=HTTPS,
        truth=OK,
    ),
    Scenario(
        name="geo_block_http",
        story="The site's own server turns visitors from this country away, unencrypted.",
        world=world_with(the_site(for_probe=Page("Forbidden", 403))),
        measure=HTTP,
        truth=OK | UNKNOWN,
    ),
)
