"""Bytes of one document -> its header and observations, or the reason why not. Never raises on any input."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from blake3 import blake3

from lampwatch.model.measurement import MAX_BYTES, SAMPLE_BYTES, Measurement, Reason, SetAside
from lampwatch.model.observation import Observations
from lampwatch.observe.document import Document, Header, Unread
from lampwatch.observe.malformed import MalformedError
from lampwatch.observe.method import Extractor

FIRST_YEAR: Final = 2010
LAST_YEAR: Final = 2099

_LONGEST_NETWORK_NAME: Final = 120
# What is remembered is cut before it is asked for, so that hostile text cannot fill the memory.
_LONGEST_COUNTRY: Final = 3
_LONGEST_ASN: Final = 13

_TEST_NAME: Final = b'"test_name"'
_NAME_VALUE: Final = re.compile(rb'\s*:\s*"([^"\\]{1,64})"')
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}")


class Read(msgspec.Struct, frozen=True, gc=False):
    """A document that could be read. observations is None where no method here knows its test."""

    measurement: Measurement
    observations: Observations | None


class Reader:
    """Reads documents by the extractors it was given; keeps no state between them."""

    def __init__(self, extractors: Mapping[str, Extractor]) -> None:
        self._extractors = extractors
        self._decoders: dict[str, msgspec.json.Decoder[Document[Any]]] = {
            name: msgspec.json.Decoder(Document[extractor.TestKeys])  # type: ignore[name-defined]  # made at run time
            for name, extractor in extractors.items()
        }
        self._header = msgspec.json.Decoder(Unread)

    def read(self, raw: bytes, source: str = "", position: int = 0) -> Read | SetAside:
        """Read one document: its header and observations, or why it is set aside, with where it stood."""
        try:
            return self._read(raw, source, position)
        except MalformedError as malformed:
            reason, detail = malformed.reason, malformed.detail
        except msgspec.ValidationError as error:
            reason, detail = Reason.WRONG_TYPE, str(error)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            reason, detail = _reason_of(error), str(error)
        except RecursionError:
            reason, detail = Reason.TOO_DEEP, "the decoder's depth limit was reached"
        except Exception as error:  # noqa: BLE001  a bug of ours must not stop a run: it is kept, counted and shown
            reason, detail = Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
        return set_aside(raw, source, position, reason, detail)

    def _read(self, raw: bytes, source: str, position: int) -> Read:
        if len(raw) > MAX_BYTES:
            raise MalformedError(Reason.TOO_LARGE, f"{len(raw)} bytes, the limit is {MAX_BYTES}")
        decoder = self._decoders.get(_test_name_guess(raw))
        if decoder is None:
            return self._read_unguessed(raw, source, position)
        document = decoder.decode(raw)
        if self._decoders.get(document.test_name) is not decoder:
            return self._read_unguessed(raw, source, position)
        return self._read_known(document, raw, source, position)

    def _read_unguessed(self, raw: bytes, source: str, position: int) -> Read:
        unread = self._header.decode(raw)
        if not unread.test_name:
            raise MalformedError(Reason.NOT_A_MEASUREMENT, "no test_name")
        decoder = self._decoders.get(unread.test_name)
        if decoder is not None:
            return self._read_known(decoder.decode(raw), raw, source, position)
        measurement = _measurement_of(unread, raw, source, position)
        if bytes(unread.test_keys) in (b"null", b""):
            raise MalformedError(Reason.NO_TEST_KEYS, "test_keys is null or missing")
        return Read(measurement, None)

    def _read_known(self, document: Document[Any], raw: bytes, source: str, position: int) -> Read:
        measurement = _measurement_of(document, raw, source, position)
        extractor = self._extractors[document.test_name]
        keys = document.test_keys
        if keys is None:
            raise MalformedError(Reason.NO_TEST_KEYS, "test_keys is null or missing")
        if extractor.NEEDS_INPUT and not measurement.input:
            raise MalformedError(Reason.NO_INPUT, f"{document.test_name} without an input")
        return Read(measurement, extractor.extract(keys, measurement))


def set_aside(raw: bytes, source: str, position: int, reason: Reason, detail: str) -> SetAside:
    """Keep the beginning of a document with the reason why it is not judged."""
    return SetAside(source, position, reason, detail[:500], len(raw), raw[:SAMPLE_BYTES])


def _test_name_guess(raw: bytes) -> str:
    """The test's name as the bytes seem to say, so that most documents are decoded once; checked afterwards."""
    at = raw.rfind(_TEST_NAME)
    if at < 0:
        return ""
    match = _NAME_VALUE.match(raw, at + len(_TEST_NAME))
    return match.group(1).decode("utf-8", "replace") if match else ""


def _reason_of(error: Exception) -> Reason:
    text = str(error)
    if "truncated" in text:
        return Reason.TRUNCATED
    if "utf-8" in text.lower():
        return Reason.NOT_UTF8
    return Reason.NOT_JSON


def _measurement_of(document: Header, raw: bytes, source: str, position: int) -> Measurement:
    start_time, stamp = _start_time(document)
    name = document.test_name
    stem = _stem(name)
    country = _country((document.probe_cc or "")[:_LONGEST_COUNTRY])
    given = document.input
    if isinstance(given, list):
        given = given[0] if len(given) == 1 else " ".join(given)
    # BLAKE3, because hashing is the dearest step but decoding: four times quicker than SHA-256 on large documents.
    digest = blake3(raw).hexdigest(length=8)
    return Measurement(
        f"{stamp}_{country}_{stem}_{digest}",
        name,
        _text(document.test_version),
        given or "",
        start_time,
        country,
        _asn(str(document.probe_asn or "")[:_LONGEST_ASN]),
        document.report_id or "",
        document.software_name or "",
        _text(document.software_version),
        (document.probe_network_name or "")[:_LONGEST_NETWORK_NAME],
        source,
        position,
        len(raw),
    )


def _start_time(document: Header) -> tuple[dt.datetime, str]:
    for text in (document.measurement_start_time, document.test_start_time):
        if text:
            return _time(text)
    raise MalformedError(Reason.BAD_TIME, "neither measurement_start_time nor test_start_time")


@lru_cache(maxsize=4096)
def _time(text: str | float) -> tuple[dt.datetime, str]:
    """A start time, and as it stands in a uid."""
    try:
        time = (
            dt.datetime.fromisoformat(text)
            if isinstance(text, str)
            else dt.datetime.fromtimestamp(text, dt.UTC)
        )
        if time.tzinfo is not None:
            time = time.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedError(Reason.BAD_TIME, f"{str(text)[:80]!r}: {error}") from error
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise MalformedError(Reason.BAD_TIME, f"the year {time.year} in {str(text)[:80]!r}")
    return time.replace(microsecond=0), f"{time:%Y%m%d%H%M%S}.000000"


@lru_cache(maxsize=16_384)
def _asn(value: str) -> int:
    text = value.upper().removeprefix("AS")
    if not (text.isascii() and text.isdigit()) or len(text) > 10:  # noqa: PLR2004  2**32 has ten digits
        return 0
    number = int(text)
    return number if number < 2**32 else 0


@lru_cache(maxsize=1024)
def _stem(name: str) -> str:
    """A test's name as it stands in a uid."""
    if not _NAME.fullmatch(name):
        raise MalformedError(Reason.NOT_A_MEASUREMENT, f"test_name is {name[:80]!r}")
    return name.replace("_", "")


@lru_cache(maxsize=1024)
def _country(code: str) -> str:
    return code.upper() if _COUNTRY.fullmatch(code) else "ZZ"


def _text(value: str | float | None) -> str:
    return "" if value is None else str(value)
