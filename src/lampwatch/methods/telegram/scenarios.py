"""Censors that Telegram must be judged rightly under."""

from typing import Final

from lampwatch.lab.block import Address, Block, Drop, Forge, Name, Refuse, Reset, Sni
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

APP: Final = "telegram"
WEB: Final = "web.telegram.org"
OK: Final = Truth(State.OK)
DROPPED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
_NETWORKS: Final = ("149.154.160.0/20", "95.161.64.0/20")
_WORLD: Final = World(services=("telegram",))
_ASKED: Final = Measure("telegram")

SCENARIOS: Final = (
    Scenario(
        name="telegram_works",
        story="Nobody does anything to Telegram.",
        world=_WORLD,
        measure=_ASKED,
        truth={APP: OK, WEB: OK},
    ),
    Scenario(
        name="telegram_addresses_dropped",
        story="A router drops all packets to Telegram's networks, the app's servers and the web site alike.",
        world=_WORLD,
        censor=tuple(Block(Address(prefix), Drop()) for prefix in _NETWORKS),
        measure=_ASKED,
        truth={APP: DROPPED, WEB: DROPPED},
    ),
    Scenario(
        name="telegram_addresses_refused",
        story="A router answers every connection to Telegram's networks with a reset.",
        world=_WORLD,
        censor=tuple(Block(Address(prefix, protocol="tcp"), Refuse()) for prefix in _NETWORKS),
        measure=_ASKED,
        truth=dict.fromkeys((APP, WEB), Truth(State.BLOCKED, Layer.IP, Mechanism.IP_REFUSE)),
    ),
    Scenario(
        name="telegram_web_reset",
        story="A router resets TLS connections whose ClientHello names web.telegram.org; the app works.",
        world=_WORLD,
        censor=(Block(Sni(WEB), Reset(both=True), hop=2),),
        measure=_ASKED,
        truth={APP: OK, WEB: Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)},
    ),
    Scenario(
        name="telegram_web_name_denied",
        story="The provider's resolver says that web.telegram.org does not exist; the app needs no names.",
        world=_WORLD,
        censor=(Block(Name("telegram.org"), Forge(rcode="NXDOMAIN")),),
        measure=_ASKED,
        truth={APP: OK, WEB: Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)},
    ),
    Scenario(
        name="telegram_where_every_name_is_denied",
        story="The router denies every name that is asked for: that is not about Telegram.",
        world=_WORLD,
        censor=(Block(Name("*"), Forge(rcode="NXDOMAIN", by="hijack")),),
        measure=_ASKED,
        truth={APP: OK, WEB: Truth(State.UNKNOWN)},
        control="",
    ),
)
