import datetime as dt

import pytest
from pydantic import TypeAdapter

from lampwatch.publish.parameters import Asns, Countries, Texts, When

EARLY = dt.datetime(2022, 1, 5, 4)  # noqa: DTZ001  times at rest are UTC without a zone


@pytest.mark.parametrize(
    "written",
    ["2022-01-05T04:00:00", "2022-01-05 04:00", "2022-01-05T04:00:00Z", "2022-01-05T10:00:00+06:00"],
)
def test_a_time_is_utc_whatever_its_zone(written: str) -> None:
    assert TypeAdapter(When).validate_python(written) == EARLY


def test_a_number_is_no_time() -> None:
    with pytest.raises(ValueError, match="is no date or time"):
        TypeAdapter(When).validate_python("1641355200")


def test_lists_take_commas_and_repetition_alike() -> None:
    assert TypeAdapter(Texts).validate_python(["a, b", "c", ""]) == ("a", "b", "c")


def test_networks_are_numbers_with_or_without_letters() -> None:
    assert TypeAdapter(Asns).validate_python("AS9198,29355,as1") == (9198, 29355, 1)


def test_countries_are_written_large() -> None:
    assert TypeAdapter(Countries).validate_python("kz,BR") == ("KZ", "BR")


def test_a_list_has_an_end() -> None:
    with pytest.raises(ValueError, match="more than 200 values"):
        TypeAdapter(Texts).validate_python(",".join("a" * 201))
