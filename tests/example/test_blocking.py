"""Every block of the recorded week is found, and told as what it was; nothing else is told above a first sign.

The truth is the script the week was recorded from. Measurements are taken in as they are, shuffled, twice, late, and
once more from the archive: the incidents are the same.
"""

import datetime as dt
import json
import random
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import zstandard

from lampwatch.cli.demo import EXAMPLE
from lampwatch.cli.place import Place
from lampwatch.lab.week import CABLE, CAMPUS, CATEGORIES, MOBILE, TELECOM, WEEK
from tests.cli.running import said

APPARENT = 2
INTERVALS = {"live.test": dt.timedelta(hours=6)}
"""How often a target is measured where it is not every three hours."""

TUESDAY, WEDNESDAY, THURSDAY = (WEEK.starts + dt.timedelta(days=days) for days in (1, 2, 3))
BLOCKED: dict[str, tuple[set[int], dt.datetime, set[str]]] = {
    "telegram": ({TELECOM, CABLE, MOBILE, CAMPUS}, TUESDAY.replace(hour=14, minute=30), {"ip_drop", "tls_sni_reset"}),
    "whatsapp": ({TELECOM, CABLE, MOBILE}, WEDNESDAY.replace(hour=18), {"ip_drop", "dns_bogon"}),
    "channel5.example": (
        {TELECOM, CABLE, CAMPUS},
        WEDNESDAY.replace(hour=20),
        {"dns_bogon", "tls_sni_reset", "http_reset", "http_block_page", "tls_interception"},
    ),
    "live.test": ({TELECOM, CABLE}, THURSDAY.replace(hour=18), {"tls_sni_reset", "ip_drop"}),
}  # fmt: skip
"""What was blocked on two networks or more: networks, when it began, and how; by its first target or service."""
SIGNS: dict[tuple[str, str], tuple[int, set[str]]] = {
    ("rights.example", "web_connectivity"): (TELECOM, {"dns_nxdomain"}),
    ("video.example", "throttle"): (MOBILE, {"throttling"}),
    ("video.example", "quic"): (CABLE, {"quic_drop"}),
    ("signal", "signal"): (TELECOM, {"tls_sni_reset"}),
}
"""What was blocked on one network alone, by target and method."""


def recorded() -> list[bytes]:
    with resources.as_file(resources.files("lampwatch.cli").joinpath(EXAMPLE)) as path:
        return zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().splitlines()


def look(data: Path) -> list[dict[str, Any]]:
    """All incidents that are told, but for what makes one run differ from another."""
    place = Place(data)
    with place.archive() as archive, place.store(archive) as store:
        store.set_categories(sorted(CATEGORIES.items()))
    said("series", "own", "--days", "3650", "--data", data)
    said("detect", "--all", "--data", data)
    found: list[dict[str, Any]] = json.loads(said("incidents", "--format", "json", "--data", data))
    for one in found:
        for name in ("made_at", "revision", "because"):
            del one[name]
    return found


def taken_in(data: Path, documents: list[bytes]) -> None:
    """As one file a call: three of them, so that what is late is late."""
    for number in range(3):
        part = documents[number * len(documents) // 3 : (number + 1) * len(documents) // 3]
        file = data.parent / f"{data.name}-{number}.jsonl"
        file.write_bytes(b"\n".join(part) + b"\n")
        said("ingest", file, "--data", data, "--workers", "1")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    data = tmp_path_factory.mktemp("week") / "data"
    taken_in(data, recorded())
    return data, look(data)


@pytest.fixture(scope="module")
def blocking(plain: tuple[Path, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [one for one in plain[1] if one["kind"] == "blocking"]


def test_what_is_apparent_is_what_was_blocked_on_two_networks_and_each_is_one(
    blocking: list[dict[str, Any]],
) -> None:
    apparent = [set(one["services"]) for one in blocking if one["level"] >= APPARENT]
    assert len(apparent) == len(BLOCKED)
    assert all(any(name in services for services in apparent) for name in BLOCKED)


@pytest.mark.parametrize("name", BLOCKED)
def test_networks_mechanisms_and_onset_are_right(name: str, blocking: list[dict[str, Any]]) -> None:
    networks, began, mechanisms = BLOCKED[name]
    [found] = [one for one in blocking if one["level"] >= APPARENT and name in one["services"]]
    assert set(found["networks"]) == networks
    assert set(found["mechanisms"]) == mechanisms
    onset = found["onset"]
    assert onset["low"] <= f"{began:%Y-%m-%dT%H:%M:%SZ}" <= onset["high"]
    guess = dt.datetime.fromisoformat(onset["at"]).replace(tzinfo=None)
    assert abs(guess - began) <= INTERVALS.get(name, dt.timedelta(hours=3))


@pytest.mark.parametrize(("target", "method"), SIGNS)
def test_what_one_network_blocks_is_a_first_sign(
    target: str, method: str, blocking: list[dict[str, Any]]
) -> None:
    network, mechanisms = SIGNS[target, method]
    [found] = [
        one for one in blocking if (target, method) in {(b["target"], b["method"]) for b in one["blocks"]}
    ]
    assert (found["level"], found["networks"], set(found["mechanisms"])) == (1, [network], mechanisms)


def test_nothing_else_is_told(blocking: list[dict[str, Any]]) -> None:
    assert len(blocking) == len(BLOCKED) + len(SIGNS)


def test_messengers_then_media_then_everything_is_one_episode(
    plain: tuple[Path, list[dict[str, Any]]],
) -> None:
    followed = [one for one in plain[1] if one["episode"]]
    assert [one["entities"][0] for one in followed if one["kind"] == "connectivity"] == ["XA"]
    assert len({one["episode"] for one in followed}) == 1
    assert {one["services"][0] for one in followed if one["kind"] == "blocking"} >= {"telegram", "whatsapp"}


def test_the_same_measurements_shuffled_twice_and_late_are_the_same_incidents(
    tmp_path: Path, plain: tuple[Path, list[dict[str, Any]]]
) -> None:
    documents = recorded()
    random.Random(7).shuffle(documents)
    late = [document for document in documents if hash_of(document) % 3 == 0]
    timely = [document for document in documents if hash_of(document) % 3]
    data = tmp_path / "data"
    taken_in(data, timely + timely[:500])
    assert essence(look(data)) != essence(plain[1])
    taken_in(data, late)
    assert essence(look(data)) == essence(plain[1])
    assert detected(data) == detected(plain[0])


def hash_of(document: bytes) -> int:
    return sum(document[-64:])


def essence(incidents: list[dict[str, Any]]) -> list[list[Any]]:
    """What is told of incidents, but for ids, which stay what they were when each was first told, and for moments,
    which are told anew only where they moved by more than a little."""
    names = ("kind", "country", "scope", "entities", "level", "status", "targets", "networks", "mechanisms")
    return [
        [sorted(value) if isinstance(value := one.get(name), list) else value for name in names]
        for one in sorted(incidents, key=lambda one: (one["kind"], sorted(one["entities"]), one["level"]))
    ]


def detected(data: Path) -> list[dict[str, Any]]:
    """What detection finds now, to the last digit, with nothing on record."""
    found: list[dict[str, Any]] = json.loads(
        said("detect", "--all", "--until", "2027-01-01", "--format", "json", "--data", data)
    )
    return found


def test_a_replay_from_the_archive_gives_the_same_incidents(
    tmp_path: Path, plain: tuple[Path, list[dict[str, Any]]]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "raw").symlink_to(plain[0] / "raw")
    said("reprocess", "--data", data, "--workers", "1")
    assert look(data) == plain[1]


def test_every_witness_of_an_incident_holds_when_its_bytes_are_judged_again(
    plain: tuple[Path, list[dict[str, Any]]], blocking: list[dict[str, Any]]
) -> None:
    [news] = [one for one in blocking if "channel5.example" in one["services"] and one["level"] >= APPARENT]
    told = said("incident", news["id"], "--recheck", "--data", plain[0]).partition("re-checked")[2]
    assert told.count(" holds\n") == len(news["blocks"]) == told.count(" by ")
