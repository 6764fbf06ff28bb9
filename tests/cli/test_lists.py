import json
from pathlib import Path

import pytest

from lampwatch.cli.place import STORE_FILE, Place
from lampwatch.formats.test_list import read_test_list
from tests.cli.running import example_lines, lampwatch, said, written

HEADER = "url,category_code,category_description,date_added,source,notes\n"


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "kz.csv").write_text(
        HEADER + "https://news.kz/,NEWS,,,,\nhttps://party.kz/,POLR,,,,[bold]\nbad\n"
    )
    (folder / "global.csv").write_text(HEADER + "https://world.test/,NEWS,,,,\n")
    return folder


@pytest.fixture
def data(tmp_path: Path, lists: Path) -> Path:
    said("lists", "update", "--from", lists, "--data", tmp_path / "data")
    return tmp_path / "data"


def test_update_says_what_is_in_force_and_what_was_left_out(tmp_path: Path, lists: Path) -> None:
    result = lampwatch("lists", "update", "--from", lists, "--data", tmp_path / "data")
    assert result.exit_code == 0
    assert "kz          2 URLs" in result.stdout
    assert "CC BY-NC-SA 4.0" in result.stdout
    assert "1 rows are left out" in result.stderr
    assert "line 4" in result.stderr


def test_where_only_the_global_list_is_taken_the_country_s_is_pointed_to(tmp_path: Path, lists: Path) -> None:
    printed = said("lists", "update", "--from", lists / "global.csv", "--data", tmp_path / "data")
    assert "lampwatch lists update KZ" in printed


def test_a_failed_update_ends_in_one_line(tmp_path: Path) -> None:
    result = lampwatch("lists", "update", "--from", tmp_path / "absent", "KZ", "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_show_names_lists_dates_and_sources(data: Path, lists: Path) -> None:
    printed = said("lists", "show", "--data", data)
    assert "lists-" in printed
    assert str(lists / "kz.csv") in printed


def test_a_country_s_entries_are_its_own_and_the_global_ones(data: Path) -> None:
    rows = json.loads(said("lists", "show", "--data", data, "--country", "KZ", "--format", "json"))
    assert [(row["list"], row["url"]) for row in rows] == [
        ("global", "https://world.test/"),
        ("kz", "https://news.kz/"),
        ("kz", "https://party.kz/"),
    ]


def test_a_category_is_chosen(data: Path) -> None:
    printed = said("lists", "show", "--data", data, "--category", "polr")
    assert "https://party.kz/" in printed
    assert "[bold]" in printed
    assert "https://news.kz/" not in printed


def test_csv_is_a_test_list_again(data: Path) -> None:
    content = said("lists", "show", "--data", data, "--country", "kz", "--format", "csv").encode()
    assert len(read_test_list(content, "shown").entries) == 3


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(("--country", "RU"), "no list of RU"), (("--category", "XXXX"), "no list in force has the category")],
)
def test_what_no_list_has_is_told(data: Path, arguments: tuple[str, ...], why: str) -> None:
    result = lampwatch("lists", "show", "--data", data, *arguments)
    assert result.exit_code == 2
    assert why in result.stderr


def test_without_lists_show_says_how_to_get_them(tmp_path: Path) -> None:
    result = lampwatch("lists", "show", "--data", tmp_path)
    assert result.exit_code == 2
    assert "lampwatch lists update" in result.stderr


def test_update_gives_the_categories_to_the_store(tmp_path: Path, lists: Path) -> None:
    place = Place(tmp_path / "data")
    said("ingest", written(tmp_path / "set.jsonl", example_lines()), "--data", place.directory)
    (lists / "kz.csv").write_text(HEADER + "https://news.example/,NEWS,,,,\n")
    said("lists", "update", "--from", lists, "--data", place.directory)
    with place.archive() as archive, place.store(archive) as store:
        assert {row.category for row in store.categories()} >= {"NEWS", "COMT"}


def test_update_does_not_need_the_store_to_be_free(tmp_path: Path, lists: Path) -> None:
    place = Place(tmp_path / "data")
    place.directory.mkdir()
    (place.directory / STORE_FILE).write_bytes(b"no store that anybody can open")
    result = lampwatch("lists", "update", "--from", lists, "--data", place.directory)
    assert result.exit_code == 0
    assert "note: the store keeps the categories that it has" in result.stderr
