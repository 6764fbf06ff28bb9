from contextlib import suppress
from itertools import count

from lampwatch.methods.throttle.download import MOST_SAMPLES, Download, download
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.step import Receive, Send, Step

ASKED = Request(scheme="https", host="video.test", path="/big", headers=(("Range", "bytes=0-99"),))
HEAD = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n\r\n"


def downloaded(*heard: bytes | Failure, most: int = 100) -> Download:
    """What comes of it where this is heard, a second after another."""
    ends: list[Download] = []
    seconds = count()

    def play() -> Step[None]:
        ends.append((yield from download(ASKED, most, lambda: float(next(seconds)))))

    step = play()
    command = next(step)
    assert isinstance(command, Send)
    assert command.sent.startswith(b"GET /big HTTP/1.1\r\nHost: video.test\r\nRange: bytes=0-99\r\n")
    with suppress(StopIteration):
        for one in (b"", *heard):
            assert step.send(Failed(one, Operation.READ) if isinstance(one, Failure) else one) == Receive()
    [end] = ends
    return end


def test_a_whole_body_is_counted() -> None:
    found = downloaded(HEAD, b"x" * 60, b"x" * 40)
    assert (found.status, found.size, found.failed) == (206, 100, None)


def test_samples_tell_when_what_had_come() -> None:
    found = downloaded(HEAD, b"x" * 60, b"x" * 40)
    assert found.samples == [(1.0, 60), (2.0, 100)]
    assert found.seconds == 3.0


def test_a_body_that_is_longer_is_not_read_on() -> None:
    assert downloaded(HEAD, b"x" * 60, most=50).size == 60


def test_samples_have_an_end() -> None:
    found = downloaded(HEAD, *([b"x"] * 100))
    assert len(found.samples) <= MOST_SAMPLES
    assert found.samples[-1] == (100.0, 100)


def test_running_out_of_time_keeps_what_came() -> None:
    found = downloaded(HEAD, b"x" * 60, Failure.TIMEOUT)
    assert found.size == 60
    assert found.failed == Failed(Failure.TIMEOUT, Operation.HTTP_ROUND_TRIP)


def test_a_body_that_breaks_off_is_a_failure() -> None:
    found = downloaded(HEAD, b"x" * 60, b"")
    assert found.failed is not None
    assert (found.size, found.failed.failure) == (60, Failure.EOF)


def test_an_end_before_any_answer_is_a_failure() -> None:
    assert downloaded(b"").failed == Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP)


def test_what_is_no_http_is_a_failure() -> None:
    failed = downloaded(b"SSH-2.0-OpenSSH\r\n\r\n").failed
    assert failed is not None
    assert failed.failure is Failure.HTTP_REQUEST_FAILED


def test_interim_responses_are_passed_over() -> None:
    found = downloaded(b"HTTP/1.1 103 Early Hints\r\n\r\n", HEAD, b"x" * 100)
    assert (found.status, found.size) == (206, 100)
