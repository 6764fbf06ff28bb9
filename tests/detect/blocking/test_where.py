"""A country, regions of it, or networks alone: by who serves whom, where that is known."""

from collections.abc import Iterable, Mapping

import pytest

from lampwatch.detect.blocking.setting import Setting
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.incident import Level, Scope
from lampwatch.wording.said import Names, Said
from lampwatch.wording.sentence import sentence
from tests.detect.blocking.making_votes import Row, vote
from tests.detect.blocking.making_worlds import DAYS, ELSEWHERE, END, ONSET, forged, found, honest

NORTH, SOUTH = "XA/North", "XA/South"
NETWORKS = range(1, 10)
OPEN_ABROAD = [row for country in ELSEWHERE for row in honest(country, (100, 101))]


def blocked_on(
    *blocking: int,
    regions: Mapping[int, str],
    sizes: Mapping[str, float] | None = None,
    networks: range = NETWORKS,
) -> BlockingIncident:
    """What is found where these networks block, and those others do not."""
    setting = Setting(region=lambda country, asn: regions.get(asn, "") * (country == "XA"), sizes=sizes or {})
    (one,) = found([*honest(networks=networks, blocking=blocking), *OPEN_ABROAD], setting=setting)
    assert one.networks == blocking
    return one


def test_what_only_networks_of_a_region_block_is_in_that_region() -> None:
    one = blocked_on(1, 2, 3, regions=dict.fromkeys((1, 2, 3, 4), NORTH) | {5: SOUTH})
    assert one.scope is Scope.REGIONS
    assert one.entities == (NORTH, "AS1@XA", "AS2@XA", "AS3@XA")
    assert one.beyond == (5, 6, 7, 8, 9)
    assert one.measured == tuple(NETWORKS)
    # Three of the four that serve the region alone, whatever there is elsewhere.
    assert one.level is Level.CORROBORATED


def test_where_nobody_knows_regions_it_is_on_networks() -> None:
    one = blocked_on(1, 2, 3, regions={})
    assert (one.scope, one.entities, one.beyond) == (Scope.NETWORKS, ("AS1@XA", "AS2@XA", "AS3@XA"), ())
    assert one.level is Level.APPARENT


@pytest.mark.parametrize(
    ("regions", "why"),
    [
        (dict.fromkeys((1, 2), NORTH), "a network that serves more, or nobody knows whom, blocks too"),
        (dict.fromkeys(range(1, 8), NORTH), "most networks of the region do not block"),
        (dict.fromkeys((1, 2), NORTH) | dict.fromkeys(range(3, 7), SOUTH), "most of one region do not"),
    ],
)
def test_a_region_is_named_only_for_what_is_there_and_half_of_it(regions: dict[int, str], why: str) -> None:
    assert blocked_on(1, 2, 3, regions=regions).scope is Scope.NETWORKS, why


def test_one_network_alone_does_not_make_a_region() -> None:
    one = blocked_on(1, regions={1: NORTH})
    assert (one.scope, one.level) == (Scope.NETWORKS, Level.SIGNAL)


def test_several_regions_are_named_until_it_is_half_of_the_country() -> None:
    regions = {asn: f"XA/{asn % 3}" for asn in NETWORKS}
    three_of_nine = blocked_on(1, 2, 4, 5, regions=regions)
    assert (three_of_nine.scope, three_of_nine.entities[:2]) == (Scope.REGIONS, ("XA/1", "XA/2"))
    most = blocked_on(1, 2, 4, 5, 7, 8, regions=regions)
    assert (most.scope, most.entities[0], most.beyond) == (Scope.COUNTRY, "XA", ())


def test_one_region_is_no_country_though_most_live_there() -> None:
    sizes = {"AS1": 50.0, "AS2": 50.0, "AS3": 50.0} | {f"AS{asn}": 1.0 for asn in range(4, 10)}
    one = blocked_on(1, 2, 3, regions=dict.fromkeys((1, 2, 3), NORTH), sizes=sizes)
    assert (one.scope, one.entities[0]) == (Scope.REGIONS, NORTH)


def test_half_of_a_region_goes_by_users_where_they_are_known() -> None:
    regions = dict.fromkeys((1, 2, 3, 4), NORTH)
    sizes = {f"AS{asn}@XA": 10.0 for asn in NETWORKS}
    assert blocked_on(1, 2, regions=regions, sizes=sizes).scope is Scope.REGIONS
    assert blocked_on(1, 2, regions=regions, sizes=sizes | {"AS4@XA": 100.0}).scope is Scope.NETWORKS


def test_a_network_of_the_region_that_turned_up_late_is_counted_there() -> None:
    regions = dict.fromkeys((1, 2, 3, 20), NORTH)
    late = [
        row
        for voter in range(3)
        for row in forged(range(ONSET + 24, END, 24), "ok", [20], voters=[voter + 50], minute=voter)
    ]
    assert DAYS * 24 == END
    setting = Setting(region=lambda _country, asn: regions.get(asn, ""))
    (one,) = found([*honest(networks=NETWORKS, blocking=(1, 2, 3)), *late, *OPEN_ABROAD], setting=setting)
    assert one.scope is Scope.REGIONS
    assert 20 in one.measured
    assert 20 not in one.beyond


@pytest.mark.parametrize(
    ("many", "scope", "sure"),
    [(3, Scope.NETWORKS, Level.APPARENT), (6, Scope.COUNTRY, Level.CORROBORATED)],
)
def test_what_has_always_stood_is_weighed_against_all_networks_that_are_measured(
    many: int, scope: Scope, sure: Level
) -> None:
    blocking = range(1, many + 1)
    (one,) = found([*honest(networks=NETWORKS, blocking=blocking, begins=0), *OPEN_ABROAD])
    assert one.networks == tuple(blocking)
    assert all(block.begun_before for block in one.blocks)
    assert (one.scope, one.level) == (scope, sure)


SESSIONS = (50, 51)


def by_sessions(
    networks: Iterable[int], state: str, hours: range, sessions: Iterable[int] = SESSIONS
) -> list[Row]:
    """What a few sessions say of networks, each in all of the hours."""
    return [
        row
        for at, voter in enumerate(sessions)
        for row in forged(hours, state, networks, voters=[voter], minute=at)
    ]


@pytest.mark.parametrize("asn", [5, 9])
def test_two_sessions_on_a_network_elsewhere_neither_add_a_region_nor_take_one_away(asn: int) -> None:
    regions = dict.fromkeys((1, 2, 3, 4), NORTH) | {5: SOUTH}
    setting = Setting(region=lambda _country, asn: regions.get(asn, ""))
    elsewhere = by_sessions(range(asn, asn + 1), "blocked", range(ONSET, END, 12))
    honest_ones = honest(networks=[one for one in NETWORKS if one != asn], blocking=(1, 2, 3))
    known = [row for row in honest(networks=[asn]) if row["hour"] < vote(ONSET)["hour"]]
    (one,) = found([*honest_ones, *known, *elsewhere, *OPEN_ABROAD], setting=setting)
    assert one.networks == (1, 2, 3, asn)
    assert (one.scope, one.level, one.entities[0]) == (Scope.REGIONS, Level.CORROBORATED, NORTH)
    assert asn in one.beyond
    assert "on 3 of 4 tested networks in North" in sentence(Said(one), "en", Names())


def test_what_speaks_against_it_counts_the_networks_that_the_sentence_counts() -> None:
    one = blocked_on(1, 2, 3, regions=dict.fromkeys((1, 2, 3, 4), NORTH))
    assert [reason.about for reason in one.against if reason.name == "open_elsewhere"] == [(1, 4)]


MADE_UP = range(100, 110)


def test_two_sessions_on_made_up_networks_do_not_hide_what_has_always_stood() -> None:
    standing = honest(networks=(1, 2, 3, 4), blocking=(1, 2, 3), begins=0)
    late = by_sessions(MADE_UP, "ok", range(9 * 24, END, 12))
    (one,) = found([*standing, *late, *OPEN_ABROAD])
    assert set(MADE_UP) <= set(one.measured)
    assert (one.scope, one.level) == (Scope.COUNTRY, Level.CORROBORATED)


def test_a_made_up_network_that_seems_to_have_always_blocked_does_not_change_who_is_weighed() -> None:
    seen = honest(networks=(1, 2, 3, 4), blocking=(1, 2, 3))
    before = by_sessions(range(50, 51), "blocked", range(ONSET - 30, END, 6))
    late = by_sessions(MADE_UP, "ok", range(ONSET + 24, END, 12))
    (one,) = found([*seen, *before, *late, *OPEN_ABROAD])
    assert 50 in one.networks
    assert any(block.begun_before for block in one.blocks)
    assert one.level is Level.CORROBORATED


@pytest.mark.parametrize(
    ("since", "sessions", "sure"), [(0, 8, Level.APPARENT), (0, 5, Level.SIGNAL), (9, 8, Level.SIGNAL)]
)
def test_who_was_not_there_in_the_first_week_cannot_make_up_what_has_always_stood(
    since: int, sessions: int, sure: Level
) -> None:
    hours = range(since * 24, END, 12)
    made_up = [
        row
        for asn in (100, 101)
        for row in by_sessions([asn], "blocked", hours, range(asn * 100, asn * 100 + sessions))
    ]
    (one,) = found([*honest(networks=NETWORKS), *made_up, *OPEN_ABROAD])
    assert (one.networks, one.level) == ((100, 101), sure)
