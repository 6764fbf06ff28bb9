"""The shipped recording: what was recorded is what the script says, and nobody can take it for the world."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import zstandard

from lampwatch.cli.demo import EXAMPLE
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.lab.networks import LabNetworks
from lampwatch.lab.recording import ANNOTATION, LABEL, mistakes
from lampwatch.lab.script import Happening
from lampwatch.lab.week import HAPPENINGS, NETWORKS, TELECOM, WEEK
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from lampwatch.observe.read import Reader
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import by_test_name, discover
from tests.cli.running import rows, said

METHODS = by_test_name(discover())
READER = Reader({name: method.extractor for name, method in METHODS.items()})
MOST_BYTES = 5_000_000
ANEW = "record it again: lampwatch lab record --out src/lampwatch/cli/example.jsonl.zst"


def packed() -> bytes:
    return resources.files("lampwatch.cli").joinpath(EXAMPLE).read_bytes()


@cache
def documents() -> Sequence[bytes]:
    return zstandard.ZstdDecompressor(max_window_size=2**27).decompress(packed()).splitlines()


@cache
def heads() -> Sequence[dict[str, Any]]:
    """The documents without their test_keys."""
    found = [json.loads(document) for document in documents()]
    for head in found:
        del head["test_keys"]
    return found


def judged(references: References) -> Iterator[tuple[bytes, Sequence[Verdict]]]:
    kernel = Kernel(METHODS, references)
    for document in documents():
        read = READER.read(document)
        assert not isinstance(read, SetAside), read
        verdicts = kernel.verdicts(read)
        assert not isinstance(verdicts, str), verdicts
        yield document, verdicts


@cache
def told() -> Sequence[tuple[dict[str, Any], Sequence[Verdict]]]:
    return [(head, verdicts) for head, (_, verdicts) in zip(heads(), judged(NO_REFERENCES), strict=True)]


@pytest.mark.parametrize(
    "references", [NO_REFERENCES, References(networks=LabNetworks())], ids=["none", "lab"]
)
def test_every_verdict_is_what_the_script_did(references: References) -> None:
    wrong = [line for document, verdicts in judged(references) for line in mistakes(WEEK, document, verdicts)]
    assert wrong == [], ANEW


def test_every_round_of_the_script_was_recorded() -> None:
    asked = Counter(
        (
            f"AS{network.asn}",
            WEEK.time(one.hour).strftime("%Y-%m-%d %H:%M:%S"),
            question.method,
            question.input,
        )
        for network in NETWORKS
        for one in WEEK.rounds(network)
        for question in one.questions
    )
    made = Counter(
        (head["probe_asn"], head["test_start_time"], head["test_name"], head["input"] or "")
        for head in heads()
    )
    assert made == asked, ANEW


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda happening: happening.story)
def test_what_happens_is_seen_on_each_of_its_networks(happening: Happening) -> None:
    for asn in happening.networks:
        states = {
            verdict.state
            for head, verdicts in told()
            if head["probe_asn"] == f"AS{asn}" and happening.going_on(asn, _hour(head))
            for verdict in verdicts
            if (head["test_name"], verdict.target) in happening.truth
        }
        assert (State.UNKNOWN if happening.outage else State.BLOCKED) in states


def test_a_shutdown_is_told_from_within_and_what_is_at_home_is_seen_to_answer() -> None:
    seen: dict[str, set[str]] = {}
    for head, verdicts in told():
        if head["test_name"] == "connectivity" and _is_out(head):
            seen.setdefault(head["probe_asn"], set()).update(verdict.rule_id for verdict in verdicts)
    assert seen == {
        f"AS{network.asn}": {
            "connectivity.outside_gone" if network.asn == TELECOM else "connectivity.everything_gone"
        }
        for network in NETWORKS
    }


def test_all_states_are_in_it_in_believable_proportion() -> None:
    states = Counter(verdict.state for _, verdicts in told() for verdict in verdicts)
    assert set(states) == set(State)
    assert states[State.OK] / states.total() > 0.4
    assert states[State.BLOCKED] / states.total() > 0.1


def test_it_is_small_enough_to_ship() -> None:
    assert len(packed()) < MOST_BYTES
    assert 2000 < len(documents()) < 5000


def test_no_document_can_be_taken_for_the_world() -> None:
    for head in heads():
        assert head["annotations"] == {ANNOTATION: LABEL}
        assert head["probe_cc"] == "XA"
        assert 64512 <= int(head["probe_asn"][2:]) <= 65534
        assert head["probe_network_name"].endswith("(lab recording)")
        assert head["probe_ip"] == "127.0.0.1"


def test_no_document_stands_twice() -> None:
    assert len(set(documents())) == len(documents())


def test_all_of_it_is_taken_in_and_nothing_set_aside(tmp_path: Path) -> None:
    with resources.as_file(resources.files("lampwatch.cli").joinpath(EXAMPLE)) as path:
        out = said("ingest", path, "--data", tmp_path / "data")
    assert out.startswith(f"{len(documents())} measurements taken in, 0 were there already\n")
    assert "set aside" not in out
    assert {row["network_name"] for row in rows(tmp_path / "data")} == {network.name for network in NETWORKS}


def _hour(head: dict[str, Any]) -> float:
    began = WEEK.starts.fromisoformat(head["measurement_start_time"])
    return (began - WEEK.starts).total_seconds() / 3600


def _is_out(head: dict[str, Any]) -> bool:
    asn = int(head["probe_asn"][2:])
    return any(one.outage and one.going_on(asn, _hour(head)) for one in HAPPENINGS)
