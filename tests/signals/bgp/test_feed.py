import gzip
from pathlib import Path

from lampwatch.formats.mrt import MrtItem
from lampwatch.signals.bgp.feed import FileOver, MrtFile, Report, feed_of, said
from lampwatch.signals.bgp.fetch import MissingError
from tests.formats.mrt import writer
from tests.formats.mrt.writer import T0
from tests.signals.bgp.world import BIN, dump, heartbeat


def files(folder: Path, contents: dict[str, bytes], feed: str = "rrc00") -> list[MrtFile]:
    found = []
    for name, content in contents.items():
        path = folder / name
        path.write_bytes(content)
        found.append(MrtFile(name, feed, lambda path=path: path))  # type: ignore[misc]  # bound as a default
    return found


def times(found: list[tuple[str, MrtItem | FileOver]]) -> list[tuple[str, float]]:
    return [(feed, item.time) for feed, item in found if not isinstance(item, FileOver)]


def test_files_are_read_in_order_of_time_a_table_before_updates(tmp_path: Path) -> None:
    given = files(
        tmp_path, {"b": heartbeat(T0 + BIN), "a": heartbeat(T0), "z": dump(), "c": heartbeat(T0 + 2 * BIN)}
    )
    report = Report()
    found = list(said(given, report))
    told = times(found)
    assert [time for _, time in told] == sorted(time for _, time in told)
    assert type(found[0][1]).__name__ == "PeerTable"
    assert (report.files, report.records) == (4, 11)


def test_feeds_are_merged_by_time(tmp_path: Path) -> None:
    one = files(tmp_path, {"a": heartbeat(T0) + heartbeat(T0 + 2)})
    other = files(tmp_path, {"b": heartbeat(T0 + 1) + heartbeat(T0 + 3)}, "rrc01")
    found = times(list(said([*one, *other], Report())))
    assert found == [("rrc00", T0), ("rrc01", T0 + 1), ("rrc00", T0 + 2), ("rrc01", T0 + 3)]


def test_a_damaged_time_does_not_hold_a_feed_back(tmp_path: Path) -> None:
    one = files(tmp_path, {"a": heartbeat(T0) + heartbeat(2**32 - 1) + heartbeat(T0 + 2)})
    other = files(tmp_path, {"b": heartbeat(T0 + 1) + heartbeat(T0 + 3)}, "rrc01")
    found = times(list(said([*one, *other], Report())))
    assert [time for _, time in found] == [T0, 2**32 - 1, T0 + 1, T0 + 2, T0 + 3]


def test_an_archives_file_tells_of_all_its_minutes(tmp_path: Path) -> None:
    found = list(said(files(tmp_path, {"updates.20240101.0000.gz": heartbeat(T0 + 7)}), Report()))
    assert found[-1] == ("rrc00", FileOver(T0 + BIN, True))


def test_damage_is_reported_with_its_file(tmp_path: Path) -> None:
    report = Report()
    content = gzip.compress(heartbeat(T0) * 3)[:-9] + b""
    bad = bytearray(heartbeat(T0) * 2 + writer.record(T0, 11, 0, b""))
    bad[-20] = 200
    found = list(said(files(tmp_path, {"cut": content, "bad": bytes(bad)}), report))
    assert [item.whole for _, item in found if isinstance(item, FileOver)] == [False, False]
    assert [name for name, _, _ in report.broken] == ["cut", "bad"]
    assert (report.malformed, dict(report.unknown)) == (1, {"OSPFv2, subtype 0": 1})


def test_a_file_that_the_archive_does_not_have_is_passed_over(tmp_path: Path) -> None:
    def missing() -> Path:
        raise MissingError

    report = Report()
    there = files(tmp_path, {"updates.20240101.0005.gz": heartbeat(T0 + BIN)})
    found = list(said([MrtFile("updates.20240101.0000.gz", "rrc00", missing), *there], report))
    assert len(times(found)) == 1
    assert report.missing == ["updates.20240101.0000.gz"]


def test_the_feed_is_what_the_name_tells_or_else_what_is_given() -> None:
    assert feed_of("https://data.ris.ripe.net/rrc03/2024.01/bview.20240101.0000.gz", "x") == "rrc03"
    assert feed_of("table.mrt", "x") == "x"
