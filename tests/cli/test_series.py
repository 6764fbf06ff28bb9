"""lampwatch series: import, list, show, export."""

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result

from tests.cli.running import lampwatch, said

TOR = (
    "date,country,users\n2021-01-01,ir,35889\n2021-01-02,ir,\n2021-01-04,ir,30000\n2021-01-01,ve,31\n"
    "2021-01-01,??,5\n"
)
IODA = (
    "Time (UTC),BGP,Active Probing\n2026-01-08 00:00:00,40000,9000\n2026-01-08 00:05:00,40001,\n"
    "2026-01-08 00:10:00,40002,8999\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of two sources, one packed, beside a page of words."""
    files = tmp_path / "files"
    (files / "inner").mkdir(parents=True)
    (files / "inner" / "tor.csv.gz").write_bytes(gzip.compress(TOR.encode()))
    (files / "iran.csv").write_text(IODA, encoding="utf-8")
    (files / "README.md").write_text("# Words\n", encoding="utf-8")
    (files / ".hidden.csv").write_text(TOR, encoding="utf-8")
    return files


def series(tmp_path: Path, *arguments: object) -> str:
    return said("series", *arguments, "--data", tmp_path / "data")


def failed(tmp_path: Path, *arguments: object) -> Result:
    result = lampwatch("series", *arguments, "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert not isinstance(result.exception, Exception)
    return result


def ids(tmp_path: Path, *arguments: object) -> list[str]:
    return [json.loads(line)["id"] for line in series(tmp_path, "list", "--json", *arguments).splitlines()]


def test_a_folder_is_walked_and_told_file_by_file(tmp_path: Path, folder: Path) -> None:
    lines = series(tmp_path, "import", folder).splitlines()
    assert lines == [
        "iran.csv  ioda  2 series: 5 new, 0 revised, 0 same",
        "tor.csv.gz  tor-users  2 series: 4 new, 0 revised, 0 same",
        "  1 left out: ?? is no country that is asked for (line 6)",
        "1 file of no source that is known passed over: README.md",
        "4 series from 2 files: 9 new values, 0 revised, 0 same",
    ]
    assert ids(tmp_path) == [
        "IR:ioda:bgp",
        "IR:ioda:ping-slash24",
        "IR:tor:relay-users",
        "VE:tor:relay-users",
    ]


def test_the_same_again_is_the_same_and_what_changed_is_a_revision(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder)
    assert "0 new values, 0 revised, 9 same" in series(tmp_path, "import", folder)
    (folder / "iran.csv").write_text(IODA.replace("40001", "7"), encoding="utf-8")
    assert "iran.csv  ioda  2 series: 0 new, 1 revised, 4 same" in series(tmp_path, "import", folder)


def test_one_file_s_failure_never_stops_the_others(tmp_path: Path, folder: Path) -> None:
    (folder / "bad.csv").write_text("date,country,users\nsoon,ir,x\n", encoding="utf-8")
    (folder / "cut.csv.gz").write_bytes(gzip.compress(TOR.encode())[:12])
    result = lampwatch("series", "import", folder, tmp_path / "nothing", "--data", tmp_path / "data")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "4 series from 2 files: 9 new values, 0 revised, 0 same; 3 could not be read"
    )
    assert "nothing does not exist" in result.stderr
    assert "line 2, 'soon' is no time" in result.stderr
    assert "cut short" in result.stderr


def test_small_files_of_one_source_in_a_row_are_kept_and_told_together(tmp_path: Path) -> None:
    for day in range(1, 8):
        (tmp_path / f"{day}.csv").write_text(
            f"date,country,users\n2021-01-0{day % 7 + 1},ir,{day}\n", encoding="utf-8"
        )
    (tmp_path / "8.csv").write_text("date,country,users\n2021-01-01,ir,800\n", encoding="utf-8")
    assert series(tmp_path, "import", *sorted(tmp_path.glob("*.csv"))).splitlines() == [
        "1.csv … 8.csv (8 files)  tor-users  1 series: 7 new, 0 revised, 0 same",
        "1 series from 8 files: 7 new values, 0 revised, 0 same",
    ]
    # Of two files that have one bin the later one counts.
    shown = json.loads(series(tmp_path, "show", "IR:tor:relay-users", "--json"))
    assert [one["value"] for one in shown["values"]] == [800, 1, 2, 3, 4, 5, 6]


def test_nothing_that_can_be_read_is_status_2(tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    result = failed(tmp_path, "import", file)
    assert "--as" in result.stderr
    assert result.stderr.splitlines()[-1] == "lampwatch: nothing could be read; the lines above say why"


def test_a_file_that_is_cut_short_gives_its_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "tor.csv.gz"
    rows = "".join(
        f"20{year}-{month:02}-01,ir,{1000 * year + month}\n"
        for year in range(10, 60)
        for month in range(1, 13)
    )
    packed = gzip.compress(("date,country,users\n" + rows).encode())
    file.write_bytes(packed[: len(packed) // 2])
    told = series(tmp_path, "import", file).splitlines()
    assert "cut short" in told[1]
    values = json.loads(series(tmp_path, "show", "IR:tor:relay-users", "--json"))["values"]
    assert 20 < len(values) < 600
    year, month = values[-1]["start"][2:7].split("-")
    assert values[-1]["value"] == 1000 * int(year) + int(month)


def test_a_mapping_is_read_from_its_file(tmp_path: Path) -> None:
    table, mapping = tmp_path / "t.csv", tmp_path / "t.toml"
    table.write_text("when,where,n\n2026-01-01,VE,5\n", encoding="utf-8")
    mapping.write_text('time="when"\ncountry="where"\nsource="us"\n[values.n]\n', encoding="utf-8")
    series(tmp_path, "import", table, "--map", mapping, "--signal", "things")
    assert ids(tmp_path) == ["VE:us:things"]
    mapping.write_text("", encoding="utf-8")
    assert "`time`" in failed(tmp_path, "import", table, "--map", mapping).stderr
    assert "cannot be read" in failed(tmp_path, "import", table, "--map", tmp_path / "no.toml").stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "--fetch"),
        (["x.csv", "--fetch", "ioda-api"], "not both"),
        (["--fetch", "nobody"], "ioda-api"),
        (["x.csv", "--country", "Atlantis"], "no country"),
        (["x.csv", "--place", "Caracas"], "no place"),
        (["x.csv", "--asn", "0"], "no network number"),
        (["x.csv", "--country", "VE", "--place", "IR-01"], "not in --country"),
        (["x.csv", "--source", "a:b"], "--source"),
        (["x.csv", "--since", "2026-01-02", "--until", "2026-01-02"], "exclusive"),
        (["x.csv", "--family", "weather"], "weather"),
    ],
)
def test_what_was_said_wrongly_is_told(tmp_path: Path, arguments: list[str], why: str) -> None:
    (tmp_path / "x.csv").write_text(TOR, encoding="utf-8")
    given = [str(tmp_path / one) if one == "x.csv" else one for one in arguments]
    assert why in failed(tmp_path, "import", *given).stderr


def test_only_bins_of_the_time_asked_for_are_kept(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder, "--since", "2021-01-02", "--until", "2021-01-04")
    assert ids(tmp_path) == ["IR:tor:relay-users"]
    shown = json.loads(series(tmp_path, "show", "IR:tor:relay-users", "--json"))
    assert [(one["start"], one["value"]) for one in shown["values"]] == [("2021-01-02T00:00:00Z", None)]


def test_what_was_published_then_arrived_then(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder, "--arrival", "published")
    shown = json.loads(series(tmp_path, "show", "IR:tor:relay-users", "--json", "--as-of", "2021-01-03"))
    assert [one["arrived"] for one in shown["values"]] == ["2021-01-03T00:00:00Z"]
    assert "no value in this time" in series(tmp_path, "show", "IR:tor:relay-users", "--as-of", "2021-01-02")


def test_what_is_imported_now_arrived_now(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder)
    assert "no value in this time" in series(tmp_path, "show", "IR:tor:relay-users", "--as-of", "2021-02-01")


def test_the_list_says_what_there_is(tmp_path: Path, folder: Path) -> None:
    assert "No series" in series(tmp_path, "list")
    series(tmp_path, "import", folder)
    lines = series(tmp_path, "list", "--family", "users", "--country", "Iran").splitlines()
    assert lines[0].split()[:4] == ["series", "family", "unit", "bin"]
    assert lines[1].split()[:10] == (
        "IR:tor:relay-users users users 1 d 2021-01-01 00:00 2021-01-04 00:00 3".split()  # noqa: SIM905  as it is shown
    )
    assert len(lines) == 2


def test_a_series_is_shown_with_its_course(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder)
    shown = series(tmp_path, "show", "IR:tor:relay-users").splitlines()
    assert shown[0] == "IR:tor:relay-users"
    assert "  █··▇" in shown
    assert [line.split()[2] for line in shown[-3:]] == ["35889", "gap", "30000"]


def test_what_is_exported_is_taken_back_value_for_value(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder, "--arrival", "published")
    text = series(tmp_path, "export", "--all")
    (tmp_path / "all.csv").write_text(text, encoding="utf-8")
    assert "9 same" in series(tmp_path, "import", tmp_path / "all.csv")
    other = tmp_path / "other"
    said("series", "import", tmp_path / "all.csv", "--data", other)
    assert said("series", "export", "--all", "--data", other) == text


def test_patterns_choose_what_is_exported(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder)
    rows = list(csv.DictReader(io.StringIO(series(tmp_path, "export", "IR:ioda:*", "VE:tor:relay-users"))))
    assert {f"{row['entity']}:{row['source']}" for row in rows} == {"IR:ioda", "VE:tor"}


def test_parquet_holds_the_same(tmp_path: Path, folder: Path) -> None:
    series(tmp_path, "import", folder)
    series(tmp_path, "export", "--all", "--output", tmp_path / "all.parquet")
    table = pq.read_table(tmp_path / "all.parquet").to_pylist()
    assert len(table) == 9
    assert [row["value"] for row in table if row["entity"] == "IR" and row["source"] == "tor"] == [
        35889,
        None,
        30000,
    ]
    assert f"{table[0]['start']:%Y-%m-%d}" == "2026-01-08"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["export"], "--all"),
        (["export", "x", "--all"], "--all"),
        (["export", "XX:*"], "names no series"),
        (["show", "XX:ioda:bgp"], "series list"),
        (["export", "--all", "--output", "/nowhere/x.csv"], "cannot be written"),
        (["export", "--all", "--output", "/nowhere/x.parquet"], "cannot be written"),
    ],
)
def test_what_cannot_be_shown_or_written_is_told(
    tmp_path: Path, folder: Path, arguments: list[str], why: str
) -> None:
    series(tmp_path, "import", folder)
    assert why in failed(tmp_path, *arguments).stderr
