import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.labels import MAX_FILE_BYTES, read_labels
from lampwatch.formats.labels_ioda import REVERSED_END
from lampwatch.model.errors import UserError
from lampwatch.model.label import DAY_S, Label, LabelKind
from lampwatch.model.series import Family

IODA = (
    b"\xef\xbb\xbfID,Begin time,End time,Country,IODA BGP visible by human,IODA AP visible by human ,"
    b"IODA IBR visible by human,Scope (based on granularity at which the outage appears in IODA),Region,AS,Cause,"
    b"Confirmation Status,Manually verified,Grafana URLs,Notes,,,\n"
)
BEGIN, END = b'"Wednesday, March 17, 2021, 4:40:00 PM"', b'"Wednesday, March 17, 2021, 5:40:00 PM"'
STOP = (
    b"start_date,end_date,country,geo_scope,area_name,shutdown_type,shutdown_extent,ordered_by,actual_cause\n"
)


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]  # as many as there are


def labels(content: bytes) -> tuple[Label, ...]:
    found = read_labels(content, "labels.csv")
    assert found.malformed == ()
    return found.labels


def reasons(content: bytes) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in read_labels(content, "labels.csv").malformed]


def ioda(country: bytes, scope: bytes, cause: bytes = b"") -> bytes:
    return (
        IODA
        + b",".join([b"1", BEGIN, END, country, b"TRUE", b"ture", b"N/A", scope, b"", b"", cause])
        + b"\n"
    )


def test_a_row_of_iodas_list_becomes_a_label() -> None:
    assert labels(ioda(b"South Sudan", b"Country", b"Government-Ordered")) == (
        Label(
            entity=labels(b"entity,begin\nSS,2021-03-17\n")[0].entity,
            begin=at(2021, 3, 17, 16, 40),
            end=at(2021, 3, 17, 17, 40),
            source="ioda",
            cause="Government-Ordered",
            deliberate=True,
            resolution_s=600,
            families=frozenset({Family.BGP, Family.PROBING}),
        ),
    )


@pytest.mark.parametrize(
    ("country", "scope", "code"),
    [
        (b"Myanmar/Burma", b"Country", "MM"),
        (b"Democratic Republic of (DRC)", b"Region (Nord-Kivu)", "CD-NK"),
        (b"Russian Federation", b"Region (Sakha (Yakutia))", "RU/Sakha (Yakutia)"),
        (b"Venezuela", b"Region (T\xc3\xa1chira)", "VE-S"),
        (b"European Union", b"AS (4589)", "AS4589"),
    ],
)
def test_iodas_scopes_become_entities(country: bytes, scope: bytes, code: str) -> None:
    assert [label.entity.code for label in labels(ioda(country, scope))] == [code]


@pytest.mark.parametrize(
    ("cause", "deliberate"), [(b"Exams", True), (b"Cable-Cut", False), (b"Unknown", None), (b"", None)]
)
def test_iodas_causes_say_whether_it_was_meant(cause: bytes, deliberate: bool | None) -> None:
    assert labels(ioda(b"Syria", b"Country", cause))[0].deliberate is deliberate


def test_a_row_of_iodas_list_that_ends_before_it_begins_keeps_its_begin() -> None:
    [label] = labels(IODA + b",".join([b"1", END, BEGIN, b"Syria", b"", b"", b"", b"Country"]) + b"\n")
    assert (label.begin, label.end, label.note) == (at(2021, 3, 17, 17, 40), None, REVERSED_END)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,someday,,Syria,,,,Country", "'someday' is no time and no day"),
        (b'1,"Foo, Bar 17, 2021, 4:40:00 PM",,Syria,,,,Country', "'Bar' is no month"),
        (b'1,"February 30, 2021",,Syria,,,,Country', "no time that there is"),
        (b"1,3/17/2021 4:40 PM,,Atlantis,,,,Country", "nobody knows the country 'Atlantis'"),
        (b"1,3/17/2021 4:40 PM,,Syria,,,,Planet", "its scope 'Planet' is no country"),
        (b"1,3/17/2021 4:40 PM,,Syria,,,,AS (0)", "'0' is no network's number"),
        (b"1,3/17/2021 4:40 PM,,\xff,,,,Country", "not UTF-8"),
    ],
)
def test_a_malformed_row_is_told_and_costs_no_other(row: bytes, reason: str) -> None:
    content = IODA + row + b"\n" + ioda(b"Syria", b"Country").removeprefix(IODA)
    assert len(read_labels(content, "labels.csv").labels) == 1
    [(line, told)] = reasons(content)
    assert line == 2
    assert reason in told


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("7/28/2020  17:00:00 PM", (2020, 7, 28, 17)),
        ("4/15/2020  23:40:00 AM", (2020, 4, 15, 23, 40)),
        ("Saturday June 2, 2018, 8:00 AM", (2018, 6, 2, 8)),
        ("Monday, October 25, 2021, 2:30: AM", (2021, 10, 25, 2, 30)),
        ("Wednesday, April 3, 2019, 12:00:00 AM", (2019, 4, 3)),
        ("2019-04-03T12:00+06:30", (2019, 4, 3, 5, 30)),
        ("28/7/2020", (2020, 7, 28)),
        ("2 July 2020", (2020, 7, 2)),
    ],
)
def test_times_are_read_as_people_write_them(written: str, when: tuple[int, ...]) -> None:
    [label] = labels(f'entity,begin\nVE,"{written}"\n'.encode())
    assert label.begin == at(*when)


def test_a_day_is_told_from_its_first_second_to_its_last() -> None:
    [label] = labels(b"entity,begin,end\nVE-B,2019-07-22,2019-07-22\n")
    assert (label.begin, label.end) == (at(2019, 7, 22), at(2019, 7, 23))
    assert label.resolution_s == DAY_S


def test_our_own_file_may_say_all_there_is_to_say() -> None:
    [label] = labels(
        b"# whence it comes\ncountry,begin,end,kind,deliberate,cause,note,source,families,resolution_s\n"
        b"Burma,2021-02-14T18:30Z,,surge,no,storm,seen,press,bgp users,10800\n"
    )
    assert (label.entity.code, label.end, label.kind, label.deliberate) == (
        "MM",
        None,
        LabelKind.SURGE,
        False,
    )
    assert (label.cause, label.note, label.source) == ("storm", "seen", "press")
    assert (label.families, label.resolution_s) == (frozenset({Family.BGP, Family.USERS}), 10800)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"venezuela,2021-01-01,,,", "is no entity"),
        (b"VE,2021-01-02,2021-01-01,,", "it ends before it begins"),
        (b"VE,2021-01-01,,party,", "'party' is no kind of event"),
        (b"VE,2021-01-01,,,perhaps", "instead of yes, no or nothing"),
    ],
)
def test_a_wrong_row_of_our_own_file_is_told(row: bytes, reason: str) -> None:
    content = b"# comment\nentity,begin,end,kind,deliberate\n" + row + b"\n"
    [(line, told)] = reasons(content)
    assert line == 3
    assert reason in told


def test_a_row_of_stop_is_deliberate_and_told_by_the_day() -> None:
    [label] = labels(
        STOP + b"9/21/2022,10/7/2022,Iran (Islamic Republic of),,Nationwide,Shutdown,"
        b'"Full network, Service-based",Government,Protests\n'
    )
    assert (label.entity.code, label.begin, label.end) == ("IR", at(2022, 9, 21), at(2022, 10, 8))
    assert (label.kind, label.deliberate, label.cause) == (LabelKind.OUTAGE, True, "Protests; Government")


@pytest.mark.parametrize(
    ("middle", "codes", "kind"),
    [
        (b"India,Level 1,Jammu and Kashmir,Shutdown,Full network", ["IN-JK"], LabelKind.OUTAGE),
        (
            b'Myanmar,regional,"Chin state, Rakhine; 8 towns",,Full network',
            ["MM-14", "MM-16"],
            LabelKind.OUTAGE,
        ),
        (b"Cameroon; Chad,,,Shutdown,Service-based", ["CM", "TD"], LabelKind.BLOCKING),
        (b"Jordan,national,Amman,Throttle,Service-based", ["JO"], LabelKind.THROTTLING),
        (b"India,local,Somewhere,,", ["IN/Somewhere"], LabelKind.OUTAGE),
    ],
)
def test_stops_areas_and_kinds_are_read(middle: bytes, codes: list[str], kind: LabelKind) -> None:
    found = labels(STOP + b"2020-01-05,Ongoing," + middle + b",,\n")
    assert [label.entity.code for label in found] == codes
    assert {label.kind for label in found} == {kind}
    assert {label.end for label in found} == {None}


def test_earlier_years_of_stop_name_a_column_otherwise() -> None:
    head = b"Start Date,End Date,Country,Full or Service-based\n"
    assert labels(head + b"2019-03-01,2019-03-02,Chad,service-based\n")[0].kind is LabelKind.BLOCKING


def test_news_of_tor_become_labels_for_each_place() -> None:
    found = read_labels(
        b'[{"start": "2017-08-27", "end": "2017-08-29", "places": ["eg", "tr"], "unknown": true,'
        b' "protocols": ["<OR>"], "short_description": "Spike in direct users"},'
        b' {"start": "2020-12-05", "short_description": "Azure"},'
        b' {"start": "2020-12-05", "places": ["cn"], "protocols": ["onion"]},'
        b' {"start": "2020-08-09", "places": ["by"], "short_description": "Internet shutdowns"},'
        b' {"start": "soon", "places": ["by"]}, {"start": 3}, {"start": "2020-08-09", "places": ["qq"]}]',
        "news.json",
    )
    assert [(label.entity.code, label.kind, label.cause) for label in found.labels] == [
        ("EG", LabelKind.SURGE, ""),
        ("TR", LabelKind.SURGE, ""),
        ("BY", LabelKind.OUTAGE, "Internet shutdowns"),
    ]
    assert found.labels[0].end == at(2017, 8, 30)
    assert found.passed_over == 2
    assert [row.line for row in found.malformed] == [5, 6, 7]


def test_a_file_may_be_packed() -> None:
    assert labels(gzip.compress(b"entity,begin\nVE,2019-07-22\n"))[0].entity.code == "VE"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no label file that we know"),
        (b"url,category_code\n", "no label file that we know"),
        (b"[1, 2", "no list of events"),
        (b"\x1f\x8b\x08nothing", "no whole gzip file"),
        (gzip.compress(b"a" * (MAX_FILE_BYTES + 1)), "larger than"),
    ],
)
def test_what_is_no_label_file_is_the_users_to_mend(content: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_labels(content, "x.csv")


@given(st.sampled_from([IODA, STOP, b"entity,begin,end,kind,resolution_s\n"]), st.binary(max_size=200))
def test_hostile_rows_never_stop_a_file(head: bytes, rows: bytes) -> None:
    found = read_labels(head + rows, "labels.csv")
    assert all(label.end is None or label.end > label.begin for label in found.labels)


def test_iodas_published_list_is_read_to_the_last_row(shared_data: Path) -> None:
    [file] = (shared_data / "labels" / "ioda-curated-2018-2022").glob("*.csv.gz")
    found = read_labels(file.read_bytes(), file.name)
    assert (len(found.labels), found.malformed) == (1704, ())
    assert sum(label.entity.code == "MM" and label.begin % DAY_S == 66_600 for label in found.labels) > 50


def test_tors_published_news_are_read_to_the_last_entry(shared_data: Path) -> None:
    found = read_labels((shared_data / "labels" / "tor-metrics-news" / "news.json").read_bytes(), "news.json")
    assert (len(found.labels), found.malformed, found.passed_over) == (113, (), 355)
