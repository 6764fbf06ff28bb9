"""Whoever sends a measurement chooses its texts. None of them may become more than text."""

import csv
import io

import msgspec
import pytest

from lampwatch.publish.example import is_example
from tests.publish.instances import HOSTILE, HOSTILE_UID
from tests.publish.page import Page
from tests.publish.reader import Reader


@pytest.mark.parametrize("path", ["/", "/country/KZ", "/verdicts", f"/measurement/{HOSTILE_UID}"])
def test_markup_in_a_measurement_is_shown_and_never_obeyed(attacked: Reader, path: str) -> None:
    page = Page(attacked.get(path).text)
    assert "<script>alert('x')</script>" in page.text
    assert not page.all("script")
    assert [image["src"] for image in page.all("img") if not image["src"].startswith("/static/")] == []
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_writing_from_right_to_left_does_not_spill_over(attacked: Reader) -> None:
    source = attacked.get(f"/measurement/{HOSTILE_UID}").text
    before, _, _ = source.partition("\u202e")
    assert before.rfind("<bdi") > before.rfind("</bdi>")


def test_a_hostile_target_has_a_page_that_its_own_link_reaches(attacked: Reader) -> None:
    links = [a["href"] for a in Page(attacked.get("/").text).all("a") if "%3Cscript%3E" in a["href"]]
    assert links
    assert "<script>" in Page(attacked.get(links[0]).text).text


def test_markup_in_a_question_is_shown_and_never_obeyed(instance: Reader) -> None:
    page = Page(instance.get("/?q=%3Cscript%3Ealert(1)%3C/script%3E").text)
    assert not page.all("script")
    assert page.all("input")[0]["value"] == "<script>alert(1)</script>"


def test_markup_in_an_address_that_leads_nowhere_is_inert(instance: Reader) -> None:
    assert not Page(instance.get("/%3Cscript%3Ealert(1)%3C/script%3E").text).all("script")


def test_json_gives_the_text_as_it_is(attacked: Reader) -> None:
    answer = attacked.get(f"/api/v2/verdicts/{HOSTILE_UID}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["results"][0]["target"] == HOSTILE


def test_a_spreadsheet_runs_nothing(attacked: Reader) -> None:
    answer = attacked.get("/api/v2/verdicts?format=csv&state=unknown&country=KZ")
    sources = [row["source"] for row in csv.DictReader(io.StringIO(answer.text))]
    assert f"'=cmd|{HOSTILE}" in sources


class Sourced(msgspec.Struct, frozen=True):
    source: str


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("example/kazakhstan.jsonl", True),
        ("example:kazakhstan", True),
        ("kz/example/file.jsonl", False),
        ("examples.jsonl", False),
        ("", False),
    ],
)
def test_only_an_example_source_is_an_example(source: str, is_one: bool) -> None:
    assert is_example(Sourced(source)) is is_one
