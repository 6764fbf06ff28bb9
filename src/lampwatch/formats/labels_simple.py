"""Our own CSV of labels, which anybody can write by hand.

Columns, by name and in any order: entity (VE, VE-B, US-LA/Calcasieu, AS8048) or country (a name or code); begin and end
(ISO 8601 times, UTC without a zone, or days: a day as an end is included; an empty end: nobody knows); cause,
deliberate (yes, no or empty), kind (outage, blocking, throttling, fall, surge), note, source, families (with spaces),
resolution_s (how far the truth may lie from begin and end; a minute for times, a day for days). Lines that start with
# are comments.
"""

from typing import Final

from lampwatch.formats.csv_rows import CsvRows, RowError
from lampwatch.formats.label_rows import Columns, LabelRows, checked, ends_after, entity, named_country
from lampwatch.formats.label_times import moment
from lampwatch.model.entity import Entity
from lampwatch.model.label import DAY_S, Label, LabelKind
from lampwatch.model.series import Family

_WORDS: Final = {
    "": None,
    "unknown": None,
    "yes": True,
    "true": True,
    "1": True,
    "no": False,
    "false": False,
    "0": False,
}
_COARSEST_S: Final = 366 * DAY_S


def is_simple(columns: Columns) -> bool:
    """Whether a table has the columns that such a file needs."""
    return columns.has("begin") and (columns.has("entity") or columns.has("country"))


def read_simple(rows: CsvRows, source: str) -> LabelRows:
    """Read such a file's rows. A bad one is counted with its reason and is never fatal."""
    columns = Columns(rows.header)
    found = []
    for row in rows:
        try:
            checked(row)
            found.append(_label(row, columns, source))
        except RowError as error:
            rows.leave_out(str(error))
    return LabelRows(tuple(found), tuple(rows.malformed))


def _label(row: list[str], columns: Columns, source: str) -> Label:
    begin = moment(columns.cell(row, "begin"))
    last = columns.cell(row, "end")
    deliberate = columns.cell(row, "deliberate").lower()
    if deliberate not in _WORDS:
        raise RowError(f"deliberate is {deliberate[:40]!r} instead of yes, no or nothing")
    code = columns.cell(row, "entity")
    return Label(
        entity=entity(code) if code else Entity(named_country(columns.cell(row, "country"))),
        begin=begin.at,
        end=ends_after(begin, moment(last) if last else None),
        source=columns.cell(row, "source") or source,
        kind=_kind(columns.cell(row, "kind")),
        cause=columns.cell(row, "cause"),
        deliberate=_WORDS[deliberate],
        resolution_s=_resolution(columns.cell(row, "resolution s"), begin.resolution_s),
        families=_families(columns.cell(row, "families")),
        note=columns.cell(row, "note"),
    )


def _kind(word: str) -> LabelKind:
    try:
        return LabelKind(word.lower() or LabelKind.OUTAGE)
    except ValueError as error:
        raise RowError(f"{word[:40]!r} is no kind of event: write {', '.join(LabelKind)}") from error


def _families(words: str) -> frozenset[Family]:
    try:
        return frozenset(Family(word) for word in words.lower().split())
    except ValueError as error:
        raise RowError(f"{words[:60]!r} names no family of signals: there are {', '.join(Family)}") from error


def _resolution(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) <= _COARSEST_S:
        raise RowError(f"{text[:40]!r} is no number of seconds")
    return int(text)
