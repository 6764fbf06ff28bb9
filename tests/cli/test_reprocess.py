import shutil
from pathlib import Path

import pytest

from lampwatch.judge.version import RULES_VERSION
from tests.cli.running import example_lines, lampwatch, rows, said, written


@pytest.fixture
def data(example: Path, tmp_path: Path) -> Path:
    """A copy of the example's data directory, to be changed."""
    return shutil.copytree(example, tmp_path / "data")


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_rules_give_the_same_rows(workers: int, data: Path) -> None:
    before = rows(data)
    out = said("reprocess", "--data", data, "--workers", workers)
    assert rows(data) == before
    assert f"{len(example_lines())}" in out


@pytest.mark.parametrize("workers", [1, 2])
def test_the_archive_alone_is_enough(workers: int, data: Path) -> None:
    before, aside = rows(data), said("quarantine", "--data", data)
    (data / "lampwatch.duckdb").unlink()
    said("reprocess", "--data", data, "--workers", workers)
    assert rows(data) == before
    assert said("quarantine", "--data", data) == aside


def test_twice_is_as_good_as_once(data: Path) -> None:
    before = rows(data)
    said("reprocess", "--data", data)
    said("reprocess", "--data", data)
    assert rows(data) == before


@pytest.mark.parametrize("rebuilt", [False, True], ids=["in place", "from nothing"])
def test_a_document_from_two_files_keeps_the_source_it_came_from_first(rebuilt: bool, tmp_path: Path) -> None:
    # The second file brings a new document too, so that its batch is archived with rows of both kinds in it.
    lines, data = example_lines(), tmp_path / "data"
    said("ingest", written(tmp_path / "first.jsonl", lines[:10]), "--data", data)
    said("ingest", written(tmp_path / "second.jsonl", lines[5:15]), "--data", data)
    before = rows(data)
    sources = [row["source"] for row in before]
    assert {str(tmp_path / "first.jsonl"), str(tmp_path / "second.jsonl")} == set(sources)
    if rebuilt:
        (data / "lampwatch.duckdb").unlink()
    said("reprocess", "--data", data)
    assert rows(data) == before


def test_a_document_from_two_files_is_explained_by_the_same_place_afterwards(tmp_path: Path) -> None:
    lines, data = example_lines(), tmp_path / "data"
    said("ingest", written(tmp_path / "first.jsonl", lines[:3]), "--data", data)
    said("ingest", written(tmp_path / "second.jsonl", lines[:3]), "--data", data)
    uid = rows(data)[0]["measurement_uid"]
    before = said("explain", uid, "--data", data)
    said("reprocess", "--data", data)
    assert said("explain", uid, "--data", data) == before


def test_the_source_of_a_later_batch_of_one_run_does_not_win(tmp_path: Path) -> None:
    lines, data = example_lines()[:4], tmp_path / "data"
    paths = [written(tmp_path / f"{name}.jsonl", lines) for name in "abc"]
    said("ingest", *paths, "--data", data)
    before = rows(data)
    assert {row["source"] for row in before} == {str(paths[0])}
    said("reprocess", "--data", data, "--workers", 2)
    assert rows(data) == before


def test_new_fingerprints_change_what_they_recognise_and_nothing_else(data: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text(
        "name,scope,location_found,pattern_type,pattern,confidence_no_fp,expected_countries\n"
        "xb_denied,nat,body,contains,<title>Denied</title>,5,XB\n"
    )
    before = {(row["measurement_uid"], row["target"]): row for row in rows(data)}
    said("reprocess", "--data", data, "--fingerprints", known)
    changed = [
        row for row in rows(data)
        if {**row, "fingerprints_version": "none"} != before[row["measurement_uid"], row["target"]]
    ]  # fmt: skip
    assert {row["fingerprint"] for row in changed} == {"xb_denied"}
    assert {row["target"] for row in changed} <= {"blog.example", "forum.example"}
    assert {row["rules_version"] for row in changed} == {RULES_VERSION}


def test_damage_in_the_archive_is_told_and_passed_over(data: Path) -> None:
    (segment,) = (data / "raw").glob("*.zst")
    said("ingest", written(data.parent / "more.jsonl", [example_lines()[0]]), "--data", data)
    segment.write_bytes(segment.read_bytes() + b"garbage")
    result = lampwatch("reprocess", "--data", data)
    assert result.exit_code == 0
    assert segment.name in result.stderr


def test_an_empty_archive_is_told_in_one_line(tmp_path: Path) -> None:
    result = lampwatch("reprocess", "--data", tmp_path)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "lampwatch ingest" in result.stderr
