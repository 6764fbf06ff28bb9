"""M-Lab, OONI, Censored Planet, GFWatch and Common Crawl: counts by time and country."""

import json

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought

STUDY = """,ok,dns,http,tls,error,date,total
2,9,2,0,0,1,2021-01-02,11
3,1,1,1,1,0,2021-01-03,4
4,9,9,9,9,9,2021-01-04,20
"""
AGGREGATION = {
    "v": 0,
    "dimension_count": 2,
    "result": [
        {
            "measurement_start_day": "2023-01-01",
            "probe_cc": "IR",
            "measurement_count": 110,
            "anomaly_count": 20,
            "confirmed_count": 5,
            "ok_count": 75,
            "failure_count": 10,
        },
        {"measurement_start_day": "2023-01-02", "probe_cc": "IR", "measurement_count": 4},
        {"measurement_start_day": "2023-01-02", "probe_cc": "ZZ", "measurement_count": 4},
        {"measurement_start_day": "2023-01-03", "probe_cc": "IR", "measurement_count": 1, "failure_count": 4},
        "nothing",
    ],
}


def test_a_study_s_counts_give_volume_and_share() -> None:
    found = brought(STUDY, "ooni-data-ir.csv")
    assert found.values("IR:ooni:measurements") == [11, 4]
    assert found.header("IR:ooni:measurements").family is Family.MEASUREMENTS
    # Of four measurements nobody can tell a share.
    assert found.values("IR:ooni:interference") == [pytest.approx(2 / 11), None]
    assert found.header("IR:ooni:interference").quantity is Quantity.SHARE
    assert found.reasons == ["its counts contradict each other"]


def test_an_answer_of_ooni_s_api_counts_what_came_to_a_conclusion() -> None:
    found = brought(json.dumps(AGGREGATION), "aggregation.json")
    assert found.values("IR:ooni:measurements") == [100, 4]
    assert found.values("IR:ooni:interference") == [0.25, None]
    assert found.reasons == ["ZZ is no country", "its counts contradict each other", "is no object"]


def test_ooni_s_api_as_a_table_by_network() -> None:
    table = (
        "measurement_start_day,probe_asn,measurement_count,anomaly_count,confirmed_count,ok_count,failure_count\n"
        "2023-01-01T05:00:00Z,AS58224,100,50,0,50,0\n2023-01-01T06:00:00Z,58224,100,0,0,100,0\n"
    )
    found = brought(table, "ooni-ir.csv")
    assert found.values("AS58224@IR:ooni:interference") == [0.5, 0]
    assert found.header("AS58224@IR:ooni:interference").resolution_s == 3600


def test_censored_planet_s_techniques_are_apart() -> None:
    table = (
        ",date,measurements,ok,anomalies,ratio\n0,2021-01-03,3936,3758,178,0.045\n1,2021-01-04,5,1,9,0.5\n"
    )
    found = brought(table, "https-data-cn.csv")
    assert found.values("CN:censored-planet:https-interference") == [pytest.approx(178 / 3936)]
    assert found.values("CN:censored-planet:https-measurements") == [3936]
    assert len(found.reasons) == 1


def test_days_that_were_not_measured_do_not_widen_a_bin() -> None:
    table = ",date,measurements,anomalies,error,ratio\n" + "".join(
        f"{day},2022-07-{day:02},50,1,0,0.02\n" for day in (1, 4, 7, 9, 12)
    )
    header = brought(table, "satellite-data-cn.csv").header("CN:censored-planet:satellite-interference")
    assert header.resolution_s == 86400


def test_gfwatch_counts_domains_in_order_of_time() -> None:
    found = brought(",date,count\n0,2021-12-06,440742\n1,2021-12-05,505156\n", "gfwatch-data-cn.csv")
    assert found.points("CN:gfwatch:censored-domains") == [
        ("2021-12-05 00:00", 505156),
        ("2021-12-06 00:00", 440742),
    ]


def test_m_lab_by_country_and_network() -> None:
    table = (
        "date,client_country,asn,tests\n2023-01-01,IR,58224,120\n2023-01-02,IR,58224,\n2023-01-01,??,1,7\n"
    )
    found = brought(table, "bquxjob_1.csv")
    assert found.values("AS58224@IR:mlab:tests") == [120, None]
    assert found.reasons == ["?? is no country"]


def test_m_lab_by_the_hour_with_two_counts() -> None:
    table = "hour,country_code,downloads,uploads\n2023-01-01 05:00:00 UTC,KE,3,2\n2023-01-01 06:00:00 UTC,KE,4,1\n"
    found = brought(table, "x.csv")
    assert {name: found.values(name) for name in found.series} == {
        "KE:mlab:downloads": [3, 4],
        "KE:mlab:uploads": [2, 1],
    }
    assert found.header("KE:mlab:uploads").resolution_s == 3600


def test_m_lab_needs_a_count() -> None:
    with pytest.raises(UserError, match="tests or num_tests"):
        brought("date,country\n2023-01-01,IR\n", "x.csv", "mlab")


def test_crawls_begin_with_the_week_that_names_them() -> None:
    table = (
        "crawl,tld,pages,hosts\nCC-MAIN-2023-06,ir,5,2\nCC-MAIN-2023-14,ir,6,3\n"
        "CC-MAIN-2023-06,com,900,7\nCC-MAIN-x,ir,1,1\n"
    )
    found = brought(table, "tlds.csv")
    assert found.points("IR:common-crawl:pages") == [("2023-02-06 00:00", 5), ("2023-04-03 00:00", 6)]
    assert found.values("IR:common-crawl:hosts") == [2, 3]
    assert found.reasons == ["com is no country", "'CC-MAIN-x' is no time"]
