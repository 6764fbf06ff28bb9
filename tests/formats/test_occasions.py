import pytest

from lampwatch.formats.occasions import Sized, occasions, sizes
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.occasion import Occasion, OccasionKind

DAY_OF_ELECTION = 18931  # 2021-10-31


def test_occasions_are_read_by_country_code_or_name() -> None:
    found, malformed = occasions(
        b"country,kind,first,last,name\n"
        b"UZ,election,2021-10-31,,President\n"
        b"Kazakhstan,protest,2022-01-02,2022-01-11,January\n",
        "o.csv",
    )
    assert malformed == []
    assert found[0] == Occasion("UZ", OccasionKind.ELECTION, DAY_OF_ELECTION, DAY_OF_ELECTION, "President")
    assert (found[1].country, found[1].last_day - found[1].first_day) == ("KZ", 9)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"UZ,party,2021-10-31", "'party' is no kind of occasion"),
        (b"UZ,exam,31.10.2021", "'31.10.2021' is no day"),
        (b"UZ,exam,2021-10-31,2021-10-01", "it ends before it begins"),
        (b"Atlantis,exam,2021-10-31", "nobody knows the country 'Atlantis'"),
        (b"UZ,exam,\xff", "it is not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_with_its_reason(row: bytes, reason: str) -> None:
    found, malformed = occasions(b"country,kind,first,last\nKZ,exam,2021-06-01\n" + row + b"\n", "o.csv")
    assert [one.country for one in found] == ["KZ"]
    assert malformed[0].line == 3
    assert reason in malformed[0].reason


def test_sizes_are_of_entities_and_networks_may_count_for_a_country() -> None:
    found, malformed = sizes(b"entity,size,country\nVE-B,1.5e6\nAS8048,9000,Venezuela\n", "s.csv")
    assert malformed == []
    assert found == [Sized(Entity("VE-B"), 1.5e6, ""), Sized(Entity("", 8048), 9000.0, "VE")]


@pytest.mark.parametrize("size", [b"many", b"0", b"-3", b"inf", b"nan", b""])
def test_what_is_no_size_is_left_out(size: bytes) -> None:
    found, malformed = sizes(b"entity,size\nVE-B," + size + b"\n", "s.csv")
    assert found == []
    assert "is no size" in malformed[0].reason


def test_a_file_without_the_columns_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match=r"s\.csv has no columns entity, size in its first line"):
        sizes(b"a,b\n1,2\n", "s.csv")


def test_networks_of_a_lab_and_regions_by_name_or_code() -> None:
    found, malformed = sizes(
        b"entity,size,country,region\nAS64512,5,XA,North\nAS9198,5,Kazakhstan,Almaty\nAS1,5,KZ,kz-75\nAS2,5,,Almaty\n",
        "s.csv",
    )
    assert [(one.country, one.region) for one in found] == [
        ("XA", "XA/North"),
        ("KZ", "KZ-75"),
        ("KZ", "KZ-75"),
    ]
    assert [(row.line, row.reason) for row in malformed] == [(5, "it names a region, and not its country")]
