"""The envelope that every measurement comes in, in the OONI data format 0.2.0 (df-000), as loosely as history wrote it.

Only what is used is named here: msgspec skips every other field without building it, and the raw archive keeps it.
"""

from typing import Generic, TypeVar

import msgspec

K = TypeVar("K")


class Header(msgspec.Struct, gc=False):
    """The fields around test_keys. Numbers stand where text belongs in some old documents; they are taken as text."""

    test_name: str = ""
    test_version: str | float | None = None
    input: str | list[str] | None = None
    measurement_start_time: str | float | None = None
    test_start_time: str | float | None = None
    probe_cc: str | None = None
    probe_asn: str | int | None = None
    probe_network_name: str | None = None
    report_id: str | None = None
    software_name: str | None = None
    software_version: str | float | None = None


class Document(Header, Generic[K], gc=False):
    """One measurement document whose test_keys are decoded as K, or None where they are null or missing."""

    test_keys: K | None = None


class Unread(Header, gc=False):
    """A document of a test that no method here knows: test_keys stay as bytes."""

    test_keys: msgspec.Raw = msgspec.Raw()
