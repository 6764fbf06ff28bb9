"""Simulated worlds are the same for the same seed, and what is planted shows as it is told."""

from itertools import pairwise

import numpy as np
import pytest

from bench.blocking.catalogue import (
    METHODS,
    PROGRAMS,
    RULE_IDS,
    RULES_VERSIONS,
    SOFTWARE,
    blocked,
    down,
    ok,
    seen_by,
    unknown,
)
from bench.blocking.country import DAY_S, FIRST, drawn_country
from bench.blocking.planting import drawn_blocks
from bench.blocking.truth import Kind, Planted, Truth
from bench.blocking.world import Simulated, World
from lampwatch.model.vocabulary import Evidence, Mechanism, State
from lampwatch.pipeline.methods import discover, rule_book

WORLD = World(seed=3, countries=12, days=60)


@pytest.fixture(scope="module")
def simulated() -> list[Simulated]:
    return list(WORLD.simulated())


@pytest.fixture(scope="module")
def truths(simulated: list[Simulated]) -> list[Truth]:
    return [truth for one in simulated for truth in one.truths]


@pytest.fixture(scope="module")
def planted() -> list[Planted]:
    """What is planted in two hundred countries: drawn as a world draws it, and nothing measured."""
    found: list[Planted] = []
    for place in range(200):
        random = np.random.default_rng([5, place])
        country = drawn_country(place, 90, 1.0, random)
        found += drawn_blocks(country, 90, random)[1]
    return found


def test_the_same_seed_gives_the_same_world(simulated: list[Simulated]) -> None:
    again = list(WORLD.simulated())
    assert [one.planted for one in again] == [one.planted for one in simulated]
    for one, other in zip(again, simulated, strict=True):
        assert np.array_equal(one.rows.time, other.rows.time)
        assert np.array_equal(one.rows.why, other.rows.why)
        assert np.array_equal(one.rows.voter, other.rows.voter)


def test_another_seed_gives_another_world(simulated: list[Simulated]) -> None:
    other = next(WORLD._replace(seed=4).simulated())
    assert not np.array_equal(other.rows.time, simulated[0].rows.time)


def test_verdicts_come_in_order_and_within_the_window(simulated: list[Simulated]) -> None:
    for one in simulated:
        seconds = one.rows.time / 1e6
        assert np.all(np.diff(seconds) >= 0)
        assert seconds.min() >= FIRST
        assert seconds.max() < WORLD.end


def test_countries_are_uneven(simulated: list[Simulated]) -> None:
    sizes = sorted(one.rows.size for one in simulated)
    assert sizes[-1] > 10 * sizes[len(sizes) // 2 - 1] or sizes[-1] > 30 * sizes[0]
    assert len({len(one.rows.networks) for one in simulated}) > 3


def test_sessions_are_voters_of_many_verdicts(simulated: list[Simulated]) -> None:
    rows = max((one.rows for one in simulated), key=lambda rows: rows.size)
    assert len(np.unique(rows.voter)) < rows.size / 2


def test_a_version_is_run_only_after_it_came_out(simulated: list[Simulated]) -> None:
    out = [day for program in PROGRAMS for _, day in program.versions]
    for one in simulated:
        day = (one.rows.time / 1e6 - FIRST) / DAY_S
        for place in range(len(SOFTWARE)):
            ran = day[one.rows.software == place]
            assert not len(ran) or ran.min() >= out[place]


def test_rules_change_when_they_are_released(simulated: list[Simulated]) -> None:
    rows = max((one.rows for one in simulated), key=lambda rows: rows.size)
    day = (rows.time / 1e6 - FIRST) / DAY_S
    for place, ((_, begin), (_, end)) in enumerate(pairwise(RULES_VERSIONS)):
        within = (day >= begin) & (day < end)
        assert set(rows.version[within].tolist()) <= {place}


def test_every_mechanism_is_planted(planted: list[Planted]) -> None:
    first = {block.networks[0].mechanisms[0][0] for block in planted if block.kind is Kind.BLOCK}
    assert first == set(RULE_IDS)


def test_blocks_are_rolled_out_to_part_of_what_there_is(planted: list[Planted]) -> None:
    rates = [one.rate for block in planted if block.kind is Kind.BLOCK for one in block.networks]
    assert min(rates) >= 0.3
    assert max(rates) <= 1.0
    assert min(rates) < 0.4
    begun = [block for block in planted if block.kind is Kind.BLOCK]
    assert any(block.end is None for block in begun)
    assert any(len(one.mechanisms) > 1 for block in begun for one in block.networks)
    assert any(len({item.target for item in block.items}) > 1 for block in begun)
    assert any(len({one.onset for one in block.networks}) > 1 for block in begun)


def test_a_mechanism_is_planted_only_where_some_method_can_see_it(planted: list[Planted]) -> None:
    for block in planted:
        seen = {method for mechanism in block.mechanisms for method in (*seen_by(mechanism), "quic")}
        assert {item.method for item in block.items} <= seen


def test_no_target_is_blocked_twice_in_one_country(planted: list[Planted]) -> None:
    named = [(block.country, target) for block in planted for target in block.targets]
    assert len(named) == len(set(named))


def test_a_planted_block_shows_at_its_rate_and_not_before(
    truths: list[Truth], simulated: list[Simulated]
) -> None:
    rows = {one.rows.country: one.rows for one in simulated}
    checked = 0
    for truth in truths:
        block = truth.planted
        of = rows[block.country]
        is_blocked = of.states == list(State).index(State.BLOCKED)
        for network in block.networks:
            here = of.networks[of.network] == network.asn
            here &= np.isin(of.item, [n for n, item in enumerate(of.items) if item in block.items])
            end = network.end if network.end is not None else WORLD.end
            lasts = (of.time >= network.onset * 1_000_000) & (of.time < end * 1_000_000)
            before = here & (of.time < network.onset * 1_000_000)
            if (here & lasts).sum() >= 100:
                checked += 1
                # A mishap may hide part of it: servers down, a dead network.
                assert is_blocked[here & lasts].mean() == pytest.approx(network.rate, abs=0.2)
            if before.sum() >= 100:
                assert is_blocked[before].mean() < 0.3
    assert checked > 4


def test_what_was_measured_of_a_block_is_counted(truths: list[Truth]) -> None:
    due = [truth for truth in truths if truth.detectable]
    assert due
    for truth in due:
        assert truth.possible is not None
        assert truth.possible >= truth.planted.onset
        assert len(truth.measured_networks) >= 2
    thin = [truth for truth in truths if not truth.detectable]
    assert thin
    for truth in truths:
        for seen in truth.seen:
            assert seen.blocked <= seen.during or not seen.measured
            assert seen.last_before is None or seen.last_before < seen.onset
            assert seen.first_after is None or seen.first_after >= seen.onset


def test_an_impossible_number_of_countries_is_refused() -> None:
    with pytest.raises(SystemExit, match="--countries is 1 to 676, not 0"):
        next(World(countries=0).simulated())


def test_every_mechanism_that_a_rule_accuses_of_is_one_of_them() -> None:
    accused = {
        rule.mechanism
        for rule in rule_book(discover()).values()
        if rule.state is State.BLOCKED and rule.mechanism is not None
    }
    assert accused == set(RULE_IDS)


@pytest.mark.parametrize("mechanism", RULE_IDS)
def test_a_block_is_told_by_a_rule_of_its_mechanism(mechanism: Mechanism) -> None:
    for method in seen_by(mechanism):
        why = blocked(method, mechanism)
        assert (why.state, why.mechanism) == (State.BLOCKED, mechanism)
        assert why.evidence is not Evidence.NONE


@pytest.mark.parametrize("method", METHODS)
def test_what_works_and_what_says_nothing_are_so_by_rules_of_the_method(method: str) -> None:
    assert ok(method).state is State.OK
    assert unknown(method).state is State.UNKNOWN
    assert down(method).state in {State.DOWN, State.UNKNOWN}
