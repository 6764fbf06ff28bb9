import asyncio
from typing import Any

import pytest

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.asking import control_keys, control_says, only_told, question_about
from lampwatch.probe.failed import Failed
from tests.probe.scripted import ScriptedNetwork, kit_over

SILENT = Failed(Failure.TIMEOUT, Operation.TOP_LEVEL)


def test_a_question_names_the_url_and_the_endpoints_and_sends_a_browsers_headers() -> None:
    asked = question_about("https://site.test/", ["192.0.2.1:443"], quic=True)
    assert (asked["http_request"], asked["tcp_connect"]) == ("https://site.test/", ["192.0.2.1:443"])
    assert asked["x_quic_enabled"] is True
    assert all(isinstance(value, list) for value in asked["http_request_headers"].values())


def test_without_a_control_nobody_says_anything() -> None:
    answer = asyncio.run(control_says(kit_over(ScriptedNetwork()), {}))
    assert isinstance(answer, Failed)
    assert answer.detail == "no control was named"


def test_who_looks_on_sees_what_was_asked_and_what_was_answered() -> None:
    kit = kit_over(ScriptedNetwork())
    answer = asyncio.run(control_says(kit, {"http_request": "https://site.test/"}))
    [seen] = kit.record.comparisons
    assert (seen.question["http_request"], seen.answer) == ("https://site.test/", answer)


@pytest.mark.parametrize(
    "answer",
    [
        SILENT,
        {},
        {"dns": None},
        {"dns": {"addrs": "8.8.8.8"}},
        {"dns": {"addrs": [1, None, "x", "127.0.0.1"]}},
    ],
)
def test_an_answer_without_addresses_tells_none(answer: Any) -> None:
    assert only_told(answer, [], 4) == []


def test_only_new_addresses_are_told_and_no_more_than_asked_for() -> None:
    answer = {"dns": {"addrs": ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1"]}}
    assert only_told(answer, ["8.8.8.8"], 2) == ["8.8.4.4", "1.1.1.1"]
    assert only_told(answer, ["8.8.8.8"], -1) == []


def test_a_control_that_failed_is_written_as_a_failure() -> None:
    question = {"http_request": "https://site.test/"}
    assert control_keys(question, SILENT) == {
        "control": None,
        "control_failure": "generic_timeout_error",
        "x_control_request": question,
    }
