"""A measurement as one document in the OONI data format 0.2.0 (df-000)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lampwatch import __version__

SOFTWARE: Final = "lampwatch"
_EXTENSIONS: Final = dict.fromkeys(("dnst", "httpt", "netevents", "tcpconnect", "tlshandshake", "tunnel"), 0)
_TIME: Final = "%Y-%m-%d %H:%M:%S"


class Vantage(msgspec.Struct, frozen=True, kw_only=True):
    """Where a probe measures from, no closer than its network. annotations are short texts, by name."""

    probe_cc: str = "ZZ"
    probe_asn: int = 0
    network_name: str = ""
    annotations: Mapping[str, str] = msgspec.field(default_factory=dict)


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a method: what it was asked, when the run and its session began (UTC), and how long it took."""

    test_name: str
    test_version: str
    input: str | None
    session_started: dt.datetime
    started: dt.datetime
    runtime_s: float


def control_at(address: str) -> dict[str, str]:
    """A control as the document names its helper."""
    return {"address": address, "type": "https"}


def document(
    vantage: Vantage, course: Course, test_keys: Mapping[str, Any], helper: str | Mapping[str, str] = ""
) -> bytes:
    """One measurement on one line of JSON. The probe's address is never in it: probe_ip is 127.0.0.1.

    helper is whom the measurement needed, empty where nobody: a control (`control_at`), or an address as it was given.
    """
    asn = f"AS{vantage.probe_asn}"
    return msgspec.json.encode(
        {
            "annotations": dict(vantage.annotations),
            "data_format_version": "0.2.0",
            "extensions": _EXTENSIONS,
            "input": course.input,
            "measurement_start_time": course.started.strftime(_TIME),
            "probe_asn": asn,
            "probe_cc": vantage.probe_cc,
            "probe_ip": "127.0.0.1",
            "probe_network_name": vantage.network_name,
            "report_id": "",
            "resolver_asn": "AS0",
            "resolver_ip": "",
            "resolver_network_name": "",
            "software_name": SOFTWARE,
            "software_version": __version__,
            "test_helpers": {"backend": helper} if helper else {},
            "test_keys": test_keys,
            "test_name": course.test_name,
            "test_runtime": round(course.runtime_s, 6),
            "test_start_time": course.session_started.strftime(_TIME),
            "test_version": course.test_version,
        }
    )
