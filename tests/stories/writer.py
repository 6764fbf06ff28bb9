"""Writes the documents of all stories, for tests that need measurements of every kind: always the same bytes."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from tests.stories.stories import STORIES
from tests.stories.story import MONDAY, Story

ANNOTATION: Final = {"lampwatch_example": "written by Lampwatch's own tests, not a measurement of the world"}


def documents() -> Iterator[tuple[Story, bytes]]:
    """Every document with its story, in the order in which they were measured."""
    written = [
        (start, number, story)
        for number, story in enumerate(STORIES)
        for start in [_start(number, day, hour) for day, hour in story.times]
    ]
    for start, _, story in sorted(written, key=lambda entry: entry[:2]):
        yield story, msgspec.json.encode(_document(story, start))


def _start(number: int, day: int, hour: int) -> dt.datetime:
    # Minutes and seconds by the story's number: two stories never begin in the same second.
    return MONDAY + dt.timedelta(days=day, hours=hour, minutes=number % 60, seconds=number)


def _document(story: Story, start: dt.datetime) -> dict[str, Any]:
    time = f"{start:%Y-%m-%d %H:%M:%S}"
    network = story.network
    report = hashlib.sha256(f"{story.name} {time}".encode()).hexdigest()[:16]
    return {
        "annotations": ANNOTATION,
        "data_format_version": "0.2.0",
        "input": story.input,
        "measurement_start_time": time,
        "probe_asn": f"AS{network.asn}",
        "probe_cc": network.country,
        "probe_ip": "127.0.0.1",
        "probe_network_name": network.name,
        "report_id": f"{start:%Y%m%dT%H%M%SZ}_{story.test}_{network.country}_{network.asn}_n1_{report}",
        "resolver_asn": f"AS{network.asn}",
        "resolver_network_name": network.name,
        "software_name": "lampwatch-example",
        "software_version": "1",
        "test_keys": story.keys,
        "test_name": story.test,
        "test_runtime": 3.5,
        "test_start_time": time,
        "test_version": story.version,
    }
