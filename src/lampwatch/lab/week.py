"""The week that ships as example data: a country that does not exist is cut off, step by step, and comes back.

Hours count from Monday 00:00 UTC. Names end in .example or .test and networks have numbers for private use, so that
nothing in it can be taken for the world.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lampwatch.lab.block import (
    Address,
    Block,
    BlockPage,
    Drop,
    Everything,
    Forge,
    Host,
    Intercept,
    Name,
    QuicSni,
    Reset,
    Sni,
    Throttle,
)
from lampwatch.lab.scenario import Measure, Topology
from lampwatch.lab.script import Asked, Happening, Network, Script
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import Certificate, Page, Site, World
from lampwatch.model.vocabulary import Layer, Mechanism, State

TELECOM, CABLE, CAMPUS, MOBILE = 64512, 64513, 64514, 64515
FIXED: Final = (TELECOM, CABLE, CAMPUS)
ALL: Final = (*FIXED, MOBILE)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(24, 168, 24)
END: Final = 168.0

NETWORKS: Final = (
    # The one that takes longest to record comes first.
    Network(MOBILE, "Lab Mobile (lab recording)", Topology(hops=4, delay_ms=35, jitter_ms=6)),
    Network(TELECOM, "Lab Telecom (lab recording)", Topology(hops=3, delay_ms=12)),
    Network(CABLE, "Lab Cable (lab recording)", Topology(hops=3, delay_ms=8)),
    Network(CAMPUS, "Lab Campus Network (lab recording)", Topology(hops=2)),
)

HERALD: Final = "herald.example"
CHANNEL: Final = "channel5.example"
RIGHTS: Final = "rights.example"
WIKI: Final = "wiki.example"
SHOP: Final = "shop.example"
VIDEO: Final = "video.example"
DIARY: Final = "diary.example"
GONE: Final = "gone.example"
PORTAL: Final = "egov.example"
STATION: Final = "live.test"
CATEGORIES: Final[Mapping[str, str]] = {
    HERALD: "NEWS",
    CHANNEL: "NEWS",
    STATION: "NEWS",
    RIGHTS: "HUMR",
    WIKI: "CULTR",
    SHOP: "COMM",
    VIDEO: "MMED",
    DIARY: "HOST",
    GONE: "POLR",
    PORTAL: "GOVT",
}
"""Each site's category, in the codes of the Citizen Lab's test lists."""

_SIGNAL: Final = ("cdsi.signal.org", "chat.signal.org", "sfu.voip.signal.org", "storage.signal.org")
_FIREFOX: Final = "detectportal.firefox.com"
_GSTATIC: Final = "connectivitycheck.gstatic.com"
WORLD: Final = World(
    services=("telegram", "whatsapp", "live"),
    sites=(
        Site(HERALD, ("93.184.216.41",), pages={"/": Page("The Morning Herald")}),
        Site(CHANNEL, ("93.184.216.42",), pages={"/": Page("Channel Five: live and on demand")}),
        Site(RIGHTS, ("93.184.216.43",), pages={"/": Page("Watching over rights")}),
        Site(WIKI, ("104.16.1.44",), pages={"/": Page("The free encyclopaedia")}),
        Site(SHOP, ("104.16.1.45",), pages={"/": Page("Everything for the household")}),
        Site(
            VIDEO,
            ("93.184.216.46",),
            http3=True,
            pages={"/": Page("Films for everyone"), "/film": Page("A film", size=300_000)},
        ),
        Site(DIARY, ("93.184.216.47",), certificate=Certificate.EXPIRED, pages={"/": Page("A diary")}),
        Site(PORTAL, ("195.82.146.20",), pages={"/": Page("The government's portal")}),
        *(Site(name, (f"76.223.92.{165 + n}",)) for n, name in enumerate(_SIGNAL)),
        Site("uptime.signal.org", ("127.0.0.1",)),
        Site("www.google.com", ("74.125.1.1",)),
        Site("www.wikipedia.org", ("93.184.216.51",)),
        Site("www.cloudflare.com", ("104.16.1.1",)),
        Site(_FIREFOX, ("93.184.216.52",), pages={"/": Page(body="success\n")}),
        Site(_GSTATIC, ("74.125.1.2",), pages={"/": Page(status=204, body=" ")}),
    ),
)

OK: Final = Truth(State.OK)
DOWN: Final = Truth(State.DOWN)
UNKNOWN: Final = Truth(State.UNKNOWN)
DROPPED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
RESET: Final = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)
BOGON: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_BOGON)
NO_NAME: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)
_WEB: Final = "web_connectivity"

ASKED: Final = (
    Asked(Measure("connectivity", PORTAL), {"internet": OK}),
    Asked(Measure("telegram"), {"telegram": OK, "web.telegram.org": OK}),
    Asked(Measure("whatsapp"), dict.fromkeys(("whatsapp", "v.whatsapp.net", "web.whatsapp.com"), OK)),
    Asked(Measure("signal"), {"signal": OK}),
    Asked(Measure(_WEB, f"https://{HERALD}/"), {HERALD: OK}),
    Asked(Measure(_WEB, f"http://{CHANNEL}/"), {CHANNEL: OK}),
    Asked(Measure(_WEB, f"https://{RIGHTS}/"), {RIGHTS: OK}),
    Asked(Measure(_WEB, f"https://{WIKI}/"), {WIKI: OK}),
    Asked(Measure(_WEB, f"https://{SHOP}/"), {SHOP: OK}, every=2),
    Asked(Measure(_WEB, f"https://{VIDEO}/"), {VIDEO: OK}),
    Asked(Measure(_WEB, f"https://{PORTAL}/"), {PORTAL: OK}),
    # Nobody censors these two: not everything that fails is blocked.
    Asked(Measure(_WEB, f"https://{DIARY}/"), {DIARY: DOWN}, every=4),
    Asked(Measure(_WEB, f"https://{GONE}/"), {GONE: DOWN}, every=4),
    Asked(Measure("quic", f"https://{VIDEO}/"), {VIDEO: OK}, every=2, networks=(CABLE, MOBILE)),
    Asked(Measure("throttle", f"https://{VIDEO}/film"), {VIDEO: OK}, every=2, networks=(TELECOM, MOBILE)),
    Asked(Measure("trace", f"https://{HERALD}/"), {HERALD: OK}, every=4, networks=(CABLE,)),
    Asked(
        Measure("stream", f"https://{STATION}/live.m3u8"), {STATION: OK}, every=2, networks=(TELECOM, CABLE)
    ),
)

_TELEGRAM: Final = tuple(Block(Address(prefix), Drop()) for prefix in ("149.154.160.0/20", "95.161.64.0/20"))
_TELEGRAM_APP: Final = tuple(
    Block(Address(prefix), Drop()) for prefix in ("149.154.175.0/24", "149.154.167.0/26", "149.154.167.91",
                                                  "149.154.171.0/24", "95.161.64.0/20")
)  # fmt: skip
_BOGUS: Final = Forge(("10.10.34.35",))
_HOME: Final = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "195.82.146.0/24"))
"""Clients and routers, and what is hosted in the country."""
_WEB_TARGETS: Final = (HERALD, CHANNEL, RIGHTS, WIKI, SHOP, VIDEO, PORTAL, DIARY, GONE)


def _abroad(
    space: Iterable[ipaddress.IPv4Network] = (ipaddress.IPv4Network("0.0.0.0/0"),),
) -> Iterator[ipaddress.IPv4Network]:
    """All addresses but those at home, as prefixes."""
    left = list(space)
    for home in _HOME:
        left = [
            part
            for prefix in left
            for part in (prefix.address_exclude(home) if home.subnet_of(prefix) else (prefix,))
        ]
    return iter(sorted(left))


def _web(truth: Truth, *targets: str) -> dict[tuple[str, str], Truth]:
    return {(_WEB, target): truth for target in targets}


def _of(method: str, truth: Truth, *targets: str) -> dict[tuple[str, str], Truth]:
    return {(method, target): truth for target in targets}


_SERVICES: Final = (
    *(("telegram", target) for target in ("telegram", "web.telegram.org")),
    *(("whatsapp", target) for target in ("whatsapp", "v.whatsapp.net", "web.whatsapp.com")),
    ("signal", "signal"),
)
_NOTHING: Final = {
    **_of("connectivity", UNKNOWN, "internet"),
    **dict.fromkeys(_SERVICES, UNKNOWN),
    **_web(UNKNOWN, *_WEB_TARGETS),
    **_of("quic", UNKNOWN, VIDEO),
    **_of("throttle", UNKNOWN, VIDEO),
    **_of("stream", UNKNOWN, STATION),
    **_of("trace", UNKNOWN, HERALD),
}


def _shutdown(story: str, networks: tuple[int, ...], begins: float, ends: float) -> Happening:
    """Nothing passes at all."""
    return Happening(
        story=story, networks=networks, begins=begins, ends=ends, blocks=(Block(Everything(), Drop()),),
        truth=_NOTHING, outage=True,
    )  # fmt: skip


_TELEGRAM_DROPPED: Final = _of("telegram", DROPPED, "telegram", "web.telegram.org")
_ENDPOINTS: Final = (Block(Address("157.240.20.0/27"), Drop()),)

HAPPENINGS: Final = (
    Happening(
        story="An organisation's site does not exist, says Lab Telecom's resolver, as it has for years.",
        networks=(TELECOM,), begins=0, ends=END,
        blocks=(Block(Name(RIGHTS), Forge(rcode="NXDOMAIN")),),
        truth=_web(NO_NAME, RIGHTS),
    ),
    Happening(
        story="Telegram's addresses are dropped on Lab Telecom, on Tuesday at 14:30; it stays so.",
        networks=(TELECOM,), begins=TUESDAY + 14.5, ends=END, blocks=_TELEGRAM, truth=_TELEGRAM_DROPPED,
    ),
    Happening(
        story="Lab Cable follows after an hour, and lets them pass again on Sunday at noon.",
        networks=(CABLE,), begins=TUESDAY + 15.5, ends=SUNDAY + 12, blocks=_TELEGRAM, truth=_TELEGRAM_DROPPED,
    ),
    Happening(
        story="Lab Mobile does so in the evening.",
        networks=(MOBILE,), begins=TUESDAY + 19, ends=END, blocks=_TELEGRAM, truth=_TELEGRAM_DROPPED,
    ),
    Happening(
        story="The campus drops the app's servers on Wednesday morning, and resets the web client by its name.",
        networks=(CAMPUS,), begins=WEDNESDAY + 9, ends=END,
        blocks=(*_TELEGRAM_APP, Block(Sni("web.telegram.org"), Reset(both=True))),
        truth={**_of("telegram", DROPPED, "telegram"), **_of("telegram", RESET, "web.telegram.org")},
    ),
    Happening(
        story="Films come slowly on Lab Mobile from Wednesday noon on, and from nowhere else.",
        networks=(MOBILE,), begins=WEDNESDAY + 12, ends=SUNDAY + 6,
        blocks=(Block(Sni(VIDEO), Throttle(kbit_s=256)),),
        truth={
            **_of("throttle", Truth(State.BLOCKED, Layer.TLS, Mechanism.THROTTLING), VIDEO),
            # One short page tells no speed, and a slow one may be told.
            **_web(OK | Truth(State.UNKNOWN, Layer.HTTP, Mechanism.THROTTLING), VIDEO),
        },
    ),
    Happening(
        story="WhatsApp's endpoints are dropped on Lab Telecom on Wednesday at 18:00.",
        networks=(TELECOM,), begins=WEDNESDAY + 18, ends=SATURDAY + 16, blocks=_ENDPOINTS,
        truth=_of("whatsapp", DROPPED, "whatsapp"),
    ),
    Happening(
        story="Lab Mobile's resolver answers for WhatsApp's names with an address that nobody has.",
        networks=(MOBILE,), begins=WEDNESDAY + 18.5, ends=SATURDAY + 18,
        blocks=(Block(Name("whatsapp.net"), _BOGUS), Block(Name("web.whatsapp.com"), _BOGUS)),
        truth=_of("whatsapp", BOGON, "whatsapp", "v.whatsapp.net", "web.whatsapp.com"),
    ),
    Happening(
        story="Lab Cable drops WhatsApp's endpoints at 19:00.",
        networks=(CABLE,), begins=WEDNESDAY + 19, ends=SATURDAY + 17, blocks=_ENDPOINTS,
        truth=_of("whatsapp", DROPPED, "whatsapp"),
    ),
    Happening(
        story="News on Wednesday at 20:00: Lab Telecom's resolver lies about the two largest.",
        networks=(TELECOM,), begins=WEDNESDAY + 20, ends=END,
        blocks=(Block(Name(HERALD), _BOGUS), Block(Name(CHANNEL), _BOGUS)),
        truth=_web(BOGON, HERALD, CHANNEL),
    ),
    Happening(
        story="Lab Cable resets connections that name them, until Sunday.",
        networks=(CABLE,), begins=WEDNESDAY + 20.5, ends=SUNDAY + 9,
        blocks=(
            Block(Sni(HERALD), Reset(both=True), hop=2),
            Block(Host(CHANNEL), Reset(both=True), hop=2),
        ),
        truth={**_web(RESET, HERALD), **_of("trace", RESET, HERALD),
               **_web(Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_RESET), CHANNEL)},
    ),
    Happening(
        story="The campus shows its own page for one of them, and reads along on the other.",
        networks=(CAMPUS,), begins=WEDNESDAY + 21, ends=END,
        blocks=(Block(Host(CHANNEL), BlockPage(), hop=2), Block(Sni(HERALD), Intercept(), hop=2)),
        truth={**_web(Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_BLOCK_PAGE), CHANNEL),
               **_web(Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_INTERCEPTION), HERALD)},
    ),
    Happening(
        story="Lab Cable drops QUIC to the films on Thursday morning; over TCP they come.",
        networks=(CABLE,), begins=THURSDAY + 8, ends=FRIDAY + 14,
        blocks=(Block(QuicSni(VIDEO), Drop(), hop=2),),
        truth=_of("quic", Truth(State.BLOCKED, Layer.QUIC, Mechanism.QUIC_DROP), VIDEO),
    ),
    Happening(
        story="Signal's server for messages is reset by its name on Lab Telecom from Thursday noon on.",
        networks=(TELECOM,), begins=THURSDAY + 12, ends=SUNDAY + 15,
        blocks=(Block(Sni("chat.signal.org"), Reset(both=True)),),
        truth=_of("signal", RESET, "signal"),
    ),
    Happening(
        story="A television station's live stream is reset by name on Lab Telecom on Thursday evening.",
        networks=(TELECOM,), begins=THURSDAY + 18, ends=SUNDAY + 9.5,
        blocks=(Block(Sni(STATION), Reset(both=True)),),
        truth=_of("stream", RESET, STATION),
    ),
    Happening(
        story="Lab Cable drops the station's address.",
        networks=(CABLE,), begins=THURSDAY + 18.5, ends=SUNDAY + 10,
        blocks=(Block(Address("151.101.1.20"), Drop()),),
        truth=_of("stream", DROPPED, STATION),
    ),
    _shutdown("Mobile Internet is switched off for 20 hours from Thursday 10:00 on.", (MOBILE,), 82, 102),
    Happening(
        story="On Friday at 14:00 the lines abroad are cut for 18 hours; on Lab Telecom what is at home still answers.",
        networks=(TELECOM,), begins=FRIDAY + 14, ends=SATURDAY + 8,
        blocks=tuple(Block(Address(str(prefix)), Drop()) for prefix in _abroad()),
        # Names are still found, so that a service's servers are seen to be dropped; for sites there is no control.
        truth={**_NOTHING, **dict.fromkeys(_SERVICES, DROPPED), **_web(OK, PORTAL)},
        outage=True,
    ),
    _shutdown("On Lab Cable nothing answers, and for two hours longer.", (CABLE,), FRIDAY + 14, SATURDAY + 10),
    _shutdown("Nor on the campus.", (CAMPUS,), FRIDAY + 14, SATURDAY + 11),
    _shutdown("Lab Mobile comes back last, on Saturday at 14:00.", (MOBILE,), FRIDAY + 14, SATURDAY + 14),
)  # fmt: skip

WEEK: Final = Script(
    country="XA",
    starts=dt.datetime(2026, 11, 16),  # noqa: DTZ001  start times are UTC without a zone
    hours=END,
    networks=NETWORKS,
    world=WORLD,
    asked=ASKED,
    happenings=HAPPENINGS,
)
