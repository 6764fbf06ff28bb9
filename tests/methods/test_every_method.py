"""What every method must have, over all that are found."""

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from lampwatch import judge, methods
from lampwatch.judge.rule import Rule
from lampwatch.model.vocabulary import Evidence, State

FOLDER = Path(methods.__path__[0])
TESTS = Path(__file__).resolve().parents[1]
# Rules that several methods share live in judge, and are named after the place they have there.
SHARED_PREFIXES = {module.name for module in pkgutil.iter_modules(judge.__path__)}
RULE_ID = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")

METHODS = sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if module.ispkg)


def part(method: str, name: str) -> ModuleType:
    return importlib.import_module(f"lampwatch.methods.{method}.{name}")


def rules(method: str) -> tuple[Rule[Any], ...]:
    book: tuple[Rule[Any], ...] = part(method, "rules").RULES
    return book


def own_prefixes(method: str) -> set[str]:
    """What the ids of a method's rules start with, where it is not shared."""
    return {rule.id.partition(".")[0] for rule in rules(method)} - SHARED_PREFIXES


@cache
def everything_tested() -> str:
    """The text of every test but this one's."""
    return "\n".join(
        test.read_text(encoding="utf-8") for test in TESTS.rglob("*.py") if test != Path(__file__)
    )


def test_there_are_methods() -> None:
    assert METHODS


@pytest.mark.parametrize("method", METHODS)
def test_the_readme_names_what_it_reads(method: str) -> None:
    readme = (FOLDER / method / "README.md").read_text(encoding="utf-8")
    assert [name for name in part(method, "extract").NAMES if name not in readme] == []


@pytest.mark.parametrize("method", METHODS)
def test_extract_offers_what_observe_relies_on(method: str) -> None:
    extract = part(method, "extract")
    assert isinstance(extract.NAMES, tuple)
    assert all(isinstance(name, str) and name for name in extract.NAMES)
    assert extract.NAMES
    assert isinstance(extract.NEEDS_INPUT, bool)
    msgspec.json.Decoder(extract.TestKeys)
    inspect.signature(extract.extract).bind("test keys", "measurement")


@pytest.mark.parametrize("method", METHODS)
def test_rules_offer_what_judge_relies_on(method: str) -> None:
    assert isinstance(rules(method), tuple)
    assert all(isinstance(rule, Rule) for rule in rules(method))
    inspect.signature(part(method, "rules").assess).bind("measurement", "observations", "references")


def test_no_test_name_is_read_by_two_methods() -> None:
    counted = Counter(name for method in METHODS for name in part(method, "extract").NAMES)
    assert [name for name, times in counted.items() if times > 1] == []


def test_a_rule_id_means_one_rule() -> None:
    # The same rule may stand in two books: then it is the same object.
    known: dict[str, Rule[Any]] = {}
    twice = [
        rule.id for method in METHODS for rule in rules(method) if known.setdefault(rule.id, rule) is not rule
    ]
    assert twice == []


@pytest.mark.parametrize("method", METHODS)
def test_no_rule_stands_twice_in_a_book(method: str) -> None:
    counted = Counter(rule.id for rule in rules(method))
    assert [rule_id for rule_id, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("method", METHODS)
def test_rule_ids_are_plain_words_joined_by_dots(method: str) -> None:
    assert [rule.id for rule in rules(method) if not RULE_ID.fullmatch(rule.id)] == []


@pytest.mark.parametrize("method", METHODS)
def test_a_method_has_one_prefix_of_its_own_at_most(method: str) -> None:
    assert len(own_prefixes(method)) <= 1


def test_no_two_methods_have_the_same_prefix() -> None:
    counted = Counter(prefix for method in METHODS for prefix in own_prefixes(method))
    assert [prefix for prefix, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("method", METHODS)
def test_every_rule_has_a_test(method: str) -> None:
    tested = everything_tested()
    assert [
        rule.id for rule in rules(method) if not re.search(rf"{re.escape(rule.id)}(?![\w.])", tested)
    ] == []


@pytest.mark.parametrize("method", METHODS)
def test_the_last_rule_of_a_book_always_holds(method: str) -> None:
    # A bare object has no facts to read, so only a rule that asks for none can say yes to it.
    assert rules(method)[-1].when(object()) is True


@pytest.mark.parametrize("method", METHODS)
def test_the_last_word_accuses_nobody(method: str) -> None:
    assert rules(method)[-1].state is not State.BLOCKED


@pytest.mark.parametrize("method", METHODS)
def test_an_accusation_says_where_how_on_what_ground_and_on_which_facts(method: str) -> None:
    incomplete = [
        rule.id
        for rule in rules(method)
        if rule.state is State.BLOCKED
        and not (rule.layer and rule.mechanism and rule.evidence is not Evidence.NONE and rule.rests_on)
    ]
    assert incomplete == []


@pytest.mark.parametrize("method", METHODS)
def test_every_rule_says_because_in_words_that_fit_into_a_sentence(method: str) -> None:
    misfits = [
        rule.id
        for rule in rules(method)
        if not rule.because or rule.because.rstrip() != rule.because.rstrip(". ")
    ]
    assert misfits == []
