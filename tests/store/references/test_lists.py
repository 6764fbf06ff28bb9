import datetime as dt
import hashlib
import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from lampwatch.formats.test_list import LICENCE
from lampwatch.model.errors import UserError
from lampwatch.store.references.categories import categories_in_force
from lampwatch.store.references.lists import (
    LISTS,
    Update,
    Updated,
    entries_in_force,
    lists_in_force,
    update_lists,
)
from lampwatch.store.references.web import Web

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HEADER = "url,category_code,category_description,date_added,source,notes\n"


def row(url: str, category: str = "NEWS") -> str:
    return f"{url},{category},,2026-01-01,test,\n"


def updated(directory: Path, place: object, *countries: str) -> Updated:
    return update_lists(
        directory, countries, Update(place=str(place), web=Web(), now=NOW, progress=lambda *_: None)
    )


def folder_of(path: Path, **rows: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in rows.items():
        (path / f"{name}.csv").write_text(HEADER + text)
    return path


@contextmanager
def served(files: Mapping[str, str]) -> Iterator[str]:
    """Files at an address on the loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = files.get(self.path)
            content = (text or "").encode()
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/lists"
        finally:
            server.shutdown()
            thread.join()


def urls(directory: Path) -> dict[str, list[str]]:
    return {name: [entry.url for entry in rows] for name, rows in entries_in_force(directory).items()}


def test_a_folder_gives_all_lists_that_it_holds(tmp_path: Path) -> None:
    lists = folder_of(tmp_path / "in", kz=row("https://a.kz/"), **{"global": row("https://b.test/")})
    (lists / "00-LEGEND-codes.csv").write_text("something else\n")
    updated(tmp_path, lists)
    assert urls(tmp_path) == {"global": ["https://b.test/"], "kz": ["https://a.kz/"]}


def test_what_is_kept_of_a_list_is_its_date_source_licence_and_digest(tmp_path: Path) -> None:
    with served({"/lists/global.csv": HEADER + row("https://b.test/")}) as address:
        file = updated(tmp_path, address).snapshot.files[0]
        assert file.source == f"{address}/global.csv"
    assert (file.data_date, file.licence) == ("2026-11-01", LICENCE)
    assert file.sha256 == hashlib.sha256((HEADER + row("https://b.test/")).encode()).hexdigest()


def test_an_address_gives_the_countries_that_are_named_and_the_global_list(tmp_path: Path) -> None:
    files = {f"/lists/{name}.csv": HEADER + row(f"https://{name}.test/") for name in ("global", "kz", "ru")}
    with served(files) as address:
        updated(tmp_path, address, "KZ")
        assert list(urls(tmp_path)) == ["global", "kz"]
        updated(tmp_path, address, "ru")
        assert list(urls(tmp_path)) == ["global", "kz", "ru"]


def test_without_a_country_the_lists_in_force_are_fetched_anew(tmp_path: Path) -> None:
    files = {f"/lists/{name}.csv": HEADER + row(f"https://{name}.test/") for name in ("global", "kz")}
    with served(files) as address:
        updated(tmp_path, address, "kz")
        files["/lists/kz.csv"] += row("https://new.kz/")
        updated(tmp_path, address)
    assert urls(tmp_path)["kz"] == ["https://kz.test/", "https://new.kz/"]


def test_one_file_renews_one_list_and_leaves_the_others(tmp_path: Path) -> None:
    lists = folder_of(tmp_path / "in", kz=row("https://a.kz/"), ru=row("https://a.ru/"))
    updated(tmp_path, lists)
    own = folder_of(tmp_path / "own", mine=row("https://mine.kz/"))
    updated(tmp_path, own / "mine.csv", "kz")
    assert urls(tmp_path) == {"kz": ["https://mine.kz/"], "ru": ["https://a.ru/"]}


def test_malformed_rows_are_given_back(tmp_path: Path) -> None:
    lists = folder_of(tmp_path / "in", kz=row("https://a.kz/") + row("nonsense"))
    assert [bad.line for bad in updated(tmp_path, lists).malformed] == [3]


@pytest.mark.parametrize(
    ("place", "countries", "why"),
    [
        ("in", ("zz",), "holds no list zz"),
        ("empty", (), "holds no list at all"),
        ("in", ("Kazakhstan",), "no country"),
        ("in/kz.csv", ("kz", "ru"), "name the one country"),
        ("in/../mine.csv", (), "name the one country"),
        ("absent.csv", ("kz",), "cannot read"),
        ("html.csv", ("kz",), "is no test list"),
        ("none.csv", ("kz",), "holds no URL"),
    ],
)
def test_where_anything_fails_the_lists_in_force_stay(
    tmp_path: Path, place: str, countries: tuple[str, ...], why: str
) -> None:
    updated(tmp_path, folder_of(tmp_path / "in", kz=row("https://a.kz/")))
    (tmp_path / "empty").mkdir()
    (tmp_path / "html.csv").write_text("<html>")
    (tmp_path / "none.csv").write_text(HEADER)
    (tmp_path / "mine.csv").write_text(HEADER + row("https://a.kz/"))
    before = lists_in_force(tmp_path)
    with pytest.raises(UserError, match=why):
        updated(tmp_path, tmp_path / place, *countries)
    assert lists_in_force(tmp_path) == before
    assert not list((tmp_path / LISTS).glob(".new-*"))


def test_a_country_without_a_list_is_told(tmp_path: Path) -> None:
    with (
        served({"/lists/global.csv": HEADER + row("https://b.test/")}) as address,
        pytest.raises(UserError, match=r"zz\.csv: the server answers 404"),
    ):
        updated(tmp_path, address, "zz")
    assert lists_in_force(tmp_path) is None


@pytest.mark.parametrize("damage", ["../../elsewhere", "lists-20261123-00000000", ""])
def test_a_damaged_record_is_told_with_what_to_do(tmp_path: Path, damage: str) -> None:
    updated(tmp_path, folder_of(tmp_path / "in", kz=row("https://a.kz/")))
    (tmp_path / LISTS / "current").write_text(damage)
    with pytest.raises(UserError, match="run `lampwatch lists update`"):
        lists_in_force(tmp_path)


def test_without_lists_there_are_no_categories(tmp_path: Path) -> None:
    assert categories_in_force(tmp_path) == []


def test_a_host_has_the_category_of_its_own_page_and_the_global_list_says_the_last_word(
    tmp_path: Path,
) -> None:
    updated(
        tmp_path,
        folder_of(
            tmp_path / "in",
            kz=row("https://social.test/group", "POLR")
            + row("https://site.kz/", "NEWS")
            + row("https://site.kz/page", "CULTR"),
            **{"global": row("https://social.test/", "GRP")},
        ),
    )
    categories = dict(categories_in_force(tmp_path))
    assert categories == {"social.test": "GRP", "site.kz": "NEWS"}


def test_real_lists_are_taken_whole(tmp_path: Path, shared_data: Path) -> None:
    snapshot = updated(tmp_path, shared_data / "test-lists").snapshot
    assert {file.role for file in snapshot.files} >= {"global", "kz", "ru"}
    assert dict(categories_in_force(tmp_path))["www.facebook.com"] == "GRP"
