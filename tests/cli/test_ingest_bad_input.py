import gzip
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from lampwatch.model.measurement import EXPLANATIONS, MAX_BYTES, Reason
from tests.cli.running import encoded, example_lines, lampwatch, rows, said, web_document, written

GOOD = example_lines()[:20]


def with_body(url: str, body: object) -> bytes:
    document = web_document(input=url)
    request = {"failure": None, "request": {"url": url}, "response": {"code": 200, "body": body}}
    return encoded(document | {"test_keys": {"requests": [request]}})


BAD: dict[str, tuple[bytes, Reason]] = {
    "no JSON": (b"hello", Reason.NOT_JSON),
    "bytes": (b"\x00\x01\x02\x03", Reason.NOT_JSON),
    "truncated": (GOOD[0][:-40], Reason.TRUNCATED),
    "not UTF-8": (GOOD[0].replace(b"lampwatch-example", b"\xff\xfe"), Reason.NOT_UTF8),
    "a header of a wrong type": (encoded(web_document(probe_cc=["XA"])), Reason.WRONG_TYPE),
    "keys of a wrong type": (encoded(web_document(test_keys={"queries": "none"})), Reason.WRONG_TYPE),
    "keys that are a list": (encoded(web_document(test_keys=[])), Reason.WRONG_TYPE),
    "null keys": (encoded(web_document(test_keys=None)), Reason.NO_TEST_KEYS),
    "null keys of an unknown test": (
        encoded(web_document(test_name="ndt", test_keys=None)),
        Reason.NO_TEST_KEYS,
    ),
    "bad base64 over http": (
        with_body("http://blog.example/", {"format": "base64", "data": "!"}),
        Reason.BAD_BASE64,
    ),
    "bad base64 over https": (
        with_body("https://news.example/", {"format": "base64", "data": "!"}),
        Reason.BAD_BASE64,
    ),
    "bad base64 over https, of a long body": (
        with_body("https://news.example/", {"format": "base64", "data": "!" * 40_000}),
        Reason.BAD_BASE64,
    ),
    "no input": (encoded(web_document(input=None)), Reason.NO_INPUT),
    "the year 0": (
        encoded(web_document(measurement_start_time="0000-01-01 00:00:00")),
        Reason.BAD_TIME,
    ),
    "the year 1": (encoded(web_document(measurement_start_time="0001-01-01 00:00:00")), Reason.BAD_TIME),
    "no time": (
        encoded(web_document(measurement_start_time=None, test_start_time=None)),
        Reason.BAD_TIME,
    ),
    "an array": (b'[{"test_name": "web_connectivity"}]', Reason.WRONG_TYPE),
    "a number": (b"42", Reason.WRONG_TYPE),
    "a string": (b'"web_connectivity"', Reason.WRONG_TYPE),
    "null": (b"null", Reason.WRONG_TYPE),
    "no test": (b"{}", Reason.NOT_A_MEASUREMENT),
    "nested too deep": (
        GOOD[0].replace(b'"annotations":', b'"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"annotations":'),
        Reason.TOO_DEEP,
    ),
}


def counted(summary: str) -> dict[str, int]:
    """How many documents a summary says were set aside, by reason."""
    found = re.findall(r"^ +(\d+)  (\w+): ", summary, flags=re.MULTILINE)
    return {reason: int(count) for count, reason in found}


@pytest.mark.parametrize("name", BAD)
def test_each_kind_of_bad_line_is_counted_by_its_reason_and_the_rest_is_taken_in(
    name: str, tmp_path: Path
) -> None:
    line, reason = BAD[name]
    path = written(tmp_path / "a.jsonl", [*GOOD[:10], line, *GOOD[10:]])
    out = said("ingest", path, "--data", tmp_path / "data", "--workers", 1)
    assert "20 measurements taken in" in out
    assert counted(out) == {reason: 1}
    assert EXPLANATIONS[reason] in out


def test_all_kinds_together_are_listed_with_their_places(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [line for line, _ in BAD.values()])
    data = tmp_path / "data"
    out = said("ingest", path, "--data", data)
    reasons = [str(reason) for _, reason in BAD.values()]
    assert counted(out) == {reason: reasons.count(reason) for reason in reasons}
    listed = said("quarantine", "--data", data)
    assert counted(listed) == counted(out)
    for position, reason in enumerate(reasons, 1):
        assert f"{path}:{position}  {reason}: " in listed


def test_what_was_set_aside_is_set_aside_once(tmp_path: Path) -> None:
    data, lines = tmp_path / "data", [line for line, _ in BAD.values()]
    said("ingest", written(tmp_path / "a.jsonl", lines), "--data", data)
    said("ingest", written(tmp_path / "a.jsonl", [*lines, *GOOD]), "--data", data)
    assert sum(counted(said("quarantine", "--data", data)).values()) == len(lines)


def test_empty_lines_and_windows_line_ends_are_no_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\r\n\n" + b"\r\n\r\n".join(GOOD) + b"\n\n")
    out = said("ingest", path, "--data", tmp_path / "data")
    assert "20 measurements taken in" in out
    assert counted(out) == {}


def test_a_body_of_a_hundred_megabytes_is_set_aside_and_the_rest_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    head, _, tail = with_body("http://blog.example/", "BODY").partition(b"BODY")
    with path.open("wb") as file:
        file.write(b"\n".join(GOOD[:10]) + b"\n" + head)
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(tail + b"\n" + b"\n".join(GOOD[10:]) + b"\n")
    out = said("ingest", path, "--data", tmp_path / "data", "--workers", 1)
    assert "20 measurements taken in" in out
    assert counted(out) == {Reason.TOO_LARGE: 1}
    assert path.stat().st_size > MAX_BYTES


TRUNCATED: dict[str, Callable[[bytes], bytes]] = {
    "a.jsonl.gz": lambda raw: gzip.compress(raw)[:-30],
    "a.jsonl.zst": lambda raw: zstandard.compress(raw)[:-30],
}


@pytest.mark.parametrize("name", TRUNCATED)
def test_a_truncated_file_gives_all_that_came_before(name: str, tmp_path: Path) -> None:
    lines = [os.urandom(300).hex().encode().join((b'{"x":"', b'"}')) for _ in range(3000)]
    path = tmp_path / name
    path.write_bytes(TRUNCATED[name](b"\n".join([*GOOD, *lines])))
    out = said("ingest", path, "--data", tmp_path / "data", "--workers", 1)
    assert "20 measurements taken in" in out
    assert "unreadable_source" in counted(out) or "truncated" in counted(out)


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.json", "a.jsonl.gz", "a.jsonl.zst", "a.tar", "a.tar.gz", "a.json.zst"]
)
def test_garbage_is_set_aside_and_the_next_file_taken_in(name: str, tmp_path: Path) -> None:
    garbage = tmp_path / name
    garbage.write_bytes(bytes(range(256)) * 40)
    good = written(tmp_path / "z.jsonl", GOOD)
    out = said("ingest", garbage, good, "--data", tmp_path / "data", "--workers", 1)
    assert "20 measurements taken in" in out
    assert counted(out)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz", "a.jsonl.zst", "a.tar.gz"])
def test_an_empty_file_is_no_accident(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert "0 measurements taken in" in said("ingest", tmp_path / name, "--data", tmp_path / "data")


def one_line(*arguments: object) -> str:
    result = lampwatch(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("lampwatch: ")
    return str(line)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert "none.jsonl" in one_line("ingest", tmp_path / "none.jsonl", "--data", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_folder_without_measurements(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("x")
    assert "holds no measurements" in one_line("ingest", tmp_path / "in", "--data", tmp_path / "data")


def test_an_ending_that_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert ".jsonl.gz" in one_line("ingest", tmp_path / "a.csv", "--data", tmp_path / "data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", GOOD)
    path.chmod(0)
    assert "may not be read" in one_line("ingest", path, "--data", tmp_path / "data")


def test_an_address_of_another_kind(tmp_path: Path) -> None:
    assert "ftp://" in one_line("ingest", "ftp://example.org/a.jsonl", "--data", tmp_path / "data")


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", GOOD)
    assert "--data" in one_line("ingest", path, "--data", path)


def test_a_fingerprint_list_that_is_not_there(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", GOOD)
    line = one_line("ingest", path, "--data", tmp_path / "data", "--fingerprints", tmp_path / "none.csv")
    assert "none.csv" in line


def test_no_path_at_all_is_a_usage_error() -> None:
    result = lampwatch("ingest")
    assert result.exit_code == 2
    assert result.stderr == "lampwatch: Missing argument 'PATH…'; see lampwatch ingest --help\n"


def test_a_hostile_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\n.jsonl"
    path.write_bytes(b"no\n")
    data = tmp_path / "data"
    said("ingest", path, "--data", data)
    out = said("quarantine", "--data", data)
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2


def test_hostile_values_come_out_as_rows_of_their_own(tmp_path: Path) -> None:
    hostile: dict[str, Any] = web_document(
        input="https://x.example/\n\x1b[31m", probe_network_name="=1+1\n", software_name="\x00"
    )
    data = tmp_path / "data"
    said("ingest", written(tmp_path / "a.jsonl", [encoded(hostile)]), "--data", data)
    assert len(rows(data)) == 1
    shown = said("explain", rows(data)[0]["measurement_uid"], "--data", data)
    assert "\x1b" not in shown
    assert "\x1b" not in said("verdicts", "--data", data)


@pytest.mark.parametrize("given", ["[/red]", "[bold]x", "[link=https://x.example]y", "http://[::1"])
def test_a_hostile_target_is_no_markup_of_the_table(given: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    said("ingest", written(tmp_path / "a.jsonl", [encoded(web_document(input=given))]), "--data", data)
    assert rows(data)[0]["target"] in said("verdicts", "--data", data)
