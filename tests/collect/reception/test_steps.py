"""The four steps as OONI Probe takes them."""

import json

import pytest
import zstandard

from tests.collect.reception.making import (
    HELPER,
    RANDOM,
    REPORT_ID,
    Addresses,
    Prober,
    refused,
)

CHECK_IN = {
    "run_type": "timed",
    "charging": True,
    "on_wifi": True,
    "platform": "android",
    "probe_asn": "AS9198",
    "probe_cc": "KZ",
    "software_name": "ooniprobe-android",
    "software_version": "5.1.0",
    "web_connectivity": {"category_codes": ["NEWS"]},
}
OPENING = {
    "data_format_version": "0.2.0",
    "format": "json",
    "probe_asn": "AS9198",
    "probe_cc": "KZ",
    "software_name": "ooniprobe-android",
    "software_version": "5.1.0",
    "test_name": "web_connectivity",
    "test_start_time": "2026-11-23 12:30:00",
    "test_version": "0.5.28",
}
DOCUMENT = b'{ "test_name":"web_connectivity","x" : [1.50,"\xc3\xa9\\u00e9\\/"],  "test_keys":{}}'


def test_the_steps_in_order_as_a_probe_takes_them() -> None:
    prober = Prober()
    reached = prober.posts("/api/v1/check-in", CHECK_IN).json()
    assert (reached["v"], reached["probe_cc"], reached["probe_asn"]) == (1, "KZ", "AS9198")
    assert reached["utc_time"] == "2026-11-23T12:30:05Z"
    web = reached["tests"]["web_connectivity"]
    assert web["urls"] == [{"url": "https://news.test/", "category_code": "NEWS", "country_code": "KZ"}]
    assert reached["conf"]["test_helpers"]["web-connectivity"] == [
        {"address": HELPER.address, "type": "https"}
    ]
    opened = prober.posts("/report", OPENING).json()
    assert opened["report_id"] == web["report_id"] == REPORT_ID
    assert "json" in opened["supported_formats"]
    assert opened["backend_version"] == "9.9"
    report = f"/report/{opened['report_id']}"
    body = b'{"format":"json","content":' + DOCUMENT + b"}"
    assert prober.posts(report, body).json() == {"measurement_uid": "uid-0"}
    compressed = prober.posts(
        report, zstandard.compress(body.replace(b"1.50", b"2")), Content_Encoding="zstd"
    )
    assert compressed.json() == {"measurement_uid": "uid-1"}
    assert prober.posts(f"{report}/close", b"").json() == {}


def test_a_document_is_kept_byte_for_byte() -> None:
    prober = Prober()
    prober.posts(f"/report/{REPORT_ID}", b'{"content":' + DOCUMENT + b',"format":"json"}')
    assert prober.kept.documents == [DOCUMENT]


def test_a_document_on_many_lines_is_put_on_one() -> None:
    prober = Prober()
    prober.posts(f"/report/{REPORT_ID}", b'{"format":"json","content":\r\n{"a":\n1}\n}\n')
    assert prober.kept.documents == [b'{"a": 1}']


def test_the_same_document_again_has_the_same_name() -> None:
    prober = Prober()
    answers = [prober.posts(f"/report/{REPORT_ID}", {"content": {"a": 1}}).json() for _ in range(2)]
    assert answers == [{"measurement_uid": "uid-0"}] * 2
    assert len(prober.kept.documents) == 1


@pytest.mark.parametrize("content", [b"null", b'"text"', b"[]", b'{"aside":1}', b"3"])
def test_what_is_json_and_no_measurement_is_kept(content: bytes) -> None:
    prober = Prober()
    answer = prober.posts(f"/report/{REPORT_ID}", b'{"content":' + content + b"}")
    assert answer.status_code == 200
    assert prober.kept.documents == [content]


def test_a_document_that_is_set_aside_has_no_name() -> None:
    answer = Prober().posts(f"/report/{REPORT_ID}", {"content": {"aside": 1}})
    assert (answer.status_code, answer.json()) == (200, {"measurement_uid": None})


@pytest.mark.parametrize(
    "body",
    [b"", b"no JSON", b"[]", b"{}", b'{"format":"json"}', b'{"content":{"a":1}', b'{"content":tru}', b"\xff"],
)
def test_what_is_no_json_is_refused_in_one_line(body: bytes) -> None:
    prober = Prober()
    status, detail = refused(prober.posts(f"/report/{REPORT_ID}", body))
    assert (status, detail.partition(":")[0]) == (400, "the body is no report entry")
    assert prober.kept.documents == []


def test_what_is_nested_too_deep_to_be_read_is_refused() -> None:
    deep = b'{"content":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert refused(Prober().posts(f"/report/{REPORT_ID}", deep)) == (
        400,
        "the body is no report entry: nested too deep",
    )


def test_a_report_that_nobody_here_opened_is_accepted() -> None:
    foreign = "20210101T000000Z_webconnectivity_IR_44244_n7_AbCdEfGhIjKlMnOp"
    assert Prober().posts(f"/report/{foreign}", {"content": {}}).status_code == 200
    assert Prober().posts(f"/report/{foreign}/close", b"").status_code == 200


@pytest.mark.parametrize("name", ["x", "..", f"{REPORT_ID}0", REPORT_ID.replace("KZ", "kz"), "%00"])
def test_what_names_no_report_is_not_found(name: str) -> None:
    for path in (f"/report/{name}", f"/report/{name}/close"):
        assert Prober().posts(path, {"content": {}}).status_code in {404, 405}


@pytest.mark.parametrize(
    ("opening", "status"),
    [
        (b"no JSON", 400),
        (b"{}", 400),
        (b'{"test_name": 3}', 400),
        (b'{"test_name": ""}', 400),
        (b'{"test_name": "web connectivity"}', 400),
        (b'{"test_name": "x", "format": "yaml"}', 406),
    ],
)
def test_a_report_that_cannot_be_opened_is_told_why(opening: bytes, status: int) -> None:
    assert refused(Prober().posts("/report", opening))[0] == status


def test_a_report_is_opened_for_a_probe_that_says_little() -> None:
    opened = Prober().posts("/report", {"test_name": "http_header_field_manipulation"}).json()
    assert opened["report_id"] == f"20261123T123005Z_httpheaderfieldmanipulation_ZZ_0_n1_{RANDOM}"


def test_nothing_is_kept_by_a_cache() -> None:
    prober = Prober()
    for path, body in (("/api/v1/check-in", CHECK_IN), ("/report", OPENING), ("/report/x/close", {})):
        assert prober.posts(path, body).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "asked"), [("198.51.100.77", "198.51.100.0"), ("2001:db8:1:2::3", "2001:db8:1::")]
)
def test_a_probe_that_knows_not_where_it_is_is_told_by_its_network(address: str, asked: str) -> None:
    networks = Addresses()
    prober = Prober(networks=networks, address=address)
    reached = prober.posts("/api/v1/check-in", {"probe_cc": "ZZ", "probe_asn": "AS0"}).json()
    assert (reached["probe_cc"], reached["probe_asn"], reached["probe_network_name"]) == (
        "XA",
        "AS64500",
        "Test Net",
    )
    # Address data remembers what it was asked: it never hears the whole of an address.
    assert networks.asked == [asked]


def test_what_a_probe_says_of_itself_is_taken_as_said() -> None:
    networks = Addresses()
    prober = Prober(networks=networks, address="198.51.100.77")
    reached = prober.posts("/api/v1/check-in", CHECK_IN).json()
    assert (reached["probe_cc"], reached["probe_network_name"]) == ("KZ", "Kazakhtelecom")
    assert networks.asked == []


@pytest.mark.parametrize("address", ["", "testclient", "fe80::1%eth0", "::ffff:198.51.100.7"])
def test_no_address_makes_a_check_in_fail(address: str) -> None:
    reached = Prober(networks=Addresses(), address=address).posts("/api/v1/check-in", {})
    assert (reached.status_code, reached.json()["probe_cc"]) == (200, "ZZ")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"probe_cc": 3}', b'{"web_connectivity": {"category_codes": 1}}']
)
def test_a_check_in_that_cannot_be_read_is_refused(body: bytes) -> None:
    assert refused(Prober().posts("/api/v1/check-in", body))[0] == 400


def test_categories_that_are_none_ask_for_nothing() -> None:
    codes = ["news", "'; DROP", "", "N" * 1000, *["GAME"] * 1000]
    reached = (
        Prober()
        .posts("/api/v1/check-in", {"probe_cc": "KZ", "web_connectivity": {"category_codes": codes}})
        .json()
    )
    assert [url["category_code"] for url in reached["tests"]["web_connectivity"]["urls"]] == ["GAME"]


def test_a_short_request_may_be_compressed_too() -> None:
    packed = zstandard.compress(json.dumps(OPENING).encode())
    assert Prober().posts("/report", packed, Content_Encoding="zstd").json()["report_id"] == REPORT_ID
