import datetime as dt
import json
from typing import Any

import pytest

from lampwatch.probe.document import Course, Vantage, control_at, document

BEGAN = dt.datetime(2026, 11, 23, 12, 30, 15, 123456)  # noqa: DTZ001  UTC without a zone, as everywhere
BASE = {
    # df-000's fields, all of which OONI's readers expect.
    "annotations", "data_format_version", "extensions", "input", "measurement_start_time", "probe_asn", "probe_cc",
    "probe_ip", "probe_network_name", "report_id", "resolver_asn", "resolver_ip", "resolver_network_name",
    "software_name", "software_version", "test_helpers", "test_keys", "test_name", "test_runtime",
    "test_start_time", "test_version",
}  # fmt: skip


def made(given: str | None = "https://example.org/") -> dict[str, Any]:
    course = Course(
        test_name="web_connectivity",
        test_version="0.5.28",
        input=given,
        session_started=BEGAN - dt.timedelta(minutes=1),
        started=BEGAN,
        runtime_s=1.5,
    )
    vantage = Vantage(probe_cc="KZ", probe_asn=9198, annotations={"platform": "linux"})
    raw = document(vantage, course, {"requests": []}, control_at("https://control.test/"))
    assert b"\n" not in raw
    found: dict[str, Any] = json.loads(raw)
    return found


def test_it_has_the_fields_of_the_base_format_and_no_other() -> None:
    assert set(made()) == BASE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data_format_version", "0.2.0"),
        ("measurement_start_time", "2026-11-23 12:30:15"),
        ("test_start_time", "2026-11-23 12:29:15"),
        ("probe_asn", "AS9198"),
        ("probe_cc", "KZ"),
        ("probe_ip", "127.0.0.1"),
        ("test_runtime", 1.5),
        ("annotations", {"platform": "linux"}),
        ("test_helpers", {"backend": {"address": "https://control.test/", "type": "https"}}),
    ],
)
def test_fields_are_spelled_as_ooni_spells_them(field: str, value: object) -> None:
    assert made()[field] == value


def test_a_method_without_an_input_writes_null() -> None:
    assert made(None)["input"] is None
