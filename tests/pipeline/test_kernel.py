import pickle
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.formats.archive import unpack
from lampwatch.formats.tables_schema import SCHEMAS
from lampwatch.judge.references import NO_REFERENCES
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Read
from lampwatch.pipeline.kernel import Kernel, RawLine
from lampwatch.pipeline.methods import Method, by_test_name, discover
from tests.pipeline.making import BROKEN, kernel, mixed_lines, split, told

LINES = mixed_lines()
KERNEL = kernel()
WHOLE = told([KERNEL.rows(LINES)])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 175])
def test_the_same_lines_in_any_batches_give_the_same_rows(size: int) -> None:
    assert told(KERNEL.rows(batch) for batch in split(LINES, size)) == WHOLE


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, len(LINES)), max_size=6))
def test_wherever_batches_end_the_rows_are_the_same(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(LINES)]
    batches = [LINES[a:b] for a, b in pairwise(ends)]
    assert told(KERNEL.rows(batch) for batch in batches) == WHOLE


def test_a_kernel_holds_nothing_between_batches() -> None:
    first = told([KERNEL.rows(LINES[:40])])
    KERNEL.rows(LINES[40:])
    assert told([KERNEL.rows(LINES[:40])]) == first


def test_another_kernel_gives_the_same_rows() -> None:
    assert told([kernel().rows(LINES)]) == WHOLE


def test_rows_have_the_schemas_of_the_store_even_where_there_are_none() -> None:
    for lines in (LINES, []):
        tables = KERNEL.rows(lines)
        assert {name: table.schema for name, table in tables.items()} == dict(SCHEMAS)


def test_every_line_becomes_a_measurement_or_is_set_aside() -> None:
    assert len(WHOLE["measurement"]) == len(LINES) - len(BROKEN)
    assert [row["position"] for row in WHOLE["quarantine"]] == [4, 11, 18, 25]


def test_the_archive_s_bytes_hold_the_lines_as_they_came_with_their_places() -> None:
    batch = unpack(KERNEL.work(LINES).archive)
    assert batch.documents == [line.raw for line in LINES]
    assert batch.sources == [line.source for line in LINES]
    assert batch.positions == [line.position for line in LINES]


def test_what_was_no_line_is_set_aside_without_a_place_in_the_archive() -> None:
    aside = SetAside("a.jsonl.gz", 0, Reason.UNREADABLE_SOURCE, "ends early", -1, b"")
    worked = KERNEL.work([], [aside])
    assert worked.archive == b""
    assert [row["n"] for row in worked.tables["quarantine"].to_pylist()] == [-1]


def test_results_travel_between_processes() -> None:
    worked = KERNEL.work(LINES[:20])
    again = pickle.loads(pickle.dumps(worked))  # noqa: S301  made in this very line
    assert again.archive == worked.archive
    assert told([again.tables]) == told([worked.tables])


class _Failing:
    """Rules with a bug in them."""

    RULES = ()

    def assess(self, *_: object) -> list[Verdict]:
        message = "a bug"
        raise ZeroDivisionError(message)


def test_a_bug_in_a_rule_sets_its_document_aside_and_stops_nothing() -> None:
    methods = {
        name: Method(method.name, method.extractor, _Failing()) if name == "telegram" else method
        for name, method in by_test_name(discover()).items()
    }
    rows = told([Kernel(methods, NO_REFERENCES).rows(LINES)])
    failed = [row for row in rows["quarantine"] if row["reason"] == Reason.INTERNAL_ERROR]
    assert len(failed) == sum(b'"test_name":"telegram"' in line.raw for line in LINES)
    assert {row["detail"] for row in failed} == {"judging: ZeroDivisionError: a bug"}
    assert {row["method"] for row in rows["verdict"]} == {row["method"] for row in WHOLE["verdict"]} - {
        "telegram"
    }


def test_a_test_that_no_method_reads_has_no_verdict() -> None:
    document = b'{"test_name":"ndt","measurement_start_time":"2026-11-20 10:00:00","test_keys":{}}'
    rows = told([KERNEL.rows([RawLine(document, "a.jsonl", 1)])])
    assert len(rows["measurement"]) == 1
    assert rows["verdict"] == []
    assert KERNEL.verdicts(_read(document)) == ()


def _read(document: bytes) -> Read:
    read = KERNEL._reader.read(document)
    assert isinstance(read, Read)
    return read
