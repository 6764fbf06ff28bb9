import time

import pytest

from lampwatch.detect.connectivity.level import is_confirmable, probability, steps
from lampwatch.detect.connectivity.measured import Measured
from lampwatch.model.connectivity import Part
from lampwatch.model.incident import Level
from lampwatch.model.series import Family, Quantity
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MINUTE,
    MONDAY,
    OF_BGP,
    OF_MEASUREMENTS,
    OF_PROBING,
    OF_TRAFFIC,
    Signal,
    given,
    header,
    part,
)

OF_OUR_BGP: Signal = ("own", "bgp", Family.BGP, Quantity.COUNT)
NETWORKS = [f"AS{n}@KZ" for n in range(1, 9)]
SIGNALS = [OF_BGP, OF_PROBING, OF_TRAFFIC, OF_MEASUREMENTS, OF_OUR_BGP]


@pytest.fixture(scope="module")
def measured() -> Measured:
    """A country, its eight networks, and all signals of each."""
    return Measured(given(header(place, of), [100.0] * 24) for place in ("KZ", *NETWORKS) for of in SIGNALS)


def reached(parts: list[Part], measured: Measured) -> Level:
    found = steps(parts, measured)
    return found[-1].level if found else Level.REPORTED


def test_one_signal_stays_a_signal_however_long_it_lasts(measured: Measured) -> None:
    assert reached([part(end=None, until=MONDAY + 30 * DAY)], measured) is Level.SIGNAL


def test_two_sources_of_one_family_stay_one_signal(measured: Measured) -> None:
    assert reached([part(), part("KZ", OF_OUR_BGP)], measured) is Level.SIGNAL


def test_two_families_are_apparent_after_half_an_hour_and_not_before(measured: Measured) -> None:
    two = [part(), part("KZ", OF_PROBING)]
    apparent = next(step for step in steps(two, measured) if step.level is Level.APPARENT)
    assert MONDAY + 30 * MINUTE <= apparent.at <= MONDAY + 45 * MINUTE
    assert (
        reached([part(end=MONDAY + 25 * MINUTE), part("KZ", OF_PROBING, end=MONDAY + 25 * MINUTE)], measured)
        is Level.SIGNAL
    )


def test_two_families_of_two_sources_are_corroborated_after_two_hours_and_not_before(
    measured: Measured,
) -> None:
    two = [part(), part("KZ", OF_TRAFFIC)]
    corroborated = next(step for step in steps(two, measured) if step.level is Level.CORROBORATED)
    assert MONDAY + 2 * HOUR <= corroborated.at <= MONDAY + 2 * HOUR + 15 * MINUTE
    assert (
        reached([part(end=MONDAY + HOUR), part("KZ", OF_TRAFFIC, end=MONDAY + HOUR)], measured)
        is Level.APPARENT
    )


def test_one_source_alone_corroborates_no_country_however_many_families_it_has(measured: Measured) -> None:
    assert reached([part(), part("KZ", OF_PROBING)], measured) is Level.APPARENT


def test_measurements_alone_are_no_signal_and_beside_another_add_nothing(measured: Measured) -> None:
    volume = part("KZ", OF_MEASUREMENTS)
    assert reached([volume], measured) is Level.REPORTED
    assert reached([volume, part()], measured) is Level.SIGNAL
    networks = [part(network, OF_MEASUREMENTS) for network in NETWORKS[:5]]
    assert reached(networks, measured) is Level.REPORTED


def test_two_networks_are_apparent_while_another_one_works(measured: Measured) -> None:
    assert reached([part(network) for network in NETWORKS[:2]], measured) is Level.APPARENT


def test_all_networks_of_one_collector_at_once_may_be_the_collector(measured: Measured) -> None:
    assert reached([part(network) for network in NETWORKS], measured) is Level.SIGNAL


def test_three_networks_with_half_of_the_country_and_two_families_are_corroborated(
    measured: Measured,
) -> None:
    half = [part(network, of) for network in NETWORKS[:5] for of in (OF_BGP, OF_PROBING)]
    assert reached(half, measured) is Level.CORROBORATED
    assert reached([one for one in half if one.entity in NETWORKS[:3]], measured) is Level.APPARENT


def test_levels_only_rise_and_each_step_is_after_what_it_rests_on_was_known(measured: Measured) -> None:
    several = [
        part(),
        part("KZ", OF_PROBING, begin=MONDAY + HOUR),
        part("KZ", OF_TRAFFIC, begin=MONDAY + 3 * HOUR),
    ]
    found = steps(several, measured)
    assert [step.level for step in found] == sorted({step.level for step in found})
    assert [step.at for step in found] == sorted(step.at for step in found)
    assert found[0].at == several[0].onset.known
    assert found[-1].at >= several[2].onset.known


def test_nobody_is_sure_beyond_corroboration_without_a_person(measured: Measured) -> None:
    everything = [part(place, of, depth=1.0) for place in ("KZ", *NETWORKS[:7]) for of in SIGNALS]
    level = reached(everything, measured)
    assert level is Level.CORROBORATED
    assert is_confirmable(everything, level)


def test_a_sign_off_is_for_two_families_down_by_four_fifths() -> None:
    shallow = [part(depth=0.95), part("KZ", OF_TRAFFIC, depth=0.5)]
    volume = [part(depth=0.95), part("KZ", OF_MEASUREMENTS, depth=1.0)]
    assert not is_confirmable(shallow, Level.CORROBORATED)
    assert not is_confirmable(volume, Level.CORROBORATED)
    assert not is_confirmable([part(), part("KZ", OF_TRAFFIC)], Level.APPARENT)


def test_each_family_adds_to_how_likely_it_is_and_signals_of_one_family_do_not() -> None:
    one, again, two = [part()], [part(), part("KZ", OF_OUR_BGP)], [part(), part("KZ", OF_TRAFFIC)]
    assert probability(one) == probability(again) < probability(two) < 1


def test_what_is_slight_or_hardly_odd_is_less_likely() -> None:
    assert probability([part(depth=0.1)]) < probability([part(depth=0.9)])
    assert probability([part(score=3.0)]) < probability([part(score=30.0)])
    assert probability([part("KZ", OF_MEASUREMENTS, depth=1.0)]) < 0.3


def test_a_blackout_of_a_thousand_networks_is_levelled_in_seconds() -> None:
    networks = [f"AS{n}@BR" for n in range(1, 1001)]
    several = Measured(
        given(header(place, of), [100.0] * 24) for place in networks for of in (OF_BGP, OF_PROBING)
    )
    parts = [
        part(place, of, begin=MONDAY + n % 12 * FIVE_MINUTES)
        for n, place in enumerate(networks)
        for of in (OF_BGP, OF_PROBING)
    ]
    began = time.process_time()
    steps(parts, several)
    assert time.process_time() - began < 10


def test_a_region_and_what_lies_in_it_vote_once() -> None:
    places = ("MM-02", "MM-02/Pegu", "MM-03", "MM-04")
    measured = Measured(given(header(place, OF_PROBING), [100.0] * 24) for place in places)
    nested = [part(place, OF_PROBING) for place in places[:2]]
    assert reached(nested, measured) is Level.SIGNAL
    assert reached([*nested, part("MM-03", OF_PROBING)], measured) is Level.APPARENT


def test_what_was_over_within_half_an_hour_has_no_vote(measured: Measured) -> None:
    blip, lasting = part(end=MONDAY + 10 * MINUTE), part("KZ", OF_PROBING, end=MONDAY + DAY)
    assert reached([blip, lasting], measured) is Level.SIGNAL
