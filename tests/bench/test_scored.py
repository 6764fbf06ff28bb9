"""Scores of a handful of tellings against a handful of planted blocks."""

import pytest

from bench.baselines.ooni_cusum import Group
from bench.blocking.catalogue import Item
from bench.blocking.country import FIRST, HOUR_S
from bench.blocking.scored import (
    Told,
    by_probability,
    meets,
    onsets,
    reliability,
    score,
    told,
    told_by,
    within_layers,
)
from bench.blocking.truth import Blocking, Kind, Planted, Seen, Truth
from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope, Step
from lampwatch.model.vocabulary import Mechanism

DAY = 24 * HOUR_S
SITE = Item("example.org", "web_connectivity", "NEWS")
RESET = frozenset({Mechanism.TLS_SNI_RESET})


def planted(
    *asns: int, name: str = "AA-0", kind: Kind = Kind.BLOCK, rate: float = 1.0, country: str = "AA"
) -> Planted:
    networks = tuple(
        Blocking(
            asn, FIRST + 10 * DAY, FIRST + 20 * DAY, rate, ((Mechanism.TLS_SNI_RESET, FIRST + 10 * DAY),)
        )
        for asn in asns
    )
    return Planted(name, kind, country, (SITE,), networks)


def truth(block: Planted, *, votes: int = 40, blocked: int = 30) -> Truth:
    seen = tuple(
        Seen(
            planted=block.id,
            asn=one.asn,
            item=SITE,
            onset=one.onset,
            before=40,
            during=votes,
            blocked=blocked,
            last_before=one.onset - HOUR_S,
            first_after=one.onset + HOUR_S,
            mechanisms=RESET,
        )
        for one in block.networks
    )
    return Truth(block, seen, block.onset + 5 * HOUR_S)


def telling(
    *asns: int,
    country: str = "AA",
    target: str = "example.org",
    day: float = 10,
    known: float | None = 10.5,
    level: int = 2,
    probability: float = 0.9,
    mechanisms: frozenset[Mechanism] = RESET,
) -> Told:
    return Told(
        country,
        frozenset({target}),
        frozenset(asns),
        FIRST + int(day * DAY),
        FIRST + int((day + 10) * DAY),
        None if known is None else FIRST + int(known * DAY),
        level,
        probability,
        mechanisms,
    )


def test_what_is_told_is_of_a_block_by_country_target_network_and_time() -> None:
    block = planted(1, 2)
    assert meets(telling(1), block)
    assert not meets(telling(1, country="AB"), block)
    assert not meets(telling(1, target="other.example"), block)
    assert not meets(telling(3), block)
    assert not meets(telling(1, day=21.5), block)
    assert meets(telling(1, day=20.9), block)


def test_recall_is_of_what_can_be_seen_on_two_networks() -> None:
    two, one = truth(planted(1, 2)), truth(planted(7, name="AB-0", country="AB"))
    thin = truth(planted(1, 2, name="AC-0", country="AC"), votes=9)
    missed = truth(planted(5, 6, name="AD-0", country="AD"))
    result = score([telling(1, 2), telling(7, country="AB")], [two, one, thin, missed], 1.0)
    assert (result.recall.hits, result.recall.of) == (1, 2)
    assert (result.thin.hits, result.thin.of) == (1, 2)
    assert [line.partition(":")[0] for line in result.missed] == ["AD-0"]


def test_what_is_below_the_level_at_which_it_is_told_finds_nothing_and_accuses_nobody() -> None:
    result = score(
        [telling(1, 2, known=None, level=1), telling(9, known=None, level=1)], [truth(planted(1, 2))], 1.0
    )
    assert (result.recall.hits, result.false.events, result.told) == (0, 0, 0)


def test_false_is_what_meets_nothing_planted_by_years_of_one_country() -> None:
    wrong = telling(1, 2, target="other.example")
    result = score([telling(1, 2), wrong], [truth(planted(1, 2))], 0.5)
    assert (result.false.events, result.false.value) == (1, 2.0)
    assert result.wrong == (wrong,)


def test_two_networks_named_where_one_blocks_is_told_of_one_alone() -> None:
    own_filter = truth(planted(1, kind=Kind.FILTER))
    result = score([telling(1, 2)], [own_filter], 1.0)
    assert (result.alone, result.false.events, result.recall.of) == (1, 0, 0)


def test_standing_blocks_are_counted_apart() -> None:
    result = score([telling(1, 2)], [truth(planted(1, 2, kind=Kind.STANDING))], 1.0)
    assert (result.standing.hits, result.standing.of, result.recall.of) == (1, 1, 0)


def test_delays_are_from_the_onset_and_from_when_anybody_could_have_known() -> None:
    pieces = [telling(1, known=11), telling(2, known=10.5)]
    result = score(pieces, [truth(planted(1, 2))], 1.0)
    assert result.delays == (12.0,)
    assert result.beyond == (7.0,)
    assert result.pieces == 2.0


def test_networks_and_mechanisms_are_compared() -> None:
    both = RESET | {Mechanism.IP_DROP}
    result = score([telling(1, 3, mechanisms=both)], [truth(planted(1, 2))], 1.0)
    assert (result.networks_right.hits, result.networks_right.of) == (1, 2)
    assert (result.networks_found.hits, result.networks_found.of) == (1, 2)
    assert (result.mechanism.hits, result.some_mechanism.hits) == (0, 0)
    right = score([telling(1, 2)], [truth(planted(1, 2))], 1.0)
    assert (right.mechanism.hits, right.some_mechanism.hits) == (1, 1)


def test_recall_is_told_by_rate_and_by_mechanism() -> None:
    every = [truth(planted(1, 2, rate=0.4)), truth(planted(1, 2, name="AB-0", country="AB", rate=0.95))]
    result = score([telling(1, 2, country="AB")], every, 1.0)
    bands = {name: (found.hits, found.of) for name, found in result.by_rate}
    assert bands["0 to 50 %"] == (0, 1)
    assert bands["90 to 100 %"] == (1, 1)
    assert dict(result.by_mechanism)["tls_sni_reset"].of == 2
    assert dict(result.by_mechanism)["ip_drop"].of == 0


def test_reliability_is_how_often_what_was_said_held() -> None:
    every = [telling(1, 2, probability=0.8), telling(8, 9, probability=0.6), telling(1, level=1, known=None)]
    rows = {name: (said, held) for name, said, held in reliability(every, [truth(planted(1, 2))])}
    said, held = rows["2 apparent"]
    assert said == pytest.approx(0.7)
    assert (held.hits, held.of) == (1, 2)
    assert rows["1 signal"][1].value == 1.0
    tenths = {name: held for name, _, held in by_probability(every, [truth(planted(1, 2))])}
    assert (tenths["0.6 to 0.7"].hits, tenths["0.6 to 0.7"].of) == (0, 1)


def block(onset: int, *, asn: int = 1) -> Block:
    return Block(
        country="AA",
        asn=asn,
        target="example.org",
        method="web_connectivity",
        onset=Event(Turn.ONSET, onset, onset - HOUR_S, onset + HOUR_S, onset + 2 * HOUR_S),
        end=None,
        until=onset + DAY,
        begun_before=False,
        rate=1.0,
        rate_before=0.0,
        blocked=9,
        blocked_voters=9,
        contrary_voters=0,
        means=(),
        direct=0,
        fingerprints=(),
        software=(),
        versions=(),
        witness="w",
        probability=0.99,
    )


def test_an_onset_is_right_within_one_measurement_interval() -> None:
    true = FIRST + 10 * DAY
    given = telling(1, 2)._replace(blocks=(block(true + 2 * HOUR_S), block(true + 3 * HOUR_S, asn=2)))
    dated = onsets([given], [truth(planted(1, 2))])
    assert (dated.within_interval.hits, dated.within_interval.of) == (1, 2)
    assert (dated.in_bounds.hits, dated.errors_h) == (1, (2.0, 3.0))


def incident(level: Level, steps: tuple[Step, ...], end: Event | None = None) -> BlockingIncident:
    return BlockingIncident(
        id="i",
        country="AA",
        scope=Scope.NETWORKS,
        entities=("AA",),
        onset=Event(Turn.ONSET, FIRST, FIRST, FIRST + 1, FIRST + 2),
        end=end,
        until=FIRST + DAY,
        level=level,
        steps=steps,
        probability=0.9,
        against=(),
        services=("example.org",),
        targets=("example.org",),
        category="",
        networks=(1, 2),
        measured=(1, 2),
        share=None,
        mechanisms=(Mechanism.IP_DROP,),
        fingerprints=(),
        blocks=(),
    )


def test_an_incident_is_known_when_it_first_reached_the_level_at_which_it_is_told() -> None:
    steps = (
        Step(FIRST + 5, Level.SIGNAL),
        Step(FIRST + 7, Level.APPARENT),
        Step(FIRST + 9, Level.CORROBORATED),
    )
    given = told(incident(Level.CORROBORATED, steps), FIRST + 90 * DAY)
    assert (given.known, given.until, given.level) == (FIRST + 7, FIRST + 90 * DAY, 3)
    assert told(incident(Level.SIGNAL, steps[:1]), FIRST).known is None


def test_the_baseline_counts_from_its_first_or_its_second_network() -> None:
    group = Group("AA", "example.org", 100, frozenset({1, 2}), 200)
    assert told_by(group, networks=1).known == 100
    assert told_by(group, networks=2).known == 200
    assert told_by(group._replace(second=None), networks=2).known is None


def test_only_what_the_baseline_has_layers_for_is_within_them() -> None:
    seen = truth(planted(1, 2))
    http = planted(1, 2, name="AB-0")._replace(
        networks=(Blocking(1, FIRST, None, 1.0, ((Mechanism.HTTP_RESET, FIRST),)),)
    )
    assert within_layers([seen, truth(http)]) == [seen]
