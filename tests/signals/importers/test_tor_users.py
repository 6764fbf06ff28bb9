"""Tor's users by country, in the shapes that were ever published."""

from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought, recognised_as

WIDE = """date,??,a1,ad,ae,af,an,ap,eu,ir,ve,xk,all
2011-01-01,4,5,6,7,NA,8,9,1,100,200,3,343
2011-01-03,4,5,NA,9,NA,8,9,1,110,0,3,343
"""
LONG = """#
# The Tor Project
#
# URL: https://metrics.torproject.org/userstats-relay-country.csv
date,country,users,lower,upper,frac
2021-01-01,,2000000,,,83
2021-01-01,??,12,,,83
2021-01-01,ir,35889,1000,5000,83
2021-01-02,ir,,,,83
2021-01-04,ir,0,,,83
2021-01-01,ve,31,,,83
"""
CLIENTS = """date,node,country,transport,version,lower,upper,clients
2019-01-01,relay,ir,,,1,2,700
2019-01-01,bridge,ir,,,1,2,80
2019-01-01,bridge,ir,obfs4,,1,2,60
2019-01-01,bridge,ir,,v4,1,2,79
2019-01-01,bridge,,,,1,2,9000
"""


def test_a_wide_table_gives_a_series_for_each_country() -> None:
    found = brought(WIDE, "direct-users.csv")
    assert sorted(found.series) == [
        f"{land}:tor:relay-users" for land in ("AD", "AE", "AN", "IR", "VE", "XK")
    ]
    header = found.header("IR:tor:relay-users")
    assert (header.family, header.unit, header.quantity, header.resolution_s) == (
        Family.USERS, "users", Quantity.COUNT, 86400,
    )  # fmt: skip


def test_na_is_a_gap_an_absent_day_is_absent_and_zero_is_zero() -> None:
    found = brought(WIDE, "direct-users.csv")
    assert found.points("AD:tor:relay-users") == [("2011-01-01 00:00", 6), ("2011-01-03 00:00", None)]
    assert found.values("VE:tor:relay-users") == [200, 0]


def test_proxies_continents_and_totals_are_no_countries() -> None:
    found = brought(WIDE, "direct-users.csv")
    assert [reason.split()[1] for reason in found.reasons] == ["??", "a1", "ap", "eu", "all"]


def test_a_long_table_leaves_out_totals() -> None:
    found = brought(LONG, "userstats-relay-country.csv")
    assert found.points("IR:tor:relay-users") == [
        ("2021-01-01 00:00", 35889),
        ("2021-01-02 00:00", None),
        ("2021-01-04 00:00", 0),
    ]
    assert sorted(found.series) == ["IR:tor:relay-users", "VE:tor:relay-users"]
    assert found.reasons == ["a total over all countries", "?? is no country that is asked for"]
    assert found.lines == [6, 7]


def test_bridges_are_told_by_the_file_s_name() -> None:
    assert list(brought(LONG, "userstats-bridge-country.csv", country="IR").series) == ["IR:tor:bridge-users"]


def test_a_table_with_an_index_before_it_is_the_same() -> None:
    table = ",date,country,users,lower,upper,frac\n0,2021-01-01,cn,2004,113.0,5106.0,86\n"
    assert brought(table, "tor-data-cn.csv").values("CN:tor:relay-users") == [2004]


def test_clients_come_by_node_and_not_by_transport() -> None:
    found = brought(CLIENTS, "clients.csv")
    assert {name: found.values(name) for name in found.series} == {
        "IR:tor:relay-users": [700],
        "IR:tor:bridge-users": [80],
    }
    assert found.reasons.count("users of one transport or IP version only") == 2


def test_what_windows_writes_is_read() -> None:
    table = b"\xef\xbb\xbf" + LONG.replace("\n", "\r\n").encode()
    assert brought(table, "a.csv").values("VE:tor:relay-users") == [31]


def test_a_row_that_makes_no_sense_costs_no_other() -> None:
    table = "date,country,users\nyesterday,ir,1\n2021-01-01,ir,many\n2021-01-02,ir,-4\n2021-01-03\n2021-01-04,ir,7\n"
    found = brought(table, "tor.csv")
    assert found.points("IR:tor:relay-users") == [("2021-01-04 00:00", 7)]
    assert found.lines == [2, 3, 4, 5]


def test_it_is_told_by_its_columns() -> None:
    assert {recognised_as(table, "x") for table in (WIDE, LONG, CLIENTS)} == {"tor-users"}
