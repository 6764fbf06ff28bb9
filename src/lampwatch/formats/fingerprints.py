"""CSV of blocking fingerprints, in the layout of OONI's blocking-fingerprints -> fingerprints, and their version.

Columns, by name and in any order: name, scope, location_found, pattern_type, pattern, confidence_no_fp,
expected_countries; others (other_names, source, exp_url, notes) are documentation and are not read.
"""

import hashlib
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
import re2  # type: ignore[import-untyped]  # google-re2 ships no types

from lampwatch.formats.csv_rows import CsvRows, MalformedRow, RowError, is_utf8
from lampwatch.model.errors import UserError
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope

COLUMNS: Final = (
    "name",
    "scope",
    "location_found",
    "pattern_type",
    "pattern",
    "confidence_no_fp",
    "expected_countries",
)
MAX_PATTERN: Final = 16_384
"""Characters in one pattern; the longest real one has 831."""
MAX_PROGRAM: Final = 1_000
"""RE2 instructions in one regular expression, which bounds what a byte of text may cost; real ones need under 120."""
MAX_CONFIDENCE: Final = 10

_HEADER: Final = re.compile(r"header\.[a-z0-9!#$%&'*+.^_`|~-]{1,64}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ANYWHERE: Final = "ZZ"
_NAME: Final = re.compile(r"\S.{0,199}")


class FingerprintRows(msgspec.Struct, frozen=True):
    """What a file held: its fingerprints in its own order, and the rows that are left out."""

    fingerprints: tuple[Fingerprint, ...]
    malformed: tuple[MalformedRow, ...]


_Word = TypeVar("_Word", bound=StrEnum)


def read_fingerprints(content: bytes, source: str) -> FingerprintRows:
    """Read one CSV file's bytes. A bad row is counted with its reason and is never fatal.

    Raises UserError where the columns are not those of a fingerprint list, since then no row can be right.
    """
    rows = CsvRows(content, source)
    places = _places(rows.header, source)
    found: list[Fingerprint] = []
    for row in rows:
        try:
            found.append(_fingerprint(row, places))
        except RowError as error:
            rows.leave_out(str(error))
    return FingerprintRows(tuple(found), tuple(rows.malformed))


def fingerprints_version(fingerprints: Iterable[Fingerprint]) -> str:
    """Name a set of fingerprints by what it says: `fingerprints-` and 8 hex digits of a SHA-256.

    The same fingerprints have the same name whatever their order, files and repetitions.
    """
    lines = {
        msgspec.json.encode(
            [f.name, f.scope, f.location, f.pattern_type, f.pattern, f.confidence, sorted(f.countries)]
        )
        for f in fingerprints
    }
    digest = hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()
    return f"fingerprints-{digest[:8]}"


def _places(header: list[str], source: str) -> dict[str, int]:
    places = {name.strip().lower(): n for n, name in enumerate(header)}
    missing = [column for column in COLUMNS if column not in places]
    if missing:
        message = (
            f"{source} is no list of fingerprints: it has no column {', '.join(missing)}. Its first line must name "
            f"{', '.join(COLUMNS)}, as in OONI's blocking-fingerprints."
        )
        raise UserError(message)
    return places


def _fingerprint(row: list[str], places: dict[str, int]) -> Fingerprint:
    if len(row) <= max(places[column] for column in COLUMNS):
        message = f"{len(row)} fields, the header has {len(places)}"
        raise RowError(message)
    if not is_utf8(row):
        message = "the row is not UTF-8"
        raise RowError(message)
    name, scope, location, kind, pattern, confidence, countries = (row[places[column]] for column in COLUMNS)
    if not _NAME.fullmatch(name):
        message = "no usable name"
        raise RowError(message)
    pattern_type = _member(Pattern, kind, "pattern_type")
    return Fingerprint(
        name,
        _member(Scope, scope, "scope"),
        _location(location, pattern_type),
        pattern_type,
        _pattern(pattern, pattern_type),
        _confidence(confidence),
        _countries(countries),
    )


def _member(vocabulary: type[_Word], word: str, column: str) -> _Word:
    try:
        return vocabulary(word.strip().lower())
    except ValueError:
        message = f"{column} is {word[:40]!r}, not one of {', '.join(vocabulary)}"
        raise RowError(message) from None


def _location(text: str, pattern_type: Pattern) -> str:
    location = text.strip().lower()
    if location == "dns" and pattern_type is not Pattern.FULL:
        message = f"a DNS answer is compared whole, and pattern_type is {pattern_type}"
        raise RowError(message)
    if location not in ("dns", "body") and not _HEADER.fullmatch(location):
        message = f"location_found is {text[:80]!r}, not dns, body or header.NAME"
        raise RowError(message)
    return location


def _pattern(text: str, pattern_type: Pattern) -> str:
    if not text.strip():
        message = "the pattern is empty: it would match everything"
        raise RowError(message)
    if len(text) > MAX_PATTERN:
        message = f"the pattern has {len(text)} characters, the limit is {MAX_PATTERN}"
        raise RowError(message)
    if "\ufffd" in text:
        message = (
            "the pattern holds U+FFFD, left by a decoding that failed: it would match any page decoded badly"
        )
        raise RowError(message)
    if pattern_type is Pattern.REGEXP:
        _check_regexp(text)
    return text


def _check_regexp(pattern: str) -> None:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "refused"
        message = f"RE2 cannot compile the pattern: {_text(reason)}"
        raise RowError(message) from None
    if compiled.programsize > MAX_PROGRAM:
        message = f"the pattern compiles to {compiled.programsize} steps, the limit is {MAX_PROGRAM}"
        raise RowError(message)
    if compiled.search("") is not None:
        message = "the pattern matches the empty text: it would match everything"
        raise RowError(message)


def _text(reason: object) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _confidence(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(MAX_CONFIDENCE))):
        message = f"confidence_no_fp is {text[:40]!r}, not 0 to {MAX_CONFIDENCE}"
        raise RowError(message)
    return min(int(digits), MAX_CONFIDENCE)


def _countries(text: str) -> frozenset[str]:
    """Read `IT, IR` as two codes; ZZ is how the lists write `anywhere`."""
    codes = frozenset(code.strip().upper() for code in text.split(",") if code.strip())
    for code in codes:
        if not _COUNTRY.fullmatch(code):
            message = f"expected_countries names {code[:40]!r}, which is no two-letter code"
            raise RowError(message)
    return frozenset() if _ANYWHERE in codes else codes
