import datetime as dt

import msgspec
import pytest

from lampwatch.formats.verdict_rows import COLUMNS, csv_cell, csv_row, public_verdict, published_source
from lampwatch.store.rows import VerdictRow

ROW = VerdictRow(
    uid="20220105040000_KZ_webconnectivity_0000000000000001",
    target="example.org",
    day="2022-01-05",
    start_time=dt.datetime(2022, 1, 5, 4),  # noqa: DTZ001  times at rest are UTC without a zone
    method="web_connectivity",
    input="https://example.org/",
    probe_cc="KZ",
    probe_asn=9198,
    network_name="Kazakhtelecom",
    source="kz.jsonl",
    state="ok",
    layer=None,
    mechanism=None,
    evidence="none",
    rule_id="web.ok",
    rules_version="1",
    because="it worked",
    control="worked",
    hostname="example.org",
    fingerprint="",
    findings=["a", "b"],
    layers=[],
    witnesses=[],
    networks_version="n",
    fingerprints_version="f",
    voter=1,
    software="ooniprobe 3.8.0",
)


def test_the_names_are_those_that_ooni_s_readers_know() -> None:
    public = public_verdict(ROW)
    assert public["measurement_uid"] == ROW.uid
    assert public["test_name"] == "web_connectivity"
    assert public["measurement_start_time"] == "2022-01-05T04:00:00Z"
    assert tuple(public) == COLUMNS


def test_a_row_of_an_exported_batch_gives_the_same() -> None:
    assert public_verdict(msgspec.structs.asdict(ROW)) == public_verdict(ROW)


def test_a_line_of_csv_has_every_column() -> None:
    line = dict(zip(COLUMNS, csv_row(public_verdict(ROW)), strict=True))
    assert line["findings"] == "a|b"
    assert line["layer"] == ""
    assert line["probe_asn"] == "9198"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert csv_cell(text) == f"'{text}"
    assert csv_cell([text]) == f"'{text}"


def test_a_negative_number_stays_a_number() -> None:
    assert csv_cell(-1) == "-1"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/home/alice/ooni/2022/kz.jsonl.gz", "…/ooni/2022/kz.jsonl.gz"),
        ("/data/kz.tar.gz!/day/1.jsonl", "…/kz.tar.gz!/day/1.jsonl"),
        ("s3://bucket/a/b/c/d.jsonl", "s3://bucket/a/b/c/d.jsonl"),
        ("example/measurements.jsonl", "example/measurements.jsonl"),
        ("-", "-"),
    ],
)
def test_a_published_source_tells_nothing_of_the_folders_above(source: str, shown: str) -> None:
    assert published_source(source) == shown
