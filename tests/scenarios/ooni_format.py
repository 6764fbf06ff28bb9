"""Whether a document is one in the OONI data format 0.2.0: its fields, their types, and the closed list of failures.

Source: OONI's df-000, 001, 002, 005, 006, 007 and 008.
"""

import base64
import json
import re
from typing import Any

from lampwatch.model.failure import Failure

Field = type | tuple[type, ...]
NONE = type(None)
NUMBER = (int, float)
EVENT: dict[str, Field] = {"t0": NUMBER, "t": NUMBER, "tags": list, "transaction_id": int}
BASE: dict[str, Field] = {
    "annotations": dict, "data_format_version": str, "extensions": dict, "input": (str, NONE),
    "measurement_start_time": str, "probe_asn": str, "probe_cc": str, "probe_ip": str, "probe_network_name": str,
    "report_id": str, "resolver_asn": str, "resolver_ip": str, "resolver_network_name": str, "software_name": str,
    "software_version": str, "test_helpers": dict, "test_keys": dict, "test_name": str, "test_runtime": NUMBER,
    "test_start_time": str, "test_version": str,
}  # fmt: skip
QUERY: dict[str, Field] = {
    **EVENT, "answers": (list, NONE), "engine": str, "failure": (str, NONE), "hostname": str, "query_type": str,
    "resolver_address": str,
}  # fmt: skip
CONNECT: dict[str, Field] = {**EVENT, "ip": str, "port": int, "status": dict}
SHAKE: dict[str, Field] = {
    **EVENT, "network": str, "address": str, "cipher_suite": str, "failure": (str, NONE), "negotiated_protocol": str,
    "no_tls_verify": bool, "peer_certificates": list, "server_name": str, "tls_version": str,
}  # fmt: skip
EXCHANGE: dict[str, Field] = {
    **EVENT, "network": str, "address": str, "alpn": str, "failure": (str, NONE), "request": dict, "response": dict,
}  # fmt: skip
ASKED: dict[str, Field] = {
    "method": str, "url": str, "headers": dict, "headers_list": list, "body": (str, dict), "body_is_truncated": bool,
    "x_transport": str,
}  # fmt: skip
ANSWERED: dict[str, Field] = {
    "body": (str, dict), "body_is_truncated": bool, "code": int, "headers": dict, "headers_list": list,
}  # fmt: skip
NETWORK_EVENT: dict[str, Field] = {**EVENT, "operation": str, "failure": (str, NONE)}
LISTS: dict[str, dict[str, Field]] = {
    "queries": QUERY, "x_dns_duplicate_responses": QUERY, "tcp_connect": CONNECT, "tls_handshakes": SHAKE,
    "quic_handshakes": SHAKE, "requests": EXCHANGE, "network_events": NETWORK_EVENT,
}  # fmt: skip
FAILURES = {str(failure) for failure in Failure} - {str(Failure.UNKNOWN)}
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def departures(document: bytes) -> list[str]:
    """Where a document departs from the format, a line each; empty where it does not."""
    found = json.loads(document)
    told = _fields(found, BASE, "document")
    if found.get("data_format_version") != "0.2.0" or found.get("probe_ip") != "127.0.0.1":
        told.append("document: version or probe_ip")
    for name in ("measurement_start_time", "test_start_time"):
        if not TIME.fullmatch(str(found.get(name))):
            told.append(f"{name}: {found.get(name)!r}")
    if not re.fullmatch(r"AS\d+", str(found.get("probe_asn"))) or not re.fullmatch(
        "[A-Z]{2}", found["probe_cc"]
    ):
        told.append("document: probe_asn or probe_cc")
    for name, fields in LISTS.items():
        for n, entry in enumerate(found["test_keys"].get(name) or ()):
            told += _entry(entry, fields, f"{name}[{n}]")
    return told


def _fields(entry: dict[str, Any], fields: dict[str, Field], where: str) -> list[str]:
    missing = [f"{where}.{name} is missing" for name in fields if name not in entry]
    return missing + [
        f"{where}.{name} is {entry[name]!r:.60}"
        for name, kind in fields.items()
        if name in entry
        and (not isinstance(entry[name], kind) or (kind is int and isinstance(entry[name], bool)))
    ]


def _entry(entry: dict[str, Any], fields: dict[str, Field], where: str) -> list[str]:
    told = _fields(entry, fields, where)
    if told:
        return told
    if entry["t"] < entry["t0"] or entry["t0"] < 0:
        told.append(f"{where} runs backwards")
    told += _failure(entry.get("failure"), where)
    status = entry.get("status")
    if status is not None:
        told += _failure(status.get("failure"), where)
        if status.get("success") is not (status.get("failure") is None):
            told.append(f"{where}.status contradicts itself")
    for answer in entry.get("answers") or ():
        if answer["answer_type"] in {"A", "AAAA"} and not (answer.get("ipv4") or answer.get("ipv6")):
            told.append(f"{where} has an answer without an address")
    for certificate in entry.get("peer_certificates", ()):
        told += _binary(certificate, where)
    if fields is EXCHANGE:
        told += _messages(entry, where)
    return told


def _messages(exchange: dict[str, Any], where: str) -> list[str]:
    told = _fields(exchange["request"], ASKED, f"{where}.request")
    told += _fields(exchange["response"], ANSWERED, f"{where}.response")
    for part in ("request", "response"):
        told += _text(exchange[part].get("body", ""), f"{where}.{part}.body")
        for pair in exchange[part].get("headers_list", ()):
            told += _text(pair[1], f"{where}.{part}.headers_list")
    return told


def _failure(failure: str | None, where: str) -> list[str]:
    fits = failure is None or failure in FAILURES or failure.startswith("unknown_failure: ")
    return [] if fits else [f"{where}: failure {failure!r}"]


def _text(value: str | dict[str, str], where: str) -> list[str]:
    return [] if isinstance(value, str) else _binary(value, where)


def _binary(value: dict[str, str], where: str) -> list[str]:
    if value.get("format") != "base64":
        return [f"{where} is in the format {value.get('format')!r}"]
    base64.b64decode(value["data"], validate=True)
    return []
