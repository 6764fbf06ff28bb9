"""A measurement's header, and the reasons for which a document cannot be one."""

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

SAMPLE_BYTES: Final = 65_536
"""How much of a document that is set aside is kept."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""The largest document that is read; the biggest real ones are under 5 MB."""

SUBMITTED: Final = "submitted/"
"""How the source of a measurement begins that a probe handed in itself: only these tell when they came."""


class Measurement(msgspec.Struct, frozen=True, gc=False):
    """The header of one measurement: who measured what, when, with which software. Its facts are Observations.

    uid is `{start time}_{country}_{method}_{16 hex of the document's BLAKE3}`, so that the same bytes always have the
    same name. start_time is UTC without a zone, at whole seconds. probe_asn is 0 where it is not known. source is the
    file or object the document came from, position its line (from 1) there.
    """

    uid: str
    method: str
    method_version: str
    input: str
    start_time: dt.datetime
    probe_cc: str
    probe_asn: int
    report_id: str
    software_name: str
    software_version: str
    network_name: str = ""
    source: str = ""
    position: int = 0
    size: int = 0

    @property
    def day(self) -> str:
        """The UTC day, as YYYY-MM-DD."""
        return self.start_time.strftime("%Y-%m-%d")


class Reason(StrEnum):
    """Why a document was set aside. One line each in the summary and in the quarantine."""

    NOT_JSON = "not_json"
    TRUNCATED = "truncated"
    NOT_UTF8 = "not_utf8"
    NOT_A_MEASUREMENT = "not_a_measurement"
    WRONG_TYPE = "wrong_type"
    NO_TEST_KEYS = "no_test_keys"
    BAD_BASE64 = "bad_base64"
    NO_INPUT = "no_input"
    BAD_TIME = "bad_time"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    UNREADABLE_SOURCE = "unreadable_source"
    INTERNAL_ERROR = "internal_error"


EXPLANATIONS: Final[dict[Reason, str]] = {
    Reason.NOT_JSON: "the bytes are no JSON document",
    Reason.TRUNCATED: "the JSON document ends in the middle",
    Reason.NOT_UTF8: "the bytes are no UTF-8 text",
    Reason.NOT_A_MEASUREMENT: "a JSON document, but not a measurement: it names no test",
    Reason.WRONG_TYPE: "a field has a type that no version of the format gives it",
    Reason.NO_TEST_KEYS: "test_keys is null or missing: nothing was measured",
    Reason.BAD_BASE64: "a body says that it is base64 and is not",
    Reason.NO_INPUT: "this method measures an input, and none is named",
    Reason.BAD_TIME: "no usable start time, so it belongs to no day",
    Reason.TOO_LARGE: "larger than the limit for one measurement",
    Reason.TOO_DEEP: "nested deeper than any measurement is",
    Reason.UNREADABLE_SOURCE: "the file or object could not be read on from here",
    Reason.INTERNAL_ERROR: "Lampwatch failed on it: a bug of ours, please report it",
}


class SetAside(msgspec.Struct, frozen=True, gc=False):
    """A document that could not be judged: kept with its reason, and where it stood.

    raw is the document's beginning, at most the quarantine's sample size; size is the whole length in bytes, -1 where
    it is unknown.
    """

    source: str
    position: int
    reason: Reason
    detail: str
    size: int
    raw: bytes
