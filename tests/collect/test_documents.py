import gzip

import pytest

from lampwatch.collect import json_file
from lampwatch.collect.source import BrokenError
from lampwatch.model.measurement import SAMPLE_BYTES, Reason
from tests.collect.making import asides, end, items, lines, read, source_of

PRETTY = b'{\n  "a": 1,\r\n  "b": [\n    2\n  ]\n}\n'


def test_a_line_is_a_document_with_its_line_number() -> None:
    assert lines(read(b'{"a":1}\n{"a":2}\n', "x.jsonl")) == [(1, b'{"a":1}'), (2, b'{"a":2}')]


def test_the_last_line_needs_no_end() -> None:
    assert lines(read(b'{"a":1}\n{"a":2}', "x.jsonl")) == [(1, b'{"a":1}'), (2, b'{"a":2}')]


def test_blank_lines_are_counted_and_left_out() -> None:
    assert lines(read(b'\n{"a":1}\n \t\r\n\n{"a":2}\n\n', "x.jsonl")) == [(2, b'{"a":1}'), (5, b'{"a":2}')]


def test_windows_line_ends_are_no_part_of_a_document() -> None:
    content = b'{"a":1}\r\n' * 3
    assert lines(items(source_of(content, "x.jsonl", chunk=8))) == [(n, b'{"a":1}') for n in (1, 2, 3)]


def test_a_byte_order_mark_is_no_part_of_a_document() -> None:
    for name in ("x.jsonl", "x.json"):
        found = items(source_of(b'\xef\xbb\xbf{"a":1}\n', name, chunk=1))
        assert lines(found) == [(1, b'{"a":1}')]


def test_lines_that_are_no_json_are_handed_on_for_the_reader_to_judge() -> None:
    assert lines(read(b'junk\n{"a":\n', "x.jsonl")) == [(1, b"junk"), (2, b'{"a":')]


def test_an_empty_file_has_no_documents() -> None:
    for name in ("x.jsonl", "x.json"):
        assert len(read(b"", name)) == 1
        assert len(read(b"\n \n", name)) == 1


def test_a_line_over_the_limit_is_set_aside_with_its_beginning_and_whole_size() -> None:
    large = b"x" * (SAMPLE_BYTES + 5000)
    for chunk in (999, 1_000_000):
        source = source_of(b'{"a":1}\n' + large + b'\n{"a":3}\n', "x.jsonl", chunk=chunk)
        found = items(source, max_bytes=SAMPLE_BYTES)
        (aside,) = asides(found)
        assert (aside.position, aside.reason, aside.size) == (2, Reason.TOO_LARGE, len(large))
        assert aside.raw == large[:SAMPLE_BYTES]
        assert lines(found) == [(1, b'{"a":1}'), (3, b'{"a":3}')]


def test_a_line_of_exactly_the_limit_is_handed_on() -> None:
    for chunk in (3, 1000):
        found = items(source_of(b"1234567890\n12345678901\n", "x.jsonl", chunk=chunk), max_bytes=10)
        assert lines(found) == [(1, b"1234567890")]
        assert [aside.size for aside in asides(found)] == [11]


def test_a_document_over_many_lines_is_put_on_one() -> None:
    for chunk in (1, 5, 1000):
        found = items(source_of(PRETTY, "x.json", chunk=chunk))
        assert lines(found) == [(1, b'{   "a": 1,    "b": [     2   ] }')]


def test_a_json_file_of_lines_is_read_by_line() -> None:
    assert lines(read(b'\n{"a":1}\n{"a":2}\nbad\n', "x.json")) == [
        (2, b'{"a":1}'),
        (3, b'{"a":2}'),
        (4, b"bad"),
    ]


def test_json_lines_with_a_broken_first_line_are_still_lines() -> None:
    assert lines(read(b'{"a":\n{"a":2}\n', "x.json")) == [(1, b'{"a":'), (2, b'{"a":2}')]


def test_a_large_json_file_of_lines_with_a_broken_first_line_is_still_lines() -> None:
    content = b'{"a":\n' + b'{"a":2}\n' * 100
    assert len(lines(read(content, "x.json", max_bytes=50))) == 101


def test_json_lines_behind_many_blank_ones_are_read() -> None:
    for chunk in (1, 1000):
        found = items(source_of(b"\n \n" * 50 + b'{"a":1}\n{"a":2}\n', "x.json", chunk=chunk))
        assert lines(found) == [(101, b'{"a":1}'), (102, b'{"a":2}')]


def test_an_array_s_elements_are_documents_with_their_numbers() -> None:
    found = read(b'[{"a":\n1},\n {"a":2}\r\n, {}]\n', "x.json")
    assert lines(found) == [(1, b'{"a": 1}'), (2, b'{"a":2}'), (3, b"{}")]


def test_an_array_on_one_line_is_split_too() -> None:
    assert lines(read(b'[{"a":1},{"a":2}]', "x.json")) == [(1, b'{"a":1}'), (2, b'{"a":2}')]


def test_an_array_of_too_many_values_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "MAX_ARRAY_COMMAS", 3)
    assert [aside.reason for aside in asides(read(b"[0,0,0,0,0]", "x.json"))] == [Reason.TOO_LARGE]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"nothing of the kind", Reason.NOT_JSON),
        (b'{\n"a": 1,}\n', Reason.NOT_JSON),
        (b'{\n"a": 1', Reason.TRUNCATED),
        (b'{"a": "x\ny"}', Reason.NOT_JSON),
        (b"[" * 100_000, Reason.TOO_DEEP),
        (b'{"a":' * 100_000, Reason.TOO_DEEP),
    ],
)
def test_a_json_file_that_is_none_is_set_aside_whole(content: bytes, reason: Reason) -> None:
    found = read(content, "x.json")
    (aside,) = asides(found)
    assert (aside.position, aside.reason, aside.size) == (1, reason, len(content))
    assert lines(found) == []
    assert end(found).finished


def test_a_document_over_many_lines_and_over_the_limit_is_set_aside() -> None:
    content = b"{\n" + b' "a": 1,\n' * 1000 + b' "b": 2\n}\n'
    (aside,) = asides(read(content, "x.json", max_bytes=100))
    assert (aside.position, aside.reason, aside.size) == (1, Reason.TOO_LARGE, len(content))


def test_a_json_file_of_one_line_over_the_limit_is_set_aside_and_what_follows_is_read() -> None:
    found = read(b'{"a":"' + b"x" * 200 + b'"}\n{"a":2}\n', "x.json", max_bytes=100)
    assert [(aside.position, aside.size) for aside in asides(found)] == [(1, 208)]
    assert lines(found) == [(2, b'{"a":2}')]


def test_a_connection_lost_in_a_line_leaves_the_source_unfinished_and_the_line_to_come() -> None:
    lost = BrokenError(Reason.UNREADABLE_SOURCE, "connection lost", finished=False)
    found = items(source_of(b'{"a":1}\n{"a":', "x.jsonl", broken=lost))
    assert lines(found) == [(1, b'{"a":1}')]
    assert [(aside.position, aside.reason, aside.raw) for aside in asides(found)] == [
        (2, Reason.UNREADABLE_SOURCE, b'{"a":')
    ]
    assert (end(found).finished, end(found).mark) == (False, 1)
    whole = items(source_of(b'{"a":1}\n{"a":2}\n', "x.jsonl"), start=end(found).mark)
    assert lines(whole) == [(2, b'{"a":2}')]


def test_a_connection_lost_in_a_whole_document_leaves_it_to_come() -> None:
    lost = BrokenError(Reason.UNREADABLE_SOURCE, "connection lost", finished=False)
    found = items(source_of(PRETTY[:10], "x.json", broken=lost))
    assert [aside.raw for aside in asides(found)] == [PRETTY[:10]]
    assert (end(found).finished, end(found).mark) == (False, 0)


def test_a_connection_lost_before_the_first_byte_leaves_the_source_unfinished() -> None:
    lost = BrokenError(Reason.UNREADABLE_SOURCE, "connection lost", finished=False)
    for name in ("x.jsonl", "x.json", "x.jsonl.gz", "x.tar.zst", "x.tar"):
        found = items(source_of(b"", name, broken=lost))
        assert [aside.detail for aside in asides(found)] == ["connection lost"]
        assert not end(found).finished


def test_bytes_read_are_counted_as_stored() -> None:
    content = gzip.compress(b'{"a":1}\n' * 1000)
    assert end(read(content, "x.jsonl.gz")).bytes_read == len(content)


def test_a_source_that_changed_is_read_from_its_beginning() -> None:
    source = source_of(b'{"a":1}\n{"a":2}\n', "x.jsonl")
    changed = type(source)(source.name, source.filename, "older", source.size, source.origin)
    assert len(lines(items(changed, start=1))) == 2
    assert len(lines(items(source, start=1))) == 1


def test_a_source_without_an_identity_is_read_from_its_beginning() -> None:
    assert len(lines(items(source_of(b"{}\n{}\n", "x.jsonl", tag=""), start=1))) == 2
