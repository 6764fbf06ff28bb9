"""M-Lab's statistics files, replayed in the shapes of their documentation."""

from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.fetching import fetched
from tests.signals.replaying import NOON, Asked, Reply, as_json

DAY = 86_400
MIDNIGHT = NOON - DAY // 2


def classes(date: str, downloads: Any, uploads: Any) -> list[dict[str, Any]]:
    return [
        {
            "country_code": "VE",
            "date": date,
            "bucket_min": low,
            "bucket_max": low + 1,
            "dl_samples_bucket": 3,
            "dl_samples_day": downloads,
            "dl_frac": 0.1,
            "download_MED": 4.2,
            "ul_samples_bucket": 3,
            "ul_samples_day": uploads,
        }
        for low in (0, 1, 2)
    ]


YEARS = {
    "/SA/VE/2021/histogram_daily_stats.json": classes("2021-12-31", 510, 480),
    "/SA/VE/2022/histogram_daily_stats.json": [
        *classes("2022-01-01", 600, None),
        *classes("2022-01-02", 2, 3),
    ],
    "/asn/8048/2022/histogram_daily_stats.json": classes("2022-01-02", 1, 1),
}


def answer(asked: Asked) -> Reply:
    return as_json(YEARS[asked.path]) if asked.path in YEARS else Reply(status=404)


def test_a_country_is_found_on_its_continent_and_its_days_are_counted_once() -> None:
    found = fetched("mlab-api", answer, country="VE", since=MIDNIGHT - 5 * DAY)
    assert found.values == {
        "VE:mlab:downloads": {MIDNIGHT - 5 * DAY: 510.0, MIDNIGHT - 4 * DAY: 600.0, MIDNIGHT - 3 * DAY: 2.0},
        "VE:mlab:uploads": {MIDNIGHT - 5 * DAY: 480.0, MIDNIGHT - 3 * DAY: 3.0},
    }
    header = found.series["VE:mlab:downloads"]
    assert (header.family, header.quantity) == (Family.MEASUREMENTS, Quantity.COUNT)
    assert header.resolution_s == DAY


def test_a_network_has_files_of_its_own() -> None:
    found = fetched("mlab-api", answer, asn=8048, since=MIDNIGHT - 4 * DAY)
    assert list(found.series) == ["AS8048:mlab:downloads", "AS8048:mlab:uploads"]


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"place": "US-MD"}, "/NA/US/US-MD/2022/histogram_daily_stats.json"),
        ({"country": "IR", "asn": 58224}, "/AS/IR/asn/AS58224/2022/histogram_daily_stats.json"),
    ],
)
def test_regions_and_networks_lie_under_their_country(options: dict[str, Any], path: str) -> None:
    def there(asked: Asked) -> Reply:
        return as_json(classes("2022-01-02", 1, 1)) if asked.path == path else Reply(status=404)

    assert len(fetched("mlab-api", there, since=MIDNIGHT - 4 * DAY, **options).series) == 2


def test_who_has_no_file_is_told() -> None:
    with pytest.raises(UserError, match="M-Lab has no statistics of KP in 2022 to 2022"):
        fetched("mlab-api", answer, country="KP", since=MIDNIGHT - DAY)
    with pytest.raises(UserError, match="say --country"):
        fetched("mlab-api", answer)


def test_a_day_that_is_none_is_left_out_and_told() -> None:
    rows = [*classes("soon", 1, 1), *classes("2022-01-02", 7, -1)]
    found = fetched("mlab-api", lambda _: as_json(rows), country="VE", since=MIDNIGHT - 4 * DAY)
    assert found.values == {"VE:mlab:downloads": {MIDNIGHT - 3 * DAY: 7.0}}
    assert len(found.malformed) == 3
