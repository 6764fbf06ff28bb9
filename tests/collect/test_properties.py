"""What holds for any documents, in any packing, cut anywhere."""

import json
import zlib

import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lampwatch.collect.documents import Aside, Item, Line
from lampwatch.model.measurement import Reason
from tests.collect.making import asides, end, items, lines, packed, read, source_of, tar_of

DOCUMENT = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=30), max_size=5).map(
    lambda value: json.dumps(value, ensure_ascii=False).encode()
)
DOCUMENTS = st.lists(DOCUMENT, max_size=20)
ROWS = st.lists(DOCUMENT | st.sampled_from([b"", b" ", b"junk", b"x" * 300]), max_size=20)
calmly = settings(deadline=None)  # a busy machine is no failure

LINE_NAMES = st.sampled_from(["x.jsonl", "x.jsonl.gz", "x.jsonl.zst"])


def numbered(documents: list[bytes]) -> list[tuple[int, bytes]]:
    return list(enumerate(documents, start=1))


@calmly
@given(documents=DOCUMENTS, name=LINE_NAMES, chunk=st.integers(1, 300), ended=st.booleans())
def test_lines_are_the_same_in_every_packing(
    documents: list[bytes], name: str, chunk: int, ended: bool
) -> None:
    content = b"\n".join(documents) + (b"\n" if ended else b"")
    found = items(source_of(packed(content, name), name, chunk=chunk))
    assert (lines(found), asides(found)) == (numbered(documents), [])


@calmly
@given(
    documents=st.lists(DOCUMENT, min_size=1, max_size=20),
    name=st.sampled_from(["x.json", "x.json.gz", "x.json.zst"]),
    chunk=st.integers(1, 300),
    indent=st.sampled_from([None, 2]),
)
def test_an_array_gives_its_elements_in_every_packing(
    documents: list[bytes], name: str, chunk: int, indent: int | None
) -> None:
    values = [json.loads(document) for document in documents]
    found = items(source_of(packed(json.dumps(values, indent=indent).encode(), name), name, chunk=chunk))
    assert [(position, json.loads(raw)) for position, raw in lines(found)] == list(enumerate(values, start=1))
    assert not any(b"\n" in raw for _, raw in lines(found))


@calmly
@given(
    files=st.lists(DOCUMENTS, max_size=5),
    name=st.sampled_from(["x.tar", "x.tar.gz", "x.tar.zst"]),
    inner=LINE_NAMES,
    chunk=st.integers(1, 3000),
)
def test_an_archive_gives_the_lines_of_its_members(
    files: list[list[bytes]], name: str, inner: str, chunk: int
) -> None:
    members = {
        f"{number}/{inner}": packed(b"\n".join(file) + b"\n", inner) for number, file in enumerate(files)
    }
    found = items(source_of(packed(tar_of(members), name), name, chunk=chunk))
    assert lines(found) == [line for file in files for line in numbered(file)]
    assert asides(found) == []


def marks(found: list[Item]) -> list[tuple[int, object]]:
    return [
        (item.mark, item.raw if isinstance(item, Line) else item.set_aside)
        for item in found
        if isinstance(item, Line | Aside)
    ]


@calmly
@given(
    files=st.lists(ROWS, min_size=1, max_size=3),
    name=st.sampled_from(["x.jsonl", "x.json", "x.jsonl.gz", "x.tar", "x.tar.zst"]),
    start=st.integers(0, 70),
    cut=st.integers(0, 400),
    chunk=st.integers(1, 400),
)
def test_reading_from_any_mark_gives_the_rest(
    files: list[list[bytes]], name: str, start: int, cut: int, chunk: int
) -> None:
    contents = [b"\n".join(rows) for rows in files]
    members = {f"{number}.jsonl": content for number, content in enumerate(contents)}
    raw = packed(tar_of(members) if ".tar" in name else contents[0], name)
    source = source_of(raw[: max(0, len(raw) - cut)], name, chunk=chunk)
    everything = items(source, max_bytes=200)
    rest = items(source, start=start, max_bytes=200)
    assert marks(rest) == [found for found in marks(everything) if found[0] > start]
    assert end(rest) == end(everything)


def inflated(compressed: bytes, name: str) -> bytes:
    """What the library makes of a cut stream: the measure for what must come out."""
    if name.endswith("gz"):
        return zlib.decompressobj(31).decompress(compressed)
    return zstandard.ZstdDecompressor().decompressobj().decompress(compressed)


@calmly
@given(documents=DOCUMENTS, name=st.sampled_from(["x.jsonl.gz", "x.jsonl.zst"]), share=st.floats(0, 1))
@example(documents=[b'{"a":1}'], name="x.jsonl.gz", share=0.999)
@example(documents=[b'{"a":1}'], name="x.jsonl.zst", share=0.999)
def test_a_stream_cut_anywhere_gives_the_whole_lines_before_and_one_set_aside(
    documents: list[bytes], name: str, share: float
) -> None:
    compressed = packed(b"".join(document + b"\n" for document in documents), name)
    cut = compressed[: min(len(compressed) - 1, int(share * len(compressed)))]
    found = read(cut, name)
    whole = inflated(cut, name).split(b"\n")
    tail = whole.pop()
    (aside,) = asides(found)
    assert isinstance(found[-2], Aside)
    assert aside.reason is Reason.TRUNCATED
    # A last document may be whole although its line's end is cut off.
    assert lines(found) == numbered([*whole, tail] if tail in documents[len(whole) :][:1] else whole)


@calmly
@given(
    content=st.binary(max_size=600),
    head=st.sampled_from([b"", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"[{", b"{"]),
    name=st.sampled_from(
        ["x.jsonl", "x.json", "x.jsonl.gz", "x.json.zst", "x.tar", "x.tgz", "x.tar.zst", ""]
    ),
    max_bytes=st.integers(1, 700),
)
def test_nothing_in_a_source_raises(content: bytes, head: bytes, name: str, max_bytes: int) -> None:
    found = read(head + content, name, max_bytes=max_bytes)
    assert end(found).finished
    assert all(len(raw) <= max_bytes for _, raw in lines(found))


@calmly
@given(
    documents=st.lists(DOCUMENT, min_size=1, max_size=30),
    name=st.sampled_from(["x.jsonl.gz", "x.jsonl.zst", "x.tar", "x.tar.gz"]),
    at=st.floats(0, 0.999),
    flip=st.integers(1, 255),
)
def test_damage_anywhere_never_raises(documents: list[bytes], name: str, at: float, flip: int) -> None:
    content = b"\n".join(documents)
    damaged = bytearray(packed(tar_of({"a.jsonl": content}) if ".t" in name else content, name))
    damaged[int(at * len(damaged))] ^= flip
    assert end(read(bytes(damaged), name)).finished
