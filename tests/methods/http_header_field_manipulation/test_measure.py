import json

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Says, ScriptedNetwork, Server
from tests.probe.servers import RawWeb, page

HEADERS = Method("http_header_field_manipulation")
HELPER, IP = "http://header-echo.test/", "37.218.241.93"


def told(heard: bytes) -> bytes:
    """What the echo server answers: the request as it arrived, in JSON."""
    line, *fields = heard.split(b"\r\n\r\n")[0].decode().split("\r\n")
    pairs = [field.split(": ", 1) for field in fields]
    return page(
        body=json.dumps(
            {
                "headers_dict": {name: [value] for name, value in pairs},
                "request_line": line,
                "request_headers": pairs,
            }
        ).encode()
    )


def network(peer: Server | None = None) -> ScriptedNetwork:
    return ScriptedNetwork({"header-echo.test": [IP]}, {f"{IP}:80": lambda: peer or RawWeb(told)})


def capitals_lost(heard: bytes) -> bytes:
    return told(heard.replace(heard[heard.index(b"\r\n") :], heard[heard.index(b"\r\n") :].title()))


def proxied(heard: bytes) -> bytes:
    return told(heard.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.77\r\nVia: 1.1 proxy\r\n\r\n"))


def test_a_request_that_arrives_as_sent_shows_no_middlebox() -> None:
    assert HEADERS.verdicts(network(), HELPER)["path"].rule_id == "http_header_field_manipulation.equal"


def test_a_proxy_that_adds_headers_is_a_middlebox() -> None:
    verdict = HEADERS.verdicts(network(RawWeb(proxied)), HELPER)["path"]
    assert (verdict.rule_id, verdict.state, verdict.mechanism) == (
        "http_header_field_manipulation.changed",
        State.OK,
        Mechanism.MIDDLEBOX,
    )


def test_a_proxy_that_rewrites_capitals_is_a_middlebox() -> None:
    verdict = HEADERS.verdicts(network(RawWeb(capitals_lost)), HELPER)["path"]
    assert verdict.rule_id == "http_header_field_manipulation.changed"


def test_the_clients_address_that_a_proxy_added_is_not_written() -> None:
    assert "203.0.113.77" not in str(HEADERS.test_keys(network(RawWeb(proxied)), HELPER))


def test_a_page_in_place_of_the_answer_is_a_middlebox() -> None:
    verdict = HEADERS.verdicts(network(RawWeb(lambda _: page())), HELPER)["path"]
    assert verdict.rule_id == "http_header_field_manipulation.other_page"


@pytest.mark.parametrize("said", [Failure.CONNECTION_RESET, b"", b"no HTTP at all\r\n\r\n"])
def test_where_nothing_comes_back_the_path_is_unknown(said: bytes | Failure) -> None:
    verdict = HEADERS.verdicts(network(Says(said)), HELPER)["path"]
    assert verdict.rule_id == "http_header_field_manipulation.nothing_came_back"


def test_a_helper_that_is_not_there_tells_nothing() -> None:
    verdict = HEADERS.verdicts(ScriptedNetwork({"header-echo.test": [IP]}), HELPER)["path"]
    assert verdict.rule_id == "http_header_field_manipulation.nothing_came_back"


def test_the_host_asked_for_is_made_up() -> None:
    [entry] = HEADERS.test_keys(network(), HELPER)["requests"]
    hosts = [value for name, value in entry["request"]["headers_list"] if name.lower() == "host"]
    assert len(hosts) == 1
    assert hosts[0].endswith(".com")


@pytest.mark.parametrize("target", ["", "https://header-echo.test/", "header-echo.test:80"])
def test_without_a_helpers_url_it_says_what_is_wanted(target: str) -> None:
    with pytest.raises(UserError, match=r"http://echo\.example\.org/"):
        HEADERS.test_keys(network(), target)
