"""CSV of test lists, in the layout of Citizen Lab's test-lists <-> entries: which URLs to measure, and of what kind.

Columns, by name and in any order: url, category_code, category_description, date_added, source, notes. The last four
are documentation and may be missing. Source: github.com/citizenlab/test-lists, lists/ (CC BY-NC-SA 4.0).
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

import msgspec

from lampwatch.formats.csv_rows import CsvRows, MalformedRow, RowError, is_utf8
from lampwatch.formats.names import url_parts
from lampwatch.model.errors import UserError

COLUMNS: Final = ("url", "category_code", "category_description", "date_added", "source", "notes")
CATEGORIES: Final[Mapping[str, str]] = {
    "ALDR": "Alcohol & Drugs",
    "ANON": "Anonymization and circumvention tools",
    "COMM": "E-commerce",
    "COMT": "Communication Tools",
    "CTRL": "Control content",
    "CULTR": "Culture",
    "DATE": "Online Dating",
    "ECON": "Economics",
    "ENV": "Environment",
    "FILE": "File-sharing",
    "GAME": "Gaming",
    "GMB": "Gambling",
    "GOVT": "Government",
    "GRP": "Social Networking",
    "HACK": "Hacking Tools",
    "HATE": "Hate Speech",
    "HOST": "Hosting and Blogging Platforms",
    "HUMR": "Human Rights Issues",
    "IGO": "Intergovernmental Organizations",
    "LGBT": "LGBT",
    "MILX": "Terrorism and Militants",
    "MISC": "Miscellaneous content",
    "MMED": "Media sharing",
    "NEWS": "News Media",
    "POLR": "Political Criticism",
    "PORN": "Pornography",
    "PROV": "Provocative Attire",
    "PUBH": "Public Health",
    "REL": "Religion",
    "SRCH": "Search Engines",
    "XED": "Sex Education",
}
"""The codes that the lists use, and what they stand for there."""
LICENCE: Final = "CC BY-NC-SA 4.0"
ATTRIBUTION: Final = (
    "Citizen Lab and Others. URL Testing Lists Intended for Discovering Website Censorship, 2014. "
    "https://github.com/citizenlab/test-lists"
)
MAX_LIST_BYTES: Final = 16 * 1024 * 1024
"""The largest list that is read; the largest real one is under 300 KB."""
MAX_URL: Final = 2048

_NEEDED: Final = ("url", "category_code")
_CATEGORY: Final = re.compile(r"[A-Z]{2,8}")
_UNPRINTABLE: Final = re.compile("[\x00-\x20\x7f\ud800-\udfff]")


class TestListEntry(msgspec.Struct, frozen=True):
    """One URL of a test list. category is a code such as NEWS; date_added is as the list has it, mostly YYYY-MM-DD."""

    # pytest takes every class of such a name for a test.
    __test__: ClassVar[bool] = False

    url: str
    category: str
    category_description: str = ""
    date_added: str = ""
    source: str = ""
    notes: str = ""


class ListRows(msgspec.Struct, frozen=True):
    """What a list held: its entries in its own order, each URL once, and the rows that are left out."""

    entries: tuple[TestListEntry, ...]
    malformed: tuple[MalformedRow, ...]


def read_test_list(content: bytes, source: str) -> ListRows:
    """Read one CSV file's bytes. A bad row is counted with its reason and is never fatal.

    Raises UserError where the columns are not those of a test list, since then no row can be right.
    """
    if len(content) > MAX_LIST_BYTES:
        raise UserError(f"{source} is larger than {MAX_LIST_BYTES} bytes: it is no test list")
    rows = CsvRows(content, source)
    places = _places(rows.header, source)
    found: dict[str, TestListEntry] = {}
    for row in rows:
        try:
            entry = _entry(row, places)
            if entry.url in found:
                raise RowError("the URL stands in the list before")  # noqa: TRY301  told in one place, below
        except RowError as error:
            rows.leave_out(str(error))
        else:
            found[entry.url] = entry
    return ListRows(tuple(found.values()), tuple(rows.malformed))


def write_test_list(entries: Iterable[TestListEntry]) -> bytes:
    """The entries as such a CSV file, which `read_test_list` reads back as they are."""
    text = io.StringIO(newline="")
    # A lone carriage return must be quoted for it to come back; the csv module does so only where it ends lines.
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    for e in entries:
        writer.writerow((e.url, e.category, e.category_description, e.date_added, e.source, e.notes))
    return text.getvalue().encode()


def _places(header: list[str], source: str) -> dict[str, int]:
    """Where each column is. Raises UserError where one that is needed is missing."""
    names = [name.strip().lower() for name in header]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise UserError(f"{source} is no test list: its first line names no column {', '.join(missing)}")
    return {name: names.index(name) for name in COLUMNS if name in names}


def _entry(row: list[str], places: dict[str, int]) -> TestListEntry:
    cells = {name: row[place] for name, place in places.items() if place < len(row)}
    if len(row) > max(places.values()) + 1 and any(row[max(places.values()) + 1 :]):
        raise RowError("it has more columns than the first line")
    url, category = cells.get("url", "").strip(), cells.get("category_code", "").strip().upper()
    if not is_utf8(cells.values()):
        raise RowError("it is not UTF-8")
    if not url or len(url) > MAX_URL or _UNPRINTABLE.search(url):
        raise RowError("its URL is empty, too long or not printable")
    parts = url_parts(url)
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise RowError("its URL is not http:// or https:// and a host")
    if not _CATEGORY.fullmatch(category):
        raise RowError("its category is no code such as NEWS")
    more = {name: cells[name] for name in COLUMNS[2:] if name in cells}
    return TestListEntry(url=url, category=category, **more)
