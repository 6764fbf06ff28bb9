"""The OONI test http_invalid_request_line (ts-007) -> lines sent to an echo server, and what came back of each."""

import binascii
from base64 import b64decode
from typing import Final

import msgspec

from lampwatch.formats.scrub import scrubbed
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement, Reason
from lampwatch.model.observation import Echo, Facts, Observations
from lampwatch.observe.archival import Binary, FailureText, Text
from lampwatch.observe.malformed import MalformedError

NAMES: Final = ("http_invalid_request_line",)
NEEDS_INPUT: Final = False

_SHOWN: Final = 300
"""How many characters of a line are kept for reading."""
_BIG: Final = 1000
_FIELDS: Final = 4


class TestKeys(msgspec.Struct, gc=False):
    """ts-007, as far as it is used here. The lists run in parallel; the probe's own `tampering` is not relied on."""

    sent: list[Text] | None = None
    received: list[Text] | None = None
    failure_list: list[FailureText] | None = None


def extract(test_keys: TestKeys, _measurement: Measurement) -> Observations:
    """One echo for each line sent. What came back is kept without anything that looks like an address.

    Raises MalformedError where bytes say that they are base64 and are not.
    """
    sent, received = test_keys.sent or [], test_keys.received or []
    failures = test_keys.failure_list or []
    echoes = [
        _echo(
            _text(line),
            _text(received[n]) if n < len(received) else "",
            failure_of(failures[n]) if n < len(failures) else None,
        )
        for n, line in enumerate(sent)
    ]
    return Observations(Facts(echoes=echoes))


def _echo(sent: str, received: str, failure: Failure | None) -> Echo:
    """What became of one line. Only a part of it, or nothing, coming back is a failure and no change."""
    changed: tuple[str, ...] = ()
    if not sent or (received != sent and sent.startswith(received)):
        failure = failure or Failure.TIMEOUT
    else:
        failure = None
        changed = ("request_line",) if received != sent else ()
    return Echo(_kind(sent), scrubbed(sent, _SHOWN), scrubbed(received, _SHOWN), changed, failure)


def _kind(line: str) -> str:
    """What is invalid in a line, by the names the test gives its kinds."""
    if line.startswith("GET cache_object:"):
        return "squid_cache_manager"
    if line.startswith("GET / HTTP/"):
        return "random_invalid_version_number"
    if len(line) > _BIG:
        return "random_big_request_method"
    return "random_invalid_field_count" if len(line.split()) >= _FIELDS else "random_invalid_method"


def _text(value: Text) -> str:
    if isinstance(value, Binary):
        try:
            return b64decode(value.data or "", validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError) as error:
            raise MalformedError(Reason.BAD_BASE64, str(error)) from error
    return value or ""
