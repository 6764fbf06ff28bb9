import json
import random
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zstandard

from tests.cli.collecting import NoAnswerError, batch, posted, submitted
from tests.cli.running import (
    LONG_S,
    ended,
    example_lines,
    killed,
    lampwatch,
    many,
    ran,
    rows,
    said,
    serving,
    written,
)
from tests.cli.test_serve import got

LINES = example_lines()[:40]
SENDER = "203.0.113.99"


def archived(data: Path) -> list[bytes]:
    """Every document in the archive."""
    found: list[bytes] = []
    for path in sorted((data / "raw").glob("*.zst")):
        with path.open("rb") as segment:
            reader = zstandard.ZstdDecompressor().stream_reader(segment, read_across_frames=True)
            found += reader.read().splitlines()
    return found


def by_ingest(folder: Path, documents: Sequence[bytes]) -> list[dict[str, object]]:
    """The verdicts on these documents when they come from a file."""
    said("ingest", written(folder / "whole.jsonl", documents), "--data", folder / "whole")
    return without_source(rows(folder / "whole"))


def without_source(found: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name != "source"} for row in found]


def taken_in(at: str, count: int) -> bool:
    """Wait until so many measurements have rows: they follow right after what is acknowledged."""
    return any(json.loads(got(f"{at}healthz")[1])["measurements"] == count for _ in range(2000))


def test_a_probe_takes_ooni_s_four_steps_and_its_measurement_is_on_the_pages(tmp_path: Path) -> None:
    document = next(line for line in LINES if b'"web_connectivity"' in line)
    with serving("serve", "--data", tmp_path, "--port", 0, "--control", "https://control.test/") as (_, at):
        status, reached = posted(at, "api/v1/check-in", b'{"probe_cc":"XA","probe_asn":"AS64512"}')
        assert (status, reached["v"]) == (200, 1)
        assert reached["conf"]["test_helpers"]["web-connectivity"] == [
            {"address": "https://control.test/", "type": "https"}
        ]
        _, opened = posted(at, "report", b'{"test_name":"web_connectivity","format":"json"}')
        report = f"report/{opened['report_id']}"
        body = zstandard.compress(b'{"format":"json","content":' + document + b"}")
        _, kept = posted(at, report, body, Content_Encoding="zstd")
        assert posted(at, f"{report}/close", b"{}") == (200, {})
        uid = kept["measurement_uid"]
        assert taken_in(at, 1)
        assert json.loads(got(f"{at}api/v1/measurement/{uid}")[1]) == json.loads(document)
        assert uid in got(f"{at}verdicts")[1]


def test_pages_show_what_has_just_come(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path, "--port", 0) as (_, at):
        before = got(at)[1]
        submitted(at, LINES)
        assert taken_in(at, len(LINES))
        assert len(json.loads(got(f"{at}api/v1/measurements?limit=100")[1])["results"]) == len(LINES)
        assert got(at)[1] != before


def test_submitting_is_described_for_people_and_for_programs(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path, "--port", 0) as (_, at):
        page, paths = got(f"{at}docs")[1], json.loads(got(f"{at}openapi.json")[1])["paths"]
    for path in ("/api/v1/check-in", "/report", "/report/{report_id}", "/api/v2/measurements"):
        assert path in page
        assert "requestBody" in paths[path]["post"]


def test_what_is_submitted_is_judged_as_what_is_ingested(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path / "data", "--port", 0) as (program, at):
        submitted(at, LINES)
        program.send_signal(signal.SIGTERM)
        assert ended(program) == (0, "", "")
    assert without_source(rows(tmp_path / "data")) == by_ingest(tmp_path, LINES)
    out = said("ingest", tmp_path / "whole.jsonl", "--data", tmp_path / "data")
    assert out.startswith(f"0 measurements taken in, {len(LINES)} were there already")


def test_many_may_submit_at_once(tmp_path: Path) -> None:
    documents = list(many(200))
    with serving("serve", "--data", tmp_path / "data", "--port", 0) as (program, at):
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda n: submitted(at, documents[10 * n : 10 * n + 20]), range(20)))
        assert {each["status"] for results in found for each in results} == {"stored", "already"}
        program.send_signal(signal.SIGTERM)
        ended(program)
    assert sorted(archived(tmp_path / "data")) == sorted(documents)
    assert without_source(rows(tmp_path / "data")) == by_ingest(tmp_path, documents)


class Probe:
    """Submits documents in small batches, again and again until each is acknowledged, whatever happens elsewhere."""

    def __init__(self, documents: Sequence[bytes]) -> None:
        self.waiting = list(documents)
        self.acknowledged: list[bytes] = []

    def submits(self, address: str) -> None:
        """Go on until all is acknowledged or nobody answers."""
        try:
            while self.waiting:
                sent = self.waiting[:7]
                results = submitted(address, sent)
                assert [each["status"] in {"stored", "already"} for each in results] == [True] * len(sent)
                self.acknowledged += sent
                del self.waiting[:7]
        except NoAnswerError:
            return


def test_kills_at_any_moment_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    data, chance = tmp_path / "data", random.Random(20261123)
    documents = list(many(600))
    probes = [Probe(documents[part::3]) for part in range(3)]
    kills = 0
    while any(probe.waiting for probe in probes):
        with serving("serve", "--data", data, "--port", 0) as (program, at):
            threads = [threading.Thread(target=probe.submits, args=(at,)) for probe in probes]
            for thread in threads:
                thread.start()
            if kills < 8:
                try:
                    program.wait(timeout=chance.uniform(0, 0.25))
                except subprocess.TimeoutExpired:
                    killed(program)
                kills += 1
            for thread in threads:
                thread.join()
        acknowledged = [document for probe in probes for document in probe.acknowledged]
        assert set(acknowledged) <= set(archived(data))
    assert kills >= 3
    with serving("serve", "--data", data, "--port", 0) as (program, at):
        assert json.loads(got(f"{at}healthz")[1])["measurements"] == len(documents)
        program.send_signal(signal.SIGTERM)
        ended(program)
    assert set(archived(data)) == set(documents)
    assert without_source(rows(data)) == by_ingest(tmp_path, documents)


def test_a_crash_between_archive_and_store_is_made_good_by_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving("serve", "--data", data, "--port", 0) as (program, at):
        submitted(at, LINES)
        program.send_signal(signal.SIGTERM)
        ended(program)
    before = rows(data)
    for path in data.glob("lampwatch.duckdb*"):
        path.unlink()
    with serving("serve", "--data", data, "--port", 0) as (program, at):
        assert {each["status"] for each in submitted(at, LINES)} == {"already"}
        program.send_signal(signal.SIGTERM)
        status, _, err = ended(program)
    assert (status, err) == (
        0,
        f"lampwatch: {len(LINES)} measurements were in the archive and not in the store; they are in it now\n",
    )
    assert rows(data) == before


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str, socket.socket]]:
    """A collector to which someone is sending a body that does not end."""
    with serving("serve", "--data", tmp_path / "data", "--port", 0) as (program, at):
        host, _, port = at.removeprefix("http://").rstrip("/").partition(":")
        with socket.create_connection((host, int(port)), timeout=LONG_S) as sender:
            sender.sendall(b"POST /api/v2/measurements HTTP/1.1\r\nHost: x\r\n")
            sender.sendall(b"Expect: 100-continue\r\nContent-Length: 99\r\n\r\n")
            assert sender.recv(100).startswith(b"HTTP/1.1 100")
            yield program, at, sender


def test_ending_waits_for_nobody_who_does_not_finish(
    stuck: tuple["subprocess.Popen[bytes]", str, socket.socket],
) -> None:
    program, _, sender = stuck
    program.send_signal(signal.SIGTERM)
    answer = b""
    while piece := sender.recv(1000):
        answer += piece
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in answer.lower()
    assert ended(program) == (0, "", "")


def test_a_sender_that_breaks_off_leaves_no_word_and_no_trace(
    stuck: tuple["subprocess.Popen[bytes]", str, socket.socket], tmp_path: Path
) -> None:
    program, at, sender = stuck
    sender.sendall(b'{"key":')
    sender.close()
    assert submitted(at, LINES[:1])[0]["status"] == "stored"
    program.send_signal(signal.SIGTERM)
    assert ended(program) == (0, "", "")
    assert archived(tmp_path / "data") == LINES[:1]


def test_no_sender_s_address_is_written_down(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving("serve", "--data", data, "--port", 0) as (program, at):
        # A web server in front says who asked; that must go no further than the answer.
        posted(at, "api/v1/check-in", b"{}", X_Forwarded_For=SENDER)
        posted(at, "api/v2/measurements", batch([*LINES[:3], b"[]"]), X_Forwarded_For=SENDER)
        posted(at, "report", b"no JSON", X_Forwarded_For=SENDER)
        program.send_signal(signal.SIGTERM)
        _, out, err = ended(program)
    assert SENDER not in out + err
    assert (out, err) == ("", "")
    at_rest = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert SENDER.encode() not in at_rest + b"\n".join(archived(data))


def test_a_demo_collects_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with serving("demo", "--no-geoip", "--port", 0) as (_, at):
        assert posted(at, "api/v2/measurements", batch(LINES[:1]))[0] == 404


def test_ingesting_beside_a_collector_is_told_that_it_takes_measurements_itself(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES)
    with serving("serve", "--data", tmp_path / "data", "--port", 0):
        status, _, err = ran("ingest", path, "--data", tmp_path / "data")
    assert status == 2
    assert "takes measurements over HTTP" in err


@pytest.mark.parametrize("url", ["control.example.org", "ftp://x/", "https://", ""])
def test_a_control_service_that_has_no_address_is_told_in_one_line(url: str, tmp_path: Path) -> None:
    result = lampwatch("serve", "--data", tmp_path, "--port", 0, "--control", url)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "--control" in result.stderr


def test_a_route_that_only_takes_says_so_to_who_reads(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path, "--port", 0) as (_, at):
        host, _, port = at.removeprefix("http://").rstrip("/").partition(":")
        with socket.create_connection((host, int(port)), timeout=LONG_S) as reader:
            reader.sendall(b"GET /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := reader.recv(1000):
                answer += piece
    assert answer.startswith(b"HTTP/1.1 405")
    assert b"POST" in answer
