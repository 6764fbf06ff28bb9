from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.fingerprints import (
    MAX_PATTERN,
    FingerprintRows,
    fingerprints_version,
    read_fingerprints,
)
from lampwatch.model.errors import UserError
from lampwatch.model.fingerprint import Pattern, Scope

HEADER = (
    "name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,"
    "expected_countries,source,exp_url,notes"
)


def row(
    name: str = "kz_0",
    scope: str = "nat",
    location: str = "body",
    kind: str = "contains",
    pattern: str = "blocked",
    confidence: str = "5",
    countries: str = "KZ",
) -> str:
    return f'{name},{scope},,{location},{kind},{pattern},{confidence},"{countries}",us,,a note'


def read(*rows: str) -> FingerprintRows:
    return read_fingerprints("\n".join((HEADER, *rows)).encode(), "list.csv")


def test_a_row_becomes_a_fingerprint() -> None:
    (found,) = read(row()).fingerprints
    assert (found.name, found.scope, found.location) == ("kz_0", Scope.NAT, "body")
    assert (found.pattern_type, found.pattern, found.confidence) == (Pattern.CONTAINS, "blocked", 5)
    assert found.countries == frozenset({"KZ"})


def test_columns_are_found_by_name_in_any_order() -> None:
    text = (
        b"pattern,pattern_type,location_found,scope,name,expected_countries,confidence_no_fp\n"
        b"x y,full,dns,isp,n,,7\n"
    )
    (found,) = read_fingerprints(text, "list.csv").fingerprints
    assert (found.name, found.pattern, found.location, found.confidence) == ("n", "x y", "dns", 7)


def test_several_countries_are_separated_by_commas_and_blanks() -> None:
    assert read(row(countries="IT, ir")).fingerprints[0].countries == frozenset({"IT", "IR"})


@pytest.mark.parametrize("countries", ["", "ZZ", "GR,ZZ"])
def test_no_country_and_zz_mean_anywhere(countries: str) -> None:
    assert read(row(countries=countries)).fingerprints[0].countries == frozenset()


def test_header_names_are_lower_case() -> None:
    assert read(row(location="Header.X-App-URL")).fingerprints[0].location == "header.x-app-url"


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert read_fingerprints(b"\xef\xbb\xbf" + f"{HEADER}\n{row()}".encode(), "list.csv").fingerprints


def test_a_pattern_may_span_lines() -> None:
    assert read(row(pattern='"one\r\ntwo"')).fingerprints[0].pattern == "one\r\ntwo"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row(name=" "), "name"),
        (row(scope="king"), "scope"),
        (row(location="footer"), "location_found"),
        (row(location="header.a b"), "location_found"),
        (row(kind="glob"), "pattern_type"),
        (row(location="dns", kind="contains"), "compared whole"),
        (row(pattern=""), "empty"),
        (row(pattern="  "), "empty"),
        (row(pattern="x" * (MAX_PATTERN + 1)), "limit"),
        (row(pattern="\ufffd.*\ufffd"), "U+FFFD"),
        (row(kind="regexp", pattern="(unclosed"), "RE2"),
        (row(kind="regexp", pattern=r"(a)\1"), "RE2"),
        (row(kind="regexp", pattern=".{900}"), "limit"),
        (row(kind="regexp", pattern="a*"), "everything"),
        (row(confidence="high"), "confidence"),
        (row(confidence="-1"), "confidence"),
        (row(countries="Kazakhstan"), "two-letter"),
        ("short,row", "fields"),
    ],
)
def test_a_malformed_row_is_counted_with_its_reason_and_the_others_are_read(bad: str, why: str) -> None:
    rows = read(row("before"), bad, row("after"))
    assert [f.name for f in rows.fingerprints] == ["before", "after"]
    (malformed,) = rows.malformed
    assert why in malformed.reason
    assert (malformed.source, malformed.line) == ("list.csv", 3)


def test_a_row_in_another_encoding_does_not_cost_the_others() -> None:
    content = f"{HEADER}\n{row('before')}\n".encode() + row(pattern="запрет").encode("cp1251") + b"\n"
    rows = read_fingerprints(content + row("after").encode(), "list.csv")
    assert [f.name for f in rows.fingerprints] == ["before", "after"]
    assert "UTF-8" in rows.malformed[0].reason


def test_an_unclosed_quote_is_malformed() -> None:
    rows = read(row("before"), '"never closed')
    assert [f.name for f in rows.fingerprints] == ["before"]
    assert "not CSV" in rows.malformed[0].reason


def test_another_kind_of_csv_is_the_user_s_mistake() -> None:
    with pytest.raises(UserError, match=r"list\.csv is no list of fingerprints: it has no column name"):
        read_fingerprints(b"day,count\n2022-01-05,3\n", "list.csv")


def test_the_version_says_nothing_of_order_repetition_or_notes() -> None:
    one, two = read(row("a"), row("b")).fingerprints, read(row("b"), row("a"), row("b")).fingerprints
    assert fingerprints_version(one) == fingerprints_version(two)


@pytest.mark.parametrize(
    "other", [row("other"), row(pattern="x"), row(scope="fp"), row(countries=""), row(confidence="6")]
)
def test_the_version_changes_with_whatever_can_change_a_verdict(other: str) -> None:
    assert fingerprints_version(read(row()).fingerprints) != fingerprints_version(read(other).fingerprints)


@given(st.binary(max_size=300))
def test_no_bytes_under_a_right_header_raise(content: bytes) -> None:
    rows = read_fingerprints(f"{HEADER}\n".encode() + content, "list.csv")
    assert len(rows.fingerprints) + len(rows.malformed) <= content.count(b"\n") + content.count(b"\r") + 1


def test_ooni_s_lists_are_read_but_for_one_row_that_a_bad_decoding_spoilt(shared_data: Path) -> None:
    lists = [
        read_fingerprints(path.read_bytes(), path.name)
        for path in (shared_data / "fingerprints").glob("*.csv")
    ]
    assert sum(len(rows.fingerprints) for rows in lists) == 1954
    assert ["U+FFFD" in m.reason for rows in lists for m in rows.malformed] == [True]
