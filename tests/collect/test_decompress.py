import gzip
import zlib

import pytest
import zstandard

from lampwatch.collect.decompress import MAX_WINDOW_BYTES, gunzipped, unzstd
from lampwatch.collect.source import CHUNK_BYTES, BrokenError
from lampwatch.model.measurement import Reason
from tests.collect.making import asides, end, items, lines, read, source_of, zstd

TWO = b'{"a":1}\n{"a":2}\n'
BOTH = [(1, b'{"a":1}'), (2, b'{"a":2}')]
SKIPPABLE = b"\x5e\x2a\x4d\x18\x05\x00\x00\x00hello"


def gzipped(content: bytes) -> bytes:
    """The same bytes at every hour: workers must find the same parameters."""
    return gzip.compress(content, mtime=0)


def window_of(log: int) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=log)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return stream.compress(TWO) + stream.flush()


@pytest.mark.parametrize(
    "content",
    [
        gzipped(TWO[:3]) + gzipped(TWO[3:]),
        gzipped(b"") + gzipped(TWO) + gzipped(b""),
        gzipped(TWO) + bytes(1000),
        gzipped(TWO[:3]) + bytes(10) + gzipped(TWO[3:]),
    ],
    ids=["members", "empty members", "padding", "padding between"],
)
def test_gzip_members_are_one_stream(content: bytes) -> None:
    for chunk in (1, 13, 1000):
        found = items(source_of(content, "x.jsonl.gz", chunk=chunk))
        assert (lines(found), asides(found)) == (BOTH, [])


@pytest.mark.parametrize(
    "content",
    [
        zstd(TWO[:3]) + zstd(TWO[3:]),
        SKIPPABLE + zstd(TWO) + SKIPPABLE,
        zstandard.ZstdCompressor(write_checksum=True).compress(TWO),
        zstandard.ZstdCompressor(write_content_size=False).compress(TWO),
        zstd(b"") + zstd(TWO),
        window_of(27),
    ],
    ids=["frames", "skippable frames", "checksum", "no content size", "empty frame", "largest window"],
)
def test_zstd_frames_are_one_stream(content: bytes) -> None:
    for chunk in (1, 13, 1000):
        found = items(source_of(content, "x.jsonl.zst", chunk=chunk))
        assert (lines(found), asides(found)) == (BOTH, [])


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.jsonl.zst"])
def test_compression_is_told_by_the_bytes_and_not_by_the_name(name: str) -> None:
    for content in (TWO, gzipped(TWO), zstd(TWO)):
        assert lines(read(content, name)) == BOTH


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.json.zst"])
def test_what_is_named_as_compressed_and_is_nothing_of_the_kind_is_set_aside_once(name: str) -> None:
    found = read(b"<html>\nnot here\n</html>\n", name)
    assert [aside.reason for aside in asides(found)] == [Reason.UNREADABLE_SOURCE]
    assert lines(found) == []


@pytest.mark.parametrize(("compressed", "name"), [(gzipped(TWO), "x.jsonl.gz"), (zstd(TWO), "x.jsonl.zst")])
def test_garbage_behind_a_stream_is_told_of_and_takes_nothing_away(compressed: bytes, name: str) -> None:
    for garbage in (b"x", b"garbage behind"):
        found = read(compressed + garbage, name)
        (aside,) = asides(found)
        assert lines(found) == BOTH
        assert aside.reason is Reason.UNREADABLE_SOURCE
        assert f"at byte {len(compressed)}" in aside.detail
        assert end(found).finished


def test_a_cut_stream_says_at_which_byte() -> None:
    for compressed, name in ((gzipped(TWO), "x.jsonl.gz"), (zstd(TWO), "x.jsonl.zst")):
        found = read(compressed[:-3], name)
        (aside,) = asides(found)
        assert aside.reason is Reason.TRUNCATED
        assert f"at byte {len(compressed) - 3}" in aside.detail
        assert end(found).finished


def test_a_whole_last_document_before_a_cut_is_kept() -> None:
    found = read(gzipped(b'{"a":1}\n{"a":2}')[:-1], "x.jsonl.gz")
    assert lines(found) == BOTH
    assert [(aside.position, aside.reason, aside.raw) for aside in asides(found)] == [
        (3, Reason.TRUNCATED, b"")
    ]


def test_a_document_over_many_lines_before_a_cut_is_kept() -> None:
    found = read(gzipped(b'{\n"a":1\n}')[:-1], "x.json.gz")
    assert lines(found) == [(1, b'{ "a":1 }')]
    assert [(aside.position, aside.reason) for aside in asides(found)] == [(2, Reason.TRUNCATED)]


def test_what_lies_before_damage_in_gzip_is_kept() -> None:
    content = b"".join(b'{"n":%d}\n' % n for n in range(5000))
    compressed = bytearray(gzipped(content))
    compressed[-6] ^= 0xFF
    found = read(bytes(compressed), "x.jsonl.gz")
    (aside,) = asides(found)
    assert len(lines(found)) == 5000
    assert aside.reason is Reason.UNREADABLE_SOURCE
    assert "damaged gzip near byte" in aside.detail


def test_what_lies_before_damage_in_zstd_is_kept() -> None:
    content = b"".join(b'{"n":%d}\n' % n for n in range(50_000))
    compressed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(content))
    compressed[-1] ^= 0xFF
    found = read(bytes(compressed), "x.jsonl.zst")
    (aside,) = asides(found)
    assert len(lines(found)) == 50_000
    assert aside.reason is Reason.UNREADABLE_SOURCE
    assert "damaged zstd before byte" in aside.detail


def test_a_zstd_frame_that_asks_for_too_much_memory_is_set_aside() -> None:
    found = read(window_of(28), "x.jsonl.zst")
    (aside,) = asides(found)
    assert MAX_WINDOW_BYTES < 1 << 28
    assert aside.reason is Reason.UNREADABLE_SOURCE
    assert "too much memory" in aside.detail


def test_a_zstd_frame_that_needs_a_dictionary_is_set_aside() -> None:
    dictionary = zstandard.ZstdCompressionDict(b"abc" * 1000, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    with_id = zstandard.ZstdCompressor(dict_data=dictionary, write_dict_id=True).compress(TWO)
    header = bytearray(with_id)
    header[4] |= 1  # one byte of dictionary id follows, and it is not zero
    found = read(bytes(header), "x.jsonl.zst")
    assert [aside.reason for aside in asides(found)] == [Reason.UNREADABLE_SOURCE]


def test_no_piece_of_a_gzip_bomb_is_large() -> None:
    bomb = gzipped(bytes(30_000_000))
    sizes = [len(piece) for piece in gunzipped(iter([bomb]))]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= CHUNK_BYTES


def test_no_piece_of_a_zstd_bomb_is_large() -> None:
    bomb = zstd(bytes(30_000_000))
    sizes = [len(piece) for piece in unzstd(iter([bomb]))]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= CHUNK_BYTES


def test_content_left_in_the_decompressor_at_the_end_comes_out() -> None:
    content = bytes(CHUNK_BYTES * 3)
    body = zlib.compressobj(wbits=31)
    cut = (body.compress(content) + body.flush())[:-8]
    stream = gunzipped(iter([cut]))
    held = b""
    while len(held) < len(content):
        held += next(stream)
    assert held == content
    with pytest.raises(BrokenError, match="ends inside a gzip member"):
        next(stream)
