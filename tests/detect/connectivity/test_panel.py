import numpy as np
import pytest

from lampwatch.detect.connectivity.panel import believed, bin_s, block_s, panels
from lampwatch.model.series import Values
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MONDAY,
    OF_PROBING,
    OF_TRAFFIC,
    given,
    header,
)

NAN = float("nan")


def test_series_that_share_their_bins_are_side_by_side_in_the_order_of_their_ids() -> None:
    (panel,) = panels([given(header("VE"), [1, 2]), given(header("KZ"), [3, 4])])
    assert [one.entity.code for one in panel.series] == ["KZ", "VE"]
    assert panel.values[:, :2].tolist() == [[3, 4], [1, 2]]


def test_a_block_is_a_day_and_a_panel_has_whole_ones() -> None:
    (panel,) = panels([given(header(), [1.0] * 30, MONDAY + 5 * HOUR)])
    assert (panel.first, panel.values.shape, panel.block_bins) == (MONDAY, (1, 48), 24)
    assert np.isnan(panel.values[0, [0, 4, 35, 47]]).all()
    assert panel.values[0, 5:35].tolist() == [1.0] * 30


def test_a_series_that_begins_late_is_a_gap_before() -> None:
    (panel,) = panels([given(header("KZ"), [1.0] * 48), given(header("VE"), [2.0] * 24, MONDAY + DAY)])
    assert np.isnan(panel.values[1, :24]).all()
    assert panel.values[1, 24:].tolist() == [2.0] * 24


def test_bins_of_another_width_or_phase_are_another_panel() -> None:
    found = panels(
        [
            given(header("KZ"), [1.0]),
            given(header("VE"), [1.0], MONDAY + HOUR // 2),
            given(header("MM", resolution_s=FIVE_MINUTES), [1.0]),
        ]
    )
    assert [(one.resolution_s, one.first % one.resolution_s) for one in found] == [
        (300, 0),
        (3600, 0),
        (3600, 1800),
    ]


def test_a_value_off_its_phase_is_put_into_the_bin_it_falls_in() -> None:
    one = given(header(), [1, 2, 3])
    one.starts[1] += 7 * 60
    (panel,) = panels([one])
    assert panel.values[0, :3].tolist() == [1, 2, 3]


def test_an_empty_series_is_in_no_panel() -> None:
    assert panels([given(header(), [])]) == []
    assert panels([]) == []


def test_values_out_of_order_and_twice_find_their_bins() -> None:
    one = given(header(), [4, 3, 2, 2])
    one.starts[:] = MONDAY + HOUR * np.array([3, 2, 1, 1])
    (panel,) = panels([one])
    assert panel.values[0, 1:4].tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    "resolution_s", [60, 300, 420, 660, 900, 960, 1440, 2700, 3600, 5400, 18_000, 50_000, DAY]
)
def test_up_to_a_day_bins_are_parts_of_an_hour_or_of_a_day_and_no_narrower_than_the_series_own(
    resolution_s: int,
) -> None:
    width = bin_s(resolution_s)
    assert resolution_s <= width
    assert (HOUR if width <= HOUR else DAY) % width == 0


@pytest.mark.parametrize("resolution_s", [60, 300, 600, 900, 3600, 5400, 21_600, DAY, 7 * DAY, 30 * HOUR])
def test_bins_that_fit_stay_as_they_are(resolution_s: int) -> None:
    assert bin_s(resolution_s) == resolution_s


@pytest.mark.parametrize("resolution_s", [660, 1440, 2700])
def test_a_value_that_is_put_into_a_wider_bin_is_not_known_before_it_arrived(resolution_s: int) -> None:
    one = given(header(resolution_s=resolution_s), range(200))
    (panel,) = panels([one])
    for at, value in enumerate(panel.values[0].tolist()):
        if not np.isnan(value):
            ended = MONDAY + (int(value) + 1) * resolution_s
            assert ended <= panel.first + (at + 1) * panel.resolution_s


@pytest.mark.parametrize("resolution_s", [660, 1440, 2700])
def test_a_series_without_gaps_has_none_in_wider_bins(resolution_s: int) -> None:
    (panel,) = panels([given(header(resolution_s=resolution_s), [1.0] * 300)])
    measured = np.flatnonzero(~np.isnan(panel.values[0]))
    assert np.diff(measured).tolist() == [1] * (len(measured) - 1)


def test_blocks_of_bins_longer_than_a_day_are_one_bin() -> None:
    assert [block_s(one) for one in (300, HOUR, DAY, 7 * DAY)] == [DAY, DAY, DAY, 7 * DAY]
    (panel,) = panels([given(header(resolution_s=7 * DAY), [1, 2, 3])])
    assert (panel.block_bins, panel.values.tolist()) == (1, [[1, 2, 3]])


def test_the_same_series_in_any_order_are_the_same_panels() -> None:
    several = [
        given(header(place, of), range(9)) for place in ("KZ", "VE", "MM") for of in (OF_PROBING, OF_TRAFFIC)
    ]
    there, back = panels(several), panels(reversed(several))
    assert [one.series for one in there] == [one.series for one in back]
    assert all(np.array_equal(a.values, b.values, equal_nan=True) for a, b in zip(there, back, strict=True))


def test_series_that_are_silent_for_longer_than_a_year_are_two_panels() -> None:
    starts = np.array([0, HOUR, MONDAY, MONDAY + HOUR, MONDAY + 390 * DAY])
    stray = Values(header("KZ"), starts, np.arange(5.0), starts + HOUR)
    beside = given(header("VE"), [7.0] * 24)
    early, late = panels([stray, beside])
    assert [one.entity.code for one in early.series] == ["KZ"]
    assert early.values.shape == (1, 24)
    assert early.values[0, :2].tolist() == [0, 1]
    assert [one.entity.code for one in late.series] == ["KZ", "VE"]
    assert (late.first, late.values.shape) == (MONDAY, (2, 24 * 391))
    assert late.values[0, [0, 1, 24 * 390]].tolist() == [2, 3, 4]


def test_what_arrived_before_it_began_is_not_believed() -> None:
    values = given(header(), [1.0] * 48)
    assert believed(values) is values
    arrived = np.where(np.arange(48) == 47, MONDAY - 2 * DAY, values.arrived)
    kept = believed(Values(values.series, values.starts, values.values, arrived))
    assert kept.starts.tolist() == values.starts[:47].tolist()
    assert len(kept.values) == len(kept.arrived) == 47
    unknown = Values(values.series, values.starts, values.values, np.zeros(48, np.int64))
    assert believed(unknown) is unknown
