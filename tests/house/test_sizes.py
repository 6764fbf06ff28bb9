import ast
from pathlib import Path
from statistics import median, quantiles

from tests.house.tree import modules, named, parsed

LONGEST_MODULE = 600
MOST_MODULES = 350
MEDIAN_MODULE = 150
LONGEST_FUNCTION = 59


def length(module: Path) -> int:
    return len(module.read_text(encoding="utf-8").splitlines())


def test_no_module_is_over_600_lines() -> None:
    assert [
        f"{named(path)}: {length(path)} lines" for path in modules() if length(path) > LONGEST_MODULE
    ] == []


def test_nine_modules_in_ten_are_under_350_lines() -> None:
    ninth_decile = quantiles([length(path) for path in modules()], n=10, method="inclusive")[-1]
    assert ninth_decile < MOST_MODULES


def test_the_median_module_is_short() -> None:
    assert median(length(path) for path in modules()) <= MEDIAN_MODULE


def test_functions_are_under_60_lines() -> None:
    long = [
        f"{named(path)}:{node.lineno} {node.name}: {lines} lines"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []
