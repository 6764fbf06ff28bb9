"""What a probe that nothing works for must tell apart."""

from typing import Final

from lampwatch.lab.block import Address, Block, BlockPage, Drop, Everything, Forge, Name, Refuse
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import FREE, Page, Site, World
from lampwatch.methods.connectivity.places import NAMES
from lampwatch.model.vocabulary import Layer, State

_HOME: Final = Site("home.test", ("195.82.146.20",))
_WORLD: Final = World(
    sites=(
        FREE,
        _HOME,
        *(Site(name, (f"142.250.74.{n}",)) for n, name in enumerate(NAMES, 1)),
        Site("detectportal.firefox.com", ("34.107.221.82",), pages={"/success.txt": Page(body="success\n")}),
        Site("connectivitycheck.gstatic.com", ("142.250.74.99",), pages={"/generate_204": Page(status=204)}),
    )
)
_ASKED: Final = Measure("connectivity", _HOME.name)
_ABROAD: Final = ("1.0.0.0/8", "8.0.0.0/7", "34.0.0.0/8", "142.0.0.0/8")
"""The networks abroad that are tried; the provider's own, with the domestic site, is another."""


def _told(rule: str, layer: Layer | None = None) -> Truth:
    return Truth(State.UNKNOWN, layer, rule=f"connectivity.{rule}")


SCENARIOS: Final = (
    Scenario(
        name="online",
        story="Nothing is wrong.",
        world=_WORLD,
        measure=_ASKED,
        truth=Truth(State.OK, rule="connectivity.online"),
    ),
    Scenario(
        name="portal_before_its_login",
        story="A hotel's network leads every request to its own page, and lets nothing else out but DNS.",
        world=_WORLD,
        censor=(
            Block(Everything(), BlockPage(302, "", location="http://195.82.146.80/welcome")),
            Block(Address("0.0.0.0/0", 443, "tcp"), Refuse()),
        ),
        measure=_ASKED,
        truth=_told("captive_portal", Layer.HTTP),
        control="",
    ),
    Scenario(
        name="resolver_dead",
        story="The resolvers are silent, and all else works.",
        world=_WORLD,
        censor=(Block(Address("0.0.0.0/0", 53), Drop()),),
        measure=_ASKED,
        truth=_told("resolver_dead", Layer.DNS),
        control="",
    ),
    Scenario(
        name="every_name_denied",
        story="The router takes every question on port 53, and denies every name.",
        world=_WORLD,
        censor=(Block(Name("*"), Forge(rcode="NXDOMAIN", by="hijack")),),
        measure=_ASKED,
        truth=_told("resolver_dead", Layer.DNS),
        control="",
    ),
    Scenario(
        name="outside_world_gone",
        story="The country is cut off: nothing abroad answers, and what is at home does.",
        world=_WORLD,
        censor=tuple(Block(Address(prefix), Drop(), hop=2) for prefix in _ABROAD),
        measure=_ASKED,
        truth=_told("outside_gone", Layer.IP),
        control="",
    ),
    Scenario(
        name="everything_gone",
        story="The network is switched off: no packet passes the first router.",
        world=_WORLD,
        censor=(Block(Everything(), Drop()),),
        measure=_ASKED,
        truth=_told("everything_gone", Layer.IP),
        control="",
    ),
)
