from collections.abc import Mapping
from pathlib import Path
from random import Random

import msgspec
import pytest

from lampwatch.cli import offered as module
from lampwatch.cli.offered import Offered
from lampwatch.model.errors import UserError
from lampwatch.store.references.lists import LISTS
from lampwatch.store.references.snapshot import CURRENT, RECORD, Snapshot, SnapshotFile

NEWS, GAMES, BOTH = "https://news.test/", "https://games.test/", "https://both.test/"
LOCAL = {NEWS: "NEWS", BOTH: "NEWS"}
EVERYWHERE = {GAMES: "GAME", BOTH: "MISC"}


def kept(directory: Path, lists: Mapping[str, Mapping[str, str]], number: int = 1) -> None:
    """Put lists in force as they are at rest."""
    folder = directory / LISTS / f"lists-20261123-{number:08x}"
    folder.mkdir(parents=True)
    files = []
    for name, entries in lists.items():
        text = "url,category_code\n" + "".join(f"{url},{code}\n" for url, code in entries.items())
        (folder / f"{name}.csv").write_text(text)
        files.append(SnapshotFile(name, f"{name}.csv", "2026-11-23", "", len(text), "a test"))
    record = Snapshot(folder.name, "2026-11-23T00:00:00", tuple(files))
    (folder / RECORD).write_bytes(msgspec.json.encode(record))
    (directory / LISTS / CURRENT).write_text(folder.name)


def told(offered: Offered, country: str, *categories: str) -> list[tuple[str, str, str]]:
    return sorted((each.url, each.category_code, each.country_code) for each in offered(country, categories))


def test_a_probe_is_given_its_country_s_list_and_the_global_one(tmp_path: Path) -> None:
    kept(tmp_path, {"kz": LOCAL, "global": EVERYWHERE, "ru": {"https://other.test/": "NEWS"}})
    assert told(Offered(tmp_path, Random(1)), "KZ") == [
        (BOTH, "NEWS", "KZ"),
        (GAMES, "GAME", "XX"),
        (NEWS, "NEWS", "KZ"),
    ]


def test_only_the_categories_asked_for_are_given(tmp_path: Path) -> None:
    kept(tmp_path, {"kz": LOCAL, "global": EVERYWHERE})
    assert told(Offered(tmp_path, Random(1)), "KZ", "GAME", "NONE") == [(GAMES, "GAME", "XX")]


def test_a_country_without_a_list_is_given_the_global_one(tmp_path: Path) -> None:
    kept(tmp_path, {"kz": LOCAL, "global": EVERYWHERE})
    assert [url for url, _, _ in told(Offered(tmp_path, Random(1)), "ZZ")] == [BOTH, GAMES]


def test_without_lists_nothing_is_given(tmp_path: Path) -> None:
    assert told(Offered(tmp_path, Random(1)), "KZ") == []


def test_lists_that_are_brought_up_to_date_are_given_from_then_on(tmp_path: Path) -> None:
    offered = Offered(tmp_path, Random(1))
    kept(tmp_path, {"global": EVERYWHERE})
    assert len(told(offered, "KZ")) == 2
    kept(tmp_path, {"kz": LOCAL, "global": EVERYWHERE}, 2)
    assert len(told(offered, "KZ")) == 3


def test_lists_that_are_damaged_later_leave_the_last_good_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path, {"global": EVERYWHERE})
    offered = Offered(tmp_path, Random(1))
    (tmp_path / LISTS / CURRENT).write_text("nonsense")
    assert len(told(offered, "KZ")) == 2
    assert capsys.readouterr().err.startswith("lampwatch: ")
    with pytest.raises(UserError):
        Offered(tmp_path, Random(1))


def test_a_share_is_given_and_another_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    kept(tmp_path, {"global": {f"https://site{n}.test/": "NEWS" for n in range(100)}})
    offered = Offered(tmp_path, Random(1))
    first, second = told(offered, "KZ"), told(offered, "KZ")
    assert len(first) == len(second) == 5
    assert first != second
