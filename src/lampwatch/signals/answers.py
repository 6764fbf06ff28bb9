"""Answers of APIs, as files hold them."""

import math
from typing import Any, Final

import msgspec

from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

_LARGEST: Final = 10**300


def json_of(content: bytes, name: str) -> Any:  # noqa: ANN401  JSON of anybody
    """What a JSON document says. Raises UserError where it is none."""
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{printable(name)} is no JSON: {printable(str(error))}") from error


def begins_json(head: bytes) -> bool:
    """Whether content begins as a JSON object or array does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def finite(value: object) -> float:
    """A JSON number, or a number in a string, as a value; NaN for null. Raises ValueError for anything else."""
    if value is None:
        return math.nan
    found = float(value) if isinstance(value, int | float | str) and not _is_unusual(value) else math.inf
    if math.isinf(found):
        message = "a value is no number"
        raise ValueError(message)
    return found


def _is_unusual(value: object) -> bool:
    """Whether it is a truth value, or a whole number that no float holds."""
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) > _LARGEST)
