from collections.abc import Iterable

import numpy as np
import pytest

from lampwatch.detect.connectivity.incidents import Setting, incidents
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.event import Turn
from lampwatch.model.incident import Level, Scope
from lampwatch.model.occasion import Occasion, OccasionKind
from lampwatch.model.series import Values
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MINUTE,
    MONDAY,
    OF_BGP,
    OF_MEASUREMENTS,
    OF_PROBING,
    OF_TELESCOPE,
    OF_TRAFFIC,
    OF_USERS,
    Signal,
    changed,
    header,
    local,
    moment,
    ordinary,
    ramped,
    until,
)

BEGIN = MONDAY + 28 * DAY + 7 * HOUR
END = BEGIN + 30 * HOUR
COUNTRIES = ["AR", "BR", "CL", "DE", "EG", "FR", "GB", "HU", "IN"]
REGIONS = ["KZ-AKM", "KZ-AKT", "KZ-ALA", "KZ-ALM", "KZ-AST", "KZ-ATY", "KZ-KAR", "KZ-KUS"]
SEASONS = {OF_TRAFFIC: (0.4, 0.85)}


def lost(
    place: str = "KZ",
    of: Signal = OF_BGP,
    begin: int = BEGIN,
    end: int = END,
    left: float = 0.03,
    resolution_s: int = FIVE_MINUTES,
) -> Values:
    return changed(calm(place, of, resolution_s), begin, end, left)


def calm(place: str = "KZ", of: Signal = OF_BGP, resolution_s: int = FIVE_MINUTES) -> Values:
    swing, rest = SEASONS.get(of, (0.0, 1.0))
    return ordinary(header(place, of, resolution_s), 34, level=2000, swing=swing, rest=rest, noise=0.01)


def one_of(given: Iterable[Values], setting: Setting | None = None) -> ConnectivityIncident:
    (found,) = incidents(given, setting) if setting else incidents(given)
    return found


def curfew(place: str, first: int, clock: tuple[int, int], nights: int = 10, hours: int = 7) -> Values:
    """Ten nights from the twenty-first day on that begin at the same local clock."""
    values = ordinary(header(place, OF_BGP, FIVE_MINUTES), 34, first=first)
    for night in range(nights):
        day = local(first + (20 + night) * DAY + 12 * HOUR, place)
        begin = moment(place, day.year, day.month, day.day, *clock)
        values = changed(values, begin, begin + hours * HOUR, 0.02)
    return values


def test_nothing_is_found_in_nothing_and_in_what_is_calm() -> None:
    assert incidents([]) == []
    assert incidents([calm(), calm("UZ"), calm("KZ", OF_TRAFFIC)]) == []


def test_one_signal_is_an_incident_that_is_no_more_than_a_signal() -> None:
    found = one_of([lost(), calm("KZ", OF_PROBING), calm("KZ", OF_TRAFFIC)])
    assert (found.level, found.scope, found.country) == (Level.SIGNAL, Scope.COUNTRY, "KZ")
    assert not found.insufficient


def test_signals_that_disagree_on_times_are_one_incident_that_shows_each() -> None:
    later, longer = lost("KZ", OF_PROBING, BEGIN + HOUR, END + 2 * DAY), lost("KZ", OF_TRAFFIC)
    found = one_of([lost(), later, longer])
    assert found.level is Level.CORROBORATED
    assert len(found.parts) == 3
    assert found.onset.at == pytest.approx(BEGIN, abs=FIVE_MINUTES)
    assert found.end is not None
    assert found.end.at >= END + 2 * DAY - FIVE_MINUTES
    assert [step.level for step in found.steps] == [Level.SIGNAL, Level.APPARENT, Level.CORROBORATED]
    assert found.steps[1].at >= BEGIN + 30 * MINUTE
    assert found.steps[2].at >= BEGIN + 2 * HOUR
    assert found.confirmable


def test_measurement_volume_alone_is_insufficient() -> None:
    found = one_of([lost("KZ", OF_MEASUREMENTS, resolution_s=HOUR)])
    assert found.insufficient
    assert "volume_only" in {one.name for one in found.against}


def test_the_same_change_in_many_countries_of_one_source_speaks_against_each() -> None:
    found = incidents([lost(place) for place in COUNTRIES])
    assert len(found) == len(COUNTRIES)
    for one in found:
        assert "everywhere" in {reason.name for reason in one.against}
        assert one.level is Level.SIGNAL
        assert one.insufficient


def test_who_loses_far_more_than_all_others_is_not_excused_by_them() -> None:
    others = [lost(place, left=0.6) for place in COUNTRIES[1:]]
    found = incidents([lost(COUNTRIES[0]), *others])
    (alone,) = [one for one in found if one.country == COUNTRIES[0]]
    assert alone.against == ()
    assert all("everywhere" in {reason.name for reason in one.against} for one in found if one is not alone)


def test_a_prober_that_fails_while_traffic_flows_and_routes_stay_is_not_told() -> None:
    found = one_of([lost(of=OF_PROBING), calm(), calm(of=OF_TRAFFIC)])
    assert {reason.name for reason in found.against} == {"as_usual"}
    assert found.insufficient
    assert not one_of([lost(of=OF_PROBING)]).insufficient


def test_traffic_that_stops_alone_is_told_for_it_may_be_filtered() -> None:
    found = one_of([calm(of=OF_PROBING), calm(), lost(of=OF_TRAFFIC, left=0.3)])
    assert found.against
    assert not found.insufficient


def test_what_errs_at_the_same_hour_each_day_is_no_curfew() -> None:
    prober = calm(of=OF_PROBING)
    for night in range(6):
        begin = BEGIN - 7 * HOUR + night * DAY
        prober = changed(prober, begin, begin + 3 * HOUR, 0.1)
    found = one_of([prober, calm(), calm(of=OF_TRAFFIC)])
    assert found.recurrence is not None
    assert found.insufficient
    assert not one_of([prober]).insufficient


def test_a_time_in_the_future_moves_nothing() -> None:
    values = lost()
    starts = np.append(values.starts, 4_000_000_000)
    arrived = np.append(values.arrived, values.arrived[-1])
    stray = Values(values.series, starts, np.append(values.values, 5.0), arrived)
    assert incidents([stray]) == incidents([values])


def test_networks_of_many_countries_at_once_speak_against_each_too() -> None:
    country_of = dict(enumerate(COUNTRIES, 1))
    found = incidents([lost(f"AS{n}") for n in country_of], Setting(country_of=lambda asn: country_of[asn]))
    assert all("everywhere" in {reason.name for reason in one.against} for one in found)
    alone = incidents([lost(f"AS{n}") for n in country_of], Setting(country_of=lambda _asn: "KZ"))
    assert all(not one.against for one in alone)


def test_countries_that_are_lost_on_different_days_speak_against_nobody() -> None:
    apart = [BEGIN + n * 7 * HOUR for n in range(len(COUNTRIES))]
    found = incidents(
        [lost(place, begin=at, end=at + DAY) for place, at in zip(COUNTRIES, apart, strict=True)]
    )
    assert [one.against for one in found] == [()] * len(COUNTRIES)


def test_regions_become_their_country_when_half_of_them_are_gone() -> None:
    few = one_of([lost(place) if n < 2 else calm(place) for n, place in enumerate(REGIONS)])
    most = one_of([lost(place) if n < 6 else calm(place) for n, place in enumerate(REGIONS)])
    assert [few.scope, most.scope] == [Scope.REGIONS, Scope.COUNTRY]
    assert [few.share, most.share] == pytest.approx([2 / 8, 6 / 8], abs=0.03)
    assert set(few.entities) == set(REGIONS[:2])


def test_users_decide_where_they_are_known() -> None:
    sizes = dict.fromkeys(REGIONS, 1e5) | {REGIONS[0]: 2e6}
    found = one_of(
        [lost(place) if n < 1 else calm(place) for n, place in enumerate(REGIONS)], Setting(sizes=sizes)
    )
    assert found.scope is Scope.COUNTRY


def test_one_operator_is_networks_and_the_country_s_own_series_makes_it_the_country() -> None:
    networks = [f"AS{n}@KZ" for n in range(1, 7)]
    operator = one_of([lost(networks[0]), *map(calm, networks[1:]), calm("KZ")])
    assert operator.scope is Scope.NETWORKS
    whole = one_of([*map(lost, networks), lost("KZ")])
    assert (whole.scope, whole.entities[0]) == (Scope.COUNTRY, "KZ")


def test_a_surge_of_users_is_an_incident_of_its_own_direction() -> None:
    surge = changed(ordinary(header("KZ", OF_USERS), 34, level=500, noise=0.05), BEGIN, END, 12.0)
    assert sorted(one.direction for one in incidents([lost(), surge])) == [Direction.DROP, Direction.SURGE]


@pytest.mark.parametrize(
    ("place", "first", "clock"),
    [
        ("MM", MONDAY, (1, 0)),
        ("MM", MONDAY, (20, 30)),
        ("DE", MONDAY + 57 * DAY, (23, 0)),
        ("DE", MONDAY + 57 * DAY, (0, 0)),
    ],
)
def test_ten_nights_are_one_incident_and_the_next_is_due_at_its_local_time(
    place: str, first: int, clock: tuple[int, int]
) -> None:
    """In Germany the clocks change within the ten nights."""
    values = curfew(place, first, clock)
    now = first + 27 * DAY + 15 * HOUR
    found = one_of([until(values, now)])
    again = found.recurrence
    assert again is not None
    assert len(again.occurrences) >= 7
    assert found.end is None
    assert again.next_due is not None
    due = local(again.next_due, place)
    assert abs((due.hour - clock[0]) * 60 + due.minute - clock[1]) % (24 * 60 - 5) <= 5
    assert now - HOUR < again.next_due <= now + DAY


def test_a_curfew_that_is_over_is_not_due_again_and_is_judged_by_a_night_of_it() -> None:
    found = one_of([curfew("MM", MONDAY, (1, 0))])
    assert found.recurrence is not None
    assert len(found.recurrence.occurrences) == 10
    assert found.recurrence.next_due is None
    assert found.end is not None
    long = next(one for one in found.reasons if one.name == "long")
    assert "7 hours" in long.text
    assert len({one.name for one in found.reasons}) == len(found.reasons)
    assert not {"path", "patchy_recovery"} & {one.name for one in found.reasons}


def test_a_power_cut_is_probably_not_deliberate() -> None:
    begin = moment("VE", 2022, 1, 30, 16, 53)
    places = ["VE", *[f"VE-{letter}" for letter in "ABCDEFGH"]]
    several = [
        ramped(
            calm(place, of),
            begin + n * 15 * MINUTE,
            begin + n * 15 * MINUTE + 5 * HOUR,
            begin + (20 + 5 * n) * HOUR,
        )
        for n, place in enumerate(places)
        for of in (OF_PROBING, OF_TRAFFIC)
    ]
    assert one_of(several).deliberate < 0.15


def test_a_cliff_on_the_hour_of_all_signals_in_an_election_is_probably_deliberate() -> None:
    begin = moment("KZ", 2022, 1, 31, 9, 0)
    several = [lost("KZ", of, begin, begin + DAY) for of in (OF_BGP, OF_PROBING, OF_TELESCOPE, OF_TRAFFIC)]
    day = begin // DAY
    election = Occasion("KZ", OccasionKind.ELECTION, day, day, "presidential election")
    found = one_of(several, Setting(occasions=(election,)))
    assert found.deliberate > 0.85
    assert {"clock", "cliff", "all_signals", "election"} <= {one.name for one in found.reasons}
    assert one_of(several).deliberate < found.deliberate


def test_series_in_any_order_are_the_same_incidents() -> None:
    several = [
        lost(),
        lost("KZ", OF_TRAFFIC),
        lost("UZ", begin=BEGIN + DAY),
        lost("KZ-AKM"),
        curfew("MM", MONDAY, (1, 0)),
    ]
    assert incidents(several) == incidents(several[::-1]) == incidents([*several[2:], *several[:2]])


def test_an_incident_keeps_its_name_and_its_onset_while_more_becomes_known() -> None:
    several = [lost(), lost("KZ", OF_TRAFFIC), lost("KZ", OF_USERS, BEGIN, END + 5 * DAY, resolution_s=DAY)]
    times = [
        BEGIN + 15 * MINUTE,
        BEGIN + HOUR,
        BEGIN + 5 * HOUR,
        BEGIN + 25 * HOUR,
        END + HOUR,
        END + 4 * DAY,
    ]
    found = [one_of([until(values, at) for values in several]) for at in times]
    assert len({one.id for one in found}) == 1
    assert [one.level for one in found] == sorted(one.level for one in found)
    assert len({one.onset.known for one in found}) == 1
    for one in found:
        assert one.onset.at == pytest.approx(BEGIN, abs=FIVE_MINUTES)


def test_an_incident_keeps_its_name_when_it_becomes_deeper() -> None:
    deeper = changed(lost(left=0.45), BEGIN + 25 * MINUTE, END, 0.02)
    found = [one_of([until(deeper, at)]) for at in (BEGIN + 20 * MINUTE, BEGIN + HOUR, END + DAY)]
    assert found[0].depth < 0.6
    assert found[2].depth > 0.9
    assert len({one.id for one in found}) == 1


def test_two_incidents_have_two_names() -> None:
    several = [lost(), lost("UZ"), lost("MM", begin=BEGIN + DAY)]
    assert len({one.id for one in incidents(several)}) == 3


def test_a_step_is_never_before_what_was_known_then() -> None:
    several = [lost(), lost("KZ", OF_PROBING), lost("KZ", OF_TRAFFIC)]
    for step in one_of(several).steps:
        assert one_of([until(values, step.at) for values in several]).level >= step.level
        before = incidents([until(values, step.at - FIVE_MINUTES) for values in several])
        assert all(one.level < step.level for one in before)


def test_times_and_probabilities_are_in_order() -> None:
    several = [lost(), lost("KZ", OF_TRAFFIC), lost("KZ-AKM", left=0.5), curfew("MM", MONDAY, (1, 0))]
    for one in incidents(several):
        assert one.onset.turn is Turn.ONSET
        assert one.onset.low <= one.onset.at <= one.onset.high
        assert one.onset.at < one.until
        assert 0 <= one.probability <= 1
        assert 0 < one.deliberate < 1
        assert one.share is None or 0 <= one.share <= 1
