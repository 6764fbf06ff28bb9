"""Input is hostile: whatever a document is, the kernel reads it or sets it aside, and never fails."""

import os
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import Method, by_test_name, discover
from tests.conftest import ROOT
from tests.fuzz import target
from tests.fuzz.documents import KEYS, found, small
from tests.fuzz.mutations import mutated

EXAMPLES = int(os.environ.get("LAMPWATCH_FUZZ_EXAMPLES") or 250)
BATCH = 8

pytestmark = pytest.mark.fuzz


def shared() -> list[bytes]:
    """The measurements of the shared data, or none where it is absent."""
    folder = Path(os.environ.get("LAMPWATCH_SHARED") or ROOT.parent / "shared" / "data") / "measurements"
    return found([folder]) if folder.is_dir() else []


SMALL = small()
SEEDS = SMALL + shared()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    return target.kernel(tmp_path_factory.mktemp("references"))


def fuzzing(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )


def test_there_is_a_document_of_every_method() -> None:
    assert [method.name for method in discover() if not set(method.extractor.NAMES) & set(KEYS)] == []


def test_every_document_that_is_not_mutated_is_read(kernel: Kernel) -> None:
    assert target.outcomes(kernel, SMALL) == {"read": len(SMALL)}


@pytest.mark.parametrize("name", sorted(set(KEYS) & set(by_test_name(discover()))))
def test_every_document_that_is_not_mutated_is_judged(kernel: Kernel, name: str) -> None:
    tables = kernel.rows([target.line(SMALL[list(KEYS).index(name)])])
    assert tables["verdict"].num_rows > 0


@fuzzing(EXAMPLES)
@given(
    random=st.randoms(use_true_random=False),
    chosen=st.lists(st.sampled_from(SEEDS), min_size=1, max_size=BATCH),
)
def test_mutated_measurements_never_raise(kernel: Kernel, random: Random, chosen: list[bytes]) -> None:
    assert target.outcomes(kernel, [mutated(seed, SEEDS, random) for seed in chosen]).total() == len(chosen)


@fuzzing(EXAMPLES)
@given(raws=st.lists(st.binary(max_size=400), max_size=BATCH))
def test_bytes_that_are_no_measurement_never_raise(kernel: Kernel, raws: list[bytes]) -> None:
    outcomes = target.outcomes(kernel, raws)
    assert (outcomes["read"], outcomes.total()) == (0, len(raws))


class Failing:
    """The parts of a method, with a bug in each that is its own."""

    def __init__(self, method: Method) -> None:
        self.NAMES = method.extractor.NAMES
        self.NEEDS_INPUT = method.extractor.NEEDS_INPUT
        self.TestKeys = method.extractor.TestKeys
        self.RULES = method.assessor.RULES

    def extract(self, _keys: Any, _measurement: Measurement) -> Observations:
        raise ZeroDivisionError

    def assess(
        self, _measurement: Any, _observations: Observations, _references: References
    ) -> list[Verdict]:
        raise ZeroDivisionError


@pytest.mark.parametrize("part", ["extractor", "assessor"])
def test_a_bug_in_a_method_would_be_seen(part: str) -> None:
    methods = dict(by_test_name(discover()))
    methods["tor"] = msgspec.structs.replace(methods["tor"], **{part: Failing(methods["tor"])})
    with pytest.raises(target.BrokenPromiseError, match="ZeroDivisionError") as broken:
        target.outcomes(Kernel(methods, NO_REFERENCES), SMALL)
    assert broken.value.raws == [SMALL[list(KEYS).index("tor")]]
