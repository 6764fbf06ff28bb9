import json
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cli.running import LONG_S, ended, lampwatch, ran, said, serving, written


def got(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=LONG_S) as response:  # noqa: S310  an address of our own program
        return response.status, response.read().decode()


def test_the_pages_and_the_api_answer(example: Path) -> None:
    with serving("serve", "--data", example, "--port", 0) as (_, address):
        status, page = got(address)
        assert status == 200
        assert "news.example" in page
        found = json.loads(got(f"{address}api/v2/verdicts?target=telegram&limit=5")[1])
        assert "telegram" in json.dumps(found)
        measurements = json.loads(got(f"{address}api/v1/measurements?limit=2")[1])
        assert len(measurements["results"]) == 2


def test_a_page_that_is_not_there_is_not_found(example: Path) -> None:
    with serving("serve", "--data", example, "--port", 0) as (_, address):
        with pytest.raises(urllib.error.HTTPError) as caught:
            got(f"{address}none")
        assert caught.value.code == 404
        caught.value.close()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(end: signal.Signals, example: Path) -> None:
    with serving("serve", "--data", example, "--port", 0) as (program, address):
        got(address)
        program.send_signal(end)
        status, _, err = ended(program)
    assert (status, err) == (0, "")


def test_a_signal_ends_it_though_a_reader_keeps_its_connection(example: Path) -> None:
    with serving("serve", "--data", example, "--port", 0) as (program, address):
        host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
        with socket.create_connection((host, int(port)), timeout=LONG_S) as reader:
            reader.sendall(b"GET /api/v1/measurements?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert reader.recv(100).startswith(b"HTTP/1.1 200")
            program.send_signal(signal.SIGTERM)
            assert program.wait(timeout=LONG_S) == 0


def test_a_port_that_is_taken_is_told_in_one_line(example: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = lampwatch("serve", "--data", example, "--port", taken.getsockname()[1])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("lampwatch: 127.0.0.1 port ")
    assert "--port" in line


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.name.invalid", "not a host"])
def test_a_host_that_is_not_ours_is_told_in_one_line(host: str, example: Path) -> None:
    result = lampwatch("serve", "--data", example, "--host", host, "--port", 0)
    assert result.exit_code == 2, result.exception
    assert len(result.stderr.splitlines()) == 1


def test_a_file_of_sizes_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    status, _, complaint = ran("serve", "--data", tmp_path, "--port", 0, "--sizes", tmp_path / "none.csv")
    assert status == 2
    assert complaint.count("\n") == 1
    assert "none.csv cannot be read" in complaint


def test_an_empty_directory_can_be_served(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path / "new", "--port", 0) as (_, address):
        assert got(address)[0] == 200


def test_no_reader_s_address_is_written_down(example: Path) -> None:
    with serving("serve", "--data", example, "--port", 0) as (program, address):
        got(address)
        program.send_signal(signal.SIGTERM)
        _, out, err = ended(program)
    assert "GET" not in out + err


@pytest.mark.parametrize("command", ["ingest", "verdicts", "reprocess", "quarantine", "serve"])
def test_a_second_process_on_one_directory_is_told_in_one_line(
    command: str, example: Path, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.jsonl", [b"{}"])
    more: dict[str, tuple[object, ...]] = {"ingest": (path,), "serve": ("--port", 0)}
    with serving("serve", "--data", example, "--port", 0):
        status, out, err = ran(command, *more.get(command, ()), "--data", example)
    assert (status, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("lampwatch: ")
    assert str(example) in line


def test_explaining_beside_a_server_is_told_in_one_line(example: Path) -> None:
    with serving("serve", "--data", example, "--port", 0):
        status, out, err = ran("explain", "x", "--data", example)
    assert (status, out, len(err.splitlines())) == (2, "", 1)


def test_the_address_and_port_are_taken_from_the_environment(
    example: Path,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = lampwatch("serve", "--data", example, LAMPWATCH_HOST="127.0.0.1", LAMPWATCH_PORT=str(port))
    assert f"127.0.0.1 port {port}" in result.stderr


def test_what_was_taken_in_is_served_after_the_server_was_started_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving("serve", "--data", data, "--port", 0) as (program, _):
        program.send_signal(signal.SIGTERM)
        assert ended(program)[0] == 0
    said("ingest", written(tmp_path / "a.jsonl", []), "--data", data)
    with serving("serve", "--data", data, "--port", 0) as (_, address):
        assert got(address)[0] == 200
