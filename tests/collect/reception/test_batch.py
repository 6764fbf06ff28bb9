import gzip
import json

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.collect.reception.limits import Limits
from tests.collect.reception.making import Prober, lines, refused

BATCH = "/api/v2/measurements"


def results(prober: Prober, body: bytes, **headers: str) -> list[dict[str, object]]:
    answer = prober.posts(BATCH, body, **headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["results"]
    return found


def statuses(prober: Prober, body: bytes, **headers: str) -> list[tuple[object, object]]:
    return [(each["key"], each["status"]) for each in results(prober, body, **headers)]


def packed(body: bytes, coding: str) -> bytes:
    return gzip.compress(body) if coding.endswith("gzip") else zstandard.compress(body)


def test_each_line_has_its_result_in_order() -> None:
    found = results(Prober(), lines(("a", b'{"n":1}'), ("b", b'{"n":2}')))
    assert found == [
        {"line": 1, "key": "a", "status": "stored", "measurement_uid": "uid-0", "reason": None},
        {"line": 2, "key": "b", "status": "stored", "measurement_uid": "uid-1", "reason": None},
    ]


def test_the_same_batch_again_is_there_already() -> None:
    prober, body = Prober(), lines(("a", b'{"n":1}'), ("b", b'{"n":2}'))
    before = results(prober, body)
    after = results(prober, body)
    assert {each["status"] for each in after} == {"already"}
    assert [each["measurement_uid"] for each in after] == [each["measurement_uid"] for each in before]


def test_the_same_document_twice_in_a_batch_is_stored_once() -> None:
    prober = Prober()
    assert statuses(prober, lines(("a", b'{"n":1}'), ("a", b'{"n":1}'), ("b", b'{"n":1}'))) == [
        ("a", "stored"),
        ("a", "already"),
        ("b", "already"),
    ]
    assert prober.kept.documents == [b'{"n":1}']


def test_a_key_cannot_push_another_document_out() -> None:
    prober = Prober()
    assert statuses(prober, lines(("a", b'{"n":1}'), ("a", b'{"n":2}'))) == [("a", "stored"), ("a", "stored")]
    assert len(prober.kept.documents) == 2


def test_what_is_wrong_on_one_line_costs_no_other() -> None:
    body = b"\n".join(
        [
            b'{"key":"a","content":{"n":1}}',
            b"no JSON",
            b'{"key":"c"}',
            b'{"content":{"n":2}}',
            b"",
            b'{"key":7,"content":{"n":3}}',
            b'{"key":"","content":{"n":4}}',
            b'{"key":"h","content":{"n":5}',
            b'{"key":"i","content":[[[]]]}\r',
        ]
    )
    prober = Prober()
    found = results(prober, body)
    assert [(each["line"], each["key"], each["status"]) for each in found] == [
        (1, "a", "stored"),
        (2, None, "refused"),
        (3, "c", "refused"),
        (4, None, "refused"),
        (6, None, "refused"),
        (7, None, "refused"),
        (8, None, "refused"),
        (9, "i", "stored"),
    ]
    assert all(each["reason"] for each in found if each["status"] == "refused")
    assert prober.kept.documents == [b'{"n":1}', b"[[[]]]"]


@pytest.mark.parametrize("key", ["x" * 129, "é", "a\tb", "\x7f", "\ud83d"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    (found,) = results(Prober(), lines((key, b"{}")))
    assert (found["key"], found["status"]) == (None, "refused")


def test_a_key_may_be_long_and_have_spaces() -> None:
    assert statuses(Prober(), lines(("a b~" * 32, b"{}"))) == [("a b~" * 32, "stored")]


def test_a_document_that_is_no_measurement_is_kept_with_the_reason() -> None:
    (found,) = results(Prober(), lines(("a", b'{"aside":1}')))
    assert (found["status"], found["measurement_uid"], found["reason"]) == ("stored", None, "set aside")


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "zstd"])
def test_a_compressed_batch_is_the_same(coding: str) -> None:
    body = lines(("a", b'{"n":1}'), ("b", b'{"n":2}'))
    assert statuses(Prober(), packed(body, coding), Content_Encoding=coding) == statuses(Prober(), body)


def test_several_zstd_frames_are_one_body() -> None:
    one, two = (zstandard.compress(lines((key, b"{}"))) for key in "ab")
    assert statuses(Prober(), one + two, Content_Encoding="zstd") == [("a", "stored"), ("b", "already")]


@pytest.mark.parametrize("coding", ["identity", " Identity ", ""])
def test_a_plain_batch_may_say_so(coding: str) -> None:
    assert statuses(Prober(), lines(("a", b"{}")), Content_Encoding=coding) == [("a", "stored")]


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, zstd", "x" * 5000])
def test_another_coding_is_refused(coding: str) -> None:
    assert refused(Prober().posts(BATCH, b"{}", Content_Encoding=coding))[0] == 415


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_body_that_was_cut_short_is_refused_whole(coding: str) -> None:
    body = packed(lines(("a", b'{"n":1}')) * 100, coding)
    for kept in range(len(body)):
        prober = Prober()
        status, detail = refused(prober.posts(BATCH, body[:kept], Content_Encoding=coding))
        assert (status, prober.kept.documents) == (400, []), detail


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_what_is_not_compressed_as_it_says_is_refused(coding: str) -> None:
    assert refused(Prober().posts(BATCH, lines(("a", b"{}")), Content_Encoding=coding))[0] == 400


@pytest.mark.parametrize(("coding", "size", "times"), [("zstd", 300, 1), ("gzip", 100, 1), ("zstd", 20, 5)])
def test_a_bomb_is_refused_before_it_is_unpacked(coding: str, size: int, times: int) -> None:
    bomb = packed(b" " * size * 1_000_000, coding) * times
    prober = Prober()
    assert refused(prober.posts(BATCH, bomb, Content_Encoding=coding))[0] == 413
    # Its memory is given back: the next one is heard.
    assert statuses(prober, lines(("a", b"{}"))) == [("a", "stored")]


def test_too_many_documents_are_refused_whole() -> None:
    prober = Prober(limits=Limits(documents=3))
    assert refused(prober.posts(BATCH, lines(("a", b"{}")) * 4))[0] == 413
    assert prober.kept.documents == []
    assert len(results(prober, lines(("a", b"{}")) * 3)) == 3


@pytest.mark.parametrize("body", [b"", b"\n\n \r\n"])
def test_an_empty_batch_is_refused_in_one_line(body: bytes) -> None:
    assert refused(Prober().posts(BATCH, body))[0] == 400


def test_where_nothing_can_be_kept_the_sender_is_asked_to_come_again() -> None:
    prober = Prober()
    prober.kept.failing = True
    answer = prober.posts(BATCH, lines(("a", b"{}")))
    assert refused(answer) == (503, "the archive cannot be written now")
    assert answer.headers["Retry-After"] == "7"
    prober.kept.failing = False
    assert statuses(prober, lines(("a", b"{}"))) == [("a", "stored")]


def test_a_batch_of_refused_lines_alone_asks_nobody() -> None:
    prober = Prober()
    prober.kept.failing = True
    assert statuses(prober, b"no JSON\n") == [(None, "refused")]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "zstd"]))
def test_no_bytes_make_it_fail(body: bytes, coding: str) -> None:
    assert Prober().posts(BATCH, body, Content_Encoding=coding).status_code in {200, 400}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=128),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
                max_leaves=8,
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_json_is_kept_byte_for_byte(entries: list[tuple[str, object]]) -> None:
    documents = [json.dumps(content).encode() for _, content in entries]
    prober = Prober()
    body = lines(*((key, raw) for (key, _), raw in zip(entries, documents, strict=True)))
    found = statuses(prober, body)
    assert [key for key, _ in found] == [key for key, _ in entries]
    assert prober.kept.documents == list(dict.fromkeys(documents))
