"""Tests mirror the rooms they test."""

from pathlib import Path

from tests.house.tree import PACKAGE, ROOT, named, rooms

TESTS = ROOT / "tests"
# These test more than one room at once, so they mirror none.
ACROSS_ROOMS = {"bench", "browser", "example", "external", "fuzz", "house", "scenarios", "stories"}


def folders_with_tests() -> list[Path]:
    return sorted({test.parent.relative_to(TESTS) for test in TESTS.rglob("test_*.py")})


def test_every_room_with_code_has_tests() -> None:
    tested = {folder.parts[0] for folder in folders_with_tests() if folder.parts}
    assert [named(room) for room in rooms() if room.name not in tested] == []


def test_every_folder_of_tests_mirrors_a_folder_of_code() -> None:
    strays = [
        folder.as_posix()
        for folder in folders_with_tests()
        if folder.parts and folder.parts[0] not in ACROSS_ROOMS and not (PACKAGE / folder).is_dir()
    ]
    assert strays == []


def test_every_test_file_holds_a_test() -> None:
    empty = [
        named(test)
        for test in sorted(TESTS.rglob("test_*.py"))
        if "def test_" not in test.read_text(encoding="utf-8")
    ]
    assert empty == []
