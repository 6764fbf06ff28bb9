import errno
import socket
import ssl

import pytest

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, failed_by, failure_text, unknown


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ECONNREFUSED, Failure.CONNECTION_REFUSED),
        (errno.ECONNRESET, Failure.CONNECTION_RESET),
        (errno.EPIPE, Failure.CONNECTION_RESET),
        (errno.ECONNABORTED, Failure.CONNECTION_ABORTED),
        (errno.ETIMEDOUT, Failure.TIMEOUT),
        (errno.EHOSTUNREACH, Failure.HOST_UNREACHABLE),
        (errno.ENETUNREACH, Failure.NETWORK_UNREACHABLE),
        (errno.ENETDOWN, Failure.NETWORK_DOWN),
        (errno.ENETRESET, Failure.NETWORK_RESET),
        (errno.EADDRNOTAVAIL, Failure.NETWORK_UNREACHABLE),
        (errno.EACCES, Failure.NETWORK_UNREACHABLE),
        (errno.EPERM, Failure.NETWORK_UNREACHABLE),
        (errno.EINVAL, Failure.UNKNOWN),
    ],
)
def test_an_error_of_the_system_has_a_name_in_the_closed_list(number: int, failure: Failure) -> None:
    failed = failed_by(OSError(number, "what the system says"), Operation.CONNECT)
    assert (failed.failure, failed.operation) == (failure, Operation.CONNECT)


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (socket.EAI_NONAME, Failure.DNS_NXDOMAIN),
        (socket.EAI_NODATA, Failure.DNS_NO_ANSWER),
        (socket.EAI_AGAIN, Failure.DNS_TEMPORARY),
        (socket.EAI_FAIL, Failure.DNS_NON_RECOVERABLE),
        (socket.EAI_MEMORY, Failure.UNKNOWN),
    ],
)
def test_an_error_of_a_lookup_has_a_name_in_the_closed_list(number: int, failure: Failure) -> None:
    assert failed_by(socket.gaierror(number, "x"), Operation.RESOLVE).failure is failure


def test_time_that_is_over_is_a_timeout() -> None:
    assert failed_by(TimeoutError(), Operation.READ) == Failed(Failure.TIMEOUT, Operation.READ)


def test_an_error_of_the_tls_library_is_a_failed_handshake() -> None:
    assert failed_by(ssl.SSLError(1, "x"), Operation.TLS_HANDSHAKE).failure is Failure.TLS_FAILED_HANDSHAKE


def test_what_has_no_name_says_what_the_system_said() -> None:
    assert failed_by(OSError(errno.EINVAL, "Invalid  argument\n"), Operation.READ).text == (
        "unknown_failure: Invalid argument"
    )
    assert Failed(Failure.UNKNOWN, Operation.READ).text == "unknown_failure: no more is known"


def test_no_address_stays_in_a_detail_and_none_is_long() -> None:
    failed = unknown("no route from 203.0.113.77 to [2001:db8::7]:443 " + "x" * 1000, Operation.READ)
    assert "203.0.113.77" not in failed.text
    assert "2001:db8::7" not in failed.text
    assert len(failed.detail) <= 220


def test_a_failure_during_a_larger_operation_keeps_its_name() -> None:
    failed = Failed(Failure.CONNECTION_RESET, Operation.READ, "x").during(Operation.TLS_HANDSHAKE)
    assert failed == Failed(Failure.CONNECTION_RESET, Operation.TLS_HANDSHAKE, "x")


def test_only_a_failure_has_a_text() -> None:
    assert failure_text(b"value") is None
    assert failure_text(Failed(Failure.EOF, Operation.READ)) == "eof_error"
