"""Times as tables write them."""

from zoneinfo import ZoneInfo

import pytest

from lampwatch.formats.instants import instant, local_instant, local_zone, time_zone, zones_of
from lampwatch.model.errors import UserError

NEW_YEAR = 1577836800


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-01",
        "20200101",
        "2020-01-01T00:00:00",
        "2020-01-01 00:00:00",
        " 2020-01-01T00:00:00Z ",
        "2020-01-01 00:00:00 UTC",
        "2020-01-01T00:00:00.000Z",
        "2020-01-01T03:30:00+03:30",
        "01-Jan-2020 00:00:00",
        "01-Jan-2020",
        "2020/01/01",
        "2020/01/01 00:00",
        "1577836800",
        "1577836800.0",
        "1577836800000",
        "1577836800000000",
        "1577836800000000000",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    assert instant(text) == NEW_YEAR


def test_what_names_no_zone_is_in_the_one_given() -> None:
    yangon = ZoneInfo("Asia/Yangon")
    assert instant("2020-01-01 06:30", yangon) == NEW_YEAR
    assert instant("2020-01-01T00:00:00Z", yangon) == NEW_YEAR


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2020-13-01",
        "12/01/2020",
        "1969-12-31",
        "2100-01-02",
        "0001-01-01",
        "99",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time|before 1970"):
        instant(text)


def test_local_clocks_written_as_seconds_are_set_right() -> None:
    assert local_instant(str(NEW_YEAR), ZoneInfo("America/Caracas")) == NEW_YEAR + 4 * 3600
    assert local_instant("2019-12-31 20:00", ZoneInfo("America/Caracas")) == NEW_YEAR


def test_the_zone_of_a_country() -> None:
    assert local_zone("VE", "").key == "America/Caracas"
    assert local_zone("US", "America/Chicago").key == "America/Chicago"
    # Two zones by name that show one time are one.
    assert len(zones_of("DE")) == 2
    assert local_zone("DE", "").key == "Europe/Berlin"


@pytest.mark.parametrize("country", ["US", "XX", ""])
def test_a_country_with_several_zones_or_none_needs_to_be_told(country: str) -> None:
    with pytest.raises(UserError, match="--timezone"):
        local_zone(country, "")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "\0", "Asia"])
def test_what_is_no_zone_is_told(name: str) -> None:
    with pytest.raises(UserError, match="no time zone"):
        time_zone(name)
