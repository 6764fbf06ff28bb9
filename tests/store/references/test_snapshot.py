from pathlib import Path

import pytest

from lampwatch.model.errors import UserError
from lampwatch.store.references.snapshot import (
    GEOIP,
    Snapshot,
    SnapshotFile,
    in_force,
    open_networks,
    put_in_force,
    version_of,
)


def file(role: str = "asn", sha256: str = "ab", date: str = "2026-06-17") -> SnapshotFile:
    return SnapshotFile(role, f"{role}.mmdb", date, sha256, 1, "somewhere")


def put(directory: Path, *files: SnapshotFile) -> Snapshot:
    home = directory / GEOIP
    made = home / ".new-x"
    made.mkdir(parents=True)
    snapshot = Snapshot(version_of(files), "2026-11-23T00:00:00+00:00", files)
    put_in_force(home, made, snapshot)
    return snapshot


def test_a_version_names_each_file_s_date_and_the_content() -> None:
    version = version_of([file("country", date="2026-05-01"), file("asn")])
    assert version.startswith("geoip-asn20260617-country20260501-")
    assert len(version.rsplit("-", 1)[1]) == 8


def test_a_version_changes_with_the_content_and_not_with_the_order() -> None:
    both = [file("asn"), file("country")]
    assert version_of(both) == version_of(both[::-1])
    assert version_of(both) != version_of([file("asn", sha256="cd"), file("country")])


def test_nothing_is_in_force_at_first(tmp_path: Path) -> None:
    assert in_force(tmp_path) is None
    assert open_networks(tmp_path) is None


def test_what_was_put_last_is_in_force_and_what_was_before_stays(tmp_path: Path) -> None:
    first = put(tmp_path, file(sha256="aa"))
    second = put(tmp_path, file(sha256="bb"))
    assert in_force(tmp_path) == (second, tmp_path / GEOIP / second.version)
    assert (tmp_path / GEOIP / first.version / "snapshot.json").exists()


def test_the_same_content_again_is_the_same_snapshot(tmp_path: Path) -> None:
    first = put(tmp_path, file())
    (tmp_path / GEOIP / ".new-x").mkdir(exist_ok=True)
    for left in (tmp_path / GEOIP / ".new-x").iterdir():
        left.unlink()
    (tmp_path / GEOIP / ".new-x").rmdir()
    put(tmp_path, file())
    assert [f.name for f in (tmp_path / GEOIP).glob("geoip-*")] == [first.version]


@pytest.mark.parametrize("content", [b"../../etc", b"", b"geoip-never-was", b"\xff"])
def test_a_damaged_pointer_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, file())
    (tmp_path / GEOIP / "current").write_bytes(content)
    with pytest.raises(UserError, match="is damaged"):
        in_force(tmp_path)


@pytest.mark.parametrize("content", [b"{}", b"{", b"\xff"])
def test_a_damaged_record_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    snapshot = put(tmp_path, file())
    (tmp_path / GEOIP / snapshot.version / "snapshot.json").write_bytes(content)
    with pytest.raises(UserError, match=r"snapshot\.json is damaged"):
        in_force(tmp_path)


def test_a_record_names_no_file_elsewhere(tmp_path: Path) -> None:
    outside = SnapshotFile("asn", "../../x.mmdb", "2026-06-17", "ab", 1, "s")
    put(tmp_path, outside)
    with pytest.raises(UserError, match="a file elsewhere"):
        in_force(tmp_path)
