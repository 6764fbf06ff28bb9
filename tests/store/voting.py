"""Verdicts for the tests of votes, and what to compare: rows in any order, told whole."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa

from lampwatch.formats.tables import Rows
from lampwatch.formats.vote_tables import EVIDENCE, Evidence
from lampwatch.model.measurement import Measurement
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from tests.store.samples import NOON, measurement, verdict

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)

Given = tuple[Measurement, list[Verdict]]


def found(
    number: int,
    state: State = State.OK,
    target: str = "a.test",
    *,
    after: dt.timedelta = dt.timedelta(),
    country: str = "KZ",
    asn: int = 9198,
    session: str = "report",
) -> Given:
    """One measurement, begun so long after noon, and its verdict on one target."""
    header = measurement(number, start=NOON + after, country=country, asn=asn, report_id=session)
    return header, [verdict(target, state)]


def submitted(given: Given) -> Given:
    """The same, handed in by a probe."""
    return msgspec.structs.replace(given[0], source="submitted/batch"), given[1]


def judged(*given: Given, rules: str = "r1") -> Mapping[str, pa.RecordBatch]:
    """The tables that a commit takes, by one version of the rules."""
    gathered = Rows(rules_version=rules, networks_version="n1", fingerprints_version="f1")
    for n, (header, verdicts) in enumerate(given):
        gathered.add(header, None, verdicts, network_name="", n=n)
    return gathered.tables()


def told(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table in one order, whatever order they are in."""
    rows: list[dict[str, Any]] = table.to_pylist()
    return sorted(rows, key=repr)


def all_told(evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table, whose schemas are as promised."""
    for name, schema in EVIDENCE.items():
        assert getattr(evidence, name).schema.equals(schema), name
    return {name: told(getattr(evidence, name)) for name in EVIDENCE}
