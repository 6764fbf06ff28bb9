"""Tables of anybody, by what their columns are said to mean."""

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.reading import Brought, brought


def mapped(table: str, mapping: str, name: str = "table.csv", **options: object) -> Brought:
    return brought(table, name, "mapped-csv", mapping=mapping.encode(), **options)


def test_the_guide_s_example() -> None:
    table = "hour;district;up;down\n01.03.2026 00:00;Pegu;812;3\n01.03.2026 01:00;Pegu;640;175\n"
    mapping = """
        time = "hour"
        time_format = "%d.%m.%Y %H:%M"
        timezone = "Asia/Yangon"
        place = "MM-02"
        district = "district"
        source = "operator"
        licence = "by permission"
        [values.up]
        signal = "modems"
        family = "probing"
        unit = "modems"
        quantity = "count"
    """
    found = mapped(table, mapping)
    assert found.points("MM-02/Pegu:operator:modems") == [
        ("2026-02-28 17:30", 812),
        ("2026-02-28 18:30", 640),
    ]
    header = found.header("MM-02/Pegu:operator:modems")
    assert (header.family, header.quantity, header.resolution_s, header.licence) == (
        Family.PROBING,
        Quantity.COUNT,
        3600,
        "by permission",
    )


def test_several_columns_of_values() -> None:
    found = mapped(
        "t,cc,Up,Down\n2026-01-01,Iran,1,2\n",
        'time="t"\ncountry="CC"\n[values.up]\n[values.down]\nsignal="d"',
    )
    assert {name: found.values(name) for name in found.series} == {"IR:table:up": [1], "IR:table:d": [2]}


@pytest.mark.parametrize(
    ("columns", "row", "code"),
    [
        ('entity = "who"', "AS8048@VE-B,,", "AS8048@VE-B"),
        ('country = "who"\nregion = "where"', "Venezuela,Zulia,", "VE-V"),
        ('country = "who"\nregion = "where"\nasn = "net"', "VEN,Zulia,AS8048", "AS8048@VE-V"),
        ('asn = "net"', ",,8048", "AS8048@KE"),
        ('tld = "who"', ".uk,,", "GB"),
    ],
)
def test_whose_a_value_is(columns: str, row: str, code: str) -> None:
    table = f"t,who,where,net,v\n2026-01-01,{row},1\n"
    options = {"country": "KE"} if "asn" in columns and "country" not in columns else {}
    assert list(mapped(table, f'time = "t"\n{columns}\n[values.v]', **options).series) == [f"{code}:table:v"]


def test_every_other_column_is_a_country() -> None:
    found = mapped("t,VE,Iran,??\n2026-01-01,1,2,3\n", 'time = "t"\nwide = "country"\nsignal = "s"')
    assert found.reasons == ["column ?? is no country"]
    found = mapped("t,VE,Iran\n2026-01-01,1,2\n", 'time = "t"\nwide = "country"\nsignal = "s"')
    assert {name: found.values(name) for name in found.series} == {"VE:table:s": [1], "IR:table:s": [2]}


def test_every_other_column_is_a_signal() -> None:
    found = mapped("t,BGP v4,probes\n2026-01-01,1,2\n", 'time = "t"\nwide = "signal"\nplace = "VE"')
    assert sorted(found.series) == ["VE:table:bgp-v4", "VE:table:probes"]


def test_a_column_names_the_signal_and_others_choose_rows() -> None:
    table = "t,what,kind,v\n2026-01-01,BGP,a,1\n2026-01-01,Probes,a,2\n2026-01-01,BGP,b,3\n"
    mapping = 'time = "t"\nplace = "VE"\nsignal_column = "what"\n[values.v]\n[where]\nkind = ["a"]'
    found = mapped(table, mapping)
    assert {name: found.values(name) for name in found.series} == {
        "VE:table:bgp": [1],
        "VE:table:probes": [2],
    }


MISSING = (
    "t,cc,v\n2026-01-01 00:00,VE,5\n2026-01-01 01:00,VE,\n2026-01-01 03:00,VE,4\n2026-01-01 04:00,IR,1\n"
)


def test_what_is_missing_is_a_gap_unless_told() -> None:
    found = mapped(MISSING, 'time = "t"\ncountry = "cc"\n[values.v]')
    assert found.points("VE:table:v") == [
        ("2026-01-01 00:00", 5),
        ("2026-01-01 01:00", None),
        ("2026-01-01 03:00", 4),
    ]


def test_what_is_missing_is_a_zero_where_it_is_told() -> None:
    found = mapped(MISSING, 'time = "t"\ncountry = "cc"\nmissing = "zero"\n[values.v]')
    assert found.values("VE:table:v") == [5, 0, 0, 4, 0]
    assert found.values("IR:table:v") == [0, 0, 0, 0, 1]


def test_values_of_one_bin_are_combined() -> None:
    table = "t,v\n2026-01-01 00:10,1\n2026-01-01 00:50,4\n2026-01-01 01:00,\n"
    for combine, expected in (("sum", [5, None]), ("mean", [2.5, None])):
        assert (
            mapped(table, f'time="t"\nplace="VE"\ncombine="{combine}"\n[values.v]').values("VE:table:v")
            == expected
        )
    last = mapped("t,v\n2026-01-01,1\n2026-01-01,4\n", 'time="t"\nplace="VE"\n[values.v]')
    assert last.values("VE:table:v") == [4]


def test_without_values_rows_are_counted() -> None:
    table = "t\n2026-01-01 00:10\n2026-01-01 00:50\n2026-01-01 02:00\n"
    found = mapped(table, 'time="t"\nplace="VE"\ncombine="sum"\nmissing="zero"\nresolution_s=3600')
    assert found.values("VE:table:rows") == [2, 0, 1]


@pytest.mark.parametrize(
    ("form", "cell"),
    [("s", "1577836800"), ("ms", "1577836800000"), ("us", "1577836800000000"), ("%d/%m/%y", "01/01/20")],
)
def test_times_are_written_as_is_said(form: str, cell: str) -> None:
    found = mapped(f"t,v\n{cell},1\nnever,2\n", f'time="t"\ntime_format="{form}"\nplace="VE"\n[values.v]')
    assert found.points("VE:table:v") == [("2020-01-01 00:00", 1)]
    assert found.lines == [3]


def test_the_command_line_comes_before_the_mapping() -> None:
    found = mapped(
        "t,v\n2026-01-01,1\n",
        'time="t"\nsource="a"\nplace="IR"\n[values.v]',
        source="b",
        country="VE",
        resolution_s=60,
    )
    assert found.header("VE:b:v").resolution_s == 60


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ("time = ", "mapping cannot be used"),
        ("\n", "`time`"),
        ('time = "t"\ntimes = "x"', "times"),
        ('time = "t"\nfamily = "weather"', "weather"),
        ('time = "t"\ncombine = "most"', "most"),
        ('time = "when"', "no column when"),
        ('time = "t"\nplace = "Venezuela"\n[values.v]', "no entity"),
        ('time = "t"\ntimezone = "Mars"\n[values.v]', "no time zone"),
        ('time = "t"\n[values.v]', "--country"),
        ("\xff", "mapping cannot be used"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told(mapping: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        brought("t,v\n2026-01-01,1\n", "table.csv", "mapped-csv", mapping=mapping.encode("latin-1"))


def test_a_mapping_is_needed() -> None:
    with pytest.raises(UserError, match="--map"):
        brought("t,v\n", "table.csv", "mapped-csv")
