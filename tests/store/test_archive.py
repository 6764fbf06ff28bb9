import datetime as dt
import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard

from lampwatch.formats.archive import CorruptError
from lampwatch.model.errors import UserError
from lampwatch.store.archive import LocalArchive
from lampwatch.store.segment import Locator, Trouble
from tests.store.samples import NOON, archive_at, document, packed


def unexpected(trouble: Trouble) -> None:
    pytest.fail(f"{trouble}")


def whole(archive: LocalArchive) -> tuple[list[bytes], list[Trouble]]:
    troubles: list[Trouble] = []
    documents = [text for found in archive.batches(troubles.append) for text in found.batch.documents]
    return documents, troubles


def test_a_document_is_read_back_by_its_place(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        archive.append(packed(0, 3))
        second = archive.append(packed(3, 2))
        assert archive.document(second, 1) == document(4)


def test_every_batch_comes_back_in_order_with_sources_and_positions(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        places = [archive.append(packed(0, 3)), archive.append(packed(3, 2))]
        found = list(archive.batches(unexpected))
    assert [each.locator for each in found] == places
    assert found[1].batch.sources == ["kz.jsonl"] * 2
    assert found[1].batch.positions == [4, 5]


def test_a_segment_is_plain_json_lines_to_any_zstd_reader(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        archive.append(packed(0, 2))
        archive.append(packed(2, 1))
        with archive.segments()[0].open("rb") as segment:
            reader = zstandard.ZstdDecompressor().stream_reader(segment, read_across_frames=True)
            assert reader.read().splitlines() == [document(n) for n in range(3)]


def test_segments_are_named_by_the_hour_of_arrival(tmp_path: Path) -> None:
    hours = iter([NOON, NOON + dt.timedelta(hours=1)])
    with LocalArchive(tmp_path, clock=lambda: next(hours), report=unexpected) as archive:
        names = [archive.append(packed(n, 1)).segment for n in range(2)]
    assert names == ["20220105T12-0000.jsonl.zst", "20220105T13-0000.jsonl.zst"]


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    with archive_at(tmp_path, segment_bytes=len(packed(0, 1)) + 1) as archive:
        names = [archive.append(packed(n, 1)).segment for n in range(3)]
    assert names == [f"20220105T12-000{n}.jsonl.zst" for n in range(3)]


def test_a_later_run_goes_on_in_the_same_segment(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        first = archive.append(packed(0, 1))
    with archive_at(tmp_path) as archive:
        second = archive.append(packed(1, 1))
    assert second == Locator(first.segment, first.length, second.length)


@pytest.mark.parametrize("kept", [1, 8, 20, -1, -5])
def test_a_write_cut_short_is_taken_back_with_a_message(tmp_path: Path, kept: int) -> None:
    with archive_at(tmp_path) as archive:
        archive.append(packed(0, 2))
        path = archive.segments()[0]
    with path.open("ab") as segment:
        segment.write(packed(2, 2)[:kept])
    troubles: list[Trouble] = []
    with archive_at(tmp_path, troubles) as archive:
        archive.append(packed(4, 1))
        assert whole(archive) == ([document(0), document(1), document(4)], [])
    assert len(troubles) == 1
    assert troubles[0].offset == len(packed(0, 2))


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_write_that_fails_leaves_nothing_and_the_next_one_goes_on(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(segment: int, *rest: bytes) -> int:
        for batch in rest:
            os.write(segment, batch[:9])
        raise OSError(errno.ENOSPC, "No space left on device")

    with archive_at(tmp_path) as archive:
        archive.append(packed(0, 2))
        for _ in range(2):
            with monkeypatch.context() as failing:
                fake = SimpleNamespace(**vars(os) | {call: full})
                failing.setattr("lampwatch.store.archive.os", fake)
                with pytest.raises(UserError, match="No space left"):
                    archive.append(packed(2, 2))
        last = archive.append(packed(4, 1))
        assert whole(archive) == ([document(0), document(1), document(4)], [])
        assert archive.document(last, 0) == document(4)


def test_damage_in_the_middle_costs_its_batch_and_no_other(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        archive.append(packed(0, 2))
        hurt = archive.append(packed(2, 2))
        archive.append(packed(4, 1))
        path = archive.segments()[0]
        content = bytearray(path.read_bytes())
        content[hurt.offset + hurt.length - 6] ^= 0xFF
        path.write_bytes(content)
        documents, troubles = whole(archive)
    assert documents == [document(0), document(1), document(4)]
    assert [(trouble.segment, trouble.offset) for trouble in troubles] == [(hurt.segment, hurt.offset)]


def test_damage_in_the_middle_is_never_cut_off_by_a_later_run(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        hurt = archive.append(packed(0, 2))
        archive.append(packed(2, 1))
        path = archive.segments()[0]
    content = bytearray(path.read_bytes())
    content[hurt.offset + 2] ^= 0xFF
    path.write_bytes(content)
    with archive_at(tmp_path) as archive:
        archive.append(packed(3, 1))
        assert whole(archive)[0] == [document(2), document(3)]


def test_a_damaged_document_is_an_error_with_a_reason(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        place = archive.append(packed(0, 1))
        with pytest.raises(CorruptError):
            archive.document(Locator(place.segment, place.offset + 1, place.length - 1), 0)


def test_a_segment_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorruptError, match="20220105T12-0000"):
        archive_at(tmp_path).document(Locator("20220105T12-0000.jsonl.zst", 0, 10), 0)


def test_a_document_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive:
        place = archive.append(packed(0, 1))
        with pytest.raises(LookupError):
            archive.document(place, 1)


def test_a_locator_cannot_lead_out_of_the_archive(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(packed(0, 1))
    with archive_at(tmp_path) as archive:
        archive.append(packed(0, 1))
        with pytest.raises(CorruptError, match="gone"):
            archive.document(Locator("../secret", 0, len(packed(0, 1))), 0)


def test_a_second_writer_is_told_what_to_do(tmp_path: Path) -> None:
    with archive_at(tmp_path) as first, archive_at(tmp_path) as second:
        first.append(packed(0, 1))
        with pytest.raises(UserError, match="another Lampwatch"):
            second.append(packed(1, 1))


def test_another_may_write_after_the_first_has_closed(tmp_path: Path) -> None:
    with archive_at(tmp_path) as first:
        first.append(packed(0, 1))
    with archive_at(tmp_path) as second:
        second.append(packed(1, 1))
        assert whole(second)[0] == [document(0), document(1)]
