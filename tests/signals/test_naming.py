"""Countries in tables and in the names of files."""

import pytest

from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity, country, country_in, part_of, word


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ir", "IR"),
        ("Iran (Islamic Republic of)", "IR"),
        ("VEN", "VE"),
        ("an", "AN"),
        ("cs", "CS"),
        ("xk", "XK"),
        ("uk", "GB"),
    ]
    + [(text, "") for text in ("??", "a1", "ap", "eu", "", "zz", "all", "total")],
)
def test_countries_of_today_and_of_old_tables(text: str, code: str) -> None:
    assert country(text) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("data/tor-data-cn.csv.gz", "CN"),
        ("ioda-iran-(islamic-republic-of)-26-01-08-00-00-raw.csv", "IR"),
        ("south sudan 2024.csv", "SS"),
        ("ir_traffic.json", "IR"),
        ("bquxjob.csv", ""),
        ("raw-data.csv", ""),
        ("in the raw.csv", "IN"),
        ("", ""),
    ],
)
def test_a_file_s_name_tells_its_country(name: str, code: str) -> None:
    assert country_in(name) == code


def test_an_entity_is_asked_for_by_parts() -> None:
    assert asked_entity(Options()) is None
    assert asked_entity(Options(country="VE")) == Entity("VE")
    assert asked_entity(Options(country="VE", place="VE-B", asn=8048)) == Entity("VE-B", 8048)
    assert asked_entity(Options(asn=8048)) == Entity("", 8048)
    with pytest.raises(UserError, match="no entity"):
        asked_entity(Options(place="Caracas"))


def test_names_of_strangers_become_places_that_can_be_shown() -> None:
    assert part_of("VE", "Zulia") == "VE-V"
    assert part_of("MM-02", "a\u202eb\n / c@d") == "MM-02/a\\u202eb\\n c d"
    assert len(part_of("VE", "x" * 5000)) < 120


def test_words_of_a_series_name() -> None:
    assert word("WEB_SEARCH ") == "web-search"
