from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.test_list import MAX_LIST_BYTES, TestListEntry, read_test_list, write_test_list
from lampwatch.model.errors import UserError

HEADER = b"url,category_code,category_description,date_added,source,notes\n"
_CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_ENTRIES = st.lists(
    st.builds(
        TestListEntry,
        url=st.from_regex(r"https?://[a-z]{1,20}\.test/[a-z0-9,\"']{0,20}", fullmatch=True),
        category=st.from_regex(r"[A-Z]{3,5}", fullmatch=True),
        category_description=_CELL,
        date_added=_CELL,
        source=_CELL,
        notes=_CELL,
    ),
    unique_by=lambda entry: entry.url,
    max_size=10,
)


def reasons(rows: bytes) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in read_test_list(HEADER + rows, "kz.csv").malformed]


def test_a_row_becomes_an_entry() -> None:
    rows = read_test_list(
        HEADER + b'https://a.test/,NEWS,News Media,2014-04-15,someone,"one, two"\n', "kz.csv"
    )
    assert rows.entries == (
        TestListEntry("https://a.test/", "NEWS", "News Media", "2014-04-15", "someone", "one, two"),
    )


def test_only_the_first_two_columns_are_needed() -> None:
    rows = read_test_list(b"category_code,url\nnews,https://a.test/\n", "kz.csv")
    assert rows.entries == (TestListEntry("https://a.test/", "NEWS"),)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"ftp://a.test/,NEWS,,,,", "not http:// or https://"),
        (b"https://,NEWS,,,,", "not http:// or https://"),
        (b",NEWS,,,,", "empty"),
        (b"https://a.test/ b,NEWS,,,,", "not printable"),
        (b"https://a.test/,,,,,", "category"),
        (b"https://a.test/,ne ws,,,,", "category"),
        (b"https://a.test/,NEWS,\xff,,,", "not UTF-8"),
        (b"https://a.test/,NEWS,,,,,more", "more columns"),
        (b"https://" + b"a" * 3000 + b".test/,NEWS,,,,", "too long"),
    ],
)
def test_a_malformed_row_is_set_aside_with_its_line_and_reason(row: bytes, reason: str) -> None:
    found = read_test_list(HEADER + row + b"\nhttps://fine.test/,NEWS,,,,\n", "kz.csv")
    assert [entry.url for entry in found.entries] == ["https://fine.test/"]
    assert [(bad.source, bad.line) for bad in found.malformed] == [("kz.csv", 2)]
    assert reason in found.malformed[0].reason


def test_a_url_that_stands_twice_is_taken_once() -> None:
    assert reasons(b"https://a.test/,NEWS,,,,\nhttps://a.test/,POLR,,,,\n") == [
        (3, "the URL stands in the list before")
    ]


def test_a_quote_that_never_ends_costs_no_row_before_it() -> None:
    found = read_test_list(HEADER + b'https://a.test/,NEWS,,,,\nhttps://b.test/,NEWS,"open', "kz.csv")
    assert [entry.url for entry in found.entries] == ["https://a.test/"]
    assert found.malformed[0].reason.startswith("not CSV")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"a,b,c\n1,2,3\n"])
def test_what_is_no_test_list_is_told_in_one_line(content: bytes) -> None:
    with pytest.raises(UserError, match=r"kz\.csv is no test list"):
        read_test_list(content, "kz.csv")


def test_an_endless_list_is_not_read() -> None:
    with pytest.raises(UserError, match="larger than"):
        read_test_list(b"x" * (MAX_LIST_BYTES + 1), "kz.csv")


@given(_ENTRIES)
def test_what_is_written_reads_back_as_it_was(entries: list[TestListEntry]) -> None:
    rows = read_test_list(write_test_list(entries), "kz.csv")
    assert list(rows.entries) == entries
    assert rows.malformed == ()


@given(st.binary(max_size=300))
def test_no_row_is_fatal(rows: bytes) -> None:
    found = read_test_list(HEADER + rows, "kz.csv")
    assert all(entry.url.startswith(("http://", "https://", "HTTP", "Http")) for entry in found.entries)


@pytest.mark.parametrize("name", ["by", "cn", "global", "ir", "kz", "mm", "pk", "ru", "tr", "ug"])
def test_real_lists_are_read_nearly_whole(shared_data: Path, name: str) -> None:
    content = (shared_data / "test-lists" / f"{name}.csv").read_bytes()
    found = read_test_list(content, name)
    assert len(found.entries) > 100
    assert len(found.malformed) <= len(found.entries) // 100
    again = read_test_list(write_test_list(found.entries), name)
    assert (again.entries, again.malformed) == (found.entries, ())
