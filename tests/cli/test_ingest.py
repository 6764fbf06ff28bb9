import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.cli.running import encoded, example_lines, lampwatch, many, rows, said, web_document, written
from tests.collect.making import tar_of

LINES = example_lines()
TEXT = b"\n".join(LINES) + b"\n"
TAKEN_IN = f"{len(LINES)} measurements taken in, 0 were there already"


def array(lines: list[bytes]) -> bytes:
    return b"[" + b",\n".join(lines) + b"]"


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "set.jsonl": lambda: TEXT,
    "set.jsonl.gz": lambda: gzip.compress(TEXT),
    "two.jsonl.gz": lambda: gzip.compress(LINES[0] + b"\n") + gzip.compress(b"\n".join(LINES[1:])),
    "set.jsonl.zst": lambda: zstandard.compress(TEXT),
    "set.json": lambda: array(LINES),
    "set.json.gz": lambda: gzip.compress(array(LINES)),
    "set.tar": lambda: tar_of({"a/one.jsonl": TEXT}),
    "set.tar.gz": lambda: gzip.compress(
        tar_of({"a/one.jsonl.gz": gzip.compress(TEXT), "a/notes.txt": b"no"})
    ),
    "set.tgz": lambda: gzip.compress(tar_of({f"{n}.json": line for n, line in enumerate(LINES)})),
    "set.tar.zst": lambda: zstandard.compress(tar_of({"one.jsonl": TEXT})),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """The verdicts on the plain file, without the column that names it."""
    folder = tmp_path_factory.mktemp("plain")
    said("ingest", written(folder / "set.jsonl", LINES), "--data", folder / "data")
    return without_source(folder / "data")


def without_source(data: Path) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name != "source"} for row in rows(data)]


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_verdicts(
    name: str, tmp_path: Path, plain: list[dict[str, object]]
) -> None:
    path = tmp_path / name
    path.write_bytes(CONTAINERS[name]())
    assert TAKEN_IN in said("ingest", path, "--data", tmp_path / "data")
    assert without_source(tmp_path / "data") == plain


def test_a_file_with_one_document_over_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(json.loads(LINES[0]), indent=2))
    assert "1 measurements taken in" in said("ingest", path, "--data", tmp_path / "data")


def test_standard_input(tmp_path: Path) -> None:
    assert TAKEN_IN in said("ingest", "-", "--data", tmp_path, "--workers", 1, stdin=gzip.compress(TEXT))
    assert {row["source"] for row in rows(tmp_path)} == {"-"}


def test_a_folder_and_all_below_it_beside_other_files(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep" / "er").mkdir(parents=True)
    written(folder / "a.jsonl", LINES[:5])
    written(folder / "deep" / "er" / "b.jsonl", LINES[5:9])
    (folder / "notes.txt").write_text("not for us")
    one = written(tmp_path / "c.jsonl", LINES[9:10])
    assert "10 measurements taken in" in said("ingest", folder, one, "--data", tmp_path / "data")
    assert {row["source"] for row in rows(tmp_path / "data")} == {
        str(folder / "a.jsonl"),
        str(folder / "deep" / "er" / "b.jsonl"),
        str(one),
    }


def test_the_summary_counts_verdicts_by_state(tmp_path: Path) -> None:
    out = said("ingest", written(tmp_path / "a.jsonl", LINES), "--data", tmp_path / "data")
    states = [row["state"] for row in rows(tmp_path / "data")]
    for state in ("ok", "down", "blocked", "unknown"):
        assert f"{states.count(state)} {state}" in out


def test_the_data_directory_is_named_by_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES[:3])
    said("ingest", path, LAMPWATCH_DATA=str(tmp_path / "data"))
    assert rows(tmp_path / "data")


def test_without_any_setting_it_is_the_user_s_own_data_directory(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES[:3])
    said("ingest", path, XDG_DATA_HOME=str(tmp_path / "share"))
    assert rows(tmp_path / "share" / "lampwatch")


def test_the_same_file_twice_is_skipped_the_second_time(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES)
    said("ingest", path, "--data", tmp_path / "data")
    before = rows(tmp_path / "data")
    out = said("ingest", path, "--data", tmp_path / "data")
    assert "0 measurements taken in, 0 were there already, 1 source had been taken in before" in out
    assert rows(tmp_path / "data") == before


def test_the_same_file_under_another_name_adds_nothing(tmp_path: Path) -> None:
    said("ingest", written(tmp_path / "a.jsonl", LINES), "--data", tmp_path / "data")
    before = rows(tmp_path / "data")
    out = said("ingest", written(tmp_path / "b.jsonl", LINES), "--data", tmp_path / "data")
    assert f"0 measurements taken in, {len(LINES)} were there already" in out
    assert rows(tmp_path / "data") == before


def test_standard_input_twice_adds_nothing(tmp_path: Path) -> None:
    said("ingest", "-", "--data", tmp_path, "--workers", 1, stdin=TEXT)
    out = said("ingest", "-", "--data", tmp_path, "--workers", 1, stdin=TEXT)
    assert f"0 measurements taken in, {len(LINES)} were there already" in out


def test_a_document_that_stands_twice_in_a_file_counts_once(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [LINES[0], LINES[1], LINES[0]])
    assert "2 measurements taken in, 1 were there already" in said(
        "ingest", path, "--data", tmp_path / "data"
    )


def test_a_file_that_was_appended_to_gives_what_is_new(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES[:100])
    said("ingest", path, "--data", tmp_path / "data")
    written(path, LINES)
    assert f"{len(LINES) - 100} measurements taken in" in said("ingest", path, "--data", tmp_path / "data")
    assert len({row["measurement_uid"] for row in rows(tmp_path / "data")}) == len(LINES)


def test_any_number_of_workers_gives_the_same_verdicts(tmp_path: Path) -> None:
    # Under 8 MB a pool is not even started, so the file has to be larger.
    path = written(tmp_path / "a.jsonl", many(2700))
    said("ingest", path, "--data", tmp_path / "one", "--workers", 1)
    said("ingest", path, "--data", tmp_path / "three", "--workers", 3)
    assert len(rows(tmp_path / "one")) > 2700
    assert rows(tmp_path / "one") == rows(tmp_path / "three")


def test_an_unknown_test_is_kept_without_a_verdict(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [encoded(web_document(test_name="ndt", test_keys={"a": 1}))])
    out = said("ingest", path, "--data", tmp_path / "data")
    assert "1 measurements taken in" in out
    assert "verdicts" not in out


@pytest.mark.parametrize("name", ["--workers", "--allow-http", "--fingerprints", "--data"])
def test_help_names_every_option(name: str) -> None:
    assert name in said("ingest", "--help")


def test_http_elsewhere_needs_to_be_allowed(tmp_path: Path) -> None:
    result = lampwatch("ingest", "http://192.0.2.1/a.jsonl", "--data", tmp_path)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "--allow-http" in result.stderr


def test_fingerprints_are_kept_for_later_runs(tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text(
        "name,scope,location_found,pattern_type,pattern,confidence_no_fp,expected_countries\n"
        "xb_denied,nat,body,contains,<title>Denied</title>,5,XB\n"
    )
    first = [line for line in LINES if b"blog.example" in line][:1]
    later = [line for line in LINES if b"blog.example" in line][1:2]
    data = tmp_path / "data"
    said("ingest", written(tmp_path / "a.jsonl", first), "--data", data, "--fingerprints", known)
    said("ingest", written(tmp_path / "b.jsonl", later), "--data", data)
    found = rows(data)
    assert [row["fingerprint"] for row in found] == ["xb_denied", "xb_denied"]
    assert {row["evidence"] for row in found} == {"direct"}
