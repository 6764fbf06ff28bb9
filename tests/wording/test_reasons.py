"""Reasons are said in each language, whatever detection finds for or against."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

import lampwatch.detect
from lampwatch.model.incident import Level, Reason
from lampwatch.model.occasion import OccasionKind
from lampwatch.wording.language import LOCALES, language
from lampwatch.wording.paragraph import paragraph
from lampwatch.wording.reasons import reasons
from lampwatch.wording.said import Said
from tests.wording.incidents import AGAINST, DELIBERATE, NAMES, blocking, outage

PLACE = re.compile(r"\{(\w+)\}")
KINDS = ("against.access", "against", "because")
DETECT = Path(lampwatch.detect.__file__).parent


def given() -> Iterator[tuple[str, int]]:
    """The name of each reason that detection can give, and how many things it is about."""
    for path in sorted(DETECT.rglob("*.py")):
        parts = path.relative_to(DETECT).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                about = node.args[3] if len(node.args) > 3 else ast.Tuple(elts=[])
                assert isinstance(about, ast.Tuple)
                module = importlib.import_module(".".join(["lampwatch.detect", *parts]))
                yield from ((name, len(about.elts)) for name in names(node.args[0], module))


def names(node: ast.expr, module: ModuleType) -> list[str]:
    """What the first argument can be: a text, a constant of the module, or each kind of occasion."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.Name):
        return [str(getattr(module, node.id))]
    assert ast.unparse(node) == "str(one.kind)"
    return [str(kind) for kind in OccasionKind]


GIVEN = sorted(set(given()))


def test_reasons_are_found() -> None:
    assert {"everywhere", "sweep", "sign_off_lapsed", "on_the_hour", "coup", "volume_only"} <= {
        name for name, _ in GIVEN
    }


@pytest.mark.parametrize(("name", "things"), GIVEN)
def test_each_reason_has_a_message_with_a_place_for_each_thing_it_is_about(name: str, things: int) -> None:
    english = language("en")
    keys = [f"{kind}.{name}" for kind in KINDS if english.has(f"{kind}.{name}")]
    assert things in {len(set(PLACE.findall(english.source(key)))) for key in keys}


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
@pytest.mark.parametrize("given", [AGAINST, DELIBERATE])
def test_no_reason_is_quoted_in_english(locale: str, given: tuple[Reason, ...]) -> None:
    told = reasons(language(locale), given, KINDS)
    assert [one.text for one in given if one.text in told] == []


def test_what_a_reason_is_about_stands_in_its_places() -> None:
    told = reasons(language("en"), AGAINST, KINDS)
    assert "in 5 other countries" in told
    assert "on 2 of 6 tested networks" in told
    assert "only ooniprobe-cli 3.18.0 calls it blocked" in told
    assert "what Aida N. signed of revision 3" in told


def test_a_line_of_the_log_without_what_it_is_about_has_its_own_words() -> None:
    old = msgspec.json.decode(
        b'{"name": "open_elsewhere", "text": "2 of 6 tested networks reach it", "factor": 0.9}', type=Reason
    )
    assert reasons(language("de"), [old], KINDS) == "2 of 6 tested networks reach it"


def test_a_reason_that_says_the_same_is_said_once() -> None:
    assert reasons(language("en"), [AGAINST[4], AGAINST[4]], KINDS).count("first measured") == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_a_hostile_name_in_a_reason_stays_on_its_line(locale: str) -> None:
    hostile = Reason("one_program", "it", 0.1, ("a\n{names}\u202e\x1b[31m",))
    told = paragraph(Said(blocking("telegram", against=(hostile,))), locale, NAMES)
    assert "\n" not in told
    assert not re.search("[\u202a-\u202e\x1b]", told)
    assert "{names}" in told


def test_what_makes_it_likelier_and_what_does_not_stand_apart() -> None:
    told = paragraph(Said(outage(deliberate=0.83, reasons=DELIBERATE)), "en", NAMES)
    assert (
        "The probability that it was deliberate is estimated at 83%, never a verdict."
        " What points to it: it began on the hour, local time; there was an election in those days (Majilis)."
        " What points away from it: most signals fell slowly."
    ) in told


@pytest.mark.parametrize("locale", LOCALES)
def test_without_reasons_nothing_is_said_of_an_intention(locale: str) -> None:
    made = language(locale)
    percent = made.percent(0.83)
    told = paragraph(Said(outage(deliberate=0.83, level=Level.APPARENT)), locale, NAMES)
    assert made.say("deliberate", percent=percent) not in told
    assert made.say("deliberate", percent=percent) in paragraph(
        Said(outage(deliberate=0.83, reasons=DELIBERATE)), locale, NAMES
    )
