"""The shutdowns of the recorded week are found in nothing but what Lampwatch itself received, and nothing else is."""

import json
from importlib import resources
from typing import Any

import pytest

from lampwatch.cli.demo import EXAMPLE
from lampwatch.lab.week import MOBILE
from tests.cli.running import said


@pytest.fixture(scope="module")
def incidents(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    data = tmp_path_factory.mktemp("week")
    with resources.as_file(resources.files("lampwatch.cli").joinpath(EXAMPLE)) as recording:
        said("ingest", recording, "--data", data, "--workers", "1")
    said("series", "own", "--days", "3650", "--data", data)
    found: list[dict[str, Any]] = json.loads(said("detect", "--all", "--format", "json", "--data", data))
    return [one for one in found if one["kind"] == "connectivity"]


def test_the_mobile_shutdown_of_thursday_is_of_that_network_alone(incidents: list[dict[str, Any]]) -> None:
    mobile = incidents[0]
    assert (mobile["scope"], mobile["entities"]) == ("networks", [f"AS{MOBILE}@XA"])
    assert mobile["level_name"] == "signal"
    assert mobile["onset"]["low"][11:] >= "09:00:00Z"
    assert mobile["onset"]["high"][11:] <= "11:00:00Z"


def test_the_shutdown_of_friday_is_of_the_whole_country(incidents: list[dict[str, Any]]) -> None:
    national = incidents[1]
    assert (national["scope"], national["entities"][0]) == ("country", "XA")
    assert len(national["entities"]) == 5
    assert national["level_name"] == "apparent"
    assert national["onset"]["low"] <= national["onset"]["at"] <= national["onset"]["high"]
    assert "13:00:00Z" <= national["onset"]["at"][11:] <= "15:00:00Z"
    assert national["end"]["at"][11:] >= "08:00:00Z"


def test_no_other_shutdown_is_told(incidents: list[dict[str, Any]]) -> None:
    assert len(incidents) == 2
