"""A document becomes a header and observations, or a reason."""

import datetime as dt
import json
from typing import Any

import msgspec
import pytest

from lampwatch.model.measurement import MAX_BYTES, SAMPLE_BYTES, Measurement, Reason, SetAside
from lampwatch.model.observation import Echo, Facts, Observations
from lampwatch.observe.malformed import MalformedError
from lampwatch.observe.read import Read, Reader


class Sky:
    """A method of our own, so that reading is tried without any real one."""

    NAMES = ("sky_colour",)
    NEEDS_INPUT = True

    class TestKeys(msgspec.Struct):
        colour: str = ""
        seen: int | None = None

    def extract(self, test_keys: TestKeys, measurement: Measurement) -> Observations:
        if test_keys.colour == "torn":
            raise MalformedError(Reason.BAD_BASE64, "the sky is torn")
        if test_keys.colour == "broken":
            raise ZeroDivisionError("a bug of ours")
        return Observations(Facts(echoes=(Echo(measurement.input, test_keys.colour, "", ()),)))


READER = Reader({"sky_colour": Sky()})


def document(**changed: Any) -> bytes:
    whole = {
        "test_name": "sky_colour",
        "test_version": "0.1.0",
        "input": "https://sky.test/",
        "measurement_start_time": "2026-11-23 10:00:00",
        "test_start_time": "2026-11-23 09:59:58",
        "probe_cc": "KZ",
        "probe_asn": "AS9198",
        "probe_network_name": "Kazakhtelecom",
        "report_id": "20261123T095958Z_skycolour_KZ_9198_n1_x",
        "software_name": "ooniprobe",
        "software_version": "3.26.0",
        "test_keys": {"colour": "blue", "more": [1, 2]},
    } | changed
    return json.dumps({name: value for name, value in whole.items() if value is not ...}).encode()


def read(raw: bytes) -> Read:
    found = READER.read(raw, "kz.jsonl", 7)
    assert isinstance(found, Read), found
    return found


def reason(raw: bytes) -> Reason:
    found = READER.read(raw, "kz.jsonl", 7)
    assert isinstance(found, SetAside), found
    return found.reason


def test_a_document_becomes_a_header_and_observations() -> None:
    raw = document()
    found = read(raw)
    header = found.measurement
    assert (header.method, header.method_version, header.input) == (
        "sky_colour",
        "0.1.0",
        "https://sky.test/",
    )
    assert (header.probe_cc, header.probe_asn, header.network_name) == ("KZ", 9198, "Kazakhtelecom")
    assert (header.software_name, header.software_version) == ("ooniprobe", "3.26.0")
    assert (header.start_time, header.day) == (dt.datetime.fromisoformat("2026-11-23 10:00:00"), "2026-11-23")
    assert (header.source, header.position, header.size) == ("kz.jsonl", 7, len(raw))
    assert found.observations is not None
    assert found.observations.probe.echoes[0].sent == "blue"


def test_a_uid_says_when_where_and_what_and_hangs_on_every_byte() -> None:
    uid = read(document()).measurement.uid
    assert uid.startswith("20261123100000.000000_KZ_skycolour_")
    assert len(uid.rpartition("_")[2]) == 16
    assert read(document()).measurement.uid == uid
    assert read(document(report_id="other")).measurement.uid != uid


def test_a_uid_does_not_hang_on_where_the_document_stood() -> None:
    other = READER.read(document(), "elsewhere", 1)
    assert isinstance(other, Read)
    assert other.measurement.uid == read(document()).measurement.uid


def test_the_uid_of_these_bytes_stays_what_it_was() -> None:
    # Written down once: what names rows at rest must never change.
    raw = b'{"test_name":"sky_colour","input":"x","measurement_start_time":"2020-01-02 03:04:05","test_keys":{}}'
    assert read(raw).measurement.uid == "20200102030405.000000_ZZ_skycolour_403965d649dd2164"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", Reason.TRUNCATED),
        (b"hello", Reason.NOT_JSON),
        (b"\x1f\x8b\x08\x00", Reason.NOT_JSON),
        (document()[:-5], Reason.TRUNCATED),
        (document()[:40], Reason.TRUNCATED),
        (document() + b"}", Reason.NOT_JSON),
        (document().replace(b"blue", b"bl\xffe"), Reason.NOT_UTF8),
        (document(input="blue").replace(b"blue", b"\xc3\x28", 1), Reason.NOT_UTF8),
        (b"{}", Reason.NOT_A_MEASUREMENT),
        (b'{"hello": 1}', Reason.NOT_A_MEASUREMENT),
        (document(test_name=""), Reason.NOT_A_MEASUREMENT),
        (document(test_name="Sky Colour!"), Reason.NOT_A_MEASUREMENT),
        (document(test_name="x" * 100), Reason.NOT_A_MEASUREMENT),
        (b"[]", Reason.WRONG_TYPE),
        (b"null", Reason.WRONG_TYPE),
        (b'"text"', Reason.WRONG_TYPE),
        (b"7", Reason.WRONG_TYPE),
        (document(test_name=7), Reason.WRONG_TYPE),
        (document(test_keys=[]), Reason.WRONG_TYPE),
        (document(test_keys={"colour": 7}), Reason.WRONG_TYPE),
        (document(input={"url": "x"}), Reason.WRONG_TYPE),
        (document(test_keys=None), Reason.NO_TEST_KEYS),
        (document(test_keys=...), Reason.NO_TEST_KEYS),
        (document(test_keys=None, test_name="cloud_shape"), Reason.NO_TEST_KEYS),
        (document(test_keys=..., test_name="cloud_shape"), Reason.NO_TEST_KEYS),
        (document(test_keys={"colour": "torn"}), Reason.BAD_BASE64),
        (document(input=None), Reason.NO_INPUT),
        (document(input=...), Reason.NO_INPUT),
        (document(input=""), Reason.NO_INPUT),
        (document(input=[]), Reason.NO_INPUT),
        (document(measurement_start_time=None, test_start_time=None), Reason.BAD_TIME),
        (document(measurement_start_time="yesterday"), Reason.BAD_TIME),
        (document(measurement_start_time="1970-01-01 00:00:00"), Reason.BAD_TIME),
        (document(measurement_start_time="3026-11-23 10:00:00"), Reason.BAD_TIME),
        (document(measurement_start_time=1e30), Reason.BAD_TIME),
        (document(measurement_start_time="0001-01-01T00:00:00+23:59"), Reason.BAD_TIME),
        (document(test_keys={"colour": "broken"}), Reason.INTERNAL_ERROR),
        (b'{"test_name": "sky_colour", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", Reason.TOO_DEEP),
        (b"[" * 100_000, Reason.WRONG_TYPE),
    ],
)
def test_each_kind_of_malformed_document_has_its_reason(raw: bytes, why: Reason) -> None:
    assert reason(raw) is why


def test_a_document_that_is_too_large_is_not_even_decoded() -> None:
    found = READER.read(b"[" * (MAX_BYTES + 1))
    assert isinstance(found, SetAside)
    assert (found.reason, found.size, len(found.raw)) == (Reason.TOO_LARGE, MAX_BYTES + 1, SAMPLE_BYTES)


def test_what_is_set_aside_keeps_its_place_its_bytes_and_a_short_detail() -> None:
    raw = document(measurement_start_time="x" * 5000)
    found = READER.read(raw, "kz.jsonl", 7)
    assert isinstance(found, SetAside)
    assert (found.source, found.position, found.raw, found.size) == ("kz.jsonl", 7, raw, len(raw))
    assert 0 < len(found.detail) <= 500


def test_every_reason_that_reading_gives_is_one_that_is_explained() -> None:
    assert {Reason.UNREADABLE_SOURCE} == set(Reason) - {
        Reason.NOT_JSON,
        Reason.TRUNCATED,
        Reason.NOT_UTF8,
        Reason.NOT_A_MEASUREMENT,
        Reason.WRONG_TYPE,
        Reason.NO_TEST_KEYS,
        Reason.BAD_BASE64,
        Reason.NO_INPUT,
        Reason.BAD_TIME,
        Reason.TOO_LARGE,
        Reason.TOO_DEEP,
        Reason.INTERNAL_ERROR,
    }


def test_an_unknown_method_is_kept_with_its_header() -> None:
    found = read(document(test_name="cloud_shape", input=None))
    assert found.observations is None
    assert found.measurement.method == "cloud_shape"


def test_a_test_name_inside_the_keys_does_not_mislead() -> None:
    inner = {"colour": "blue", "test_name": "cloud_shape"}
    raw = document(test_keys=...)[:-1] + b', "test_keys": ' + json.dumps(inner).encode() + b"}"
    assert read(raw).measurement.method == "sky_colour"
    raw = document(test_name="cloud_shape", test_keys={"test_name": "sky_colour"})
    assert read(raw).observations is None


def test_an_escaped_test_name_is_the_same_name() -> None:
    raw = document().replace(b'"sky_colour"', b'"sky\\u005fcolour"')
    assert read(raw).observations is not None


@pytest.mark.parametrize(
    ("field", "value", "attribute", "expected"),
    [
        ("probe_asn", 9198, "probe_asn", 9198),
        ("probe_asn", "9198", "probe_asn", 9198),
        ("probe_asn", "as9198", "probe_asn", 9198),
        ("probe_asn", "AS0", "probe_asn", 0),
        ("probe_asn", None, "probe_asn", 0),
        ("probe_asn", "AS99999999999", "probe_asn", 0),
        ("probe_asn", "AS-1", "probe_asn", 0),
        ("probe_asn", "AS٣", "probe_asn", 0),
        ("probe_asn", -1, "probe_asn", 0),
        ("probe_asn", 2**63, "probe_asn", 0),
        ("probe_cc", "kz", "probe_cc", "KZ"),
        ("probe_cc", None, "probe_cc", "ZZ"),
        ("probe_cc", "", "probe_cc", "ZZ"),
        ("probe_cc", "KAZ", "probe_cc", "ZZ"),
        ("probe_cc", "\u041a7", "probe_cc", "ZZ"),
        ("test_version", 0.4, "method_version", "0.4"),
        ("software_version", 3, "software_version", "3.0"),
        ("software_name", None, "software_name", ""),
        ("report_id", None, "report_id", ""),
        ("input", ["https://sky.test/"], "input", "https://sky.test/"),
        ("input", ["a", "b"], "input", "a b"),
        ("probe_network_name", "x" * 1000, "network_name", "x" * 120),
        ("probe_network_name", None, "network_name", ""),
    ],
)
def test_the_spellings_of_history_are_read(field: str, value: Any, attribute: str, expected: Any) -> None:
    assert getattr(read(document(**{field: value})).measurement, attribute) == expected


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-23 10:00:00",
        "2026-11-23T10:00:00Z",
        "2026-11-23 10:00:00.987654",
        "2026-11-23T12:00:00+02:00",
        1795428000,
        1795428000.75,
    ],
)
def test_a_time_is_read_in_utc_at_whole_seconds(time: Any) -> None:
    header = read(document(measurement_start_time=time)).measurement
    assert header.start_time == dt.datetime.fromisoformat("2026-11-23 10:00:00")
    assert header.uid.startswith("20261123100000.000000_")


def test_the_test_s_start_stands_in_for_the_measurement_s() -> None:
    header = read(document(measurement_start_time=None)).measurement
    assert header.start_time == dt.datetime.fromisoformat("2026-11-23 09:59:58")
