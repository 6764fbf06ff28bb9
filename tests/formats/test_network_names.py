from pathlib import Path

import pytest

from lampwatch.formats.network_names import read_names, write_names
from lampwatch.model.errors import UserError


def test_names_come_back_as_they_were_written(tmp_path: Path) -> None:
    names = {9198: 'Kazakhtelecom, "JSC"', 7: "Қ\n中国电信"}
    write_names(names, tmp_path / "names.csv")
    assert read_names(tmp_path / "names.csv") == names


def test_the_order_of_names_changes_no_byte(tmp_path: Path) -> None:
    write_names({1: "a", 2: "b"}, tmp_path / "one.csv")
    write_names({2: "b", 1: "a"}, tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.parametrize("content", [b"no number,name\n", b"1\n", b"\xff\xfe\n"])
def test_a_damaged_file_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"names\.csv is damaged"):
        read_names(tmp_path / "names.csv")
