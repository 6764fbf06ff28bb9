import numpy as np
import pytest

from lampwatch.detect.connectivity.world import LEAST_COUNTRIES, World
from lampwatch.model.series import Family, Quantity
from tests.detect.connectivity.making import OF_BGP, OF_TRAFFIC, Signal, header

PLACES = ["AR", "BR", "CL", "DE", "EG", "FR", "GB", "HU", "IN", "JP", "KZ", "MM", "NG", "PL"]
SHARE: Signal = ("own", "up", Family.PROBING, Quantity.SHARE)


def factors(values: list[float], expected: float, of: Signal = OF_BGP) -> tuple[list[float], list[float]]:
    """What the world says of as many countries as there are values."""
    world = World(tuple(header(place, of) for place in PLACES[: len(values)]))
    factor, spread = world.factors(np.array(values)[:, None], np.full((len(values), 1), expected))
    return factor[:, 0].tolist(), spread[:, 0].tolist()


def test_what_all_countries_have_in_common_is_expected_of_each() -> None:
    factor, spread = factors([100.0] * 14, 100.0)
    assert (factor, spread) == ([1.0] * 14, [1.0] * 14)
    assert factors([70.0] * 14, 100.0)[0] == pytest.approx([0.7] * 14)


def test_the_farther_all_go_together_the_less_is_known_of_each() -> None:
    spreads = [factors([value] * 14, 100.0)[1][0] for value in (100.0, 120.0, 200.0, 800.0)]
    assert spreads == sorted(set(spreads))
    assert factors([50.0] * 14, 100.0)[1] == pytest.approx(factors([200.0] * 14, 100.0)[1])


def test_one_country_s_loss_is_its_own() -> None:
    factor, _ = factors([0.0] + [100.0] * 13, 100.0)
    assert factor == [1.0] * 14


@pytest.mark.parametrize(("of", "expected"), [(OF_BGP, 1000.0), (OF_TRAFFIC, 1.0), (SHARE, 0.9)])
def test_where_all_fall_to_nothing_the_source_has_a_gap(of: Signal, expected: float) -> None:
    assert np.isnan(factors([0.0] * 14, expected, of)[0]).all()


def test_of_few_countries_nobody_can_tell() -> None:
    few = LEAST_COUNTRIES - 1
    assert factors([0.0] * few, 100.0) == ([1.0] * few, [1.0] * few)
    assert factors([0.0] * few + [float("nan")] * 3, 100.0)[0] == [1.0] * (few + 3)


def test_counts_of_few_things_tell_nothing_in_common() -> None:
    assert factors([0.0] * 14, 3.0)[0] == [1.0] * 14


def test_where_countries_stray_far_from_each_other_all_are_held_to_less() -> None:
    strayed = factors([40.0, 70.0, 100.0, 130.0, 160.0, 200.0] * 2, 100.0)[1]
    assert min(strayed) > 1


def test_regions_share_what_countries_have_in_common() -> None:
    world = World((*(header(place) for place in PLACES), header("US-LA"), header("US-LA", OF_TRAFFIC)))
    factor, _ = world.factors(np.full((16, 1), 60.0), np.full((16, 1), 100.0))
    assert factor[14:, 0] == pytest.approx([0.6, 1.0])


def test_moves_have_a_middle_that_countries_of_enough_share() -> None:
    world = World(tuple(header(place) for place in PLACES))
    moves = np.array([1.0, *[0.2] * 6, *[0.3] * 7])
    common, spread = world.in_common(moves, np.full(14, 100.0))
    assert common.tolist() == [0.3] * 14 or common == pytest.approx([0.25] * 14, abs=0.051)
    assert 0 < spread[0] < 0.2
    assert world.in_common(moves, np.full(14, 3.0))[0].tolist() == [0.0] * 14
