import pytest

from lampwatch.publish.api.shapes import MeasurementList
from tests.publish.instances import BLOCKED_UID
from tests.publish.reader import HOME, Reader

PATH = "/api/v1/measurements"


def listed(instance: Reader, query: str) -> MeasurementList:
    answer = instance.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    return MeasurementList.model_validate(answer.json())


def test_a_measurement_is_listed_with_ooni_s_fields(instance: Reader) -> None:
    found = instance.get(
        f"{PATH}?domain=telegram.example.org&since=2022-01-05&until=2022-01-06&probe_asn=AS9198"
    ).json()
    assert found["results"] == [
        {
            "measurement_uid": BLOCKED_UID,
            "report_id": "20220105T040000Z_webconnectivity_KZ_9198_n1_abc",
            "measurement_url": f"{HOME}/api/v1/raw_measurement?measurement_uid={BLOCKED_UID}",
            "probe_cc": "KZ",
            "probe_asn": "AS9198",
            "test_name": "web_connectivity",
            "measurement_start_time": "2022-01-05T04:00:00Z",
            "input": "https://telegram.example.org/",
            "anomaly": True,
            "confirmed": False,
            "failure": False,
            "scores": {"blocking_general": 1.0},
        }
    ]
    assert found["metadata"] == {
        "count": 1,
        "current_page": 1,
        "limit": 100,
        "next_url": None,
        "offset": 0,
        "pages": 1,
        "query_time": 0.0,
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 37),
        ("probe_cc=BR", 1),
        ("probe_cc=KZ,br", 37),
        ("probe_cc=KZ&probe_cc=BR", 37),
        ("probe_asn=AS9198", 12),
        ("probe_asn=9198,AS29355", 24),
        ("test_name=web_connectivity,signal", 37),
        ("test_name=signal", 0),
        ("input=https://news.example.org/", 18),
        ("domain=news.example.org,gone.example.net", 19),
        ("category_code=NEWS", 18),
        ("anomaly=true", 10),
        ("anomaly=false", 27),
        ("failure=true", 2),
        ("confirmed=true", 0),
        ("since=2022-01-05&until=2022-01-06", 6),
        ("since=2022-01-05T04:00:00&until=2022-01-05T05:00:00", 3),
        ("report_id=20220105T040000Z_webconnectivity_KZ_9198_n1_abc", 1),
        ("software_version=3.16.7", 37),
        ("software_version=2.0.0", 0),
        ("ooni_run_link_id=10001&engine_version=3.0", 37),
        ("probe_cc=&input=&since=&anomaly=", 37),
    ],
)
def test_each_parameter_chooses(instance: Reader, query: str, count: int) -> None:
    assert listed(instance, query).metadata.count == count


def test_the_newest_come_first_unless_asked_otherwise(instance: Reader) -> None:
    newest = listed(instance, "limit=1").results[0].measurement_start_time
    oldest = (
        listed(instance, "limit=1&order_by=measurement_start_time&order=ASC")
        .results[0]
        .measurement_start_time
    )
    assert (newest, oldest) == ("2022-01-07T09:00:00Z", "2022-01-01T03:00:00Z")


def test_following_the_pages_gives_everything_once(instance: Reader) -> None:
    seen, path = [], f"{PATH}?limit=10&probe_cc=KZ"
    while path:
        page = MeasurementList.model_validate(instance.get(path).json())
        assert page.metadata.pages == 4
        seen += [row.measurement_uid for row in page.results]
        path = page.metadata.next_url or ""
    assert len(seen) == len(set(seen)) == 36


def test_a_limit_beyond_the_cap_is_taken_as_the_cap(instance: Reader) -> None:
    assert listed(instance, "limit=1000000").metadata.limit == 1000
