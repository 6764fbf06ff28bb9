import json
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from lampwatch.cli.controlling import within_networks
from tests.cli.running import LONG_S, ended, lampwatch, serving


def controlling(
    *arguments: object,
) -> "AbstractContextManager[tuple[subprocess.Popen[bytes], str]]":
    """A control of our own, which asks nobody outside for names."""
    return serving("control", "--port", 0, "--resolver", "system", *arguments)


def answer(address: str, question: object) -> dict[str, Any]:
    sent = urllib.request.Request(address, json.dumps(question).encode())  # noqa: S310  an address of our own program
    with urllib.request.urlopen(sent, timeout=LONG_S) as response:  # noqa: S310  as above
        found: dict[str, Any] = json.load(response)
    return found


def test_a_question_about_this_machine_is_answered_without_a_connection(tmp_path: Path) -> None:
    with socket.socket() as inner, controlling("--data", tmp_path) as (_, address):
        inner.bind(("127.0.0.1", 0))
        inner.listen()
        inner.setblocking(False)
        port = inner.getsockname()[1]
        found = answer(address, {"http_request": f"http://127.0.0.1:{port}/"})
        assert found["http_request"]["failure"] == "dns_bogon_error"
        with pytest.raises(BlockingIOError):
            inner.accept()


def test_a_lab_s_network_is_reached_where_it_is_allowed(tmp_path: Path) -> None:
    with controlling("--data", tmp_path, "--allow-network", "127.0.0.0/8") as (_, address):
        found = answer(address, {"http_request": address})
    assert found["http_request"]["status_code"] == 200
    assert list(found["tcp_connect"].values()) == [{"status": True, "failure": None}]


def test_a_client_beyond_its_rate_is_refused(tmp_path: Path) -> None:
    with controlling("--data", tmp_path, "--rate", "0.1") as (_, address):
        with pytest.raises(urllib.error.HTTPError) as malformed:
            answer(address, [])
        with pytest.raises(urllib.error.HTTPError) as refused:
            answer(address, [])
    assert (malformed.value.code, refused.value.code) == (400, 429)
    malformed.value.close()
    refused.value.close()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order_and_nobody_s_address_was_written(
    end: signal.Signals, tmp_path: Path
) -> None:
    with controlling("--data", tmp_path) as (program, address):
        answer(address, {"http_request": "http://10.0.0.1/"})
        program.send_signal(end)
        status, out, err = ended(program)
    assert (status, out, err) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--allow-network", "everything"),
        ("--refuse-network", "1.2.3.4/99"),
        ("--resolver", "dns.example"),
        ("--resolver", "gopher://8.8.8.8"),
        ("--resolver", "https://"),
        ("--ca-file", "/no/such/file.pem"),
        ("--rate", "0"),
        ("--host", "203.0.113.7"),
    ],
)
def test_an_option_that_cannot_be_is_told_in_one_line(arguments: tuple[str, str], tmp_path: Path) -> None:
    result = lampwatch("control", "--data", tmp_path, "--port", 0, *arguments)
    assert result.exit_code == 2, result.exception
    assert len(result.stderr.splitlines()) == 1


def test_addresses_are_found_in_networks_of_either_kind() -> None:
    inside = within_networks(["10.0.0.0/8", "2001:db8::/32"], "--allow-network")
    assert [inside(ip) for ip in ("10.1.2.3", "11.0.0.1", "2001:db8::1", "2001:db9::1")] == [
        True,
        False,
        True,
        False,
    ]


def test_a_served_instance_is_a_control_too(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path / "data", "--port", 0) as (program, address):
        found = answer(f"{address}control", {"http_request": "http://10.0.0.1/"})
        assert found["http_request"]["failure"] == "dns_bogon_error"
        program.send_signal(signal.SIGTERM)
        assert ended(program)[0] == 0


def test_a_served_instance_is_no_control_where_it_is_told_so(tmp_path: Path) -> None:
    with serving("serve", "--data", tmp_path / "data", "--port", 0, "--no-control") as (_, address):
        with pytest.raises(urllib.error.HTTPError) as refused:
            answer(f"{address}control", {"http_request": "http://10.0.0.1/"})
        assert refused.value.code == 404
        refused.value.close()
