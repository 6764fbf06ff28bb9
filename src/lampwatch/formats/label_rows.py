"""What a reader of labels gives, and what all readers of label tables share."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow, RowError, is_utf8
from lampwatch.formats.label_times import Moment
from lampwatch.formats.places import country_code, folded, region_place
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label

MAX_TEXT: Final = 500
"""The longest text that is kept of a cause or note, in characters."""

_WORLD_ASN: Final = 2**32


class LabelRows(msgspec.Struct, frozen=True):
    """What a file held: its labels in its own order, how many rows were no label for us, and what is malformed.

    passed_over counts rows that are right but tell of something that no series of ours can show.
    """

    labels: tuple[Label, ...]
    malformed: tuple[MalformedRow, ...]
    passed_over: int = 0


class Columns:
    """Where the columns of a table are, by their folded names. Asked for a cell, it gives the first that is filled."""

    def __init__(self, header: Sequence[str]) -> None:
        self._places: dict[str, int] = {}
        for place, name in enumerate(header):
            self._places.setdefault(folded(name), place)

    def has(self, *names: str) -> bool:
        """Whether there is a column of each of these folded names."""
        return all(name in self._places for name in names)

    def cell(self, row: Sequence[str], *names: str) -> str:
        """The first filled cell of these columns, stripped; empty where none is."""
        for name in names:
            place = self._places.get(name)
            if place is not None and place < len(row) and row[place].strip():
                return row[place].strip()[:MAX_TEXT]
        return ""

    def longest(self, row: Sequence[str], starts: str) -> str:
        """The cell of the first column whose folded name starts so."""
        return next((self.cell(row, name) for name in self._places if name.startswith(starts)), "")


def checked(row: Sequence[str]) -> None:
    """Raises RowError where a row cannot be read as text."""
    if not is_utf8(row):
        raise RowError("it is not UTF-8")


def named_country(name: str) -> str:
    """ISO 3166-1 alpha-2 of a country's name, also of the first or second of `Myanmar/Burma`. Raises RowError."""
    for part in (name, *name.split("/")):
        if code := country_code(part):
            return code
    raise RowError(f"nobody knows the country {name[:60]!r}")


def named_region(country: str, name: str) -> Entity:
    """The region of that name within a country (alpha-2), by its code or, where it has none, by its name."""
    place = region_place(country, name)
    if place == country:
        raise RowError(f"{name[:60]!r} is no name of a region")
    return entity(place)


def network(number: str) -> Entity:
    """The network of that number, wherever it is. Raises RowError."""
    digits = number.strip().upper().removeprefix("AS").strip()
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:11]) < _WORLD_ASN:
        raise RowError(f"{number[:40]!r} is no network's number")
    return Entity("", int(digits))


def entity(code: str) -> Entity:
    """The entity of a code. Raises RowError."""
    try:
        return Entity.of(code)
    except ValueError as error:
        raise RowError(str(error)) from error


def ends_after(begin: Moment, end: Moment | None) -> int | None:
    """When an event is over, in seconds since 1970; None where nobody says. Raises RowError where that is before it."""
    if end is None:
        return None
    if end.over <= begin.at:
        raise RowError("it ends before it begins")
    return end.over
