"""Packed files, whole and broken."""

import bz2
import gzip
import lzma
import random
from collections.abc import Callable

import pytest
import zstandard

from lampwatch.formats import unpacked as room
from lampwatch.formats.unpacked import unpacked

CONTENT = random.Random(1).randbytes(400_000)
CHECKED = zstandard.ZstdCompressor(write_checksum=True)
PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, CHECKED.compress, bz2.compress, lzma.compress]


@pytest.mark.parametrize("pack", PACKERS)
def test_content_comes_back_however_it_is_packed(pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(pack(CONTENT)).content == CONTENT
    assert unpacked(pack(CONTENT)).trouble == ""


@pytest.mark.parametrize("pack", PACKERS[:3])
def test_what_was_packed_in_parts_comes_back_whole(pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(pack(CONTENT) + pack(b"and more")).content == CONTENT + b"and more"


def test_what_is_not_packed_is_itself() -> None:
    assert unpacked(b"date,users\n").content == b"date,users\n"
    assert unpacked(b"").content == b""


@pytest.mark.parametrize("pack", PACKERS)
def test_what_is_cut_short_gives_its_beginning_and_says_so(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(CONTENT)
    found = unpacked(packed[: len(packed) // 2])
    assert CONTENT.startswith(found.content)
    assert "cut short" in found.trouble


@pytest.mark.parametrize("pack", PACKERS)
def test_what_is_damaged_is_told(pack: Callable[[bytes], bytes]) -> None:
    packed = bytearray(pack(CONTENT))
    packed[30:60] = bytes(30)
    assert unpacked(bytes(packed)).trouble


def test_a_bomb_is_left_unexploded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 1_000_000)
    found = unpacked(gzip.compress(bytes(50_000_000)))
    assert len(found.content) == 1_000_000
    assert "more than" in found.trouble
