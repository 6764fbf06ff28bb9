import json

import pytest

from lampwatch.publish.api.shapes import MeasurementMeta
from tests.publish.instances import BLOCKED_UID
from tests.publish.reader import Reader

REPORT = "20220105T040000Z_webconnectivity_KZ_9198_n1_abc"
INPUT = "https://telegram.example.org/"
RAW = (
    b'{"measurement_start_time": "2022-01-05 04:00:00", "test_start_time": "2022-01-05 03:59:58", '
    b'"test_name": "web_connectivity", "input": "https://telegram.example.org/", "test_keys": {}}'
)


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/raw_measurement?measurement_uid={BLOCKED_UID}",
        f"/api/v1/raw_measurement?report_id={REPORT}&input={INPUT}",
        f"/api/v1/measurement/{BLOCKED_UID}",
    ],
)
def test_the_bytes_are_those_that_came(instance: Reader, path: str) -> None:
    answer = instance.get(path)
    assert answer.content == RAW
    assert answer.headers["Content-Type"] == "application/json"


def test_a_report_without_that_input_is_not_found(instance: Reader) -> None:
    assert (
        instance.get(f"/api/v1/raw_measurement?report_id={REPORT}&input=https://other.test/").status_code
        == 404
    )


def test_a_download_has_the_measurement_s_name(instance: Reader) -> None:
    answer = instance.get(f"/api/v1/measurement/{BLOCKED_UID}?download=true")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{BLOCKED_UID}.json"'


def test_the_header_has_ooni_s_fields(instance: Reader) -> None:
    meta = instance.get(f"/api/v1/measurement_meta?measurement_uid={BLOCKED_UID}").json()
    MeasurementMeta.model_validate(meta)
    assert "raw_measurement" not in meta
    assert meta["probe_asn"] == 9198
    assert meta["test_start_time"] == "2022-01-05T03:59:58Z"
    assert meta["anomaly"] is True
    assert meta["category_code"] == "COMT"
    assert json.loads(meta["scores"]) == {"blocking_general": 1.0}


def test_the_header_in_full_has_the_bytes_as_text(instance: Reader) -> None:
    meta = instance.get(f"/api/v1/measurement_meta?report_id={REPORT}&input={INPUT}&full=true").json()
    assert meta["raw_measurement"] == RAW.decode()
