import json

import pytest

from lampwatch.pipeline.methods import discover, rule_book
from tests.cli.running import lampwatch, said

IDS = set(rule_book(discover()))


def test_json_tells_every_rule_with_all_that_it_says() -> None:
    rules = json.loads(said("rules", "--format", "json"))
    assert {rule["rule_id"] for rule in rules} == IDS
    for rule in rules:
        assert rule["state"] in {"ok", "down", "blocked", "unknown"}
        assert rule["because"]
        assert rule["rules_version"]
        assert (rule["evidence"] == "none") == (rule["state"] != "blocked") or rule["mechanism"]


def test_markdown_is_one_table_with_a_row_for_each_rule() -> None:
    lines = said("rules", "--format", "markdown").splitlines()
    assert {line.split("|")[1].strip() for line in lines[2:]} == IDS
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_the_table_names_every_rule_whole() -> None:
    out = said("rules")
    assert [rule for rule in sorted(IDS) if rule not in out] == []


@pytest.mark.parametrize("method", [method.name for method in discover()])
def test_one_method_s_rules_can_be_had_alone(method: str) -> None:
    rules = json.loads(said("rules", "--method", method, "--format", "json"))
    assert {rule["rule_id"] for rule in rules} == set(
        rule_book(tuple(found for found in discover() if found.name == method))
    )


def test_a_method_that_is_not_there_is_told() -> None:
    result = lampwatch("rules", "--method", "none")
    assert result.exit_code == 2
    assert "none" in result.stderr
