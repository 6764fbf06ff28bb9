"""Series as other commands load them: by id, by pattern, by file."""

from pathlib import Path

import pytest

from lampwatch.cli.place import Place
from lampwatch.cli.series_sources import load_series
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.errors import UserError
from lampwatch.signals.importing import Options
from tests.cli.running import said

TOR = "date,country,users\n2021-01-01,ir,1\n2021-01-02,ir,2\n2021-01-01,ve,31\n2021-01-01,??,5\n"
NOON_ON_THE_SECOND = 1609588800


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "tor.csv").write_text(TOR, encoding="utf-8")
    said("series", "import", tmp_path / "tor.csv", "--data", tmp_path / "data", "--arrival", "published")
    return Place(tmp_path / "data")


def loaded(place: Place, *names: str, **more: object) -> dict[str, list[float]]:
    return {one.series.id: one.values.tolist() for one in load_series(place, names, **more)}  # type: ignore[arg-type]  # as given


def test_by_id_and_by_pattern(place: Place) -> None:
    assert loaded(place, "IR:tor:relay-users") == {"IR:tor:relay-users": [1, 2]}
    assert sorted(loaded(place, "*:tor:*", "IR:*")) == ["IR:tor:relay-users", "VE:tor:relay-users"]


def test_by_file_without_keeping_it(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("date,users\n2021-03-01,7\n", encoding="utf-8")
    found = load_series(place, [str(file)], options=Options(country="KE"), importer="tor-users")
    assert [(one.series.id, one.values.tolist()) for one in found] == [("KE:tor:relay-users", [7])]
    assert "KE" not in said("series", "list", "--data", place.directory)


def test_a_file_adds_to_what_is_at_rest_and_counts_where_both_have_a_bin(
    place: Place, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    file.write_text("date,country,users\n2021-01-02,ir,9\n2021-01-03,ir,3\n", encoding="utf-8")
    assert loaded(place, "IR:tor:relay-users", str(file)) == {"IR:tor:relay-users": [1, 9, 3]}


def test_only_of_a_time_and_as_far_as_was_known(place: Place, tmp_path: Path) -> None:
    name = "IR:tor:relay-users"
    for given in (name, str(tmp_path / "tor.csv")):
        assert loaded(place, given, since=NOON_ON_THE_SECOND - 43200)[name] == [2]
        assert loaded(place, given, until=NOON_ON_THE_SECOND - 43200)[name] == [1]
        # The first of January was published when the second had ended.
        assert loaded(place, given, as_of=NOON_ON_THE_SECOND + 43200)[name] == [1]
        assert loaded(place, given, as_of=NOON_ON_THE_SECOND) == {}


def test_what_is_left_out_of_a_file_is_told(place: Place, tmp_path: Path) -> None:
    told: list[MalformedRow] = []
    load_series(place, [str(tmp_path / "tor.csv")], tell=told.append)
    assert [row.line for row in told] == [5]


@pytest.mark.parametrize("name", ["XX:tor:relay-users", "XX*", "./nothing.csv", "nothing.csv"])
def test_a_name_that_names_nothing_is_told(place: Place, name: str) -> None:
    with pytest.raises(UserError, match=r"names no series|does not exist"):
        load_series(place, [name])
