"""Real documents -> what Lampwatch reads in them and says of them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from lampwatch.cli.references import load_references
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Read, Reader
from lampwatch.pipeline.methods import by_test_name, discover

METHODS = by_test_name(discover())
READER = Reader({name: method.extractor for name, method in METHODS.items()})


def read(file: Path) -> Read:
    """One document's header and observations; the test fails where it is set aside."""
    found = READER.read(file.read_bytes(), file.name)
    assert not isinstance(found, SetAside), f"{file.name}: {found}"
    return found


def judged(document: Read, references: References = NO_REFERENCES) -> Sequence[Verdict]:
    """The verdicts on a document of a method that Lampwatch knows."""
    assert document.observations is not None
    assessor = METHODS[document.measurement.method].assessor
    return assessor.assess(document.measurement, document.observations, references)


@cache
def fingerprints(shared: Path) -> References:
    """The known block pages and injected answers of the shared data."""
    folder = shared / "fingerprints"
    if not folder.is_dir():
        pytest.skip(f"no fingerprints at {folder}")
    return load_references(folder, [folder]).references


def cases(shared: Path) -> list[Path]:
    """The folders of Web Connectivity cases, by name."""
    folder = shared / "measurements" / "web-connectivity"
    found = sorted(file.parent for file in folder.glob("*/measurement.json"))
    if not found:
        pytest.skip(f"no measurements in {folder}")
    return found
