import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from lampwatch.formats.verdict_rows import COLUMNS
from lampwatch.publish.api.shapes import RuleList, VerdictList, VerdictsOfMeasurement
from tests.publish.instances import BLOCKED_UID, RESET, RULES
from tests.publish.reader import HOME, Reader

PATH = "/api/v2/verdicts"


def listed(instance: Reader, query: str) -> VerdictList:
    answer = instance.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    return VerdictList.model_validate(answer.json())


def test_a_verdict_comes_with_all_that_it_rests_on(instance: Reader) -> None:
    found = listed(
        instance, "target=telegram.example.org&asn=AS9198&since=2022-01-05&until=2022-01-06"
    ).results
    assert [row.model_dump() for row in found] == [
        {
            "measurement_uid": BLOCKED_UID,
            "measurement_start_time": "2022-01-05T04:00:00Z",
            "source": "kz.jsonl.zst",
            "test_name": "web_connectivity",
            "input": "https://telegram.example.org/",
            "probe_cc": "KZ",
            "probe_asn": 9198,
            "network_name": "Kazakhtelecom",
            "target": "telegram.example.org",
            "hostname": "telegram.example.org",
            "state": "blocked",
            "layer": "tls",
            "mechanism": "tls_sni_reset",
            "evidence": "compared",
            "control": "worked",
            "because": RESET.because,
            "rule_id": RESET.id,
            "findings": ["web.unknown.no_control"],
            "layers": ["tls", "http"],
            "witnesses": ["probe.handshake.0", "control.handshake.0"],
            "fingerprint": "",
            "rules_version": "2026.11.1",
            "networks_version": "asn-2022-01",
            "fingerprints_version": "none",
        }
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 37),
        ("country=kz", 36),
        ("asn=9198", 12),
        ("target=news.example.org", 18),
        ("state=blocked", 10),
        ("state=unknown", 2),
        ("state=down&country=BR", 1),
        ("method=web_connectivity", 37),
        ("layer=tls", 10),
        ("mechanism=tls_sni_reset", 10),
        (f"rule_id={RESET.id}", 10),
        ("category=NEWS", 18),
        ("since=2022-01-05&until=2022-01-06", 6),
        ("country=&asn=&state=&since=", 37),
    ],
)
def test_each_parameter_chooses(instance: Reader, query: str, count: int) -> None:
    assert listed(instance, query).metadata.count == count


def test_following_the_pages_gives_everything_once(instance: Reader) -> None:
    seen, path = [], f"{PATH}?limit=15&country=KZ&since=2022-01-01"
    while path:
        page = VerdictList.model_validate(instance.get(path).json())
        seen += [(row.measurement_uid, row.target) for row in page.results]
        path = page.metadata.next_url or ""
    assert len(seen) == len(set(seen)) == 36


def test_csv_gives_all_that_match_oldest_first(instance: Reader) -> None:
    answer = instance.get(f"{PATH}?format=csv&state=blocked")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 10
    assert rows[0]["measurement_start_time"] == "2022-01-03T04:00:00Z"
    assert rows[0]["witnesses"] == "probe.handshake.0|control.handshake.0"
    assert 'filename="lampwatch-verdicts.csv"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_with_a_limit_a_file_has_the_page_that_json_has(instance: Reader, form: str) -> None:
    page = [row.measurement_uid for row in listed(instance, "limit=3&offset=2").results]
    text = instance.get(f"{PATH}?limit=3&offset=2&format={form}").text
    rows = (
        list(csv.DictReader(io.StringIO(text)))
        if form == "csv"
        else [json.loads(line) for line in text.splitlines()]
    )
    assert [row["measurement_uid"] for row in rows] == page


def test_json_lines_are_the_rows_of_json(instance: Reader) -> None:
    lines = instance.get(f"{PATH}?format=jsonl&country=BR").text.splitlines()
    assert [json.loads(line) for line in lines] == instance.get(f"{PATH}?country=BR").json()["results"]


def test_parquet_has_the_same_columns_typed(instance: Reader) -> None:
    table = pq.read_table(io.BytesIO(instance.get(f"{PATH}?format=parquet").content))
    assert tuple(table.column_names) == COLUMNS
    assert table.num_rows == 37
    assert set(table["probe_asn"].to_pylist()) == {9198, 29355, 48503, 0}


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_file_of_nothing_is_a_file(instance: Reader, form: str) -> None:
    assert instance.get(f"{PATH}?format={form}&country=FR").status_code == 200


def test_one_measurement_comes_with_its_observations(instance: Reader) -> None:
    answer = instance.get(f"{PATH}/{BLOCKED_UID}").json()
    VerdictsOfMeasurement.model_validate(answer)
    assert answer["raw_measurement_url"] == f"{HOME}/api/v1/raw_measurement?measurement_uid={BLOCKED_UID}"
    assert answer["example"] is False
    handshakes = {(row["vantage"], row["n"]): row["failure"] for row in answer["observations"]["handshake"]}
    assert handshakes == {("probe", 0): "connection_reset", ("control", 0): None}


def test_the_rule_book_comes_in_its_order(instance: Reader) -> None:
    answer = RuleList.model_validate(instance.get("/api/v2/rules").json())
    assert answer.rules_version == "2026.11.1"
    assert [rule.id for rule in answer.results] == list(RULES)
    assert answer.results[0].rests_on == ["tls", "control.tls"]
