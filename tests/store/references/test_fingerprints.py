from pathlib import Path

import pytest

from lampwatch.model.errors import UserError
from lampwatch.store.references import fingerprints
from lampwatch.store.references.fingerprints import load_fingerprints

HEADER = "name,scope,location_found,pattern_type,pattern,confidence_no_fp,expected_countries\n"


def write(path: Path, *names: str) -> Path:
    path.write_text(HEADER + "".join(f"{name},nat,body,contains,pattern of {name},5,KZ\n" for name in names))
    return path


def names(*paths: Path) -> set[str]:
    return {f.name for f in load_fingerprints(paths).fingerprints}


def test_a_folder_means_its_csv_files(tmp_path: Path) -> None:
    write(tmp_path / "dns.csv", "a")
    write(tmp_path / "http.CSV", "b")
    (tmp_path / "README.md").write_text("not a list")
    assert names(tmp_path) == {"a", "b"}


def test_lists_and_folders_may_be_mixed_and_repeated(tmp_path: Path) -> None:
    one = write(tmp_path / "one.csv", "a")
    folder = tmp_path / "more"
    folder.mkdir()
    write(folder / "two.csv", "b")
    assert len(load_fingerprints([one, folder, one]).fingerprints) == 2


def test_the_version_says_nothing_of_file_names(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    write(tmp_path / "x" / "all.csv", "a", "b")
    write(tmp_path / "y" / "1.csv", "b")
    write(tmp_path / "y" / "2.csv", "a")
    assert load_fingerprints([tmp_path / "x"]).version == load_fingerprints([tmp_path / "y"]).version


def test_malformed_rows_name_their_file(tmp_path: Path) -> None:
    path = write(tmp_path / "one.csv", "a")
    path.write_text(path.read_text() + "b,king,body,contains,x,5,KZ\n")
    (malformed,) = load_fingerprints([path]).malformed
    assert (malformed.source, malformed.line) == (str(path), 3)


def test_a_missing_list_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read fingerprints from .*none\.csv: No such file"):
        load_fingerprints([tmp_path / "none.csv"])


def test_a_folder_without_lists_is_the_user_s_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no \*\.csv"):
        load_fingerprints([tmp_path])


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "MAX_LIST_BYTES", 50)
    with pytest.raises(UserError, match="larger than 50 bytes"):
        load_fingerprints([write(tmp_path / "one.csv", "a")])
