"""Incidents to be worded: one for each thing that can be said, by a name that says what it is."""

import datetime as dt
from collections.abc import Sequence

from lampwatch.model.blocking import Block, BlockingIncident, Means
from lampwatch.model.connectivity import ConnectivityIncident, Part, Recurrence
from lampwatch.model.disturbance import Direction
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Reason, Scope
from lampwatch.model.revision import Status
from lampwatch.model.series import Family
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.said import Names, Said

HOUR = 3600
DAY = 86_400
NAMES = Names(
    targets={
        "telegram": "Telegram",
        "whatsapp": "WhatsApp",
        "signal": "Signal",
        "tor": "Tor",
        "psiphon": "Psiphon",
    },
    networks={9198: "Kazakhtelecom", 21299: "Kar-Tel", 8048: "CANTV", 11562: "Net Uno"},
)
KAZAKH = (9198, 21299, 29355, 41798, 48503, 50482)


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 1, year: int = 2022) -> int:
    return int(dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC).timestamp())


ONSET = at(5, 14, 30)


def onset(when: int = ONSET, *, low: int | None = None, high: int | None = None) -> Event:
    known = when + HOUR
    return Event(Turn.ONSET, when, when - HOUR // 2 if low is None else low, high or when + HOUR // 2, known)


def end(when: int, *, low: int | None = None, high: int | None = None, turn: Turn = Turn.RECOVERY) -> Event:
    return Event(turn, when, when if low is None else low, high or when + 300, when + HOUR)


def block(
    target: str = "telegram",
    asn: int = 9198,
    *,
    began: Event | None = None,
    means: Sequence[tuple[Mechanism, int]] = ((Mechanism.IP_DROP, ONSET),),
    begun_before: bool = False,
    blocked_voters: int = 12,
    contrary_voters: int = 1,
    fingerprints: Sequence[str] = (),
    software: str = "ooniprobe-cli 3.18.0",
) -> Block:
    return Block(
        country="KZ",
        asn=asn,
        target=target,
        method="telegram",
        onset=began or onset(),
        end=None,
        until=at(7, 10),
        begun_before=begun_before,
        rate=0.95,
        rate_before=None if begun_before else 0.0,
        blocked=40,
        blocked_voters=blocked_voters,
        contrary_voters=contrary_voters,
        means=tuple(Means(mechanism, 10, first, first + HOUR) for mechanism, first in means),
        direct=len(fingerprints),
        fingerprints=tuple(fingerprints),
        software=((software, 13),),
        versions=("7",),
        witness="20220105143012.000000_KZ_telegram_0123456789abcdef",
        probability=0.99,
    )


def blocking(
    *services: str,
    level: Level = Level.APPARENT,
    country: str = "KZ",
    targets: Sequence[str] = (),
    category: str = "",
    networks: Sequence[int] = KAZAKH[:4],
    measured: Sequence[int] = KAZAKH,
    began: Event | None = None,
    over: Event | None = None,
    until: int = at(7, 10),
    mechanisms: Sequence[Mechanism] = (Mechanism.IP_DROP,),
    blocks: Sequence[Block] | None = None,
    scope: Scope = Scope.COUNTRY,
    entities: Sequence[str] = ("KZ",),
    beyond: Sequence[int] = (),
    share: float | None = None,
    against: Sequence[Reason] = (),
) -> BlockingIncident:
    names = services or tuple(targets)
    made = [block(names[0], asn) for asn in networks] if blocks is None else blocks
    return BlockingIncident(
        id=f"kz-{names[0]}",
        country=country,
        scope=scope,
        entities=tuple(entities),
        onset=began or onset(),
        end=over,
        until=over.at if over else until,
        level=level,
        steps=(),
        probability=0.97,
        against=tuple(against),
        services=services,
        targets=tuple(targets) or services,
        category=category,
        networks=tuple(networks),
        measured=tuple(measured),
        beyond=tuple(beyond),
        share=share,
        mechanisms=tuple(mechanisms),
        fingerprints=tuple(dict.fromkeys(name for one in made for name in one.fingerprints)),
        blocks=tuple(made),
    )


def part(
    entity: str = "KZ",
    family: Family = Family.BGP,
    *,
    direction: Direction = Direction.DROP,
    resolution_s: int = 300,
    depth: float = 0.95,
) -> Part:
    return Part(
        series=f"{entity}:made:{family}",
        entity=entity,
        family=family,
        source="made",
        direction=direction,
        onset=onset(low=ONSET, high=ONSET + 300),
        end=None,
        depth=depth,
        usual=1000.0,
        worst=50.0,
        score=20.0,
        ramp_s=0,
        recovery_s=0,
        resolution_s=resolution_s,
        until=at(7),
    )


def outage(
    *entities: str,
    level: Level = Level.CORROBORATED,
    country: str = "KZ",
    families: Sequence[Family] = (Family.BGP, Family.PROBING),
    direction: Direction = Direction.DROP,
    resolution_s: int = 300,
    depth: float = 0.95,
    scope: Scope = Scope.COUNTRY,
    began: Event | None = None,
    over: Event | None = None,
    until: int = at(7),
    share: float | None = None,
    probability: float = 0.99,
    recurrence: Recurrence | None = None,
    against: Sequence[Reason] = (),
    deliberate: float = 0.9,
    reasons: Sequence[Reason] = (),
) -> ConnectivityIncident:
    places = entities or (country,)
    parts = [
        part(place, family, direction=direction, resolution_s=resolution_s, depth=depth)
        for place in places
        for family in families
    ]
    return ConnectivityIncident(
        id=f"{places[0].lower()}-outage",
        country=country,
        scope=scope,
        entities=places,
        onset=began or onset(low=ONSET, high=ONSET + 300),
        end=over,
        until=over.at if over else until,
        level=level,
        steps=(),
        probability=probability,
        against=tuple(against),
        direction=direction,
        depth=depth,
        share=share,
        deliberate=deliberate,
        reasons=tuple(reasons),
        parts=tuple(parts),
        recurrence=recurrence,
    )


def nights(*, due: bool) -> Recurrence:
    first = at(14, 18, 30, month=2, year=2021)
    times = tuple((first + day * DAY, first + day * DAY + 8 * HOUR) for day in range(12))
    return Recurrence(times, "01:00", "Asia/Yangon", 1, first + 12 * DAY if due else None)


TWO_STEPS = [
    *(block(asn=asn, means=((Mechanism.IP_DROP, ONSET),)) for asn in KAZAKH[:2]),
    *(block(asn=asn, means=((Mechanism.TLS_SNI_RESET, ONSET + 20 * HOUR),)) for asn in KAZAKH[2:4]),
]
SITES = tuple(f"news{number}.example" for number in range(1, 13))
MIDNIGHT = at(5)
A_DAY = onset(MIDNIGHT, low=MIDNIGHT, high=MIDNIGHT + DAY)
NOBODY_ELSE = Reason("volume_only", "only the number of measurements changed, which follows campaigns", 0.3)
AS_USUAL = Reason("as_usual", "its routes are announced as usual (bgp)", 0.4)

MESSENGERS = ("telegram", "whatsapp", "signal", "facebook_messenger", "viber", "wechat", "line")
UNLIKE = (*MESSENGERS, *(f"site{number}.example" for number in range(1, 20)))
AGAINST = (
    Reason("everywhere", "it looks blocked in 5 other countries too", 0.1, (5,)),
    Reason("rules_changed", "it began with the rules that judge it", 0.1, ("2026.11.1, 2026.11.2",)),
    Reason("one_program", "only one program calls it blocked", 0.1, ("ooniprobe-cli 3.18.0",)),
    Reason("open_elsewhere", "2 of 6 tested networks reach it", 0.9, (2, 6)),
    Reason("begun_before", "it was so when it was first measured", 0.9),
    Reason("few_voters", "only 4 sessions found it", 0.28, (4,)),
    Reason("sign_off_lapsed", "Aida N. confirmed revision 3, which no longer applies", 1.0, ("Aida N.", 3)),
)
SWEEP = Reason("sweep", "most of what is measured on these networks began to fail at once", 0.3)
DELIBERATE = (
    Reason("on_the_hour", "it began on the hour, local time (09:00)", 3.1),
    Reason("election", "election: Majilis", 16.0, ("Majilis",)),
    Reason("ramp", "it fell slowly in 2 of 3 series", 0.25),
)

SAID: dict[str, Said] = {
    "blocked on some networks": Said(blocking("telegram")),
    "blocked, reported only": Said(
        blocking("telegram", level=Level.REPORTED, networks=(), measured=(), blocks=())
    ),
    "blocked, a signal on one network": Said(blocking("telegram", level=Level.SIGNAL, networks=(9198,))),
    "two services, on all networks": Said(
        blocking("telegram", "whatsapp", level=Level.CORROBORATED, networks=KAZAKH, share=0.83)
    ),
    "confirmed, on the only network, at the turn of a month": Said(
        blocking(
            "telegram", level=Level.CONFIRMED, networks=(9198,), measured=(9198,), began=onset(at(1, 0, 5))
        )
    ),
    "seven services": Said(
        blocking("telegram", "whatsapp", "signal", "tor", "psiphon", "facebook", "instagram")
    ),
    "seven messengers": Said(blocking(*MESSENGERS, category="COMT")),
    "six social networks": Said(
        blocking("facebook", "instagram", "x", "tiktok", "reddit", "linkedin", level=Level.SIGNAL)
    ),
    "many that have nothing in common": Said(blocking(*UNLIKE, level=Level.CORROBORATED)),
    "a sweep": Said(blocking(*UNLIKE, level=Level.SIGNAL, networks=(9198,), against=(SWEEP,))),
    "a sweep, over": Said(
        blocking(*UNLIKE, level=Level.SIGNAL, networks=(9198,), against=(SWEEP,), over=end(at(9, 6))),
        Status.RESTORED,
    ),
    "all that may speak against it": Said(blocking("telegram", against=AGAINST)),
    "a block page recognised, and nobody contradicts": Said(
        blocking(
            "telegram",
            level=Level.CONFIRMED,
            blocks=[
                block(
                    asn=asn,
                    means=((Mechanism.HTTP_BLOCK_PAGE, ONSET),),
                    contrary_voters=0,
                    fingerprints=("ooni.kz_blockpage", "kz.isp_notice"),
                    software=f"ooniprobe-cli 3.{asn % 2}.0",
                )
                for asn in KAZAKH[:4]
            ],
        )
    ),
    "on both networks": Said(blocking("telegram", networks=KAZAKH[:2], measured=KAZAKH[:2])),
    "in a country that is none": Said(blocking("telegram", country="XA", entities=("XA",))),
    "a category of sites": Said(blocking(targets=SITES, category="NEWS", level=Level.CORROBORATED)),
    "slowed down": Said(blocking("telegram", mechanisms=(Mechanism.THROTTLING,))),
    "a stream interrupted": Said(
        blocking(targets=("tv.example",), mechanisms=(Mechanism.STREAM_INTERRUPTED,), level=Level.SIGNAL)
    ),
    "two mechanisms, one after the other": Said(
        blocking("telegram", mechanisms=(Mechanism.IP_DROP, Mechanism.TLS_SNI_RESET), blocks=TWO_STEPS)
    ),
    "blocked since before anybody measured": Said(
        blocking(
            targets=("example.org",),
            networks=(9198,),
            measured=(9198, 21299),
            blocks=[block(begun_before=True)],
        )
    ),
    "onset known to half a day": Said(blocking("telegram", began=onset(low=at(5, 2), high=at(5, 14, 30)))),
    "blocked, over": Said(blocking("telegram", over=end(at(9, 6))), Status.RESTORED),
    "blocked, over the same day": Said(blocking("telegram", over=end(at(5, 20))), Status.RESTORED),
    "blocked, nobody knows whether still": Said(blocking("telegram", "whatsapp"), Status.INCONCLUSIVE),
    "blocked, retracted": Said(blocking("telegram"), Status.RETRACTED),
    "blocked, retracted for a reason in other words": Said(
        blocking("telegram"), Status.RETRACTED, "the control had failed (Aida N.)"
    ),
    "a block that was over, retracted": Said(
        blocking("telegram", over=end(at(5, 20))), Status.RETRACTED, "the control had failed (Aida N.)"
    ),
    "seven messengers, nobody knows whether still": Said(
        blocking(*MESSENGERS, began=onset(low=ONSET, high=ONSET + 300)), Status.INCONCLUSIVE
    ),
    "blocked, over, to the hour": Said(
        blocking("telegram", over=end(at(9, 6, 10), low=at(9, 5, 40), high=at(9, 6, 40))), Status.RESTORED
    ),
    "blocking, insufficient": Said(blocking("telegram", level=Level.REPORTED)),
    "blocked in two regions": Said(
        blocking(
            targets=("example.org",),
            country="VE",
            scope=Scope.REGIONS,
            entities=("VE-V", "VE-A"),
            networks=(8048,),
            measured=(8048, 11562),
        )
    ),
    "blocked in a region, and not beyond it": Said(
        blocking(
            "telegram",
            scope=Scope.REGIONS,
            entities=("KZ-75",),
            networks=KAZAKH[:2],
            measured=KAZAKH,
            beyond=KAZAKH[3:],
        )
    ),
    "cut off": Said(outage(share=0.97)),
    "cut off, and whether deliberately": Said(outage(share=0.97, deliberate=0.83, reasons=DELIBERATE)),
    "cut off within a day, in a country that is none": Said(
        outage(country="QM", level=Level.APPARENT, over=end(at(5, 20))), Status.RESTORED
    ),
    "cut off, confirmed, in a country with an article": Said(outage(country="US", level=Level.CONFIRMED)),
    "cut off, reported only": Said(outage(level=Level.REPORTED, families=())),
    "cut off, a signal, over": Said(
        outage(level=Level.SIGNAL, families=(Family.BGP,), over=end(at(6, 2), low=at(5, 22), high=at(6, 4))),
        Status.RESTORED,
    ),
    "partly cut off": Said(outage(depth=0.4, level=Level.APPARENT)),
    "a region cut off": Said(outage("VE-V", country="VE", scope=Scope.REGIONS)),
    "two networks cut off": Said(
        outage("AS8048", "AS11562", country="VE", scope=Scope.NETWORKS, level=Level.APPARENT)
    ),
    "cut off every night": Said(outage(country="MM", recurrence=nights(due=True))),
    "cut off every night, over": Said(
        outage(country="MM", recurrence=nights(due=False), over=end(at(26, 2, 30, month=2, year=2021))),
        Status.RESTORED,
    ),
    "daily data, ongoing": Said(
        outage(families=(Family.TRAFFIC,), level=Level.SIGNAL, resolution_s=DAY, began=A_DAY)
    ),
    "daily data, over": Said(
        outage(level=Level.APPARENT, over=end(at(9), low=at(9), high=at(10)), resolution_s=DAY, began=A_DAY),
        Status.RESTORED,
    ),
    "daily data, one day": Said(
        outage(level=Level.APPARENT, over=end(at(6), low=at(6), high=at(7)), resolution_s=DAY, began=A_DAY),
        Status.RESTORED,
    ),
    "so long that it is usual": Said(
        outage(depth=0.5, over=end(at(20, month=3), low=ONSET, turn=Turn.SETTLED)), Status.RESTORED
    ),
    "a surge in the use of circumvention": Said(
        outage(families=(Family.USERS,), direction=Direction.SURGE, depth=8.5, level=Level.SIGNAL)
    ),
    "departures that are missing": Said(
        outage(families=(Family.TRANSPORT,), depth=0.6, level=Level.APPARENT, against=(NOBODY_ELSE, AS_USUAL))
    ),
    "connectivity, insufficient": Said(
        outage(level=Level.SIGNAL, probability=0.1, families=(Family.TRAFFIC,))
    ),
}
EPISODES: dict[str, Sequence[Said]] = {
    "messengers, then media, then everything": (
        Said(blocking("telegram", "whatsapp", began=onset(at(4, 16)))),
        Said(blocking(targets=SITES, category="NEWS", began=onset(at(5, 6)), level=Level.CORROBORATED)),
        Said(outage()),
    ),
    "the same, over": (
        Said(blocking("telegram", "whatsapp", began=onset(at(4, 16)), over=end(at(9))), Status.RESTORED),
        Said(outage(over=end(at(10, 4))), Status.RESTORED),
    ),
    "five and more": tuple(
        Said(blocking(name, began=onset(at(4, 16) + number * HOUR)))
        for number, name in enumerate(("telegram", "whatsapp", "signal", "tor", "psiphon", "x"))
    ),
}
