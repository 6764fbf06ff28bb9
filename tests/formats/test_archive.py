import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.archive import Batch, CorruptError, pack, unpack

LINES = st.lists(
    st.tuples(st.binary(max_size=50), st.sampled_from(["a", "b", "ü"]), st.integers(0, 1000)),
    min_size=1,
    max_size=20,
)


@given(LINES)
def test_what_is_packed_is_unpacked_the_same(lines: list[tuple[bytes, str, int]]) -> None:
    documents, sources, positions = map(list, zip(*lines, strict=True))
    assert unpack(pack(documents, sources, positions)) == Batch(documents, sources, positions)


@given(LINES, st.data())
def test_a_changed_byte_is_never_taken_for_a_document(
    lines: list[tuple[bytes, str, int]], data: st.DataObject
) -> None:
    documents, sources, positions = map(list, zip(*lines, strict=True))
    batch = bytearray(pack(documents, sources, positions))
    batch[data.draw(st.integers(0, len(batch) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = unpack(bytes(batch))
    except CorruptError:
        return
    # A changed byte that no checksum covers (a frame header's unused bits) changes nothing that is read.
    assert found == Batch(documents, sources, positions)


@given(LINES, st.data())
def test_a_batch_cut_short_is_corrupt(lines: list[tuple[bytes, str, int]], data: st.DataObject) -> None:
    documents, sources, positions = map(list, zip(*lines, strict=True))
    batch = pack(documents, sources, positions)
    with pytest.raises(CorruptError):
        unpack(batch[: data.draw(st.integers(0, len(batch) - 1))])


def test_a_batch_needs_a_source_and_a_position_for_each_document() -> None:
    with pytest.raises(ValueError, match="2 documents, 1 sources"):
        pack([b"{}", b"{}"], ["a"], [1])


def test_runs_of_one_source_cost_little_metadata() -> None:
    many = pack([b"{}"] * 1000, ["a long name of a source"] * 1000, list(range(1000)))
    few = pack([b"{}"] * 10, ["a long name of a source"] * 10, list(range(10)))
    assert len(many) - len(few) < 990 * 3
