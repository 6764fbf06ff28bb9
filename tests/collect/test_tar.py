import gzip
import io
import tarfile

import pytest

from lampwatch.collect.documents import Line
from lampwatch.collect.tar import MAX_EXTENSION_BYTES
from lampwatch.model.measurement import Reason
from tests.collect.making import asides, end, items, lines, packed, read, source_of, tar_of, zstd

MEMBERS = {
    "a.jsonl": b'{"a":1}\n{"a":2}',
    "folder/b.jsonl.gz": gzip.compress(b'{"b":1}\n\n{"b":3}\n'),
    "folder/c.json": b'{\n"c": 1}',
    "notes.txt": b'{"no": 1}\n',
    "folder/._c.json": b"\0\0\0\0",
    "d.json.zst": zstd(b'[{"d":1},{"d":2}]'),
    "inner.tar": tar_of({"x.jsonl": b'{"x":1}\n'}),
}


def where(content: bytes, name: str, start: int = 0) -> list[tuple[str, int, int]]:
    found = items(source_of(content, name), start=start)
    assert asides(found) == []
    return [(item.source, item.position, item.mark) for item in found if isinstance(item, Line)]


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.tar.zst"])
def test_members_are_read_by_their_endings_and_marked_through_the_archive(name: str) -> None:
    assert where(packed(tar_of(MEMBERS), name), name) == [
        (f"{name}!/a.jsonl", 1, 1),
        (f"{name}!/a.jsonl", 2, 2),
        (f"{name}!/folder/b.jsonl.gz", 1, 3),
        (f"{name}!/folder/b.jsonl.gz", 3, 5),
        (f"{name}!/folder/c.json", 1, 6),
        (f"{name}!/d.json.zst", 1, 7),
        (f"{name}!/d.json.zst", 2, 8),
    ]


def test_reading_goes_on_behind_any_mark() -> None:
    everything = where(tar_of(MEMBERS), "x.tar")
    for start in range(10):
        assert where(tar_of(MEMBERS), "x.tar", start) == [item for item in everything if item[2] > start]


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["short.jsonl", "folder/" * 20 + "x.jsonl", "ünïcödé.jsonl"])
def test_names_are_read_in_every_format(kind: int, name: str) -> None:
    assert where(tar_of({name: b"{}\n"}, kind), "x.tar") == [(f"x.tar!/{name}", 1, 1)]


def test_very_long_names_are_read() -> None:
    name = "f" * 300 + ".jsonl"
    for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        assert where(tar_of({name: b"{}\n"}, kind), "x.tar") == [(f"x.tar!/{name}", 1, 1)]


def test_links_devices_and_folders_are_passed_over_and_names_are_never_followed() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
        for number, kind in enumerate(kinds):
            member = tarfile.TarInfo(f"{number}.jsonl")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        for name in ("../../up.jsonl", "/etc/absolute.jsonl"):
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"{}\n"))
    found = where(buffer.getvalue(), "x.tar")
    assert [name for name, _, _ in found] == ["x.tar!/../../up.jsonl", "x.tar!//etc/absolute.jsonl"]


def test_control_characters_in_a_name_are_shown_escaped() -> None:
    content = tar_of({"\x1b[2J\n.jsonl": b"{}\n"})
    assert where(content, "x.tar") == [("x.tar!/\\x1b[2J\\n.jsonl", 1, 1)]


def test_archives_written_one_behind_the_other_are_all_read() -> None:
    assert len(where(tar_of({"a.jsonl": b"{}\n"}) + tar_of({"b.jsonl": b"{}\n"}), "x.tar")) == 2


def test_a_damaged_member_costs_only_itself() -> None:
    members = {"a.jsonl.gz": gzip.compress(b'{"a":1}\n' * 100)[:-4], "b.jsonl": b'{"b":1}\n'}
    found = read(tar_of(members), "x.tar")
    assert [(aside.source, aside.reason) for aside in asides(found)] == [
        ("x.tar!/a.jsonl.gz", Reason.TRUNCATED)
    ]
    assert lines(found)[-1] == (1, b'{"b":1}')
    assert len(lines(found)) == 101


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.zst"])
def test_an_archive_cut_anywhere_ends_in_one_set_aside(name: str) -> None:
    whole = packed(tar_of({"a.jsonl": b'{"a":1}\n' * 80, "b.txt": b"b" * 600, "c.json": b"{\n}"}), name)
    # What follows the end mark is padding: a plain archive may lack it.
    last = len(whole.rstrip(b"\0")) + 1 if name == "x.tar" else len(whole)
    for cut in range(0, last, 13):
        found = read(whole[:cut], name)
        (aside,) = asides(found)
        assert aside.reason is Reason.TRUNCATED
        assert end(found).finished


def test_what_is_no_archive_is_set_aside() -> None:
    found = read(b"PK\x03\x04" + b"x" * 1000, "x.tar")
    assert [(aside.position, aside.reason) for aside in asides(found)] == [(0, Reason.UNREADABLE_SOURCE)]


def header(**fields: bytes) -> bytes:
    """A header block with the given fields overwritten and the checksum made right."""
    at = {"name": 0, "size": 124, "type": 156, "isextended": 482}
    block = bytearray(tarfile.TarInfo("x.jsonl").tobuf(tarfile.GNU_FORMAT))
    for field, value in fields.items():
        block[at[field] : at[field] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_names_of_absurd_size_are_refused_and_not_read(kind: bytes) -> None:
    claimed = b"%011o\0" % (MAX_EXTENSION_BYTES + 1)
    found = read(header(type=kind, size=claimed) + bytes(2000), "x.tar")
    (aside,) = asides(found)
    assert aside.reason is Reason.UNREADABLE_SOURCE
    assert str(MAX_EXTENSION_BYTES + 1) in aside.detail


@pytest.mark.parametrize("size", [b"99999999999\0", b"-0000000001\0", b"\xff" * 12, b"junk"])
def test_a_size_that_is_no_number_is_refused(size: bytes) -> None:
    found = read(header(size=size) + bytes(2000), "x.tar")
    assert [aside.reason for aside in asides(found)] == [Reason.UNREADABLE_SOURCE]


def test_a_size_in_base_256_is_read() -> None:
    content = header(size=b"\x80" + bytes(10) + b"\x03") + b"{}\n".ljust(512, b"\0") + bytes(1024)
    assert where(content, "x.tar") == [("x.tar!/x.jsonl", 1, 1)]


def test_a_sparse_member_is_passed_over_with_its_map() -> None:
    sparse = header(type=b"S", size=b"%011o\0" % 512, isextended=b"\1") + bytes(512) + b"x" * 512
    content = sparse + tar_of({"b.jsonl": b"{}\n"})
    assert where(content, "x.tar") == [("x.tar!/b.jsonl", 1, 1)]


@pytest.mark.parametrize("records", [b"5 x", b"0 path=a\n", b"99999999999999999999999 path=a\n", b"x" * 900])
def test_attributes_that_are_none_are_ignored(records: bytes) -> None:
    extension = header(type=b"x", size=b"%011o\0" % len(records))
    content = extension + records.ljust(-(-len(records) // 512) * 512, b"\0") + tar_of({"b.jsonl": b"{}\n"})
    assert [position for _, position, _ in where(content, "x.tar")] == [1]
