"""Values of a query's parameters: what is taken, and the words with which anything else is turned down."""

import datetime as dt
import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

MOST_ROWS: Final = 1000
"""Rows in one answer at most; a larger limit is taken as this one."""
_MOST_VALUES: Final = 200
_LONGEST_ASN: Final = 10
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def _time(value: object) -> object:
    """A date or a time in ISO 8601 -> UTC without a zone; nothing for an empty text."""
    if value is None or isinstance(value, dt.datetime):
        return value
    text = str(value).strip()
    if not text:
        return None
    try:
        time = dt.datetime.fromisoformat(text)
        if time.tzinfo is not None:
            time = time.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        message = f"{text[:40]!r} is no date or time; write 2026-11-23 or 2026-11-23T14:32:00 (UTC)"
        raise ValueError(message) from None
    return time


def _nothing_if_empty(value: object) -> object:
    return None if value == "" else value


def _number_of_network(value: object) -> object:
    """`AS9198` or `9198` -> 9198; nothing for an empty text."""
    if value is None or isinstance(value, int):
        return value
    text = str(value).strip().upper()
    if not text:
        return None
    digits = text.removeprefix("AS")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_ASN or int(digits) >= 2**32:
        message = f"{text[:40]!r} is no network; write AS9198 or 9198"
        raise ValueError(message)
    return int(digits)


def _country(value: object) -> object:
    if value is None or value == "":
        return None
    code = str(value).strip().upper()
    if not _COUNTRY.fullmatch(code):
        message = f"{code[:40]!r} is no country code; write two letters, as KZ"
        raise ValueError(message)
    return code


def _parts(value: object) -> list[str]:
    """`a,b` or a repeated parameter -> its parts, without empty ones."""
    given = value if isinstance(value, list | tuple) else [value]
    parts = [part.strip() for each in given if each is not None for part in str(each).split(",")]
    if len(parts) > _MOST_VALUES:
        message = f"more than {_MOST_VALUES} values at once"
        raise ValueError(message)
    return [part for part in parts if part]


def _given_texts(value: object) -> list[str]:
    """A repeated parameter's values as they are: URLs may hold commas."""
    given = value if isinstance(value, list | tuple) else [value]
    return [str(each) for each in given if each not in (None, "")]


_TEXT_LIST: Final = WithJsonSchema(
    {"type": "string", "description": "one value, or several with commas between them"}
)

When = Annotated[
    dt.datetime | None, BeforeValidator(_time), WithJsonSchema({"type": "string", "format": "date-time"})
]
Country = Annotated[
    str | None, BeforeValidator(_country), WithJsonSchema({"type": "string", "example": "KZ"})
]
Asn = Annotated[
    int | None, BeforeValidator(_number_of_network), WithJsonSchema({"type": "string", "example": "AS9198"})
]
Text = Annotated[Annotated[str, Field(max_length=2048)] | None, BeforeValidator(_nothing_if_empty)]
Truth = Annotated[bool | None, BeforeValidator(_nothing_if_empty)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_parts), _TEXT_LIST]
Inputs = Annotated[tuple[str, ...], BeforeValidator(_given_texts), WithJsonSchema({"type": "string"})]
Countries = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: [_country(part) for part in _parts(value)]), _TEXT_LIST
]
Asns = Annotated[
    tuple[int, ...],
    BeforeValidator(lambda value: [_number_of_network(part) for part in _parts(value)]),
    _TEXT_LIST,
]
Limit = Annotated[int, Field(ge=1, le=1_000_000), AfterValidator(lambda limit: min(limit, MOST_ROWS))]
Offset = Annotated[int, Field(ge=0, le=1_000_000_000)]


def in_order(since: dt.datetime | None, until: dt.datetime | None) -> None:
    """Raise ValueError where a stretch of time ends before it begins."""
    if since is not None and until is not None and until < since:
        message = "until is before since"
        raise ValueError(message)


def without_empty(query: dict[str, Any]) -> dict[str, Any]:
    """The parameters that were given, for the address of the next page."""
    return {name: value for name, value in query.items() if value not in (None, "", ())}
