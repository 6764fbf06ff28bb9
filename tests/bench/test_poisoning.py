"""The search for how many forged measurements it takes, with a detector as simple as can be."""

from collections import defaultdict
from functools import partial

import numpy as np
import pytest

from bench.poisoning import (
    Aim,
    Attack,
    Least,
    Template,
    broken,
    forged,
    honest,
    least,
    page,
    results,
    searched,
)
from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope

SMALL = Template("small: 3 networks, 4 sessions a day on each", 3, 4)
MOST = (50, 20)


def counting(evidence: Evidence, *, needed: int, by_network: bool = True) -> list[BlockingIncident]:
    """An incident where networks have so many voters more for blocked than for ok, a level a network, 3 at most.

    Without by_network all networks are one, so that anybody can reach level 3 from anywhere.
    """
    votes: dict[tuple[str, str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    contrary: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    for row in evidence.histories.to_pylist():
        asn = row["probe_asn"] if by_network else 0
        if row["state"] == "blocked":
            votes[row["probe_cc"], row["target"]][asn] |= set(row["voters"])
        elif row["hour"].day >= 25:
            contrary[row["probe_cc"], row["target"], asn] |= set(row["voters"])
    found = []
    for (country, target), networks in votes.items():
        blocking = [
            asn
            for asn, voters in networks.items()
            if len(voters) - len(contrary[country, target, asn]) >= needed
        ]
        level = 3 if blocking and not by_network else min(3, len(blocking))
        if level:
            found.append(incident(country, target, blocking, Level(level)))
    return found


def incident(country: str, target: str, networks: list[int], level: Level) -> BlockingIncident:
    return BlockingIncident(
        id=f"{country}-{target}",
        country=country,
        scope=Scope.NETWORKS,
        entities=(country,),
        onset=Event(Turn.ONSET, 0, 0, 0, 0),
        end=None,
        until=0,
        level=level,
        steps=(),
        probability=0.9,
        against=(),
        services=(target,),
        targets=(target,),
        category="",
        networks=tuple(networks),
        measured=tuple(networks),
        share=None,
        mechanisms=(),
        fingerprints=(),
        blocks=(),
    )


@pytest.mark.parametrize("true", [1, 2, 3, 7, 8, 63, 64, 100])
def test_the_least_count_is_found(true: int) -> None:
    assert least(lambda count: count >= true, 100) == true


def test_where_not_even_the_most_does_it_there_is_none() -> None:
    assert least(lambda count: count > 100, 100) is None
    assert least(lambda _count: False, 1) is None


def test_an_honest_country_has_its_block_and_no_other_finding_of_it() -> None:
    calm, troubled = honest(SMALL, "AA", since=None), honest(SMALL, "AA", since=Aim.HIDE.blocked_since)
    assert calm.size == 3 * 4 * 28 * 6
    said = {troubled.whys[n].state for n in troubled.why[troubled.item == 0].tolist()}
    assert said == {"ok", "blocked"}
    assert {calm.whys[n].state for n in calm.why[calm.item == 0].tolist()} == {"ok"}


def test_what_has_always_stood_is_never_open_and_is_hidden_for_two_weeks() -> None:
    standing = honest(SMALL, "AA", since=Aim.HIDE_STANDING.blocked_since)
    assert {standing.whys[n].state for n in standing.why[standing.item == 0].tolist()} == {"blocked"}
    poisoned = forged(standing, Attack.ONE_NETWORK, Aim.HIDE_STANDING, 2)
    new = ~np.isin(poisoned.voter, standing.voter)
    assert {poisoned.whys[n].state for n in poisoned.why[new].tolist()} == {"ok"}
    assert new.sum() == 2 * 14 * 12


@pytest.mark.parametrize(
    ("attack", "voters", "networks"),
    [
        (Attack.ONE_SESSION, 1, 1),
        (Attack.ONE_NETWORK, 7, 1),
        (Attack.KNOWN_NETWORKS, 7, 3),
        (Attack.FAKE_NETWORKS, 7, 7),
        (Attack.CROWDED_NETWORKS, 7, 1),
    ],
)
def test_forgers_are_as_many_and_where_they_are_said_to_be(
    attack: Attack, voters: int, networks: int
) -> None:
    calm = honest(SMALL, "AA", since=None)
    poisoned = forged(calm, attack, Aim.CREATE, 7)
    new = ~np.isin(poisoned.voter, calm.voter)
    assert len(set(poisoned.voter[new].tolist())) == voters
    assert len(set(poisoned.network[new].tolist())) == networks
    assert {poisoned.whys[n].state for n in poisoned.why[new].tolist()} == {"blocked"}
    assert new.sum() == (7 if attack is Attack.ONE_SESSION else 7 * 24)


def test_creating_takes_as_many_identities_and_networks_as_the_detector_asks_for() -> None:
    detect = partial(counting, needed=3)
    alone = searched(detect, SMALL, Aim.CREATE, Attack.ONE_NETWORK, MOST)
    # Honest voters of one network say otherwise: the forger must outvote them, and never gets beyond level 1.
    assert alone.by_level[1] is None or alone.by_level[1] > 3
    assert alone.by_level[2] is None
    spread = searched(detect, SMALL, Aim.CREATE, Attack.FAKE_NETWORKS, MOST)
    # Nobody contradicts made-up networks: three voters on each of one, two, three.
    assert spread.by_level[1] is None
    fake = searched(partial(counting, needed=1), SMALL, Aim.CREATE, Attack.FAKE_NETWORKS, MOST)
    assert fake.by_level == {1: 1, 2: 2, 3: 3}
    session = searched(partial(counting, needed=1), SMALL, Aim.CREATE, Attack.ONE_SESSION, MOST)
    assert session.by_level == {1: None, 2: None, 3: None}


def test_what_an_honest_country_does_not_reach_cannot_be_hidden() -> None:
    two = Template("two: 2 networks, 4 sessions a day on each", 2, 4)
    found = searched(partial(counting, needed=3), two, Aim.HIDE, Attack.ONE_SESSION, MOST)
    assert set(found.by_level) == {1, 2}


def test_a_detector_that_one_source_can_turn_is_found_out() -> None:
    naive = partial(counting, needed=1, by_network=False)
    sound = partial(counting, needed=1)
    fooled = Template("fooled: 1 network, 0 sessions a day", 1, 1)
    weak = searched(naive, fooled, Aim.CREATE, Attack.ONE_NETWORK, (50, 200))
    assert broken([weak])
    assert broken([searched(sound, fooled, Aim.CREATE, Attack.ONE_NETWORK, (50, 200))]) == []


def test_the_page_tells_figures_limits_and_what_there_is_not() -> None:
    row = Least(SMALL, Aim.HIDE, Attack.ONE_SESSION, {1: None, 2: 1_234})
    text = page([row], (10_000, 1_000))
    assert "## Small: 3 networks, 4 sessions a day on each" in text
    assert "| hide | measurements, all of one session | > 10,000 | 1,234 | - |" in text


def test_every_attack_and_aim_is_tried() -> None:
    found = list(results(partial(counting, needed=2), SMALL, (4, 4)))
    assert len(found) == len(Aim) * len(Attack)
