import io
import os
from pathlib import Path
from typing import Any

import pytest

from lampwatch.collect.discover import discover
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import Reason
from tests.collect.making import asides, discovered, end, items, lines, packed, tar_of, zstd


def refused(*paths: Path | str) -> str:
    with pytest.raises(UserError) as refusal:
        discovered(*paths)
    message = str(refusal.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.jsonl.zst", "X.JSONL", ".hidden.jsonl"])
def test_a_file_is_read_from_disk(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(packed(b'{"a":1}\n', name))
    (source,) = discovered(path)
    status = path.stat()
    assert (source.name, source.size) == (str(path), status.st_size)
    assert source.identity == f"{status.st_size}:{status.st_mtime_ns}"
    assert lines(items(source)) == [(1, b'{"a":1}')]


def test_a_name_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    assert [source.name for source in discovered("x.jsonl")] == [str(tmp_path / "x.jsonl")]


def test_a_folder_gives_its_measurement_files_in_order(tmp_path: Path) -> None:
    names = ["b/2.json", "b/10.jsonl", "a.jsonl", "c.tar.gz", "b/deep/er/x.jsonl.zst"]
    others = [".hidden.jsonl", ".git/x.jsonl", "b/notes.txt", "README", "empty/notes.md"]
    for name in names + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [Path(source.name).relative_to(tmp_path).as_posix() for source in discovered(tmp_path)]
    assert found == ["a.jsonl", "b/10.jsonl", "b/2.json", "b/deep/er/x.jsonl.zst", "c.tar.gz"]


def test_links_in_a_circle_are_harmless(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.jsonl").touch()
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "self.jsonl").symlink_to(tmp_path / "self.jsonl")
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    assert [source.name for source in discovered(tmp_path)] == [str(tmp_path / "a/x.jsonl")]


def test_a_folder_below_that_may_not_be_listed_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "x.jsonl").write_bytes(b"{}\n")
    scandir = os.scandir

    def guarded(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("lampwatch.collect.local.os.scandir", guarded)
    closed, file = discovered(tmp_path)
    assert [aside.source for aside in asides(items(closed))] == [str(tmp_path / "closed")]
    assert not end(items(closed)).finished
    assert lines(items(file)) == [(1, b"{}")]


def test_pipes_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "x.jsonl").touch()
    assert [source.name for source in discovered(tmp_path)] == [str(tmp_path / "x.jsonl")]


def test_a_folder_without_measurements_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert "holds no measurements" in refused(tmp_path)


def test_a_path_that_does_not_exist_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").touch()
    missing = str(tmp_path / "missing.jsonl")
    with pytest.raises(UserError, match="No such file"):
        discover([str(tmp_path / "x.jsonl"), missing], stdin=io.BytesIO(), environ={})


@pytest.mark.parametrize("name", ["x.csv", "x", "x.jsonl.lz4", "x.zip"])
def test_an_ending_that_is_none_of_ours_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert ".jsonl.gz" in refused(tmp_path / name)


@pytest.mark.parametrize("path", ["ftp://example.org/x.jsonl", "s4://bucket/x"])
def test_a_scheme_that_is_none_of_ours_is_refused(path: str) -> None:
    assert "is not supported" in refused(path)


def test_names_that_no_file_can_have_are_refused() -> None:
    for name in ("a\0b.jsonl", "x" * 5000 + ".jsonl", ""):
        assert "Name a file" in refused(name)


def test_a_device_is_refused() -> None:
    assert "neither a file nor a folder" in refused("/dev/null")


def test_a_file_that_is_gone_when_it_is_read_is_left_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.touch()
    (source,) = discovered(path)
    path.unlink()
    found = items(source)
    assert [aside.reason for aside in asides(found)] == [Reason.UNREADABLE_SOURCE]
    assert not end(found).finished


def test_a_file_that_grew_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":1}\n')
    (source,) = discovered(path)
    path.write_bytes(b'{"a":0}\n{"a":1}\n')
    assert len(lines(items(source, start=1))) == 2


def test_a_name_that_is_no_text_can_be_read_and_shown(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\n.jsonl"
    Path(os.fsdecode(path)).write_bytes(b"{}\n")
    (source,) = discovered(tmp_path)
    assert source.name == f"{tmp_path}/\\udcff\\n.jsonl"
    assert lines(items(source)) == [(1, b"{}")]


def test_a_named_pipe_is_read_like_standard_input() -> None:
    reader, writer = os.pipe()
    try:
        os.write(writer, zstd(b'{"a":1}\n'))
        os.close(writer)
        (source,) = discovered(f"/dev/fd/{reader}")
        assert (source.identity, source.size) == ("", None)
        assert lines(items(source)) == [(1, b'{"a":1}')]
    finally:
        os.close(reader)


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.jsonl.zst"])
def test_standard_input_is_unpacked_by_its_first_bytes(name: str) -> None:
    (source,) = discovered("-", stdin=packed(b'{"a":1}\n{"a":2}\n', name))
    assert (source.name, source.identity, source.size) == ("-", "", None)
    assert lines(items(source)) == [(1, b'{"a":1}'), (2, b'{"a":2}')]


def test_standard_input_may_be_one_document_or_an_archive() -> None:
    (document,) = discovered("-", stdin=b'{\n"a":1\n}')
    (archive,) = discovered("-", stdin=packed(tar_of({"a.jsonl": b'{"a":1}\n'}), "x.tgz"))
    assert lines(items(document)) == [(1, b'{ "a":1 }')]
    assert lines(items(archive)) == [(1, b'{"a":1}')]


def test_standard_input_is_named_once() -> None:
    assert "named twice" in refused("-", "-")
