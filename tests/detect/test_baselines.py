from pathlib import Path

import numpy as np
import pytest

from bench._series import data_sets
from bench.backtests import DETECTORS, LABELS, backtests, labels_of
from bench.baselines import chocolatine, cusum_hourly, ioda, radar_similar_days, tor_ratio
from bench.baselines.found import Baseline
from lampwatch.formats.labels import read_labels
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values

HOUR, DAY = 3600, 86_400
T0 = 1_609_718_400  # Monday 2021-01-04
BASELINES: list[Baseline] = [ioda, chocolatine, tor_ratio, radar_similar_days, cusum_hourly]


def series(
    numbers: np.ndarray,
    family: Family = Family.PROBING,
    *,
    bin_s: int = HOUR,
    code: str = "VE",
    unit: str = "percent",
) -> Values:
    header = Series(Entity(code), "test", "test", family, unit, Quantity.SHARE, bin_s)
    starts = T0 + bin_s * np.arange(len(numbers), dtype=np.int64)
    return Values(header, starts, numbers.astype(np.float64), starts + bin_s)


def weeks(count: int) -> np.ndarray:
    hours = np.arange(count * 168)
    noise = np.random.default_rng(4).normal(0, 0.5, len(hours))
    return 80 + 10 * np.sin(2 * np.pi * hours / 24) + noise


# A quarter of a day makes Chocolatine's week short enough to be fitted in a second.
@pytest.mark.parametrize(
    ("module", "bin_s"), [(ioda, HOUR), (radar_similar_days, HOUR), (chocolatine, 6 * HOUR)]
)
def test_a_cliff_is_found_when_its_first_bin_has_ended(module: Baseline, bin_s: int) -> None:
    numbers = weeks(5)[: 35 * DAY // bin_s]
    first = 28 * DAY // bin_s + 5
    numbers[first : first + 4] = 0
    values = series(numbers, bin_s=bin_s)
    assert module.suits(values)
    begin, end = T0 + first * bin_s, T0 + (first + 4) * bin_s
    found = [one for one in module.detect(values) if one.begin < end and (one.end or end) > begin]
    assert [(one.begin, one.end, one.kind) for one in found] == [(begin, end, "drop")]
    assert found[0].first_alert == begin + bin_s


def test_a_rolling_median_forgets_a_long_blackout() -> None:
    numbers = np.full(1200, 100.0)
    numbers[400:900] = 10
    [found] = ioda.detect(series(numbers))
    assert found.end is not None
    assert (found.end - found.begin) / (500 * HOUR) < 0.2


@pytest.mark.parametrize(("family", "found"), [(Family.BGP, 1), (Family.PROBING, 0), (Family.TELESCOPE, 0)])
def test_each_family_has_its_own_threshold(family: Family, found: int) -> None:
    numbers = np.full(300, 100.0)
    numbers[250:253] = 90
    assert len(ioda.detect(series(numbers, family))) == found


def test_a_gap_neither_begins_nor_ends_a_stretch() -> None:
    numbers = np.full(300, 100.0)
    numbers[250:258] = 10
    numbers[[200, 253, 254]] = np.nan
    [found] = ioda.detect(series(numbers))
    assert (found.begin, found.end) == (T0 + 250 * HOUR, T0 + 258 * HOUR)


def test_a_stretch_that_lasts_has_no_end() -> None:
    numbers = np.full(300, 100.0)
    numbers[297:] = 10
    assert ioda.detect(series(numbers))[0].end is None


def test_ten_samples_of_what_is_missing_raise_the_sum() -> None:
    numbers = np.full(200, 100.0)
    numbers[100:160] = 0
    [found] = cusum_hourly.detect(series(numbers))
    assert found.begin - T0 in range(104 * HOUR, 112 * HOUR)
    assert found.end is not None
    assert found.end - T0 in range(164 * HOUR, 200 * HOUR)


def test_a_country_is_held_against_the_others() -> None:
    rng = np.random.default_rng(7)
    world = 1 + 0.5 * (np.arange(120) == 60)
    countries = [
        series(rng.poisson(2000 * world), Family.USERS, bin_s=DAY, code=f"A{chr(65 + n)}", unit="users")
        for n in range(20)
    ]
    numbers = rng.poisson(2000 * world)
    numbers[90:] //= 10
    blocked = series(numbers, Family.USERS, bin_s=DAY, code="IR", unit="users")
    everybody = [*countries, blocked]
    assert tor_ratio.suits(blocked, everybody)
    found = tor_ratio.detect(blocked, everybody)
    assert [(one.begin, one.end, one.kind) for one in found] == [(T0 + 90 * DAY, T0 + 97 * DAY, "drop")]
    assert [one for values in countries for one in tor_ratio.detect(values, everybody)] == []


def test_a_ratio_needs_others_to_be_held_against() -> None:
    alone = series(np.full(50, 1000.0), Family.USERS, bin_s=DAY)
    assert not tor_ratio.suits(alone, [alone])


@pytest.mark.parametrize("module", BASELINES, ids=lambda module: module.NAME)
def test_an_empty_series_and_one_of_gaps_hold_nothing(module: Baseline) -> None:
    assert not module.suits(series(np.empty(0)), []) or module.detect(series(np.empty(0))) == []
    gaps = series(np.full(900, np.nan))
    assert not module.suits(gaps, []) or module.detect(gaps) == []


@pytest.mark.parametrize("file", sorted(LABELS.glob("*.csv")), ids=lambda file: file.stem)
def test_labels_written_by_hand_are_right_to_the_last_row_and_name_a_source(file: Path) -> None:
    content = file.read_bytes()
    assert content.startswith(b"# ")
    found = read_labels(content, file.name)
    assert found.labels
    assert found.malformed == ()


def test_every_data_set_has_its_series_and_labels(shared_data: Path) -> None:
    found = {data.name: (len(data.scored), len(labels_of(data))) for data in data_sets(shared_data)}
    assert found == {
        "Venezuela 2019": (13, 12),
        "Bago 2021": (1, 72),
        "Hurricane Laura 2020": (216, 13),
        "Tor 2009-2011": (78, 18),
        "Tor 2021-2023": (5, 19),
    }


def test_iodas_thresholds_find_the_power_cut_and_the_curfews(shared_data: Path) -> None:
    results = {r.data: r.score for r in backtests(shared_data, {ioda.NAME: DETECTORS[ioda.NAME]})}
    for name, count in (("Venezuela 2019", 12), ("Bago 2021", 72)):
        found = results[name]
        assert found is not None
        assert (found.everything.recall.hits, found.not_observed) == (count, 0)
