import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from lampwatch.cli import main
from tests.cli.running import LONG_S, example_lines, lampwatch, rows, said, started
from tests.stories.writer import documents

FIELDS = {
    "measurement_uid", "source", "test_name", "input", "target", "state", "layer", "mechanism", "rule_id",
    "rules_version", "measurement_start_time", "probe_cc", "probe_asn", "because", "witnesses",
}  # fmt: skip


def from_json(raw: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(raw)
    return found


def from_jsonl(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.splitlines()]


def from_csv(raw: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(raw.decode())))


def from_parquet(raw: bytes) -> list[dict[str, Any]]:
    return pq.read_table(io.BytesIO(raw)).to_pylist()


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "json": from_json,
    "jsonl": from_jsonl,
    "csv": from_csv,
    "parquet": from_parquet,
}


def printed(data: Path, shape: str, *filters: object) -> bytes:
    arguments = ["verdicts", "--data", str(data), "--format", shape, *[str(part) for part in filters]]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout_bytes


@pytest.mark.parametrize("shape", READERS)
def test_every_format_carries_the_fields_a_reader_needs(shape: str, example: Path) -> None:
    found = READERS[shape](printed(example, shape))
    assert len(found) == len(rows(example))
    for row in found:
        assert row.keys() >= FIELDS
        assert row["measurement_uid"]
        assert row["target"]
        assert row["rules_version"]


@pytest.mark.parametrize("shape", READERS)
def test_every_format_tells_the_same(shape: str, example: Path) -> None:
    def told(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(str(row[name] or "") for name in ("measurement_uid", "target", "state", "mechanism"))

    assert sorted(map(told, READERS[shape](printed(example, shape)))) == sorted(map(told, rows(example)))


def test_what_is_stored_is_what_the_stories_say(example: Path) -> None:
    meant = sorted(
        (
            story.network.country,
            story.network.asn,
            story.test,
            target,
            str(truth.state),
            truth.mechanism or "",
        )
        for story, _ in documents()
        for target, truth in story.truth.items()
    )
    found = sorted(
        (
            row["probe_cc"], row["probe_asn"], row["test_name"], row["target"], row["state"],
            row["mechanism"] or "",
        )
        for row in rows(example)
    )  # fmt: skip
    assert found == meant


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        (("--country", "XA"), lambda row: row["probe_cc"] == "XA"),
        (("--country", "xb"), lambda row: row["probe_cc"] == "XB"),
        (("--asn", "AS64512"), lambda row: row["probe_asn"] == 64512),
        (("--asn", "64515"), lambda row: row["probe_asn"] == 64515),
        (("--target", "telegram"), lambda row: row["target"] == "telegram"),
        (("--method", "web_connectivity"), lambda row: row["test_name"] == "web_connectivity"),
        (("--state", "down"), lambda row: row["state"] == "down"),
        (("--since", "2026-11-19"), lambda row: row["measurement_start_time"] >= "2026-11-19"),
        (("--until", "2026-11-19T12:00"), lambda row: row["measurement_start_time"] < "2026-11-19T12:00"),
        (
            ("--country", "XA", "--target", "telegram", "--state", "blocked"),
            lambda row: (row["probe_cc"], row["target"], row["state"]) == ("XA", "telegram", "blocked"),
        ),
        (("--target", "none.example"), lambda _row: False),
    ],
)
def test_filters_keep_what_they_name_and_nothing_else(
    filters: tuple[str, ...], holds: Callable[[dict[str, Any]], bool], example: Path
) -> None:
    assert rows(example, *filters) == [row for row in rows(example) if holds(row)]


@pytest.mark.parametrize("shape", READERS)
def test_limit_holds_in_every_format(shape: str, example: Path) -> None:
    assert len(READERS[shape](printed(example, shape, "--limit", 3))) == 3


def test_machine_formats_are_in_the_order_of_time(example: Path) -> None:
    times = [row["measurement_start_time"] for row in from_jsonl(printed(example, "jsonl"))]
    assert times == sorted(times)


def test_a_table_has_the_newest_first_and_says_how_many_there_are(example: Path) -> None:
    out = said("verdicts", "--data", example, "--limit", 5)
    assert "2026-11-22 22:28" in out.splitlines()[1]
    assert f"5 of {len(rows(example))}" in out


def test_a_table_names_measurements_so_that_they_can_be_explained(example: Path) -> None:
    out = said("verdicts", "--data", example, "--target", "signal", "--state", "down")
    (row,) = rows(example, "--target", "signal", "--state", "down")
    assert row["measurement_uid"] in out


def test_a_table_shortens_nothing_where_no_terminal_sets_its_width(example: Path) -> None:
    result = lampwatch("verdicts", "--data", example, COLUMNS="")
    assert "…" not in result.stdout


def test_an_empty_answer_is_told_as_such(example: Path) -> None:
    assert "No verdict" in said("verdicts", "--data", example, "--target", "none.example")
    assert from_json(printed(example, "json", "--target", "none.example")) == []
    assert printed(example, "jsonl", "--target", "none.example") == b""
    assert from_csv(printed(example, "csv", "--target", "none.example")) == []


def test_no_verdict_s_parquet_is_still_a_file_with_its_columns(example: Path) -> None:
    table = pq.read_table(io.BytesIO(printed(example, "parquet", "--target", "none.example")))
    assert table.num_rows == 0
    assert set(table.column_names) >= FIELDS


@pytest.mark.parametrize("shape", ["table", *READERS])
def test_a_pipe_that_is_closed_early_is_no_error(shape: str, example: Path) -> None:
    program = started("verdicts", "--data", example, "--format", shape, "--limit", 100_000)
    assert program.stdout is not None
    assert program.stderr is not None
    with program:
        program.stdout.read(1)
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(timeout=LONG_S) == 0


def test_head_and_less_get_their_line_without_a_complaint(example: Path) -> None:
    program = started("verdicts", "--data", example, "--format", "jsonl")
    with program, subprocess.Popen(["head", "-1"], stdin=program.stdout, stdout=subprocess.PIPE) as head:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        out, _ = head.communicate(timeout=LONG_S)
        assert len(out.splitlines()) == 1
        assert program.stderr.read() == b""


def test_without_a_store_one_line_says_what_to_do(tmp_path: Path) -> None:
    result = lampwatch("verdicts", "--data", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"lampwatch: nothing is stored in {tmp_path} yet; run `lampwatch ingest PATH` first"
    ]


@pytest.mark.parametrize(("option", "value"), [("--asn", "x"), ("--state", "bad"), ("--since", "yesterday")])
def test_a_filter_that_cannot_be_read_is_told(option: str, value: str, example: Path) -> None:
    result = lampwatch("verdicts", "--data", example, option, value)
    assert result.exit_code == 2
    assert option in result.stderr


def test_all_that_was_taken_in_is_there(example: Path) -> None:
    assert len({row["measurement_uid"] for row in rows(example)}) == len(example_lines())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--country", "Kasachstan"), "is no country code; write two letters, as KZ"),
        (("--since", "2026-11-20", "--until", "2026-11-19"), "--until is not after --since"),
        (("--asn", "some"), "is no network number"),
        (("--method", "ping"), "'ping' is no method's test name; write one of connectivity, dnscheck,"),
    ],
)
def test_a_filter_that_can_match_nothing_is_told_in_one_line(
    example: Path, options: tuple[str, ...], told: str
) -> None:
    result = lampwatch("verdicts", "--data", example, *options)
    assert result.exit_code == 2
    assert result.stderr.startswith("lampwatch: ")
    assert result.stderr.count("\n") == 1
    assert told in result.stderr


@pytest.mark.parametrize("given", ["NEWS.example", "https://news.example/a", "news.example."])
def test_a_target_may_be_written_in_other_ways(example: Path, given: str) -> None:
    assert rows(example, "--target", given) == rows(example, "--target", "news.example") != []
