from lampwatch.formats.csv_rows import CsvRows, MalformedRow, is_utf8


def test_the_header_is_no_row_and_blank_rows_are_none() -> None:
    rows = CsvRows(b"\xef\xbb\xbfname,why\n\n,,\na,b\n", "list.csv")
    assert (rows.header, list(rows), rows.malformed) == (["name", "why"], [["a", "b"]], [])


def test_an_empty_file_has_an_empty_header() -> None:
    rows = CsvRows(b"", "list.csv")
    assert (rows.header, list(rows)) == ([], [])


def test_what_is_no_csv_is_counted_and_costs_no_other_row() -> None:
    rows = CsvRows(b'name\na\n"b"c\nd\n', "list.csv")
    assert [row[0] for row in rows] == ["a", "d"]
    [malformed] = rows.malformed
    assert (malformed.source, malformed.line) == ("list.csv", 3)
    assert malformed.reason.startswith("not CSV: ")


def test_a_row_that_is_left_out_is_told_by_its_line() -> None:
    rows = CsvRows(b"name\na\nb\n", "list.csv")
    for row in rows:
        if row == ["b"]:
            rows.leave_out("it is b")
    assert rows.malformed == [MalformedRow("list.csv", 3, "it is b")]


def test_a_row_in_another_encoding_is_known_and_costs_no_other_row() -> None:
    rows = CsvRows("name\nЖ\n".encode() + b"\xe6\xf3\xea\n", "list.csv")
    assert [is_utf8(row) for row in rows] == [True, False]
