from pathlib import Path

from lampwatch.model.measurement import EXPLANATIONS, Reason
from tests.cli.running import example_lines, lampwatch, said, written


def test_it_counts_by_reason_and_tells_where_each_document_stood(example: Path) -> None:
    lines = said("quarantine", "--data", example).splitlines()
    source = example.parent / "set.jsonl"
    assert f"       1  not_json: {EXPLANATIONS[Reason.NOT_JSON]}" in lines
    place = len(example_lines()) + 1
    assert any(line.startswith(f"{source}:{place}  not_json: ") for line in lines)
    assert any(line.startswith(f"{source}:{place + 1}  bad_time: ") for line in lines)


def test_one_reason_can_be_had_alone(example: Path) -> None:
    out = said("quarantine", "--data", example, "--reason", "not_json")
    assert "not_json" in out
    assert "bad_time" not in out


def test_a_list_can_be_cut_short_and_the_count_stays_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [b"no %d" % n for n in range(9)])
    said("ingest", path, "--data", tmp_path / "data")
    lines = said("quarantine", "--data", tmp_path / "data", "--limit", 2).splitlines()
    assert lines[0].split()[:2] == ["9", "not_json:"]
    assert len(lines) == 3


def test_nothing_set_aside_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"")
    said("ingest", path, "--data", tmp_path / "data")
    assert said("quarantine", "--data", tmp_path / "data").strip()


def test_a_reason_that_does_not_exist_is_told(example: Path) -> None:
    result = lampwatch("quarantine", "--data", example, "--reason", "bad_luck")
    assert result.exit_code == 2
    assert "bad_time" in result.stderr
