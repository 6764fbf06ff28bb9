from types import SimpleNamespace
from typing import Any

import pytest

from lampwatch.pipeline.methods import Method, by_test_name, discover, rule_book


def method(name: str, *names: str, rules: tuple[Any, ...] = ()) -> Method:
    extractor: Any = SimpleNamespace(NAMES=names)
    assessor: Any = SimpleNamespace(RULES=rules)
    return Method(name, extractor, assessor)


def test_every_folder_of_methods_is_found_by_its_name() -> None:
    found = [entry.name for entry in discover()]
    assert found == sorted(found)
    assert {"web_connectivity", "telegram", "signal", "tor"} <= set(found)


def test_a_method_is_found_by_every_name_it_reads() -> None:
    known = by_test_name(discover())
    assert known["tor"] is known["vanilla_tor"]
    assert known["stun_reachability"].name == "stun_reachability"


def test_two_methods_that_claim_one_name_are_told() -> None:
    with pytest.raises(ValueError, match="second and first both read ndt"):
        by_test_name((method("first", "ndt"), method("second", "dash", "ndt")))


def test_what_was_found_cannot_be_changed() -> None:
    known: Any = by_test_name((method("first", "ndt"),))
    with pytest.raises(TypeError):
        known["other"] = method("other")


def test_a_rule_of_several_books_stands_in_the_rule_book_once() -> None:
    shared = SimpleNamespace(id="shared")
    own = SimpleNamespace(id="own")
    book = rule_book((method("a", rules=(shared, own)), method("b", rules=(shared,))))
    assert list(book) == ["shared", "own"]


def test_one_id_always_means_one_rule() -> None:
    rules = [rule for entry in discover() for rule in entry.assessor.RULES]
    meanings = {(rule.id, rule.because, rule.state, rule.layer, rule.mechanism) for rule in rules}
    assert len(meanings) == len({rule.id for rule in rules})
