"""The sentences of every language are those that were reviewed, and can be read in either direction."""

import re

import pytest

from lampwatch.wording.language import LOCALES
from tests.wording.golden import FOLDER, golden

ISOLATED = re.compile("\u2068([^\u2068\u2069]*)\u2069")


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_said_is_what_was_reviewed(locale: str) -> None:
    kept = (FOLDER / f"{locale}.txt").read_text(encoding="utf-8")
    assert golden(locale) == kept, "if it is better now: python -m tests.wording.golden, and review the diff"


def test_there_is_one_file_for_each_language() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == sorted(LOCALES)


@pytest.mark.parametrize("locale", ["ar", "fa"])
def test_what_runs_from_left_to_right_is_isolated(locale: str) -> None:
    lines = [line for line in golden(locale).splitlines() if not line.startswith("#")]
    assert any(ISOLATED.search(line) for line in lines)
    for line in lines:
        outside = ISOLATED.sub("", line)
        assert not re.search("[A-Za-z\u2068\u2069]", outside), outside


@pytest.mark.parametrize("locale", ["en", "ru", "kk", "de", "fr", "es", "my"])
def test_languages_from_left_to_right_need_no_marks(locale: str) -> None:
    assert not re.search("[\u2066-\u2069\u200e\u200f]", golden(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_no_place_stays_open_and_no_space_stands_twice(locale: str) -> None:
    text = golden(locale)
    assert not re.search(r"[{}]| {2,}| [.,]", text)
