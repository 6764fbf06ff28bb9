from random import Random

import pytest

from lampwatch.methods.http_invalid_request_line import extract, measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Said, ScriptedNetwork, Server, Serving

LINES = Method("http_invalid_request_line")
HELPER, IP = "line-echo.test:8080", "37.218.241.94"


class Echo:
    """Sends back what it gets, in two pieces; but says something other to lines that hold a word."""

    def __init__(self, word: str = "", other: bytes | Failure = b"") -> None:
        self._word = word.encode()
        self._other = other

    def hear(self, sent: bytes) -> list[Said]:
        if self._word and self._word in sent:
            return [self._other, b""] if self._other else []
        return [sent[:3], sent[3:]]


def network(word: str = "", other: bytes | Failure = b"") -> ScriptedNetwork:
    def echo() -> Server:
        return Echo(word, other)

    helper: Serving = echo
    return ScriptedNetwork({"line-echo.test": [IP]}, {f"{IP}:8080": helper})


def test_lines_that_come_back_as_sent_show_no_middlebox() -> None:
    assert LINES.verdicts(network(), HELPER)["path"].rule_id == "http_invalid_request_line.equal"


def test_a_proxy_that_answers_is_a_middlebox() -> None:
    proxy = network("GET /", b"HTTP/1.0 400 Bad Request\r\n\r\nfrom 203.0.113.77")
    verdict = LINES.verdicts(proxy, HELPER)["path"]
    assert (verdict.rule_id, verdict.state, verdict.mechanism) == (
        "http_invalid_request_line.changed",
        State.OK,
        Mechanism.MIDDLEBOX,
    )


def test_the_clients_address_in_a_proxys_page_is_not_written() -> None:
    proxy = network("GET /", b"HTTP/1.0 400 Bad Request\r\n\r\nfrom 203.0.113.77")
    assert "203.0.113.77" not in str(LINES.test_keys(proxy, HELPER))


def test_a_connection_that_is_cut_at_one_line_is_a_middlebox() -> None:
    verdict = LINES.verdicts(network("cache_object", Failure.CONNECTION_RESET), HELPER)["path"]
    assert verdict.rule_id == "http_invalid_request_line.cut"


def test_a_line_that_does_not_come_back_is_lost_and_not_changed() -> None:
    verdict = LINES.verdicts(network("cache_object"), HELPER)["path"]
    assert verdict.rule_id == "http_invalid_request_line.some_lost"


def test_a_helper_that_is_not_there_tells_nothing() -> None:
    verdict = LINES.verdicts(ScriptedNetwork({"line-echo.test": [IP]}), HELPER)["path"]
    assert verdict.rule_id == "http_invalid_request_line.nothing_came_back"


def test_the_five_lines_are_of_five_kinds() -> None:
    assert len({extract._kind(line) for line in measure.lines(Random(1))}) == 5


@pytest.mark.parametrize("target", ["", "line-echo.test", "http://line-echo.test/"])
def test_without_a_helpers_address_it_says_what_is_wanted(target: str) -> None:
    with pytest.raises(UserError, match=r"echo\.example\.org:80"):
        LINES.test_keys(network(), target)
