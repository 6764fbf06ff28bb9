"""Censors that WhatsApp must be judged rightly under."""

from typing import Final

from lampwatch.lab.block import Address, Block, Drop, Forge, Name, Reset, Sni
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

APP: Final = "whatsapp"
REGISTRATION: Final = "v.whatsapp.net"
WEB: Final = "web.whatsapp.com"
OK: Final = Truth(State.OK)
_ENDPOINTS: Final = "157.240.20.0/27"
_BOGUS: Final = "10.10.34.35"
_BOGON: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_BOGON)
_WORLD: Final = World(services=("whatsapp",))
_ASKED: Final = Measure("whatsapp")

SCENARIOS: Final = (
    Scenario(
        name="whatsapp_works",
        story="Nobody does anything to WhatsApp.",
        world=_WORLD,
        measure=_ASKED,
        truth={APP: OK, REGISTRATION: OK, WEB: OK},
    ),
    Scenario(
        name="whatsapp_endpoints_dropped",
        story="A router drops all packets to the addresses of the app's endpoints; registration and web site work.",
        world=_WORLD,
        censor=(Block(Address(_ENDPOINTS), Drop()),),
        measure=_ASKED,
        truth={APP: Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP), REGISTRATION: OK, WEB: OK},
    ),
    Scenario(
        name="whatsapp_web_reset",
        story="A router resets TLS connections whose ClientHello names web.whatsapp.com; the app works.",
        world=_WORLD,
        censor=(Block(Sni(WEB), Reset(both=True)),),
        measure=_ASKED,
        truth={
            APP: OK,
            REGISTRATION: OK,
            WEB: Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET),
        },
    ),
    Scenario(
        name="whatsapp_names_forged",
        story="The provider's resolver answers for every name under whatsapp.net with a private address.",
        world=_WORLD,
        censor=(Block(Name("whatsapp.net"), Forge(addresses=(_BOGUS,))),),
        measure=_ASKED,
        truth={APP: _BOGON, REGISTRATION: _BOGON, WEB: OK},
    ),
)
