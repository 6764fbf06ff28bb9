import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from lampwatch.formats.test_list import TestListEntry
from lampwatch.probe.checking_in import REMEMBERED, CheckedIn, check_in, remember, remembered
from lampwatch.probe.document import Vantage
from tests.probe.collector import FaultyCollector
from tests.probe.spooling import NOON, StandingClock

ANSWER: dict[str, Any] = {
    "v": 1,
    "probe_cc": "KZ",
    "probe_asn": "AS9198",
    "probe_network_name": "Kazakhtelecom",
    "conf": {
        "test_helpers": {"web-connectivity": [{"address": "https://control.example/", "type": "https"}]}
    },
    "tests": {"web_connectivity": {"urls": [{"url": "https://a.kz/", "category_code": "NEWS"}]}},
}


def checked_in(collector: FaultyCollector, asked: Vantage | None = None) -> CheckedIn:
    async def asks() -> CheckedIn:
        async with collector.serving(), httpx.AsyncClient(trust_env=False) as client:
            return await check_in(client, collector.address, asked or Vantage(), ["NEWS"], StandingClock())

    return asyncio.run(asks())


def answering(answer: Any) -> FaultyCollector:
    collector = FaultyCollector()
    collector.check_in = answer
    return collector


def test_a_collector_tells_where_the_probe_is_and_what_to_measure() -> None:
    collector = answering(ANSWER)
    assert checked_in(collector) == CheckedIn(
        Vantage(probe_cc="KZ", probe_asn=9198, network_name="Kazakhtelecom"),
        (TestListEntry("https://a.kz/", "NEWS"),),
        ("https://control.example/",),
    )
    assert collector.checked_in[0]["web_connectivity"] == {"category_codes": ["NEWS"]}


def test_what_the_user_said_counts_more() -> None:
    found = checked_in(answering(ANSWER), Vantage(probe_cc="RU", probe_asn=12389)).vantage
    assert (found.probe_cc, found.probe_asn, found.network_name) == ("RU", 12389, "")


@pytest.mark.parametrize(
    "change",
    [
        {"probe_cc": "<b>", "probe_asn": "AS99999999999", "probe_network_name": 7},
        {"probe_cc": None, "probe_asn": None},
        {"conf": [], "tests": {"web_connectivity": None}},
        {
            "tests": {
                "web_connectivity": {
                    "urls": [1, {"url": 1}, {"url": "file:///etc/passwd", "category_code": "NEWS"}]
                }
            }
        },
        {
            "conf": {
                "test_helpers": {"web-connectivity": [{"address": "http://plain.example/"}, {"address": 1}]}
            }
        },
    ],
)
def test_a_lying_answer_does_no_harm(change: dict[str, Any]) -> None:
    found = checked_in(answering(ANSWER | change))
    assert found.failure == ""
    assert {entry.url for entry in found.entries} <= {"https://a.kz/"}
    assert set(found.controls) <= {"https://control.example/"}
    assert found.vantage.probe_cc in {"KZ", "ZZ"}
    assert found.vantage.probe_asn in {9198, 0}


@pytest.mark.parametrize("answer", [None, {}])
def test_where_nobody_answers_there_is_a_reason_and_what_was_said_holds(
    answer: dict[str, Any] | None,
) -> None:
    found = checked_in(answering(answer), Vantage(probe_cc="KZ"))
    assert found.failure != ""
    assert found.vantage == Vantage(probe_cc="KZ")


def test_what_is_remembered_says_so_in_each_measurement(tmp_path: Path) -> None:
    assert remembered(tmp_path) is None
    remember(tmp_path, Vantage(probe_cc="KZ", probe_asn=9198, network_name="Kazakhtelecom"), NOON)
    found = remembered(tmp_path)
    assert found is not None
    assert (found.probe_cc, found.probe_asn) == ("KZ", 9198)
    assert found.annotations == {REMEMBERED: "remembered from 2026-11-23"}


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"country": "KZ"}'])
def test_a_damaged_memory_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "whereabouts.json").write_bytes(content)
    assert remembered(tmp_path) is None
