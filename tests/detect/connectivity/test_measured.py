import pytest

from lampwatch.detect.connectivity.measured import Measured
from lampwatch.model.series import Family, Values
from tests.detect.connectivity.making import (
    DAY,
    HOUR,
    MONDAY,
    OF_BGP,
    OF_PROBING,
    OF_TRAFFIC,
    changed,
    given,
    header,
    ordinary,
)

NOON = MONDAY + DAY
REGIONS = ["KZ-AKM", "KZ-ALA", "KZ-AST", "KZ-ATY"]


def series_of(sizes: dict[str, float]) -> list[Values]:
    return [given(header(place), [size] * 48) for place, size in sizes.items()]


def ids(*regions: str, depth: float = 1.0) -> list[tuple[str, float]]:
    return [(header(region).id, depth) for region in regions]


def test_a_share_is_by_size_where_sizes_can_be_added() -> None:
    measured = Measured(series_of(dict(zip(REGIONS, (100.0, 100.0, 100.0, 700.0), strict=True))))
    assert measured.share(ids("KZ-ATY"), NOON) == pytest.approx(0.7)
    assert measured.share(ids("KZ-AKM", "KZ-ALA"), NOON) == pytest.approx(0.2)


def test_bins_that_lie_wholly_between_two_moments_and_were_measured_are_counted() -> None:
    values = given(header(), [1.0, float("nan"), 3.0, 4.0])
    measured = Measured([values])
    assert [one.series for one in measured.of("KZ")] == [values.series.id]
    assert measured.of("VE") == []
    between = {(0, 4): 3, (1, 3): 1, (0.5, 3.5): 1, (2, 2.9): 0, (3, 9): 1, (3, 2): 0}
    for (begin, end), bins in between.items():
        at = MONDAY + round(begin * HOUR), MONDAY + round(end * HOUR)
        assert measured.bins(values.series.id, *at) == bins


def test_sizes_that_somebody_knows_count_before_those_measured() -> None:
    sizes = dict(zip(REGIONS, (1e6, 1e5, 1e5, 8e5), strict=True))
    measured = Measured(series_of(dict.fromkeys(REGIONS, 5.0)), sizes)
    assert measured.share(ids("KZ-AKM"), NOON) == pytest.approx(0.5)


def test_levels_have_no_size_and_count_alike() -> None:
    several = [
        given(header(place, OF_TRAFFIC), [size] * 48)
        for place, size in zip(REGIONS, (1, 1, 1, 97), strict=True)
    ]
    assert Measured(several).share([(header("KZ-ATY", OF_TRAFFIC).id, 1.0)], NOON) == pytest.approx(0.25)


def test_a_region_half_gone_counts_half() -> None:
    measured = Measured(series_of(dict.fromkeys(REGIONS, 10.0)))
    assert measured.share(ids(*REGIONS, depth=0.5), NOON) == pytest.approx(0.5)


def test_a_series_that_fell_several_times_counts_once() -> None:
    measured = Measured(series_of(dict.fromkeys(REGIONS, 10.0)))
    assert measured.share(ids("KZ-AKM") * 5, NOON) == pytest.approx(0.25)


def test_a_share_is_never_more_than_all() -> None:
    measured = Measured(series_of(dict.fromkeys(REGIONS, 10.0)))
    assert measured.share(ids(*REGIONS, depth=9.0), NOON) == 1.0


def test_a_country_s_own_series_tells_no_share() -> None:
    assert Measured(series_of({"KZ": 10.0, "UZ": 10.0})).share(ids("KZ"), NOON) is None
    assert Measured(series_of({"KZ-AKM": 10.0})).share(ids("KZ-AKM"), NOON) is None


def test_who_was_not_measured_then_is_no_sibling() -> None:
    late = given(header("KZ-ZAP"), [1000.0] * 48, MONDAY + 90 * DAY)
    measured = Measured([*series_of(dict.fromkeys(REGIONS, 10.0)), late])
    assert measured.share(ids("KZ-AKM"), NOON) == pytest.approx(0.25)
    assert measured.among(header("KZ-AKM").id, NOON) == 4


def test_a_region_that_is_dark_for_most_of_the_time_keeps_its_size() -> None:
    several = [ordinary(header(place), 20, level=100) for place in REGIONS]
    several[0] = changed(several[0], MONDAY + 4 * DAY, MONDAY + 18 * DAY)
    assert Measured(several).share(ids("KZ-AKM"), MONDAY + 5 * DAY) == pytest.approx(0.25, abs=0.01)


def test_networks_and_regions_are_compared_with_their_like_only() -> None:
    networks = {f"AS{n}@KZ": 10.0 for n in (1, 2, 3, 4, 5)}
    measured = Measured(series_of(dict.fromkeys(REGIONS, 10.0) | networks))
    assert measured.among(header("KZ-AKM").id, NOON) == 4
    assert measured.among(header("AS1@KZ").id, NOON) == 5


def test_families_are_those_measured_in_a_country_at_a_time() -> None:
    measured = Measured(
        [given(header("KZ"), [1.0] * 48), given(header("KZ", OF_PROBING), [1.0] * 48, NOON + 9 * DAY)]
    )
    assert measured.families(["KZ"], NOON) == {Family.BGP}
    assert measured.families(["KZ"], NOON + 10 * DAY) == {Family.PROBING}
    assert measured.families(["UZ", ""], NOON) == set()


def test_a_source_tells_of_so_many_countries_by_one_signal() -> None:
    measured = Measured([given(header(place), [1.0]) for place in ("KZ", "UZ", "KZ-AKM")])
    assert measured.countries(header("KZ").id) == 2
    assert measured.signal(header("KZ", OF_BGP).id) == ("ioda", "bgp")


@pytest.mark.parametrize("numbers", [[float("nan")] * 9, [-1.0] * 9, [float("inf")] * 9, [0.0] * 9])
def test_regions_that_nobody_can_size_still_share(numbers: list[float]) -> None:
    share = Measured([given(header(place), numbers) for place in REGIONS]).share(ids("KZ-AKM"), MONDAY + HOUR)
    assert share is None or 0 <= share <= 1
