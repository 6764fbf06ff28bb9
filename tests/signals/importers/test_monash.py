"""Monash's tables by region and county, and its single answers."""

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought

STATES = """iso,id_1,name_1,time_e,time_e_str,lat,lon,connectivity
VEN,2,Anzoátegui,1563580800,20-Jul-2019 00:00:00,10.1,-64.7,100
VEN,2,Anzoátegui,1563584400,20-Jul-2019 01:00:00,10.1,-64.7,-1
VEN,24,Zulia,1563580800,20-Jul-2019 00:00:00,10.7,-71.6,50
"""
COUNTIES = """time_e_utc,time_e_utc_str,connectivity,iso,name_1,name_2,lat,lon
1598227200,24-Aug-2020 00:00:00,7,USA,Louisiana,Acadia,1,1
1598227200,24-Aug-2020 00:00:00,10,USA,Louisiana,Calcasieu,1,1
1598230800,24-Aug-2020 01:00:00,0,USA,Louisiana,Calcasieu,1,1
"""
ANSWERS = """ip_hash,iso,name_0,name_1,name_2,isp_name,owner_name,time_local_str,time_local_hr,rtt
014,MMR,Myanmar,Bago,Pegu,Frontiir Co Ltd,"Frontiir Co., Ltd",2021-02-19 10:24:36.000,10,142
016,MMR,Myanmar,Bago,Pegu,Myanma Post  Telecommunication,KDDI,2021-02-19 10:20:11.000,10,356
016,MMR,Myanmar,Bago,Pegu,Myanma Post  Telecommunication,KDDI,2021-02-19 10:21:11.000,10,356
016,MMR,Myanmar,Bago,Pegu,Myanma Post  Telecommunication,KDDI,2021-02-19 13:31:00.000,13,356
"""


def test_local_time_becomes_utc_by_the_country_s_zone() -> None:
    found = brought(STATES, "ven-2019-07-22_gif.csv")
    assert found.points("VE-B:monash:connectivity") == [("2019-07-20 04:00", 100), ("2019-07-20 05:00", None)]


def test_a_zone_that_is_asked_for_comes_first() -> None:
    found = brought(STATES, "ven.csv", timezone="Asia/Yangon")
    assert found.points("VE-V:monash:connectivity") == [("2019-07-19 17:30", 50)]


def test_an_index_is_a_share() -> None:
    header = brought(STATES, "ven.csv").header("VE-B:monash:connectivity")
    assert (header.family, header.quantity, header.unit) == (
        Family.PROBING,
        Quantity.SHARE,
        "percent of usual",
    )


def test_a_table_with_few_regions_says_nothing_of_the_country() -> None:
    assert sorted(brought(STATES, "ven.csv").series) == [
        "VE-B:monash:connectivity",
        "VE-V:monash:connectivity",
    ]


def test_a_country_is_the_mean_of_its_regions_where_most_are_there() -> None:
    names = [
        "Zulia",
        "Mérida",
        "Lara",
        "Aragua",
        "Miranda",
        "Bolívar",
        "Táchira",
        "Barinas",
        "Monagas",
        "Carabobo",
    ]
    names += ["Falcón", "Sucre", "Trujillo"]
    rows = [
        f"VEN,1,{name},1563580800,20-Jul-2019 00:00:00,1,1,{value}"
        for name, value in zip(names, [100] * 12 + [9], strict=True)
    ]
    found = brought("\n".join([STATES.splitlines()[0], *rows]), "ven.csv")
    assert found.values("VE:monash:connectivity") == [pytest.approx(1209 / 13)]


def test_an_index_to_ten_is_given_in_percent_and_a_region_is_the_mean_of_its_counties() -> None:
    found = brought(COUNTIES, "usa.csv")
    assert found.points("US-LA:monash:connectivity") == [("2020-08-24 00:00", 85), ("2020-08-24 01:00", 0)]
    assert found.values("US-LA/Calcasieu:monash:connectivity") == [100, 0]
    assert "US:monash:connectivity" not in found.series


def test_counts_are_summed() -> None:
    found = brought(COUNTIES.replace(",10,USA", ",1010,USA"), "usa.csv")
    assert found.values("US-LA:monash:connectivity") == [1017, 0]
    assert found.header("US-LA:monash:connectivity").quantity is Quantity.COUNT


def test_counties_without_names_are_their_province_s_mean() -> None:
    table = (
        STATES.splitlines()[0]
        + "\nIRN,1,Ilam,1573430400,x,38.4,48.3,100\nIRN,1,Ilam,1573430400,x,38.1,48.3,50\n"
    )
    assert brought(table, "irn.csv").points("IR-16:monash:connectivity") == [("2019-11-10 20:30", 75)]


def test_columns_in_another_order_and_under_other_names_are_found() -> None:
    table = (
        "latency_indx,time_local,timezone_name,adm1_name,country_iso_three_char_code\n"
        "103.7,01-Dec-2021 05:00:00,Europe/Kiev,Odessa,UKR\n98,01-Dec-2021 05:00:00,Europe/Moscow,Belgorod,RUS\n"
    )
    found = brought(table, "ukr.csv")
    assert found.points("UA/Odessa:monash:latency") == [("2021-12-01 03:00", 103.7)]
    assert found.points("RU/Belgorod:monash:latency") == [("2021-12-01 02:00", 98)]
    assert found.header("UA/Odessa:monash:latency").family is Family.OTHER


def test_a_country_with_several_zones_needs_to_be_told_which() -> None:
    table = "iso,name_1,time_e,connectivity\nUSA,Texas,1598227200,100\n"
    with pytest.raises(UserError, match="--timezone"):
        brought(table, "usa.csv")
    assert brought(table, "usa.csv", timezone="America/Chicago").points("US-TX:monash:connectivity") == [
        ("2020-08-24 05:00", 100)
    ]


def test_distinct_addresses_that_answered_are_counted_by_the_hour_of_the_local_clock() -> None:
    found = brought(ANSWERS, "mmr.csv")
    assert found.points("MM-02:monash:answers") == [
        ("2021-02-19 03:30", 2),
        ("2021-02-19 04:30", 0),
        ("2021-02-19 05:30", 0),
        ("2021-02-19 06:30", 1),
    ]
    assert found.values("MM-02/Myanma Post Telecommunication:monash:answers") == [1, 0, 0, 1]
    assert found.values("MM-02/Frontiir Co Ltd:monash:answers") == [1, 0, 0, 0]


def test_no_hash_of_an_address_is_kept() -> None:
    found = brought(ANSWERS.replace("016", "SECRET"), "mmr.csv")
    assert "SECRET" not in repr(found.series) + "".join(found.reasons) + repr(
        [one.series for one in found.series.values()]
    )
