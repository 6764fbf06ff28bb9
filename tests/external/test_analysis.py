"""Our observations against OONI's own analysis of the same measurements, transaction by transaction."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.external.pipeline_facts import Ids, pipeline_facts
from tests.external.reading import cases, read

COMPARED = ("Unexpected", "Expected", "Unexplained", "DNSLookupSuccessWith")


class Difference(NamedTuple):
    """Transactions that stand in one set and not in the other."""

    case: str
    field: str
    only_ooni: Ids
    only_ours: Ids


# Each with its reason: "OONI counts … because …; we … because …". None is known, and a new one fails.
KNOWN: dict[Difference, str] = {}


class Compared(NamedTuple):
    """One set of one case, as OONI has it and as it follows from our observations; None where it does not."""

    case: str
    field: str
    theirs: Ids
    ours: Ids | None


def compared(shared: Path) -> Iterator[Compared]:
    for case in cases(shared):
        file = case / "analysis.json"
        if not file.exists():
            continue
        document = read(case / "measurement.json")
        assert document.observations is not None
        ours = pipeline_facts(document.measurement.input, document.observations)
        for field, ids in json.loads(file.read_bytes()).items():
            if any(word in field for word in COMPARED):
                yield Compared(case.name, field, frozenset(ids or ()), ours.get(field))


@pytest.fixture(scope="module")
def fields(shared_data: Path) -> list[Compared]:
    found = list(compared(shared_data))
    if not found:
        pytest.skip("no analysis.json among the shared data")
    return found


def test_every_field_of_the_analysis_follows_from_our_observations(fields: list[Compared]) -> None:
    assert sorted({field.field for field in fields if field.ours is None}) == []


def test_the_analysis_says_enough_to_be_compared(fields: list[Compared]) -> None:
    assert sum(len(field.theirs) for field in fields) > len({field.case for field in fields})


def test_our_observations_say_what_the_analysis_says(
    fields: list[Compared], capsys: pytest.CaptureFixture[str]
) -> None:
    differences = {
        Difference(f.case, f.field, f.theirs - f.ours, f.ours - f.theirs)
        for f in fields
        if f.ours is not None and f.ours != f.theirs
    }
    with capsys.disabled():
        _show(fields, differences)
    assert differences == set(KNOWN)


def _show(fields: list[Compared], differences: set[Difference]) -> None:
    filled = [field for field in fields if field.theirs]
    counts = (
        f"{len(fields)} sets of OONI's analysis compared in {len({field.case for field in fields})} cases, "
        f"{len(filled)} of them not empty, with {sum(len(field.theirs) for field in filled)} transactions: "
        f"{len(differences)} differences"
    )
    listed = [f"  {difference}: {KNOWN.get(difference, 'not known')}" for difference in sorted(differences)]
    # Standard error, because a worker of xdist has no standard output.
    print("\n" + "\n".join([counts, *listed]), file=sys.stderr, flush=True)  # noqa: T201  the list is what this test is for
